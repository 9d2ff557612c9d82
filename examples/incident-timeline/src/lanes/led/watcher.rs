//! A watcher of one light: it tries tables and dialects on its edges, and tells what fits.
//!
//! ```text
//!  edges --> a decoder a table, one more upside down --+--> readings --> held for 30 s or until the end, where nothing
//!        \-> all dialects at once, their clocks learnt +                 is given on the command line; the best ones are told
//! ```

use led_codes::auto::{Auto, Heard};
use led_codes::legend::View;
use led_codes::{Code as LedCode, Decoder, Dialect, Entry, Level};

use super::ears::{Candidate, DialectEar, Look, Of, THUMB_MS, TableEar, upside_down};
use super::event::{Code, LedEvent, Partial, Reading, Steady, Unread, length};
use super::score::Score;
use super::tried::{Named, Tried};

/// More dialects than there are.
const DIALECTS_MAX: usize = 32;
/// Until then readings are held, for the best of all tables and dialects to be known.
const HELD_US: u64 = 30_000_000;
const HELD_MAX: usize = 1_024;
/// So many of the first steps are told of a light that nobody could read.
const STEPS_MAX: usize = 16;
/// A light that has changed so often blinks.
const BLINKING_EDGES: u64 = 6;

/// An event of a light, when it was and at which row.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) at_us: u64,
    pub(super) row: u64,
    pub(super) event: LedEvent,
}

/// A watcher of one light.
pub(super) struct Watcher {
    tables: Vec<TableEar>,
    dialects: Vec<DialectEar>,
    auto: Auto<'static, DIALECTS_MAX>,
    is_given: bool,
    look: Look,
    has_read: bool,
    /// A code was read upside down.
    is_inverted: bool,
    is_too_fast: bool,
    begin_us: Option<u64>,
    /// The level, and since when.
    level: Option<(Level, u64)>,
    is_steady_told: bool,
    /// The readings that wait; nothing once they are told at once.
    held: Option<Vec<Held>>,
    /// The first steps.
    steps: Vec<(Level, u64)>,
    edges: u64,
}

/// Readings of one edge that wait for the best ones to be known.
struct Held {
    at_us: u64,
    row: u64,
    readings: Vec<Candidate>,
}

impl Watcher {
    pub(super) fn new(tried: &Tried, look: Look) -> Self {
        let auto = Auto::of(tried.auto).unwrap_or(Auto::new(&[&Dialect::HUMAN; DIALECTS_MAX]));
        let auto = match look {
            Look::Edges => auto,
            Look::Samples { interval_us, moved_ms } => auto.sampled(interval_us, moved_ms),
            Look::Thumb => auto.moved_by(THUMB_MS),
        };
        Self {
            tables: tried.tables.iter().filter_map(|table| TableEar::new(*table, look)).collect(),
            dialects: tried.dialects.iter().copied().map(DialectEar::new).collect(),
            // The clock of a light whose dialect is known can be far off.
            auto: if tried.is_given { auto.clock_within(50, 200) } else { auto },
            is_given: tried.is_given,
            look,
            has_read: false,
            is_inverted: false,
            is_too_fast: false,
            begin_us: None,
            level: None,
            is_steady_told: false,
            held: (!tried.is_given).then(Vec::new),
            steps: Vec::new(),
            edges: 0,
        }
    }

    /// The light shows this level when the recording begins.
    pub(super) fn join(&mut self, level: Level, at_us: u64) {
        self.begin_us.get_or_insert(at_us);
        (self.level, self.is_steady_told) = (Some((level, at_us)), false);
        self.auto.join(level, at_us);
        for table in &mut self.tables {
            let [upright, inverted] = &mut table.decoders;
            upright.join(level, at_us);
            inverted.join(upside_down(level), at_us);
        }
    }

    /// The light was not seen for a while.
    pub(super) fn interrupt(&mut self) {
        (self.level, self.is_steady_told) = (None, false);
        self.auto.interrupt();
        self.tables.iter_mut().flat_map(|table| &mut table.decoders).for_each(Decoder::interrupt);
    }

    /// The light still shows the level of the last edge.
    pub(super) fn stays(&mut self, at_us: u64, row: u64) -> Vec<Told> {
        let Some((level, since_us)) = self.level.filter(|_| !self.is_steady_told) else {
            return Vec::new();
        };
        if at_us.saturating_sub(since_us) <= self.steady_after_us(level) {
            return Vec::new();
        }
        self.is_steady_told = true;
        let event = LedEvent::Steady(Steady {
            is_lit: level.is_lit(),
            level: level.as_name(),
            since_us: i64::try_from(since_us).unwrap_or(i64::MAX),
            said: self
                .tables
                .first()
                .filter(|_| self.is_given)
                .and_then(|ear| said(&ear.table.view, level)),
        });
        let mut told = self.tell_held();
        told.push(Told { at_us, row, event });
        told
    }

    /// The light changes to this level.
    pub(super) fn edge(&mut self, level: Level, at_us: u64, row: u64) -> Vec<Told> {
        self.begin_us.get_or_insert(at_us);
        let Some((before, since_us)) = self.level else {
            self.level = Some((level, at_us));
            self.hear(level, at_us, row);
            return Vec::new();
        };
        if before == level {
            return self.stays(at_us, row);
        }
        let mut told = self.stays(at_us, row);
        self.edges += 1;
        if self.steps.len() < STEPS_MAX {
            self.steps.push((before, at_us.saturating_sub(since_us) / 1_000));
        }
        (self.level, self.is_steady_told) = (Some((level, at_us)), false);
        told.extend(self.hear(level, at_us, row));
        if self.begin_us.is_some_and(|begin_us| at_us.saturating_sub(begin_us) > HELD_US) {
            told.extend(self.tell_held());
            self.held = None;
        }
        told
    }

    /// The recording is over: what waited is told, and what could not be read.
    pub(super) fn finish(&mut self, row: u64) -> Vec<Told> {
        let mut told = self.tell_held();
        let at_us = self.level.map_or(0, |(_, since_us)| since_us);
        let first = self.tables.first().filter(|_| self.is_given && !self.has_read);
        if let Some(lines) = first.and_then(|ear| ear.lines) {
            let event = LedEvent::Partial(Partial { lines });
            told.push(Told { at_us, row, event });
        } else if !self.has_read && !self.is_inverted && self.edges >= BLINKING_EDGES {
            let event = LedEvent::Unread(self.unread());
            told.push(Told { at_us, row, event });
        }
        told
    }

    fn hear(&mut self, level: Level, at_us: u64, row: u64) -> Vec<Told> {
        let mut told = Vec::new();
        let mut readings = Vec::new();
        for (place, table) in self.tables.iter_mut().enumerate() {
            let heard = table.edge(place, level, at_us, self.edges);
            readings.extend(heard.readings);
            self.is_too_fast |= self.is_given && heard.is_too_fast;
            for event in heard.events.into_iter().filter(|_| self.is_given) {
                self.has_read |= matches!(event, LedEvent::Healthy(_));
                told.push(Told { at_us, row, event });
            }
        }
        match self.auto.edge(level, at_us) {
            Heard::Code => self.hear_dialects(&mut readings),
            Heard::TooFast => self.is_too_fast = true,
            _ => {}
        }
        match &mut self.held {
            _ if readings.is_empty() => {}
            Some(held) if held.len() < HELD_MAX => held.push(Held { at_us, row, readings }),
            Some(_) => {
                told.extend(self.tell_held());
                self.held = None;
                told.extend(self.tell(Held { at_us, row, readings }));
            }
            None => told.extend(self.tell(Held { at_us, row, readings })),
        }
        told
    }

    /// The codes that dialects have read with this edge: they tell the clock of a reading of a table, or are readings without one.
    fn hear_dialects(&mut self, readings: &mut Vec<Candidate>) {
        let fits: Vec<_> = self.auto.fits().collect();
        let seen = self.edges;
        for fit in fits {
            let Some(ear) = self.dialects.get_mut(fit.index) else { continue };
            if ear.codes == fit.codes {
                continue;
            }
            ear.codes = fit.codes;
            let Named { name, dialect } = ear.named;
            let code = LedCode::Digits(fit.digits);
            let steps =
                dialect.marked(&code, fit.mark).map_or(0, |pattern| pattern.steps().count());
            if let Some(score) = ear.scores.get_mut(usize::from(fit.is_inverted)) {
                score.add(steps, seen);
            }
            let of_table = |candidate: &&mut Candidate| {
                candidate.digits.is_some_and(|(of, digits)| of == dialect && digits == fit.digits)
                    && candidate.is_inverted == fit.is_inverted
            };
            let mut is_there = false;
            for candidate in readings.iter_mut().filter(of_table) {
                is_there = true;
                candidate.reading.clock_permille = Some(fit.clock_permille);
                candidate.reading.off_permille = Some(fit.off_permille);
            }
            // A code that the table has not taken, for its clock or because it is not there, is read twice to be told.
            let is_doubtful = self.is_given && !self.tables.is_empty() && fit.agree < 2;
            if is_there || is_doubtful {
                continue;
            }
            let entry = self.tables.first().filter(|_| self.is_given).and_then(|ear| {
                let is = |entry: &&Entry<'_>| entry.code == code;
                ear.table.view.entries().iter().find(is)
            });
            let reading = Reading {
                dialect: name,
                code: fit.digits.to_string(),
                mark: fit.mark,
                entry,
                agree: fit.agree,
                clock_permille: Some(fit.clock_permille),
                off_permille: Some(fit.off_permille),
            };
            readings.push(Candidate {
                of: Of::Dialect(fit.index),
                is_inverted: fit.is_inverted,
                digits: Some((dialect, fit.digits)),
                reading,
            });
        }
    }

    fn tell_held(&mut self) -> Vec<Told> {
        let held: Vec<Held> = self.held.as_mut().map(core::mem::take).unwrap_or_default();
        held.into_iter().filter_map(|held| self.tell(held)).collect()
    }

    /// The readings of an edge that are among the best, if there are any.
    fn tell(&mut self, held: Held) -> Option<Told> {
        let Held { at_us, row, readings } = held;
        let of_tables = self.tables.iter().map(|ear| ear.scores);
        let all = of_tables.chain(self.dialects.iter().map(|ear| ear.scores));
        let (upright, inverted): (Vec<Score>, Vec<Score>) =
            all.map(|[upright, inverted]| (upright, inverted)).unzip();
        let is_among_best = Score::best(&[&*upright, &*inverted].concat());
        let is_best = |candidate: &Candidate| {
            let scores = match candidate.of {
                Of::Table(place) => self.tables.get(place).map(|ear| ear.scores),
                Of::Dialect(place) => self.dialects.get(place).map(|ear| ear.scores),
            };
            let score =
                scores.and_then(|scores| scores.get(usize::from(candidate.is_inverted)).copied());
            score.is_some_and(&is_among_best)
        };
        let mut readings: Vec<Candidate> = readings.into_iter().filter(is_best).collect();
        // A light is upside down only where nothing fits as it is.
        let is_inverted = !self.has_read && !upright.into_iter().any(&is_among_best);
        readings.retain(|candidate| {
            candidate.is_inverted == is_inverted && (!is_inverted || candidate.reading.agree >= 2)
        });
        if readings.is_empty() {
            return None;
        }
        self.has_read |= !is_inverted;
        self.is_inverted |= is_inverted;
        let away = |candidate: &Candidate| {
            let clock = candidate.reading.clock_permille.unwrap_or(1_000).abs_diff(1_000);
            let off = candidate.reading.off_permille.unwrap_or(0);
            (candidate.reading.entry.is_none(), clock.saturating_add(off))
        };
        readings.sort_by_key(away);
        let readings = readings.into_iter().map(|candidate| candidate.reading).collect();
        Some(Told { at_us, row, event: LedEvent::Code(Code { readings, is_inverted }) })
    }

    /// Why nothing was read of a light that blinks.
    fn unread(&self) -> Unread {
        let steps: Vec<String> = self
            .steps
            .iter()
            .skip(1)
            .map(|(level, ms)| format!("{} {ms}", level.as_name()))
            .collect();
        let steps = steps.join(" ");
        let interval_us = match self.look {
            Look::Samples { interval_us, .. } => interval_us,
            Look::Edges | Look::Thumb => 0,
        };
        let is_too_fast = |ear: &&DialectEar| is_too_fast(ear.named.dialect, interval_us);
        let too_fast: Vec<&str> =
            self.dialects.iter().filter(is_too_fast).map(|ear| ear.named.name).collect();
        if too_fast.is_empty() {
            let words = "it blinks, and no code that was tried is like this".to_owned();
            return Unread { steps, reason: "no_code", words };
        }
        let (apart, names) = (length(interval_us / 1_000), too_fast.join(", "));
        let least = Decoder::<1>::SAMPLES_MIN;
        let words = format!(
            "samples {apart} apart are too few for {names}: less than {least} in their shortest step"
        );
        let reason = if self.is_too_fast { "too_fast" } else { "no_code" };
        Unread { steps, reason, words }
    }

    fn steady_after_us(&self, level: Level) -> u64 {
        let of_table = self.tables.first().filter(|_| self.is_given);
        let ms = match of_table.map(|ear| &ear.decoders) {
            Some([upright, inverted]) => {
                upright.steady_after_ms(level).max(inverted.steady_after_ms(upside_down(level)))
            }
            None => self.auto.steady_after_ms(),
        };
        u64::from(ms) * 1_000
    }
}

/// The words of a table for a light that stays.
fn said(view: &View<'static>, level: Level) -> Option<(&'static str, &'static str)> {
    let is_it = |entry: &&Entry<'_>| match entry.code {
        LedCode::Solid(solid) => solid == level || level == Level::On && solid.is_lit(),
        _ => false,
    };
    // Of two colours that nobody sees neither is meant.
    let mut entries = view.entries().iter().filter(is_it);
    if let (Some(entry), None) = (entries.next(), entries.next()) {
        return Some((entry.meaning, entry.first_action));
    }
    if level.is_lit() {
        return view.solid().map(|solid| (solid.meaning, solid.first_action));
    }
    let dark = view.dark();
    Some((dark.meaning, dark.first_action))
}

/// Whether too few samples are in the shortest step, with a clock as fast as the dialect allows.
fn is_too_fast(dialect: &Dialect, interval_us: u32) -> bool {
    let slow = u64::from(100 - dialect.tolerance());
    u64::from(dialect.shortest_ms()) * slow * 10
        < u64::from(interval_us) * u64::from(Decoder::<1>::SAMPLES_MIN)
}
