//! The extension of a timer from 32 to 64 bits that the examples for a board have.
#![allow(clippy::unwrap_used)]

#[path = "../examples/board/uptime.rs"]
mod uptime;

use std::cell::Cell;

use uptime::Uptime;

const PERIOD: u64 = 1 << 32;
const HALF: u64 = 1 << 31;

#[allow(clippy::cast_possible_truncation)]
const fn timer(ticks: u64) -> u32 {
    ticks as u32
}

#[test]
fn uptime_goes_on_where_the_timer_comes_round() {
    let uptime = Uptime::new();
    // A step that is no part of a period, and shorter than a half.
    for ticks in (0..20 * PERIOD).step_by(1_999_999_973) {
        uptime.advance(timer(ticks));
        for ahead in [0, 1, HALF - 1_999_999_973] {
            let now = ticks + ahead;
            assert_eq!(uptime.now(|| timer(now)), now);
        }
    }
}

#[test]
fn a_half_that_begins_while_uptime_is_read_is_counted_once() {
    for edge in [HALF, PERIOD, PERIOD + HALF, 2 * PERIOD] {
        for before in 0..4 {
            for after in 0..4 {
                let (uptime, ticks) = (Uptime::new(), Cell::new(0));
                for half in 0..edge / HALF {
                    uptime.advance(timer(half * HALF));
                }
                ticks.set(edge - before);
                // The interrupt that counts the half comes while the timer is read, or not at all.
                for is_counted in [false, true] {
                    let now = uptime.now(|| {
                        ticks.set(edge + after);
                        if is_counted {
                            uptime.advance(timer(ticks.get()));
                        }
                        timer(ticks.get())
                    });
                    assert_eq!(now, edge + after);
                }
            }
        }
    }
}

#[test]
fn uptime_is_the_same_for_a_reader_in_an_interrupt() {
    let uptime = Uptime::new();
    let mut last = 0;
    for ticks in (0..8 * PERIOD).step_by(987_654_321) {
        let inner = Cell::new(0);
        let outer = uptime.now(|| {
            inner.set(uptime.now(|| timer(ticks)));
            uptime.advance(timer(ticks + 5));
            timer(ticks + 10)
        });
        assert!(last <= inner.get() && inner.get() <= outer, "{last} {inner:?} {outer}");
        assert_eq!((inner.get(), outer), (ticks, ticks + 10));
        last = outer;
    }
}
