//! Channels over one actuator.

use core::hint::black_box;

use proof::keep;
use safe_state::channel::{Armed, Faulted, Lent, NotProven, Running, Safe, Stopping};
use safe_state::{
    AnyChannel, Channel, Lease, OnLoss, Published, SafeStop2, Source, Span, StopCategory, Ticked,
    cycle, lease_us, over_us,
};

use crate::faults::{any_set, cleared};
use crate::freshness::any_source;
use crate::{Drive, Faults, number};

const LEASE: Lease = lease_us(20_000);
const RAMP: Span = over_us(200_000);
const BARE: safe_state::Config<i32> =
    safe_state::Config::new(LEASE, OnLoss::after_holding(OnLoss::ramp(0, RAMP), over_us(1_000)));
static MONITORED: safe_state::Config<i32> = safe_state::Config::stop_2(
    safe_state::Config::stop_1(
        safe_state::Config::come_back(
            safe_state::Config::mismatch_limit(BARE, over_us(20_000)),
            1_000,
        ),
        safe_state::SafeStop1::monitored(0, over_us(300_000), 10),
    ),
    SafeStop2::new(0, over_us(1_000), 3, over_us(9_000)),
);
static TIMED: safe_state::Config<i32> = safe_state::Config::stop_1(
    safe_state::Config::new(LEASE, OnLoss::value(7, over_us(5_000))),
    safe_state::SafeStop1::timed(0, over_us(300_000)),
);

/// One of the two.
pub fn config() -> &'static safe_state::Config<i32> {
    if number(0) == 1 { &MONITORED } else { &TIMED }
}

fn category(index: u64) -> StopCategory {
    match number(index) {
        0 => StopCategory::Zero,
        1 => StopCategory::One,
        _ => StopCategory::Two,
    }
}

fn published(published: Published<i32>) {
    keep((Published::good(&published), Published::last_known(&published)));
    keep((Published::quality(&published), Published::age_us(&published)));
    keep(Published::sequence(&published));
}

pub fn typed() {
    keep((Lease::as_us(black_box(LEASE)), Span::as_us(black_box(RAMP))));
    let mut faults = any_set();
    let channel = black_box(Channel::new(Drive(number(1)), config()));
    published(Channel::published(&channel, number(2)));
    keep((Channel::cause(&channel), Channel::read_back(&channel)));
    let safe = match Channel::prove_safe(channel, number(3)) {
        Ok(safe) => safe,
        Err(NotProven::Pending(channel)) => return keep(channel),
        Err(NotProven::Faulted(channel)) => {
            return keep(Channel::retry(black_box(Channel::<Faulted, _>::tick(
                channel,
                number(4),
            ))));
        }
    };
    let Ok(safe) = black_box(Channel::<Safe, _>::tick(safe, number(4))) else { return };
    let Ok(safe) = black_box(Channel::<Safe, _>::demand(safe, number(5))) else { return };
    let Some(cleared) = cleared(&mut faults) else { return };
    let Ok(armed) = black_box(Channel::arm(safe, cleared)) else { return };
    let Ok(armed) = black_box(Channel::<Armed<Faults>, _>::tick(armed, number(6))) else { return };
    if number(7) == 1 {
        return keep(Channel::<Armed<Faults>, _>::demand(armed, number(8)));
    }
    match Channel::start(armed, &faults, number(8)) {
        Ok(channel) => running(channel),
        Err(refused) => keep(refused),
    }
}

fn running(mut channel: Channel<Running, Drive>) {
    let (faults, source) = (any_set(), any_source());
    keep(cycle(number(9), |tick| {
        Some(Channel::put(&mut channel, Source::fresh(&source, tick).ok()?, number(10)))
    }));
    keep(Channel::is_up(&channel));
    let Ticked::Running(channel) = black_box(Channel::<Running, _>::tick(channel, number(11)))
    else {
        return;
    };
    let ticked = black_box(Channel::heed(channel, &faults, category(12), number(12)));
    let Ticked::Running(channel) = ticked else { return };
    match black_box(Channel::<Running, _>::demand(channel, category(13), number(13))) {
        Ticked::Stopping(stopping) => {
            match black_box(Channel::<Stopping, _>::tick(stopping, number(14))) {
                Ticked::Stopping(stopping) => {
                    keep(Channel::<Stopping, _>::demand(stopping, category(15), number(15)));
                }
                other => keep(other),
            }
        }
        other => keep(AnyChannel::from(other)),
    }
}

pub fn any() {
    let (mut faults, source) = (any_set(), any_source());
    let mut channel = black_box(AnyChannel::new(Drive(number(1)), config()));
    keep(AnyChannel::prove_safe(&mut channel, number(2)));
    if let Some(cleared) = cleared(&mut faults) {
        keep(AnyChannel::arm(&mut channel, cleared));
    }
    keep(AnyChannel::start(&mut channel, &faults, number(3)));
    if let Ok(mut lent) = AnyChannel::running(&mut channel) {
        keep(cycle(number(4), |tick| {
            Some(Lent::put(&mut lent, Source::fresh(&source, tick).ok()?, number(5)))
        }));
    }
    keep(AnyChannel::heed(&mut channel, &faults, category(6), number(6)));
    keep(AnyChannel::demand(&mut channel, category(7), number(7)));
    keep(AnyChannel::tick(&mut channel, number(8)));
    keep((AnyChannel::state(&channel), AnyChannel::cause(&channel)));
    keep(AnyChannel::read_back(&channel));
    published(AnyChannel::published(&channel, number(9)));
}
