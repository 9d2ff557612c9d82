//! The player: what a light shows now, and when to look again.
//!
//! What is shown is a function of the time alone: a poll that comes late shows what is due then, after any gap. Between two edges a poll
//! compares two instants.

use crate::flash::Flashes;
use crate::level::Level;

/// What a player plays: a [`Board`](crate::Board) or a [`Signal`](crate::Signal).
pub trait Source {
    /// Begins to show.
    fn begin(&mut self, now_us: u64);

    /// When what is shown began.
    fn begun_us(&self) -> u64;

    /// Goes on to what is shown at this instant. An instant before the last one changes nothing.
    fn go_on(&mut self, now_us: u64) -> Showing;

    /// A row of what is shown, by its place; `None` after the last one.
    fn row(&self, index: u8) -> Option<Flashes>;

    /// A level that may be shown and that a light which shows these cannot.
    fn lacks(&self, shows: impl Fn(Level) -> bool) -> Option<Level>;

    /// Whether what is shown was broken off since the last time, as by a lamp test.
    fn take_break(&mut self) -> bool {
        false
    }
}

/// The thing that a source shows now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Showing {
    /// Rows of flashes, which began at this instant and have not ended.
    Rows {
        /// When the first flash began.
        begun_us: u64,
    },
    /// One level.
    Steady {
        /// The level.
        level: Level,
        /// When it changes, if it is known.
        until_us: Option<u64>,
    },
}

/// A player that was not started. It shows nothing:
///
/// ```
/// use led_codes::{standard, Board, Level, Player};
/// let mut board = Board::new(&standard::raspberry_pi::ACT);
/// let mut player = Player::new().start(&mut board, 0);
/// assert_eq!(player.poll(&mut board, 0), (Level::Off, None));
/// ```
///
/// ```compile_fail,E0599
/// use led_codes::{standard, Board, Level, Player};
/// let mut board = Board::new(&standard::raspberry_pi::ACT);
/// let mut player = Player::new();
/// assert_eq!(player.poll(&mut board, 0), (Level::Off, None));
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Stopped(());

/// A player that was started: see [`Player::new`].
#[derive(Clone, Debug)]
pub struct Player {
    /// When the step that is shown ends, and the next one begins; 0 if it is known of no step.
    edge_us: u64,
    /// The row of the next step.
    row: u8,
    /// The place of the next step in its row: the flashes are even, and what is dark after each of them is odd.
    place: u8,
    level: Level,
}

const _: () = assert!(size_of::<Player>() <= 16);

impl Player {
    /// A player that is to be [started](Stopped::start).
    #[must_use]
    #[allow(clippy::new_ret_no_self)] // A player that was not started has another type.
    pub const fn new() -> Stopped {
        Stopped(())
    }

    /// What the light shows now, and when it shows something else, if that is known. After a fault was raised, cleared or acknowledged
    /// and after a lamp test, poll again.
    ///
    /// An instant before the last one shows what was shown last. `u64::MAX` is no instant.
    pub fn poll<S: Source>(&mut self, source: &mut S, now_us: u64) -> (Level, Option<u64>) {
        if source.take_break() {
            self.edge_us = 0;
        }
        if now_us < self.edge_us {
            return (self.level, Some(self.edge_us));
        }
        self.look(source, now_us)
    }

    fn look<S: Source>(&mut self, source: &mut S, now_us: u64) -> (Level, Option<u64>) {
        // A source that began something at the edge or later shows other rows than those that were played: none of those is left.
        if source.begun_us() >= self.edge_us {
            self.row = u8::MAX;
        }
        // First what is left of the rows that were played, then those that are shown now.
        for _ in 0..2 {
            while let Some(row) = source.row(self.row) {
                self.step(row);
                if now_us < self.edge_us {
                    return (self.level, Some(self.edge_us));
                }
            }
            match source.go_on(now_us) {
                Showing::Steady { level, until_us } => {
                    self.edge_us = 0;
                    self.level = level;
                    return (level, until_us);
                }
                Showing::Rows { begun_us } => {
                    self.edge_us = begun_us;
                    (self.row, self.place) = (0, 0);
                }
            }
        }
        (self.level, None)
    }

    /// Begins the next step, which is in this row.
    #[inline(always)]
    fn step(&mut self, row: Flashes) {
        self.place = self.place.wrapping_add(1);
        let is_last = self.place == row.count().wrapping_mul(2);
        let ms = if self.place % 2 == 1 {
            self.level = row.level();
            row.on_ms()
        } else {
            self.level = Level::Off;
            if is_last { row.gap_ms() } else { row.off_ms() }
        };
        if is_last {
            (self.row, self.place) = (self.row.wrapping_add(1), 0);
        }
        let us = u32::from(ms).wrapping_mul(1_000);
        // An edge after the last instant does not come.
        self.edge_us = self.edge_us.saturating_add(u64::from(us));
    }
}

impl Stopped {
    /// Begins to show what the source says, from now on.
    #[must_use]
    pub fn start<S: Source>(self, source: &mut S, now_us: u64) -> Player {
        source.begin(now_us);
        let _ = source.take_break();
        Player { edge_us: 0, row: 0, place: 0, level: Level::Off }
    }
}

/// The rest of a time after whole periods, without a division of 64 bits, which Cortex-M processors do not have.
///
/// A period of 0 leaves all.
pub(crate) const fn remainder(mut time: u64, period: u64) -> u64 {
    if period == 0 {
        return time;
    }
    let mut multiple = period;
    while multiple <= time / 2 {
        multiple = multiple.wrapping_add(multiple);
    }
    loop {
        if time >= multiple {
            time = time.wrapping_sub(multiple);
        }
        if multiple == period {
            return time;
        }
        multiple /= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::remainder;

    #[test]
    fn the_remainder_is_that_of_a_division() {
        let times = [0, 1, 2, 999, 1_000, 1_001, 123_456_789_012, 1 << 62, u64::MAX - 1, u64::MAX];
        for time in times {
            for period in [1, 2, 3, 7, 1_000, 1_600_000, 600_000_000, (1 << 63) + 1, u64::MAX] {
                assert_eq!(remainder(time, period), time % period, "{time} % {period}");
            }
            assert_eq!(remainder(time, 0), time);
        }
    }
}
