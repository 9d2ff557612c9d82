//! Three sensors that lose communication at three different times. While one of them is missing there is no row, and the report names it
//! and since when; afterwards the backlogs that the sensors kept give rows, and every hole.
#![no_std]
#![no_main]

use board::end;
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use panic_halt as _;
use safe_state::freshness::{
    Backlog, Limits, Lost, Missing, Row, Source, Sources, age_limit_us, rows, skew_us,
};
use safe_state::{Sample, cycle};

static LIMITS: Limits = Limits::new(age_limit_us(20_000));

/// A sample every 10 ms. The line to a sensor is cut from one sample to another; while a sensor is off it keeps nothing either.
const PERIOD_US: u64 = 10_000;
const SAMPLES: u64 = 100;
const CUT: [core::ops::Range<u64>; 3] = [20..60, 30..50, 40..80];
const OFF: [core::ops::Range<u64>; 3] = [90..90, 44..46, 47..49];

#[entry]
fn main() -> ! {
    let mut live = Sources::new([const { Source::<u16>::new(&LIMITS) }; 3]);
    let mut kept = [const { Backlog::<u16, 64>::new() }; 3];
    let (mut row_count, mut reported) = (0, None);
    for number in 0..SAMPLES {
        let now_us = (number + 1) * PERIOD_US;
        for (source, (cut, off)) in CUT.iter().zip(&OFF).enumerate() {
            let sample = Sample::new(number as u16, number as u32, now_us + source as u64 * 100);
            if off.contains(&number) {
                continue;
            }
            let (true, Some(backlog)) = (cut.contains(&number), kept.get_mut(source)) else {
                let _ = live.offer(source, sample, now_us + 200);
                continue;
            };
            if backlog.push(sample).is_err() {
                end(false);
            }
        }
        let aligned =
            cycle(now_us + 200, |tick| live.align(skew_us(500), tick).map(|row| row.values()));
        match aligned {
            Ok(values) if values == [number as u16; 3] => row_count += 1,
            Ok(_) => end(false),
            Err(missing) => {
                if reported != Some(missing) {
                    hprintln!("{} us: {:?}", now_us, missing);
                }
                reported = Some(missing);
            }
        }
    }
    // Live: 20 rows before the first line was cut, 20 after the last was whole again.
    let is_named = reported.as_ref().is_some_and(third_is_missing);
    hprintln!("{} rows live", row_count);
    end(is_named && row_count == 40 && is_told_by(&kept))
}

/// Sample 39 was the last of the third sensor before its line was cut.
fn third_is_missing(missing: &Missing<3>) -> bool {
    missing.iter().eq([(2, Lost::Since(40 * PERIOD_US + 200))])
}

/// Of the samples in the cuts all three have data in 40 to 43, 46 and 49.
fn is_told_by(kept: &[Backlog<u16, 64>; 3]) -> bool {
    let (mut coherent, mut holes) = (0, 0);
    for row in rows(kept, skew_us(500)) {
        match row {
            Row::Coherent(row) => {
                let [first, second, third] = row.samples.map(|sample| sample.value);
                hprintln!("row of {} us: {}", row.samples[0].taken_us, first);
                if first != second || second != third {
                    return false;
                }
                coherent += 1;
            }
            Row::Hole { source, from_us, to_us } => {
                hprintln!("sensor {}: nothing from {:?} to {:?} us", source, from_us, to_us);
                holes += 1;
            }
            Row::Alone { .. } => {}
        }
    }
    // The second and third begin later, were off once, and the first two end before the third.
    coherent == 6 && holes == 6
}
