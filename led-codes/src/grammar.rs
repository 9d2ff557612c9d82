//! The codes of a dialect, step by step, without a table.
//!
//! ```text
//!           +-> mark --> its end -+
//!           |                     v
//!   code ---+--------------->[start]--> digit --> flash --> again --> flash ...
//!    ^                                    ^         |
//!    |                                    +---------+  the dark between digits
//!    +--------------------------------[end]<--------+  the dark after a code
//!
//!   lost: a step that can be none of these, or two of them; the dark after a code leads out of it
//! ```

use crate::code::Digits;
use crate::dialect::{Dialect, Scheme, Zero};
use crate::flash::Flash;
use crate::level::Level;
use crate::mark::Mark;
use crate::marking::{Marked, Marking};
use crate::vocabulary::is_other_dark;
use crate::watch::{Clock, Pulse, Watch};

/// How far a code was followed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grammar {
    at: At,
    marking: Marking,
    mark: Option<Mark>,
    /// The digits that are whole, and how many there are.
    values: [u8; Digits::LEN_MAX],
    len: u8,
    /// The flashes of the digit that is being shown.
    count: u8,
    /// How long the dark before the code was seen, in milliseconds.
    dark_ms: u16,
    sum: Sum,
}

/// The last step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Nobody knows.
    Lost,
    /// The dark after a code.
    Code,
    /// A step of a mark.
    Mark,
    /// The dark after a mark.
    MarkEnd,
    /// The flash before each code.
    Start,
    /// The dark after that.
    StartEnd,
    /// The flash before each digit.
    Opener,
    /// The dark after that.
    OpenerEnd,
    /// A flash of a digit.
    Flash(Kind),
    /// The dark between two flashes of a digit.
    Again(Kind),
    /// The dark after a digit.
    Digit,
    /// The flash after each code.
    End,
}

/// The kind of a flash of a digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The flash of the dialect.
    First,
    /// The flash of the second digit of a pair, or of a bit 1.
    Second,
}

/// Steps, as they were seen and as they are in the dialect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) steps: u16,
    pub(crate) seen_ms: u32,
    pub(crate) due_ms: u32,
    /// How far each was from what was due at the clock of the dark before the code.
    pub(crate) off_ms: u32,
}

impl Sum {
    /// The clock of the light, in thousandths of that of the dialect.
    pub(crate) fn clock_permille(self) -> u16 {
        permille(self.seen_ms, self.due_ms)
    }

    /// How far the steps were from those of the dialect at the clock of the light, in thousandths.
    pub(crate) fn off_permille(self) -> u16 {
        permille(self.off_ms, self.seen_ms)
    }
}

/// So many thousandths of the whole; the most that the type holds if there are more.
fn permille(part_ms: u32, whole_ms: u32) -> u16 {
    let permille = part_ms.saturating_mul(1_000).checked_div(whole_ms).unwrap_or(0);
    u16::try_from(permille).unwrap_or(u16::MAX)
}

/// The meaning of a step for the code that is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stepped {
    /// No code goes on like this, and one was being followed before it.
    Lost,
    /// No code was being followed.
    Nothing,
    /// A code goes on.
    On,
    /// The step was the last one of a code.
    Read(Digits, Option<Mark>, Sum),
}

/// The darks with which the first code begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gaps {
    /// Darks that can be the one after a code and no other one.
    Certain,
    /// All that can be the dark after a code: the clock is learnt from it.
    Any,
}

/// The step that was seen, and the steps that it can be.
struct Offers {
    watch: Watch,
    clock: Clock,
    pulse: Pulse,
    found: Option<(At, u16)>,
    count: u8,
}

impl Offers {
    fn offer(&mut self, level: Level, ms: u16, at: At) {
        if self.watch.fits(self.pulse, level, ms) && self.clock.fits(self.pulse.ms, ms) {
            self.found = Some((at, ms));
            self.count = self.count.saturating_add(1);
        }
    }

    fn lit(&mut self, flash: Flash, at: At) {
        self.offer(flash.level(), flash.on_ms(), at);
    }

    fn dark(&mut self, ms: u16, at: At) {
        self.offer(Level::Off, ms, at);
    }
}

impl Grammar {
    /// No code is followed.
    pub(crate) const LOST: Self = Self {
        at: At::Lost,
        marking: Marking::NOT,
        mark: None,
        values: [0; Digits::LEN_MAX],
        len: 0,
        count: 0,
        dark_ms: 0,
        sum: Sum { steps: 0, seen_ms: 0, due_ms: 0, off_ms: 0 },
    };

    /// Follows the code by one step.
    pub(crate) fn step(
        &mut self,
        dialect: &Dialect,
        watch: Watch,
        pulse: Pulse,
        gaps: Gaps,
    ) -> Stepped {
        if self.at == At::Mark {
            return self.step_of_mark(dialect, watch, pulse, gaps);
        }
        let clock = self.clock(dialect, watch);
        let mut offers = Offers { watch, clock, pulse, found: None, count: 0 };
        if pulse.level.is_lit() {
            self.offer_lit(dialect, &mut offers);
        } else {
            self.offer_dark(dialect, &mut offers);
        }
        match offers {
            Offers { found: Some((at, ms)), count: 1, .. } => {
                self.sum.steps = self.sum.steps.saturating_add(1);
                self.sum.seen_ms = self.sum.seen_ms.saturating_add(pulse.ms);
                self.sum.due_ms = self.sum.due_ms.saturating_add(u32::from(ms));
                let off_ms = clock.due_ms(ms).abs_diff(pulse.ms);
                self.sum.off_ms = self.sum.off_ms.saturating_add(off_ms);
                self.goes_to(dialect, watch, pulse, at)
            }
            _ => self.lose(dialect, watch, pulse, gaps),
        }
    }

    /// The steps that may come after the last one, of those that are lit.
    fn offer_lit(&self, dialect: &Dialect, offers: &mut Offers) {
        match self.at {
            At::Code => {
                if let Some(marks) = dialect.marks_of() {
                    let [first_out, other] = Mark::ALL.map(|mark| marks.flashes(mark));
                    offers.offer(first_out.level(), first_out.on_ms(), At::Mark);
                    if offers.count == 0 {
                        offers.offer(other.level(), other.on_ms(), At::Mark);
                    }
                }
                self.offer_begin(dialect, offers);
            }
            At::MarkEnd => self.offer_begin(dialect, offers),
            At::StartEnd => self.offer_digit(dialect, offers),
            At::OpenerEnd => offers.lit(dialect.flash(), At::Flash(Kind::First)),
            At::Again(kind) => offers.lit(flash_of(dialect, kind), At::Flash(kind)),
            At::Digit => {
                self.offer_digit(dialect, offers);
                if let Some(end) = dialect.end_flash() {
                    offers.lit(end, At::End);
                }
            }
            At::Lost | At::Mark | At::Start | At::Opener | At::Flash(_) | At::End => {}
        }
    }

    /// The first step of a code.
    fn offer_begin(&self, dialect: &Dialect, offers: &mut Offers) {
        match dialect.start_flash() {
            Some(start) => offers.lit(start, At::Start),
            None => self.offer_digit(dialect, offers),
        }
    }

    /// The first step of a digit.
    fn offer_digit(&self, dialect: &Dialect, offers: &mut Offers) {
        let (_, len_max) = dialect.len_range();
        if self.len >= len_max {
            return;
        }
        match dialect.scheme() {
            Scheme::Digits => offers.lit(dialect.flash(), At::Flash(Kind::First)),
            Scheme::Opened { by } => offers.lit(by, At::Opener),
            Scheme::Bits { .. } => {
                offers.lit(dialect.flash(), At::Flash(Kind::First));
                offers.lit(flash_of(dialect, Kind::Second), At::Flash(Kind::Second));
            }
            Scheme::Pair { second } => {
                if self.len == 0 {
                    offers.lit(dialect.flash(), At::Flash(Kind::First));
                }
                // A first digit of 0 has no flashes.
                if self.len > 0 || dialect.zero_is() == Zero::NoFlashes {
                    offers.lit(second, At::Flash(Kind::Second));
                }
            }
        }
    }

    /// The steps that may come after the last one, of those that are dark.
    fn offer_dark(&self, dialect: &Dialect, offers: &mut Offers) {
        let shows_zero = dialect.zero_is() == Zero::NoFlashes;
        match (self.at, dialect.start_flash(), dialect.scheme()) {
            (At::Start, Some(start), _) => offers.dark(start.off_ms(), At::StartEnd),
            (At::Opener, _, Scheme::Opened { by }) => {
                offers.dark(by.off_ms(), At::OpenerEnd);
                if shows_zero {
                    self.offer_digit_end(dialect, offers);
                }
            }
            (At::Flash(kind), _, Scheme::Bits { .. }) => {
                if self.may_go_on(dialect) {
                    offers.dark(flash_of(dialect, kind).off_ms(), At::Digit);
                }
                self.offer_code_end(dialect, offers);
            }
            (At::Flash(kind), ..) => {
                if self.count < dialect.flashes_max() {
                    offers.dark(flash_of(dialect, kind).off_ms(), At::Again(kind));
                }
                self.offer_digit_end(dialect, offers);
            }
            (At::End, ..) => offers.dark(dialect.code_gap_ms(), At::Code),
            _ => {}
        }
    }

    /// The dark after a digit.
    fn offer_digit_end(&self, dialect: &Dialect, offers: &mut Offers) {
        if self.may_go_on(dialect) || dialect.end_flash().is_some() {
            offers.dark(dialect.digit_gap_ms(), At::Digit);
        }
        self.offer_code_end(dialect, offers);
    }

    /// The dark after a code whose last digit is shown.
    fn offer_code_end(&self, dialect: &Dialect, offers: &mut Offers) {
        let (len_min, _) = dialect.len_range();
        // Last digits of 0 may have no flashes.
        let is_enough = self.len.saturating_add(1) >= len_min || dialect.drops_zeros();
        if is_enough && dialect.end_flash().is_none() {
            offers.dark(dialect.code_gap_ms(), At::Code);
        }
    }

    /// Whether a digit may come after the one that is being shown.
    fn may_go_on(&self, dialect: &Dialect) -> bool {
        let (_, len_max) = dialect.len_range();
        self.len.saturating_add(1) < len_max
    }

    /// The step that was seen is this one.
    fn goes_to(&mut self, dialect: &Dialect, watch: Watch, pulse: Pulse, at: At) -> Stepped {
        let before = core::mem::replace(&mut self.at, at);
        match at {
            At::Mark => {
                let Some(marks) = dialect.marks_of() else { return Stepped::Nothing };
                let dark = (self.dark_ms, dialect.code_gap_ms());
                self.marking.begin(marks, watch, pulse, dark);
            }
            At::Opener => self.count = 0,
            At::Flash(kind) => {
                let is_pair = matches!(dialect.scheme(), Scheme::Pair { .. });
                if is_pair && kind == Kind::Second && self.len == 0 {
                    self.push(0);
                }
                self.count = self.count.saturating_add(1);
            }
            At::Digit => self.end_digit(dialect, before),
            At::Code => {
                if before != At::End {
                    self.end_digit(dialect, before);
                }
                let read = self.read(dialect);
                self.begin(pulse);
                return read;
            }
            _ => {}
        }
        Stepped::On
    }

    fn step_of_mark(
        &mut self,
        dialect: &Dialect,
        watch: Watch,
        pulse: Pulse,
        gaps: Gaps,
    ) -> Stepped {
        let marked = match dialect.marks_of() {
            Some(marks) => self.marking.follow(marks, watch, pulse).0,
            None => Marked::Not,
        };
        match marked {
            Marked::Not => return self.lose(dialect, watch, pulse, gaps),
            Marked::Going => {}
            Marked::Ended(mark) => (self.at, self.mark) = (At::MarkEnd, Some(mark)),
        }
        self.sum.steps = self.sum.steps.saturating_add(1);
        Stepped::On
    }

    /// The digit that was being shown is whole.
    fn end_digit(&mut self, dialect: &Dialect, last: At) {
        let value = match (dialect.scheme(), dialect.zero_is()) {
            (Scheme::Bits { .. }, _) => u8::from(last == At::Flash(Kind::Second)),
            (_, Zero::TenFlashes) if self.count == 10 => 0,
            _ => self.count,
        };
        self.push(value);
        self.count = 0;
    }

    fn push(&mut self, value: u8) {
        if let Some(place) = self.values.get_mut(usize::from(self.len)) {
            *place = value;
            self.len = self.len.saturating_add(1);
        }
    }

    /// The code that was shown, if it is one of the dialect.
    fn read(&mut self, dialect: &Dialect) -> Stepped {
        let (len_min, _) = dialect.len_range();
        while self.len < len_min && dialect.drops_zeros() {
            self.push(0);
        }
        let digits = self.values.get(..usize::from(self.len)).and_then(Digits::new);
        match digits.filter(|digits| dialect.carries(digits).is_ok()) {
            Some(digits) => Stepped::Read(digits, self.mark, self.sum),
            None => Stepped::Lost,
        }
    }

    /// The dark after a code was this step, and the next code begins.
    fn begin(&mut self, pulse: Pulse) {
        let dark_ms = u16::try_from(pulse.ms).unwrap_or(u16::MAX);
        *self = Self { at: At::Code, dark_ms, ..Self::LOST };
    }

    /// No code goes on like this. A dark that can only be the one after a code leads to the next one.
    fn lose(&mut self, dialect: &Dialect, watch: Watch, pulse: Pulse, gaps: Gaps) -> Stepped {
        let was_lost = self.at == At::Lost;
        *self = Self::LOST;
        let is_gap = watch.fits(pulse, Level::Off, dialect.code_gap_ms());
        if is_gap && (gaps == Gaps::Any || !is_other_dark(dialect, watch, pulse)) {
            self.begin(pulse);
        }
        if was_lost { Stepped::Nothing } else { Stepped::Lost }
    }

    /// The clock of the light, from the dark before the code.
    const fn clock(&self, dialect: &Dialect, watch: Watch) -> Clock {
        let ms = if self.dark_ms == 0 { 0 } else { dialect.code_gap_ms() };
        Clock { seen_ms: self.dark_ms, ms, moved_ms: watch.moved_ms }
    }
}

fn flash_of(dialect: &Dialect, kind: Kind) -> Flash {
    match (kind, dialect.scheme()) {
        (Kind::Second, Scheme::Pair { second: flash } | Scheme::Bits { one: flash }) => flash,
        _ => dialect.flash(),
    }
}
