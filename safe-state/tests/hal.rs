//! Actuators over `embedded-hal`.
#![cfg(feature = "hal")]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use embedded_hal::digital::{self, InputPin, OutputPin, PinState};
use embedded_hal::pwm::{self, SetDutyCycle};
use safe_state::channel::{Cause, NotProven, State};
use safe_state::hal::{ActiveHigh, ActiveLow, MonitoredError, Pwm, SwitchPin};
use safe_state::{
    Actuator, AnyChannel, Channel, Config, Duty, Group, OnLoss, ReadBack, Seen, Sequence, Step,
    Switch, lease_us, over_us,
};

static SWITCH: Config<Switch> =
    Config::new(lease_us(50_000), OnLoss::SAFE).mismatch_limit(over_us(15_000));

/// A contactor: its coil on one pin, its mirror contact on another, which follows when the test says so.
#[derive(Debug, Default)]
struct Contactor {
    coil: Option<bool>,
    contact_is_high: bool,
    fails: bool,
}

#[derive(Clone, Debug, Default)]
struct Pins(Rc<RefCell<Contactor>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Broken;

impl digital::Error for Broken {
    fn kind(&self) -> digital::ErrorKind {
        digital::ErrorKind::Other
    }
}

impl digital::ErrorType for Pins {
    type Error = Broken;
}

impl OutputPin for Pins {
    fn set_low(&mut self) -> Result<(), Broken> {
        self.0.borrow_mut().coil = Some(false);
        if self.0.borrow().fails { Err(Broken) } else { Ok(()) }
    }

    fn set_high(&mut self) -> Result<(), Broken> {
        self.0.borrow_mut().coil = Some(true);
        if self.0.borrow().fails { Err(Broken) } else { Ok(()) }
    }
}

impl InputPin for Pins {
    fn is_high(&mut self) -> Result<bool, Broken> {
        if self.0.borrow().fails { Err(Broken) } else { Ok(self.0.borrow().contact_is_high) }
    }

    fn is_low(&mut self) -> Result<bool, Broken> {
        self.is_high().map(|is_high| !is_high)
    }
}

#[test]
fn a_switch_has_the_levels_of_its_polarity() {
    let pins = Pins::default();
    let mut high = SwitchPin::<_, ActiveHigh>::new(pins.clone());
    let mut low = SwitchPin::<_, ActiveLow>::new(pins.clone());
    for (command, is_on) in [(Switch::On, true), (Switch::Off, false)] {
        high.drive(command).unwrap();
        assert_eq!(pins.0.borrow().coil, Some(is_on));
        low.drive(command).unwrap();
        assert_eq!(pins.0.borrow().coil, Some(!is_on));
    }
    assert_eq!(SwitchPin::<Pins, ActiveHigh>::SAFE_LEVEL, PinState::Low);
    assert_eq!(SwitchPin::<Pins, ActiveLow>::SAFE_LEVEL, PinState::High);
    assert_eq!(high.read_back(), Ok(ReadBack::Unsupported));
    pins.0.borrow_mut().fails = true;
    assert_eq!(high.drive(Switch::On), Err(Broken));
    assert!(SwitchPin::<Pins, ActiveLow>::make_output(pins.clone(), |pin| pin).is_err());
}

#[test]
fn a_contact_that_opens_late_is_waited_for_and_one_that_is_welded_is_a_fault() {
    let pins = Pins::default();
    pins.0.borrow_mut().contact_is_high = true;
    let monitored = || {
        let switch = SwitchPin::<_, ActiveHigh>::new(pins.clone());
        switch.with_feedback::<_, ActiveHigh>(pins.clone())
    };
    let Err(NotProven::Pending(channel)) = Channel::new(monitored(), &SWITCH).prove_safe(0) else {
        panic!("the contact is closed")
    };
    assert_eq!((pins.0.borrow().coil, channel.read_back()), (Some(false), Seen::Differs));
    let Err(NotProven::Pending(channel)) = channel.prove_safe(14_999) else { panic!("in time") };
    pins.0.borrow_mut().contact_is_high = false;
    let Ok(channel) = channel.prove_safe(14_999) else { panic!("the contact is open") };
    assert_eq!((channel.cause(), channel.read_back()), (Cause::PowerUp, Seen::Agrees));
    // Welded.
    pins.0.borrow_mut().contact_is_high = true;
    let Err(NotProven::Pending(channel)) = Channel::new(monitored(), &SWITCH).prove_safe(0) else {
        panic!("the contact is closed")
    };
    let Err(NotProven::Faulted(channel)) = channel.prove_safe(15_000) else { panic!("welded") };
    assert_eq!(channel.cause(), Cause::Mismatch);
    let Err(NotProven::Pending(_)) = channel.retry().prove_safe(16_000) else { panic!("again") };
}

#[test]
fn a_feedback_that_cannot_be_read_is_a_mismatch() {
    let pins = Pins::default();
    let switch = SwitchPin::<_, ActiveHigh>::new(pins.clone());
    let mut monitored = switch.with_feedback::<_, ActiveLow>(pins.clone());
    assert_eq!(monitored.read_back(), Ok(ReadBack::Does(Switch::On)), "low is on");
    pins.0.borrow_mut().fails = true;
    assert_eq!(monitored.drive(Switch::On), Err(MonitoredError::Output(Broken)));
    assert_eq!(monitored.read_back(), Err(MonitoredError::Feedback(Broken)));
    pins.0.borrow_mut().fails = false;
    pins.0.borrow_mut().contact_is_high = true;
    let mut channel = AnyChannel::new(monitored, &SWITCH);
    channel.prove_safe(0).unwrap();
    assert_eq!(channel.state(), State::Safe);
}

#[test]
fn a_channel_says_that_its_outputs_cannot_be_read_back() {
    static PAIR: Config<(Switch, Switch)> = Config::new(lease_us(50_000), OnLoss::SAFE);
    static ORDER: Sequence<2> =
        Sequence::new([Step::of(0), Step::of(1)], [Step::of(1), Step::of(0)]);
    let pins = Pins::default();
    let blind = || SwitchPin::<_, ActiveHigh>::new(pins.clone());
    let monitored = || blind().with_feedback::<_, ActiveHigh>(pins.clone());
    let mut channel = AnyChannel::new(blind(), &SWITCH);
    assert_eq!(channel.read_back(), Seen::Unsupported, "before the first look");
    channel.prove_safe(0).unwrap();
    assert_eq!(channel.read_back(), Seen::Unsupported);
    let mut channel = AnyChannel::new(monitored(), &SWITCH);
    assert_eq!(channel.read_back(), Seen::Unsupported, "before the first look");
    channel.prove_safe(0).unwrap();
    assert_eq!(channel.read_back(), Seen::Agrees);
    // A group is as its worst member.
    let on = (Switch::On, Switch::On);
    let mut channel = AnyChannel::new(Group::new((monitored(), blind()), &ORDER, on), &PAIR);
    channel.prove_safe(0).unwrap();
    assert_eq!(channel.read_back(), Seen::Unsupported);
    let mut channel = AnyChannel::new(Group::new((monitored(), monitored()), &ORDER, on), &PAIR);
    channel.prove_safe(0).unwrap();
    assert_eq!(channel.read_back(), Seen::Agrees);
    pins.0.borrow_mut().contact_is_high = true;
    channel.tick(1);
    assert_eq!((channel.state(), channel.read_back()), (State::Safe, Seen::Differs));
    channel.tick(u64::MAX);
    assert_eq!((channel.state(), channel.read_back()), (State::Faulted, Seen::Differs));
    channel.prove_safe(u64::MAX).unwrap_err();
    assert_eq!((channel.state(), channel.read_back()), (State::Unproven, Seen::Differs));
}

/// A fan, and the last duty of its timer.
#[derive(Clone, Debug, Default)]
struct Fan(Rc<Cell<u16>>);

impl pwm::ErrorType for Fan {
    type Error = core::convert::Infallible;
}

impl SetDutyCycle for Fan {
    fn max_duty_cycle(&self) -> u16 {
        4_000
    }

    fn set_duty_cycle(&mut self, duty: u16) -> Result<(), Self::Error> {
        self.0.set(duty);
        Ok(())
    }
}

#[test]
fn a_pwm_channel_has_a_share_of_its_range_and_the_safe_value_that_it_was_given() {
    static DUTY: Config<Duty> = Config::new(lease_us(50_000), OnLoss::SAFE);
    let fan = Fan::default();
    let mut pwm = Pwm::<_>::new(fan.clone());
    pwm.drive(Duty::percent::<40>()).unwrap();
    assert_eq!(fan.0.get(), 1_600);
    assert_eq!(pwm.read_back(), Ok(ReadBack::Unsupported));
    pwm.drive_safe().unwrap();
    assert_eq!(fan.0.get(), 0);
    // A fan is safe at full speed: dropped, and at every tick.
    let mut channel = AnyChannel::new(Pwm::<_, 1_000>::new(fan.clone()), &DUTY);
    assert_eq!(fan.0.get(), 0, "nothing before it is proven");
    channel.prove_safe(0).unwrap();
    assert_eq!(fan.0.get(), 4_000);
    fan.0.set(7);
    drop(channel);
    assert_eq!(fan.0.get(), 4_000);
}
