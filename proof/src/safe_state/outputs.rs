//! Actuators over `embedded-hal`, groups.

use core::convert::Infallible;
use core::hint::black_box;

use embedded_hal::digital::{self, InputPin, OutputPin};
use embedded_hal::pwm::{self, SetDutyCycle};
use proof::keep;
use safe_state::hal::{ActiveHigh, ActiveLow, Pwm, SwitchPin};
use safe_state::{
    Actuator, AnyChannel, Config, Duty, Group, OnLoss, Sequence, Source, Step, StopCategory,
    Switch, cycle, lease_us, over_us,
};

use crate::faults::{any_set, cleared};
use crate::freshness::any_source;
use crate::{Drive, number};

struct Pin;

impl digital::ErrorType for Pin {
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
        Ok(number(0) == 1)
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(number(0) != 1)
    }
}

impl pwm::ErrorType for Pin {
    type Error = Infallible;
}

impl SetDutyCycle for Pin {
    fn max_duty_cycle(&self) -> u16 {
        number(1) as u16
    }

    fn set_duty_cycle(&mut self, duty: u16) -> Result<(), Infallible> {
        keep(duty);
        Ok(())
    }
}

pub fn hal() {
    let command = if number(2) == 1 { Switch::On } else { Switch::Off };
    let mut high = SwitchPin::<_, ActiveHigh>::new(Pin);
    keep((high.drive(command), high.drive_safe(), high.read_back()));
    let low = SwitchPin::<Pin, ActiveLow>::make_output(Pin, |pin| pin);
    let Ok(low) = low;
    let mut monitored = SwitchPin::with_feedback::<_, ActiveLow>(low, Pin);
    keep((monitored.drive(command), monitored.read_back()));
    let mut fan = Pwm::<_, 1_000>::new(Pin);
    let duty = Duty::new(number(3) as u16).unwrap_or(Duty::percent::<40>());
    keep(Duty::as_permille(duty));
    keep((fan.drive(duty), fan.drive_safe(), fan.read_back()));
}

static ORDER: Sequence<2> = Sequence::new(
    [Step::of(0), Step::after(Step::of(1), over_us(60_000))],
    [Step::until_seen(Step::of(1), over_us(9)), Step::of(0)],
);
static PAIR: Config<(i32, i32)> = Config::new(lease_us(20_000), OnLoss::SAFE);
static LONG: Sequence<4> = Sequence::new(
    [Step::of(0), Step::of(1), Step::of(2), Step::of(3)],
    [Step::of(3), Step::of(2), Step::of(1), Step::of(0)],
);
static FOUR: Config<(i32, i32, i32, i32)> = Config::new(lease_us(20_000), OnLoss::SAFE);

pub fn groups() {
    let members = (Drive(number(1)), Drive(number(2)));
    let (mut faults, source) = (any_set(), any_source());
    let mut axis = black_box(AnyChannel::new(Group::new(members, &ORDER, (1, 1)), &PAIR));
    keep(AnyChannel::prove_safe(&mut axis, number(3)));
    if let Some(cleared) = cleared(&mut faults) {
        keep(AnyChannel::arm(&mut axis, cleared));
    }
    keep(AnyChannel::start(&mut axis, &faults, number(4)));
    keep(AnyChannel::tick(&mut axis, number(5)));
    if let Ok(mut lent) = AnyChannel::running(&mut axis) {
        keep(cycle(number(6), |tick| {
            let both = Source::fresh(&source, tick).ok()?.map(|value| (value, value));
            Some(lent.put(both, number(7)))
        }));
    }
    keep(AnyChannel::demand(&mut axis, StopCategory::One, number(8)));
    keep(AnyChannel::tick(&mut axis, number(9)));
    drop(axis);
    let four = (Drive(number(1)), Drive(number(2)), Drive(number(3)), Drive(number(4)));
    let mut four = black_box(AnyChannel::new(Group::new(four, &LONG, (1, 1, 1, 1)), &FOUR));
    keep(AnyChannel::prove_safe(&mut four, number(5)));
    keep(AnyChannel::tick(&mut four, number(6)));
}
