//! Actuators over `embedded-hal` 1.0: a pin that switches, with or without a feedback contact, and a PWM channel.

use core::marker::PhantomData;

use embedded_hal::digital::{InputPin, OutputPin, PinState};
use embedded_hal::pwm::SetDutyCycle;

use crate::actuator::{Actuator, ReadBack};
use crate::command::{Duty, Switch};

/// Which level of a pin is on.
pub trait Polarity {
    /// The level of a pin that is on.
    const ON: PinState;
    /// The level of a pin that is off.
    const OFF: PinState;
}

/// High is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActiveHigh {}

impl Polarity for ActiveHigh {
    const ON: PinState = PinState::High;
    const OFF: PinState = PinState::Low;
}

/// Low is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActiveLow {}

impl Polarity for ActiveLow {
    const ON: PinState = PinState::Low;
    const OFF: PinState = PinState::High;
}

/// A pin that switches an actuator, whose safe value is off. It cannot be read back: see [`with_feedback`](Self::with_feedback).
///
/// Nothing is written before the channel is proven, and then [`SAFE_LEVEL`](Self::SAFE_LEVEL). A pin that the HAL makes an output gets
/// this level with it (`into_push_pull_output_in_state`); a pin whose level can be written before, as that of most expanders, is made
/// an output by [`make_output`](Self::make_output).
#[derive(Debug)]
pub struct SwitchPin<P, L> {
    pin: P,
    polarity: PhantomData<L>,
}

impl<P, L: Polarity> SwitchPin<P, L> {
    /// The level that is safe.
    pub const SAFE_LEVEL: PinState = L::OFF;

    /// The actuator behind a pin of this polarity.
    #[must_use]
    pub const fn new(pin: P) -> Self {
        Self { pin, polarity: PhantomData }
    }

    /// The actuator behind a pin that is no output yet: the safe level is written first.
    ///
    /// # Errors
    ///
    /// The level could not be written: the pin is no output.
    pub fn make_output<Q: OutputPin>(
        mut pin: Q,
        into_output: impl FnOnce(Q) -> P,
    ) -> Result<Self, Q::Error> {
        pin.set_state(Self::SAFE_LEVEL)?;
        Ok(Self::new(into_output(pin)))
    }

    /// The same with a feedback contact on an input, whose polarity says which level means on.
    #[must_use]
    pub fn with_feedback<I, M: Polarity>(self, input: I) -> MonitoredPin<P, L, I, M> {
        MonitoredPin { switch: self, input, polarity: PhantomData }
    }
}

/// The level of a switch with this polarity.
fn level<L: Polarity>(command: Switch) -> PinState {
    match command {
        Switch::Off => L::OFF,
        Switch::On => L::ON,
    }
}

impl<P: OutputPin, L: Polarity> Actuator for SwitchPin<P, L> {
    type Command = Switch;
    type Error = P::Error;

    const SAFE: Switch = Switch::Off;

    fn drive(&mut self, command: Switch) -> Result<(), P::Error> {
        self.pin.set_state(level::<L>(command))
    }

    fn read_back(&mut self) -> Result<ReadBack<Switch>, P::Error> {
        Ok(ReadBack::Unsupported)
    }
}

/// A switch with a feedback contact: a mirror contact, an enabled output, the voltage behind a relay.
#[derive(Debug)]
pub struct MonitoredPin<P, L, I, M> {
    switch: SwitchPin<P, L>,
    input: I,
    polarity: PhantomData<M>,
}

/// Which of the two pins failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum MonitoredError<O, I> {
    /// The output could not be written.
    #[error("the output could not be written")]
    Output(O),
    /// The feedback could not be read.
    #[error("the feedback could not be read")]
    Feedback(I),
}

impl<P: OutputPin, L: Polarity, I: InputPin, M: Polarity> Actuator for MonitoredPin<P, L, I, M> {
    type Command = Switch;
    type Error = MonitoredError<P::Error, I::Error>;

    const SAFE: Switch = Switch::Off;

    fn drive(&mut self, command: Switch) -> Result<(), Self::Error> {
        self.switch.drive(command).map_err(MonitoredError::Output)
    }

    fn read_back(&mut self) -> Result<ReadBack<Switch>, Self::Error> {
        let is_high = self.input.is_high().map_err(MonitoredError::Feedback)?;
        let is_on = PinState::from(is_high) == M::ON;
        Ok(ReadBack::Does(if is_on { Switch::On } else { Switch::Off }))
    }
}

/// A PWM channel, whose safe value is a duty of so many permille, 0 as it is. It cannot be read back.
#[derive(Debug)]
pub struct Pwm<P, const SAFE_PERMILLE: u16 = 0> {
    channel: P,
}

impl<P, const SAFE_PERMILLE: u16> Pwm<P, SAFE_PERMILLE> {
    /// The actuator behind a PWM channel. Nothing is written before the channel is proven.
    #[must_use]
    pub const fn new(channel: P) -> Self {
        Self { channel }
    }
}

impl<P: SetDutyCycle, const SAFE_PERMILLE: u16> Actuator for Pwm<P, SAFE_PERMILLE> {
    type Command = Duty;
    type Error = P::Error;

    const SAFE: Duty = {
        assert!(SAFE_PERMILLE <= Duty::MAX.as_permille(), "a duty is at most 1000 permille");
        match Duty::new(SAFE_PERMILLE) {
            Some(duty) => duty,
            None => Duty::ZERO,
        }
    };

    fn drive(&mut self, command: Duty) -> Result<(), P::Error> {
        self.channel.set_duty_cycle_fraction(command.as_permille(), Duty::MAX.as_permille())
    }

    fn read_back(&mut self) -> Result<ReadBack<Duty>, P::Error> {
        Ok(ReadBack::Unsupported)
    }
}
