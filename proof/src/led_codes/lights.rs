//! Lights over `embedded-hal`, and what drives them.

use core::convert::Infallible;
use core::hint::black_box;

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{ErrorType, OutputPin};
use embedded_hal::pwm::SetDutyCycle;
use embedded_hal::spi::{self, Operation, SpiDevice};
use led_codes::light::{
    ActiveHigh, ActiveLow, BiColour, Light, PinLight, PwmLight, Rgb, ShiftRegister,
};
use led_codes::signal::Shown;
use led_codes::standard::cia_303_3::{BLINKING, ERR};
use led_codes::{Board, Driver, Level, Signal, asynch, blocking};
use proof::keep;

use crate::number;

/// Hardware that fails or not.
struct Part(u64);

impl ErrorType for Part {
    type Error = Infallible;
}

impl OutputPin for Part {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0 = black_box(0);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0 = black_box(1);
        Ok(())
    }
}

impl embedded_hal::pwm::ErrorType for Part {
    type Error = embedded_hal::pwm::ErrorKind;
}

impl SetDutyCycle for Part {
    fn max_duty_cycle(&self) -> u16 {
        black_box(self.0) as u16
    }

    fn set_duty_cycle(&mut self, duty: u16) -> Result<(), embedded_hal::pwm::ErrorKind> {
        self.0 = black_box(u64::from(duty));
        if self.0 == 1 { Err(embedded_hal::pwm::ErrorKind::Other) } else { Ok(()) }
    }
}

impl spi::ErrorType for Part {
    type Error = spi::ErrorKind;
}

impl SpiDevice for Part {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), spi::ErrorKind> {
        keep(operations.len());
        if black_box(self.0) == 1 { Err(spi::ErrorKind::Other) } else { Ok(()) }
    }
}

impl DelayNs for Part {
    fn delay_ns(&mut self, ns: u32) {
        self.0 = black_box(u64::from(ns));
    }
}

impl embedded_hal_async::delay::DelayNs for Part {
    async fn delay_ns(&mut self, ns: u32) {
        self.0 = black_box(u64::from(ns));
    }
}

pub fn all(numbers: &[u64]) {
    let part = |place| Part(number(numbers, place));
    let levels = [Level::Off, Level::On, Level::Red, Level::Amber, Level::White];
    let mut pin = PinLight::<_, ActiveLow>::new(part(0));
    let mut two = BiColour::<_, _, ActiveHigh>::new(part(0), part(1));
    let mut three = Rgb::<_, _, _, ActiveHigh>::new(part(0), part(1), part(2));
    let mut pwm = PwmLight::new(part(0), number(numbers, 3) as u16);
    let mut register = ShiftRegister::<_, 2, ActiveLow>::new(part(0));
    for level in levels {
        keep((pin.set(level), two.set(level), three.set(level), pwm.set(level)));
        keep((pin.shows(level), two.shows(level), three.shows(level), pwm.shows(level)));
        if let Some(mut output) = ShiftRegister::output(&mut register, number(numbers, 4) as usize)
        {
            keep((output.set(level), output.shows(level)));
        }
        keep(ShiftRegister::set_all(&mut register, level));
    }
    keep(blocking::play(&mut pin, &mut part(1), &BLINKING, number(numbers, 5) as u32));
    keep(asynch::play(&mut two, &mut part(1), &BLINKING, number(numbers, 5) as u32));
    let mut board = Board::new(&ERR);
    if let Ok(mut driver) = Driver::start(pwm, &mut board, number(numbers, 6)) {
        keep(Driver::poll(&mut driver, &mut board, number(numbers, 7)));
        keep(Driver::into_light(driver).shows(Level::On));
    }
    let mut signal = Signal::new(Shown::Steady(Level::Red));
    match Driver::start(pin, &mut signal, number(numbers, 6)) {
        Ok(driver) => keep(Driver::into_light(driver).shows(Level::On)),
        Err(error) => keep(error),
    }
}
