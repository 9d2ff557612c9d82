//! Lights over `embedded-hal`, and what drives them, with pins that remember.
#![cfg(feature = "hal")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::cell::{Cell, RefCell};
use std::convert::Infallible;

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{ErrorType, OutputPin};
use embedded_hal::pwm::SetDutyCycle;
use embedded_hal::spi::{self, Operation, SpiDevice};
use led_codes::light::{
    ActiveHigh, ActiveLow, BiColour, Light, PinLight, PwmLight, Rgb, ShiftRegister,
};
use led_codes::signal::Shown;
use led_codes::standard::{cia_303_3, odva};
use led_codes::{Board, Driver, Level, Pattern, Signal, StartError, blocking};

/// Each call of a pin and of the delay, in order.
#[derive(Default)]
struct Record(RefCell<Vec<String>>);

impl Record {
    fn say(&self, text: String) {
        self.0.borrow_mut().push(text);
    }

    fn take(&self) -> String {
        self.0.take().join(" ")
    }
}

struct Pin<'a>(&'a str, &'a Record);

impl ErrorType for Pin<'_> {
    type Error = Infallible;
}

impl OutputPin for Pin<'_> {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.1.say(format!("{}0", self.0));
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.1.say(format!("{}1", self.0));
        Ok(())
    }
}

impl DelayNs for Pin<'_> {
    fn delay_ns(&mut self, ns: u32) {
        self.1.say(format!("{}ms", ns / 1_000_000));
    }
}

impl spi::ErrorType for Pin<'_> {
    type Error = Infallible;
}

impl SpiDevice for Pin<'_> {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Infallible> {
        for operation in operations {
            let Operation::Write(bytes) = operation else { panic!("only writes") };
            self.1.say(format!("{bytes:02x?}"));
        }
        Ok(())
    }
}

struct Channel<'a>(&'a Cell<u16>);

impl embedded_hal::pwm::ErrorType for Channel<'_> {
    type Error = Infallible;
}

impl SetDutyCycle for Channel<'_> {
    fn max_duty_cycle(&self) -> u16 {
        2_000
    }

    fn set_duty_cycle(&mut self, duty: u16) -> Result<(), Infallible> {
        self.0.set(duty);
        Ok(())
    }
}

#[test]
fn a_pin_has_the_polarity_of_its_type() {
    let record = Record::default();
    let mut high = PinLight::<_, ActiveHigh>::new(Pin("h", &record));
    let mut low = PinLight::<_, ActiveLow>::new(Pin("l", &record));
    for level in [Level::On, Level::Off, Level::Red] {
        let (Ok(()), Ok(())) = (high.set(level), low.set(level));
    }
    assert_eq!(record.take(), "h1 l0 h0 l1 h1 l0");
    assert!(high.shows(Level::On) && !high.shows(Level::Red));
}

#[test]
fn colours_change_without_a_third_one() {
    let record = Record::default();
    let mut two = BiColour::<_, _, ActiveHigh>::new(Pin("r", &record), Pin("g", &record));
    for (level, told) in [
        (Level::Red, "g0 r1"),
        (Level::Green, "r0 g1"),
        (Level::Amber, "g1 r1"),
        (Level::On, "g1 r1"),
        (Level::Off, "r0 g0"),
    ] {
        let Ok(()) = two.set(level);
        assert_eq!(record.take(), told, "{level:?}");
    }
    assert!(two.shows(Level::Amber) && !two.shows(Level::Blue));
    let pins = (Pin("r", &record), Pin("g", &record), Pin("b", &record));
    let mut three = Rgb::<_, _, _, ActiveLow>::new(pins.0, pins.1, pins.2);
    for (level, told) in [
        (Level::Red, "g1 b1 r0"),
        (Level::Green, "r1 b1 g0"),
        (Level::Blue, "r1 g1 b0"),
        (Level::Amber, "b1 r0 g0"),
        (Level::White, "r0 g0 b0"),
        (Level::On, "r0 g0 b0"),
        (Level::Off, "r1 g1 b1"),
    ] {
        let Ok(()) = three.set(level);
        assert_eq!(record.take(), told, "{level:?}");
    }
    assert!(three.shows(Level::White));
}

#[test]
fn a_pwm_channel_is_lit_with_its_permille() {
    let duty = Cell::new(7);
    let mut light = PwmLight::new(Channel(&duty), 250);
    let Ok(()) = light.set(Level::On);
    assert_eq!(duty.get(), 500);
    let Ok(()) = light.set(Level::Off);
    assert_eq!(duty.get(), 0);
    let Ok(()) = PwmLight::new(Channel(&duty), 9_999).set(Level::On);
    assert_eq!(duty.get(), 2_000);
    assert!(light.shows(Level::Off) && !light.shows(Level::White));
}

#[test]
fn a_shift_register_tells_all_outputs_at_once() {
    let record = Record::default();
    let mut register = ShiftRegister::<_, 2, ActiveHigh>::new(Pin("", &record));
    let Ok(()) = register.output(0).unwrap().set(Level::On);
    let Ok(()) = register.output(9).unwrap().set(Level::On);
    let Ok(()) = register.output(0).unwrap().set(Level::Off);
    assert_eq!(record.take(), "[00, 01] [02, 01] [02, 00]");
    assert!(register.output(16).is_none());
    assert!(register.output(15).unwrap().shows(Level::On));
    assert!(!register.output(15).unwrap().shows(Level::Red));
    let Ok(()) = register.set_all(Level::On);
    assert_eq!(record.take(), "[ff, ff]");
    let mut low = ShiftRegister::<_, 1, ActiveLow>::new(Pin("", &record));
    let Ok(()) = low.output(7).unwrap().set(Level::On);
    let Ok(()) = low.set_all(Level::Off);
    assert_eq!(record.take(), "[7f] [ff]");
}

#[test]
fn a_driver_tells_what_is_new_and_refuses_a_colour_that_the_light_lacks() {
    let record = Record::default();
    let light = || PinLight::<_, ActiveHigh>::new(Pin("p", &record));
    let mut signal = Signal::new(Shown::Pattern(&cia_303_3::BLINKING));
    let mut driver = Driver::start(light(), &mut signal, 0).unwrap();
    assert_eq!(record.take(), "p0 p1");
    assert_eq!(driver.poll(&mut signal, 100_000), Ok(Some(200_000)));
    assert_eq!(record.take(), "");
    assert_eq!(driver.poll(&mut signal, 200_000), Ok(Some(400_000)));
    assert_eq!(record.take(), "p0");
    assert!(driver.into_light().shows(Level::On));
    let lacks =
        |error: StartError<Infallible>, level| assert_eq!(error, StartError::Colour { level });
    lacks(Driver::start(light(), &mut Board::new(&odva::MS), 0).err().unwrap(), Level::Green);
    let mut red = Signal::new(Shown::Steady(Level::Red));
    lacks(Driver::start(light(), &mut red, 0).err().unwrap(), Level::Red);
    let mut flashing = Signal::new(Shown::Pattern(&odva::RED_AND_GREEN));
    let error = Driver::start(light(), &mut flashing, 0).err().unwrap();
    assert_eq!(error.to_string(), "the light cannot be red");
}

#[test]
fn a_pattern_is_played_with_a_delay() {
    let record = Record::default();
    let pattern: Pattern = "on 200 off 300 x2 off 900".parse().unwrap();
    let mut light = PinLight::<_, ActiveHigh>::new(Pin("p", &record));
    let Ok(()) = blocking::play(&mut light, &mut Pin("", &record), &pattern, 2);
    let once = "p1 200ms p0 300ms p1 200ms p0 900ms";
    assert_eq!(record.take(), format!("{once} {once}"));
}

#[cfg(feature = "async")]
#[test]
fn a_pattern_is_played_with_an_asynchronous_delay() {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    /// A delay that is over when it is asked for the second time.
    struct Delay<'a>(&'a Record);

    impl embedded_hal_async::delay::DelayNs for Delay<'_> {
        async fn delay_ns(&mut self, ns: u32) {
            let mut was_asked = false;
            std::future::poll_fn(|_| {
                if std::mem::replace(&mut was_asked, true) {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
            self.0.say(format!("{}ms", ns / 1_000_000));
        }
    }

    let record = Record::default();
    let pattern: Pattern = "on 200 off 900".parse().unwrap();
    let mut light = PinLight::<_, ActiveLow>::new(Pin("p", &record));
    let mut delay = Delay(&record);
    let mut play = pin!(led_codes::asynch::play(&mut light, &mut delay, &pattern, 2));
    let mut polls = 0;
    while play.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
        polls += 1;
    }
    assert_eq!(polls, 4);
    assert_eq!(record.take(), "p0 200ms p1 900ms p0 200ms p1 900ms");
}
