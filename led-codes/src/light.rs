//! Lights over `embedded-hal` 1.0: a pin, two colours on two pins, three on three, a PWM channel, a shift register.

use core::marker::PhantomData;

use embedded_hal::digital::{OutputPin, PinState};
use embedded_hal::pwm::SetDutyCycle;
use embedded_hal::spi::SpiDevice;

use crate::level::Level;

/// A light that can be told a level. A level for which [`shows`](Light::shows) is false is shown as lit, in a colour that the light has.
pub trait Light {
    /// Why the light could not be told.
    type Error;

    /// Shows a level.
    ///
    /// # Errors
    ///
    /// The light could not be told.
    fn set(&mut self, level: Level) -> Result<(), Self::Error>;

    /// Whether the light can show this level as it is.
    fn shows(&self, level: Level) -> bool;
}

/// Which level of a pin is lit.
pub trait Polarity {
    /// The level of a pin that is lit.
    const LIT: PinState;
    /// The level of a pin that is dark.
    const DARK: PinState;
}

/// High is lit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActiveHigh {}

impl Polarity for ActiveHigh {
    const LIT: PinState = PinState::High;
    const DARK: PinState = PinState::Low;
}

/// Low is lit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActiveLow {}

impl Polarity for ActiveLow {
    const LIT: PinState = PinState::Low;
    const DARK: PinState = PinState::High;
}

/// A light on a pin. Its polarity has no default:
///
/// ```
/// use led_codes::light::{ActiveLow, PinLight};
/// fn light<P: embedded_hal::digital::OutputPin>(pin: P) {
///     let light = PinLight::<_, ActiveLow>::new(pin);
/// }
/// ```
///
/// ```compile_fail,E0283
/// use led_codes::light::{ActiveLow, PinLight};
/// fn light<P: embedded_hal::digital::OutputPin>(pin: P) {
///     let light = PinLight::new(pin);
/// }
/// ```
#[derive(Debug)]
pub struct PinLight<P, L> {
    pin: P,
    polarity: PhantomData<L>,
}

impl<P, L: Polarity> PinLight<P, L> {
    /// The light on a pin of this polarity.
    #[must_use]
    pub const fn new(pin: P) -> Self {
        Self { pin, polarity: PhantomData }
    }
}

fn pin_state<L: Polarity>(is_lit: bool) -> PinState {
    if is_lit { L::LIT } else { L::DARK }
}

impl<P: OutputPin, L: Polarity> Light for PinLight<P, L> {
    type Error = P::Error;

    fn set(&mut self, level: Level) -> Result<(), P::Error> {
        self.pin.set_state(pin_state::<L>(level.is_lit()))
    }

    /// The light has one colour, whichever that is.
    fn shows(&self, level: Level) -> bool {
        matches!(level, Level::Off | Level::On)
    }
}

/// A light of two colours on two pins: red, green, and both together, which is amber.
#[derive(Debug)]
pub struct BiColour<R, G, L> {
    red: PinLight<R, L>,
    green: PinLight<G, L>,
}

impl<R, G, L: Polarity> BiColour<R, G, L> {
    /// The light on these pins.
    #[must_use]
    pub const fn new(red: R, green: G) -> Self {
        Self { red: PinLight::new(red), green: PinLight::new(green) }
    }
}

impl<R: OutputPin, G: OutputPin<Error = R::Error>, L: Polarity> Light for BiColour<R, G, L> {
    type Error = R::Error;

    /// The element that goes dark is told first, so that a change of colour is not amber.
    fn set(&mut self, level: Level) -> Result<(), R::Error> {
        let (red, green) = match level {
            Level::Off => (Level::Off, Level::Off),
            Level::Red => (Level::On, Level::Off),
            Level::Green => (Level::Off, Level::On),
            Level::On | Level::Amber | Level::Blue | Level::White => (Level::On, Level::On),
        };
        if red == Level::Off {
            self.red.set(red)?;
            return self.green.set(green);
        }
        self.green.set(green)?;
        self.red.set(red)
    }

    fn shows(&self, level: Level) -> bool {
        !matches!(level, Level::Blue | Level::White)
    }
}

/// A light of three colours on three pins.
#[derive(Debug)]
pub struct Rgb<R, G, B, L> {
    red: PinLight<R, L>,
    green: PinLight<G, L>,
    blue: PinLight<B, L>,
}

impl<R, G, B, L: Polarity> Rgb<R, G, B, L> {
    /// The light on these pins.
    #[must_use]
    pub const fn new(red: R, green: G, blue: B) -> Self {
        Self { red: PinLight::new(red), green: PinLight::new(green), blue: PinLight::new(blue) }
    }
}

impl<R, G, B, L> Light for Rgb<R, G, B, L>
where
    R: OutputPin,
    G: OutputPin<Error = R::Error>,
    B: OutputPin<Error = R::Error>,
    L: Polarity,
{
    type Error = R::Error;

    /// The elements that go dark are told first, so that no third colour is seen between two.
    fn set(&mut self, level: Level) -> Result<(), R::Error> {
        let has =
            |elements: &[Level]| if elements.contains(&level) { Level::On } else { Level::Off };
        let (all, amber) = (Level::On, Level::Amber);
        let red = has(&[Level::Red, amber, Level::White, all]);
        let green = has(&[Level::Green, amber, Level::White, all]);
        let blue = has(&[Level::Blue, Level::White, all]);
        for lit in [Level::Off, Level::On] {
            if red == lit {
                self.red.set(red)?;
            }
            if green == lit {
                self.green.set(green)?;
            }
            if blue == lit {
                self.blue.set(blue)?;
            }
        }
        Ok(())
    }

    fn shows(&self, _level: Level) -> bool {
        true
    }
}

/// A light behind a PWM channel, lit with so many permille.
#[derive(Debug)]
pub struct PwmLight<P> {
    channel: P,
    permille: u16,
}

impl<P> PwmLight<P> {
    /// The light behind a channel, lit with so many permille: more than 1,000 are 1,000.
    #[must_use]
    pub const fn new(channel: P, permille: u16) -> Self {
        Self { channel, permille: if permille > 1_000 { 1_000 } else { permille } }
    }
}

impl<P: SetDutyCycle> Light for PwmLight<P> {
    type Error = P::Error;

    fn set(&mut self, level: Level) -> Result<(), P::Error> {
        let permille = if level.is_lit() { self.permille } else { 0 };
        self.channel.set_duty_cycle_fraction(permille, 1_000)
    }

    /// The light has one colour, whichever that is.
    fn shows(&self, level: Level) -> bool {
        matches!(level, Level::Off | Level::On)
    }
}

/// Lights on the outputs of shift registers behind SPI: bit 0 of the last byte is output 0.
#[derive(Debug)]
pub struct ShiftRegister<S, const BYTES: usize, L> {
    spi: S,
    bytes: [u8; BYTES],
    polarity: PhantomData<L>,
}

impl<S: SpiDevice, const BYTES: usize, L: Polarity> ShiftRegister<S, BYTES, L> {
    /// Registers whose outputs are dark as soon as the first light is told.
    #[must_use]
    pub fn new(spi: S) -> Self {
        let dark = if L::DARK == PinState::High { 0xFF } else { 0 };
        Self { spi, bytes: [dark; BYTES], polarity: PhantomData }
    }

    /// The light on an output; `None` if there are not so many.
    pub fn output(&mut self, index: usize) -> Option<Output<'_, S, BYTES, L>> {
        let place = BYTES.checked_sub(1)?.checked_sub(index / 8)?;
        let mask = 1_u8.checked_shl(u32::try_from(index % 8).ok()?)?;
        Some(Output { register: self, place, mask })
    }

    /// Lights all outputs, or none: a lamp test.
    ///
    /// # Errors
    ///
    /// The registers could not be written.
    pub fn set_all(&mut self, level: Level) -> Result<(), S::Error> {
        let is_high = pin_state::<L>(level.is_lit()) == PinState::High;
        self.bytes = [if is_high { 0xFF } else { 0 }; BYTES];
        self.spi.write(&self.bytes)
    }
}

/// A light on an output of a [`ShiftRegister`].
#[derive(Debug)]
pub struct Output<'a, S, const BYTES: usize, L> {
    register: &'a mut ShiftRegister<S, BYTES, L>,
    place: usize,
    mask: u8,
}

impl<S: SpiDevice, const BYTES: usize, L: Polarity> Light for Output<'_, S, BYTES, L> {
    type Error = S::Error;

    fn set(&mut self, level: Level) -> Result<(), S::Error> {
        if let Some(byte) = self.register.bytes.get_mut(self.place) {
            match pin_state::<L>(level.is_lit()) {
                PinState::High => *byte |= self.mask,
                PinState::Low => *byte &= !self.mask,
            }
        }
        self.register.spi.write(&self.register.bytes)
    }

    /// The light has one colour, whichever that is.
    fn shows(&self, level: Level) -> bool {
        matches!(level, Level::Off | Level::On)
    }
}
