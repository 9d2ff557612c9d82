//! A signal: one pattern or one level, again and again, until it is set to another one.

use crate::flash::Flashes;
use crate::level::Level;
use crate::pattern::Pattern;
use crate::player::{Showing, Source, remainder};

/// What a light shows again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Shown<'a> {
    /// A pattern.
    Pattern(&'a Pattern),
    /// One level.
    Steady(Level),
}

/// A pattern or a level that is shown until another one is set. A pattern ends whole before the next one begins.
///
/// ```
/// use led_codes::signal::Shown;
/// use led_codes::{standard::cia_303_3, Level, Player, Signal};
/// let mut run = Signal::new(Shown::Pattern(&cia_303_3::BLINKING));
/// let mut player = Player::new().start(&mut run, 0);
/// assert_eq!(player.poll(&mut run, 0), (Level::On, Some(200_000)));
/// assert_eq!(player.poll(&mut run, 250_000), (Level::Off, Some(400_000)));
/// run.set(Shown::Steady(Level::On), 250_000);
/// assert_eq!(player.poll(&mut run, 399_999), (Level::Off, Some(400_000)));
/// assert_eq!(player.poll(&mut run, 400_000), (Level::On, None));
/// ```
#[derive(Clone, Debug)]
pub struct Signal<'a> {
    shown: Shown<'a>,
    next: Option<Shown<'a>>,
    begun_us: u64,
}

impl<'a> Signal<'a> {
    /// A signal that shows this.
    #[must_use]
    pub const fn new(shown: Shown<'a>) -> Self {
        Self { shown, next: None, begun_us: 0 }
    }

    /// Shows another one, from the end of the period on in which it is now.
    pub fn set(&mut self, shown: Shown<'a>, now_us: u64) {
        let _ = self.go_on(now_us);
        self.next = Some(shown);
        if let Shown::Steady(_) = self.shown {
            self.change(now_us);
        }
    }

    fn change(&mut self, now_us: u64) {
        if let Some(next) = self.next.take() {
            self.shown = next;
            self.begun_us = now_us;
        }
    }
}

impl Source for Signal<'_> {
    fn begin(&mut self, now_us: u64) {
        self.begun_us = now_us;
        self.change(now_us);
    }

    fn begun_us(&self) -> u64 {
        self.begun_us
    }

    fn go_on(&mut self, now_us: u64) -> Showing {
        loop {
            let pattern = match self.shown {
                Shown::Steady(level) => return Showing::Steady { level, until_us: None },
                Shown::Pattern(pattern) => pattern,
            };
            let period_us = u64::from(pattern.period_ms().wrapping_mul(1_000));
            let elapsed_us = now_us.saturating_sub(self.begun_us);
            if elapsed_us >= period_us {
                if self.next.is_some() {
                    self.change(self.begun_us.wrapping_add(period_us));
                    continue;
                }
                self.begun_us = now_us.wrapping_sub(remainder(elapsed_us, period_us));
            }
            return Showing::Rows { begun_us: self.begun_us };
        }
    }

    fn row(&self, index: u8) -> Option<Flashes> {
        match self.shown {
            Shown::Pattern(pattern) => pattern.row(index),
            Shown::Steady(_) => None,
        }
    }

    /// Of what it shows now and next.
    fn lacks(&self, shows: impl Fn(Level) -> bool) -> Option<Level> {
        [Some(self.shown), self.next].into_iter().flatten().find_map(|shown| match shown {
            Shown::Steady(level) => (!shows(level)).then_some(level),
            Shown::Pattern(pattern) => {
                pattern.rows().iter().map(|row| row.level()).find(|level| !shows(*level))
            }
        })
    }
}
