//! The pin of the programs of `safe-state`.

use core::convert::Infallible;
use core::hint::black_box;

use embedded_hal::digital::{ErrorType, InputPin, OutputPin};

use crate::keep;

/// A pin that the compiler knows nothing of.
pub struct Pin;

impl ErrorType for Pin {
    type Error = Infallible;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        keep(0);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        keep(1);
        Ok(())
    }
}

impl InputPin for Pin {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(black_box(false))
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(black_box(false))
    }
}
