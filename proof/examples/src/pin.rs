//! A pin of the board.

use core::convert::Infallible;

use embedded_hal::digital::{ErrorType, OutputPin};

use crate::write;

/// The first pin of the first port.
pub struct Pin;

const MASKED: usize = 0x4001_0404;

impl ErrorType for Pin {
    type Error = Infallible;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        write(MASKED, 0);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        write(MASKED, 1);
        Ok(())
    }
}
