//! An actuator behind an asynchronous bus, with a cut-off. The futures of `flush` are made, and not polled: the compiler puts a panic into
//! every `async fn`, for a future that is polled after its end. What a poll calls, the blocking calls here call too.

use core::hint::black_box;

use proof::keep;
use safe_state::channel::{Running, Stopping};
use safe_state::{
    Actuator, AnyChannel, AsyncDrive, Channel, Config, OnLoss, ReadBack, Source, Staged,
    StopCategory, Switch, Ticked, WithCutOff, cycle, lease_us, over_us,
};

use crate::faults::{any_set, cleared};
use crate::freshness::any_source;
use crate::number;

static CONFIG: Config<i32> = Config::new(lease_us(20_000), OnLoss::value(7, over_us(5_000)));

struct Bus;

impl AsyncDrive for Bus {
    type Command = i32;
    type Error = u8;
    const SAFE: i32 = 0;

    async fn drive(&mut self, command: i32) -> Result<(), u8> {
        keep(command);
        if number(1) == 1 { Err(1) } else { Ok(()) }
    }
}

struct Contactor;

impl Actuator for Contactor {
    type Command = Switch;
    type Error = u8;
    const SAFE: Switch = Switch::Off;

    fn drive(&mut self, command: Switch) -> Result<(), u8> {
        keep(command);
        if number(2) == 1 { Err(1) } else { Ok(()) }
    }

    fn read_back(&mut self) -> Result<ReadBack<Switch>, u8> {
        match number(3) {
            1 => Err(1),
            2 => Ok(ReadBack::Does(Switch::On)),
            _ => Ok(ReadBack::Unsupported),
        }
    }
}

type Outputs = Staged<WithCutOff<Bus, Contactor>>;

fn outputs() -> Outputs {
    Staged::new(WithCutOff::new(Bus, Contactor))
}

pub fn typed() {
    let mut faults = any_set();
    let channel = black_box(Channel::new(outputs(), &CONFIG));
    let Ok(safe) = channel.prove_safe(number(5)) else { return };
    let Some(cleared) = cleared(&mut faults) else { return };
    let Ok(armed) = black_box(safe.arm(cleared)) else { return };
    let Ok(channel) = black_box(armed.start(&faults, number(6))) else { return };
    running(channel);
}

fn running(mut channel: Channel<Running, Outputs>) {
    let source = any_source();
    keep(cycle(number(7), |tick| Some(channel.put(Source::fresh(&source, tick).ok()?, number(8)))));
    keep(Channel::<Running, _>::flush(&mut channel, number(9)));
    if let Ticked::Stopping(mut channel) = black_box(channel.demand(StopCategory::One, number(10)))
    {
        keep(Channel::<Stopping, _>::flush(&mut channel, number(11)));
        keep(channel.tick(number(12)));
    }
}

pub fn any() {
    let source = any_source();
    let mut channel = black_box(AnyChannel::new(outputs(), &CONFIG));
    keep(channel.prove_safe(number(5)));
    if let Ok(mut lent) = channel.running() {
        keep(cycle(number(7), |tick| {
            Some(lent.put(Source::fresh(&source, tick).ok()?, number(8)))
        }));
    }
    keep(AnyChannel::flush(&mut channel, number(9)));
    keep(channel.tick(number(10)));
}
