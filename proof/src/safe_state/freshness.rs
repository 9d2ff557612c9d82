//! Sources, rows, backlogs.

use core::hint::black_box;

use proof::keep;
use safe_state::Sample;
use safe_state::freshness::{
    self, Backlog, Coherent, Fresh, Limits, NotFresh, Row, Source, Sources, Stale, Substitute, Tick,
};

use crate::number;

static LIMITS: Limits = Limits::stuck_after(
    Limits::fresh_after(
        Limits::lost_after_us(Limits::new(freshness::age_limit_us(20_000)), 30_000),
        3,
    ),
    9,
);

fn sample(index: u64) -> Sample<i32> {
    Sample::new(number(index) as i32, number(index + 1) as u32, number(index + 2))
}

/// A source in any condition.
pub fn any_source() -> Source<i32> {
    let mut source = black_box(Source::new(&LIMITS));
    keep(Source::offer(&mut source, sample(0), number(3)));
    keep(Source::offer(&mut source, sample(4), number(7)));
    black_box(source)
}

pub fn source() {
    let mut source = any_source();
    Source::failed(&mut source);
    keep((Source::refused(&source), Source::last_good_us(&source)));
    let mut real = black_box(Source::<f32>::new(&LIMITS));
    let value = f32::from_bits(number(0) as u32);
    keep(Source::offer(&mut real, Sample::new(value, number(1) as u32, number(2)), number(3)));
    keep(freshness::cycle(number(8), |tick| {
        keep(Tick::now_us(tick));
        match Source::fresh(&source, tick) {
            Ok(fresh) => {
                keep((Fresh::value(&fresh), Fresh::valid_until_us(&fresh)));
                keep((Fresh::oldest_us(&fresh), Fresh::newest_us(&fresh)));
                let other = Source::fresh(&real, tick).ok()?;
                let both = Fresh::zip(fresh, other);
                Some(Fresh::value(&Fresh::map(both, |(value, _)| value)))
            }
            Err(NotFresh::Stale(stale)) => {
                keep((*Stale::last_known(&stale), Stale::taken_us(&stale), Stale::age_us(&stale)));
                Some(*Substitute::substituted(&Stale::substitute(stale, number(9) as i32)))
            }
            Err(other) => {
                keep(other);
                Some(*Substitute::substituted(&black_box(Substitute::new(0))))
            }
        }
    }));
}

pub fn sources() {
    let mut sources = black_box(Sources::new([const { Source::<i32>::new(&LIMITS) }; 3]));
    keep(Sources::offer(&mut sources, number(0) as usize, sample(1), number(4)));
    keep(Sources::source(&sources, number(5) as usize).map(Source::refused));
    if let Some(source) = Sources::source_mut(&mut sources, number(6) as usize) {
        Source::failed(source);
    }
    keep(freshness::cycle(number(7), |tick| {
        match Sources::align(&sources, freshness::skew_us(number(8) as u32), tick) {
            Ok(row) => {
                keep((Coherent::values(&row), Coherent::oldest_us(&row)));
                Some(Fresh::value(&Coherent::map(row, |[first, ..]| first)))
            }
            Err(missing) => {
                for lost in freshness::Missing::iter(&missing) {
                    keep(lost);
                }
                keep(freshness::Missing::of(&missing, number(9) as usize));
                None
            }
        }
    }));
}

pub fn backlogs() {
    let mut backlogs = black_box([const { Backlog::<i32, 8>::new() }; 3]);
    for backlog in &mut backlogs {
        keep(Backlog::push(backlog, sample(0)));
        keep(Backlog::push(backlog, sample(3)));
        keep((Backlog::count(backlog), Backlog::dropped(backlog)));
        if number(6) == 1 {
            Backlog::clear(backlog);
        }
    }
    for row in freshness::rows(&black_box(backlogs), freshness::skew_us(number(7) as u32)) {
        match row {
            Row::Coherent(row) => keep(row),
            other => keep(other),
        }
    }
}
