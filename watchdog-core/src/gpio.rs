//! An external watchdog that an edge of a pin feeds.

use embedded_hal::digital::OutputPin;

use crate::hardware::Hardware;
use crate::permit::Permit;
use crate::window::{State, Watchdog};

/// Which edge feeds the watchdog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Edge {
    /// Either: the pin changes its level at each feed (TPS3823 and its like).
    Any,
    /// The rising one: at each feed the pin goes low, then high, and stays there.
    Rising,
    /// The falling one: at each feed the pin goes high, then low, and stays there.
    Falling,
}

/// An external watchdog with a fixed timeout, which runs from power-on, or from the first edge on, and is fed by an edge of a pin.
///
/// Arming gives no edge: the chip runs already, and the first permit comes at once if the plan's start-up allows it.
/// After an edge that failed half way the next feed begins it anew.
#[derive(Debug)]
pub struct Gpio<P> {
    pin: P,
    edge: Edge,
    timeout_us: u32,
    is_high: bool,
}

impl<P: OutputPin> Gpio<P> {
    /// A watchdog on this pin, which is low, with the nominal timeout of its data sheet in microseconds.
    #[must_use]
    pub const fn new(pin: P, edge: Edge, timeout_us: u32) -> Self {
        Self { pin, edge, timeout_us, is_high: false }
    }
}

impl<P: OutputPin> Watchdog for Gpio<P> {
    type Error = P::Error;

    fn state(&mut self) -> Result<State, P::Error> {
        Ok(State::Running { timeout_us: self.timeout_us, is_locked: true })
    }

    fn arm(&mut self, _asked: Hardware) -> Result<u32, P::Error> {
        Ok(self.timeout_us)
    }

    fn reload(&mut self, _permit: Permit<'_>) -> Result<(), P::Error> {
        match self.edge {
            Edge::Rising => {
                self.pin.set_low()?;
                self.pin.set_high()
            }
            Edge::Falling => {
                self.pin.set_high()?;
                self.pin.set_low()
            }
            Edge::Any => {
                let is_high = !self.is_high;
                self.pin.set_state(is_high.into())?;
                self.is_high = is_high;
                Ok(())
            }
        }
    }
}
