//! Transmissions with noise, by dialect: no wrong code, no wrong mark, and nearly all read within two repeats, with a table of the codes
//! and without one.
//!
//! `DIALECT=Dell` sends those of one dialect alone. `TRANSMISSIONS=1000000 cargo test --release -p led-codes --test noise -- --nocapture` makes the table of the README.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use led_codes::decoder::{Rejected, Seen};
use led_codes::legend::View;
use led_codes::samples::{Sampled, Samples};
use led_codes::standard::DIALECTS;
use led_codes::{
    Decoder, Dialect, DigitDecoder, Digits, Entry, Level, Mark, Pattern, Severity, dark,
    digit_decoder, digits, entry, solid,
};

/// Random numbers that repeat: xorshift64*.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }

    /// From one end to the other.
    fn within(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * (self.below(1 << 30) as f64 / f64::from(1 << 30))
    }
}

/// Codes of a dialect that can be told apart: all of them, or some of them.
fn codes(dialect: &Dialect, random: &mut Random) -> Vec<Vec<u8>> {
    let (len_min, len_max) = dialect.len_range();
    let (min, max) = dialect.value_range();
    let mut codes: Vec<Vec<u8>> = Vec::new();
    for _ in 0..2_000 {
        let len = len_min + random.below(u64::from(len_max - len_min) + 1) as u8;
        let code: Vec<u8> = (0..len)
            .map(|_| match random.below(12) {
                0 => 0,
                _ => min + random.below(u64::from(max.min(12) - min) + 1) as u8,
            })
            .collect();
        if codes.len() < 16 && !codes.contains(&code) && dialect.pattern(&digits(&code)).is_ok() {
            codes.push(code);
            if legend(dialect, &entries(&codes, &names())).is_none() {
                codes.pop();
            }
        }
    }
    codes
}

fn names() -> Vec<String> {
    (0..16).map(|place| format!("code {place}")).collect()
}

fn entries<'a>(codes: &[Vec<u8>], names: &'a [String]) -> Vec<Entry<'a>> {
    let code = |(code, name): (&Vec<u8>, &'a String)| {
        entry(digits(code), Severity::High, name, "It is there", "Repair it")
    };
    codes.iter().zip(names).map(code).collect()
}

fn legend<'a>(dialect: &'a Dialect, entries: &'a [Entry<'a>]) -> Option<View<'a>> {
    let (dark, solid) = (dark("No power", "Measure"), solid("It hangs", "Restart it"));
    View::standard(dialect, dark, Some(solid), entries).ok()
}

/// Edges, in milliseconds, from the phase on, of a light whose clock is wrong and whose edges are moved; and when two repeats have
/// been whole, with the first step after them.
fn shown(pattern: &Pattern, moved_ms: f64, random: &mut Random) -> Vec<(f64, Level)> {
    let clock = random.within(0.8, 1.2);
    let phase_ms = random.within(0.0, f64::from(pattern.period_ms()));
    let mut at_ms = 0.0;
    let mut edges = Vec::new();
    let steps: Vec<_> = pattern.steps().collect();
    for step in steps.iter().cycle().take(steps.len() * 3 + 1) {
        let end_ms = at_ms + f64::from(step.ms());
        if end_ms > phase_ms {
            let begin_ms = (at_ms - phase_ms) * clock + random.within(-moved_ms, moved_ms);
            edges.push((begin_ms.max(0.0), step.level()));
        }
        at_ms = end_ms;
    }
    edges
}

/// Edges as a camera sees them: one frame in a hundred is lost, the light of the room flickers at 100 Hz, and each pixel has noise.
fn filmed(edges: &[(f64, Level)], random: &mut Random) -> Vec<Sampled> {
    let frame_ms = 1_000.0 / 30.0;
    let mut at_ms = random.within(0.0, frame_ms);
    let mut samples = Samples::new(33_334, 40);
    let (mut seen, mut next) = (Vec::new(), 0);
    while next < edges.len() {
        if random.below(100) > 0 {
            while edges.get(next).is_some_and(|(ms, _)| *ms <= at_ms) {
                next += 1;
            }
            let light = if edges[next.saturating_sub(1)].1.is_lit() { 180.0 } else { 40.0 };
            let flicker = 15.0 * (at_ms / 10.0 * std::f64::consts::TAU).sin();
            let brightness = light + flicker + random.within(-8.0, 8.0);
            seen.extend(samples.sample(brightness as u16, (at_ms * 1_000.0) as u64));
        }
        at_ms += frame_ms;
    }
    seen
}

/// How many codes of a dialect were read.
#[derive(Clone, Copy, Default)]
struct Tally {
    read: u32,
    wrong: u32,
    too_fast: u32,
}

/// The outcome of one transmission.
#[derive(Clone, Copy, Default)]
struct Heard {
    is_read: bool,
    is_wrong: bool,
    is_too_fast: bool,
}

impl Heard {
    fn code(&mut self, is_right: bool) {
        (self.is_read, self.is_wrong) = (true, self.is_wrong || !is_right);
    }
}

impl Tally {
    fn add(&mut self, heard: Heard) {
        self.read += u32::from(heard.is_read && !heard.is_wrong);
        self.wrong += u32::from(heard.is_wrong);
        self.too_fast += u32::from(heard.is_too_fast);
    }
}

/// A light shows one code of a legend.
struct Sent<'a> {
    legend: &'a View<'a>,
    place: u8,
    digits: Digits,
    mark: Option<Mark>,
    pattern: Pattern,
}

impl Sent<'_> {
    /// The outcome for the decoder with the table, and for the one without.
    fn heard(&self, is_filmed: bool, random: &mut Random) -> [Heard; 2] {
        let dialect = self.legend.dialect();
        let mut decoder = Decoder::<16>::of(self.legend).unwrap();
        let mut of_digits = DigitDecoder::new(dialect);
        let sampled: Vec<Sampled> = if is_filmed {
            decoder = decoder.sampled(33_334, 50);
            of_digits = of_digits.sampled(33_334, 50);
            filmed(&shown(&self.pattern, 50.0, random), random)
        } else {
            let mut edges = shown(&self.pattern, f64::from(dialect.shortest_ms()) / 10.0, random);
            let (_, level) = edges.remove(0);
            decoder.join(level, 0);
            of_digits.join(level, 0);
            let edge = |(ms, level)| Sampled::Edge { level, at_us: (ms * 1_000.0) as u64 };
            edges.into_iter().map(edge).collect()
        };
        let mut heard = [Heard::default(); 2];
        for sampled in sampled {
            if !matches!(sampled, Sampled::Edge { .. }) {
                decoder.interrupt();
                of_digits.interrupt();
            }
            let (Sampled::Edge { level, at_us } | Sampled::Flicker { level, at_us }) = sampled
            else {
                continue;
            };
            match decoder.edge(level, at_us) {
                Some(Seen::Code { index, mark, .. }) => {
                    heard[0].code((index, mark) == (self.place, self.mark));
                }
                Some(Seen::Healthy { .. }) => heard[0].is_wrong = true,
                Some(Seen::Rejected(Rejected::TooFast { .. })) => heard[0].is_too_fast = true,
                _ => {}
            }
            match of_digits.edge(level, at_us) {
                Some(digit_decoder::Seen::Code { digits, mark, .. }) => {
                    heard[1].code((digits, mark) == (self.digits, self.mark));
                }
                Some(digit_decoder::Seen::Rejected(Rejected::TooFast { .. })) => {
                    heard[1].is_too_fast = true;
                }
                _ => {}
            }
        }
        if heard.iter().any(|heard| heard.is_wrong) {
            println!("wrong: {} {:?}", self.pattern, self.mark);
        }
        heard
    }
}

#[test]
fn no_code_is_wrong_and_nearly_all_are_read() {
    let transmissions: u32 =
        std::env::var("TRANSMISSIONS").map_or(9_000, |text| text.parse().unwrap());
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut all: Vec<(&str, Dialect)> =
        DIALECTS.iter().map(|named| (named.name, named.dialect)).collect();
    all.push(("people, with marks", Dialect::HUMAN));
    if let Ok(only) = std::env::var("DIALECT") {
        all.retain(|(name, _)| *name == only);
    }
    println!("| dialect | codes | by | sent | read with the table | without it | wrong |");
    println!("|---|---|---|---|---|---|---|");
    for (name, dialect) in &all {
        let codes = codes(dialect, &mut random);
        let names = names();
        let entries = entries(&codes, &names);
        let legend = legend(dialect, &entries).unwrap();
        let marks: &[Option<Mark>] = match dialect.marks_of() {
            Some(_) => &[None, Some(Mark::FirstOut), Some(Mark::BeforeReset)],
            None => &[None],
        };
        let all_sent: Vec<Sent<'_>> = (0..entries.len() * marks.len())
            .map(|place| {
                let (place, mark) = (place / marks.len(), marks[place % marks.len()]);
                let pattern = dialect.marked(&entries[place].code, mark).unwrap();
                let digits = Digits::new(&codes[place]).unwrap();
                Sent { legend: &legend, place: place as u8, digits, mark, pattern }
            })
            .collect();
        let is_slow = dialect.shortest_ms() >= 250;
        for is_filmed in [false, true] {
            let sent = if is_filmed == is_slow { transmissions / all.len() as u32 } else { 1_000 };
            let mut tallies = [Tally::default(); 2];
            for _ in 0..sent {
                let one = &all_sent[random.below(all_sent.len() as u64) as usize];
                let heard = one.heard(is_filmed, &mut random);
                tallies.iter_mut().zip(heard).for_each(|(tally, heard)| tally.add(heard));
            }
            let is_too_fast = is_filmed && !is_slow;
            let percent = |tally: Tally| f64::from(tally.read) * 100.0 / f64::from(sent);
            let said = tallies.map(|tally| match is_too_fast {
                true => "too fast".to_owned(),
                false => format!("{:.3} %", percent(tally)),
            });
            let (by, wrong) =
                (if is_filmed { "a camera" } else { "edges" }, tallies[0].wrong + tallies[1].wrong);
            let [with, without] = said;
            println!("| {name} | {} | {by} | {sent} | {with} | {without} | {wrong} |", codes.len());
            assert_eq!(wrong, 0, "{name}");
            for tally in tallies {
                if is_too_fast {
                    // A transmission of 300 ms may have no edge between frames.
                    assert!(tally.read == 0 && tally.too_fast > sent / 2, "{name}");
                } else {
                    assert!(percent(tally) >= 99.0, "{name}");
                }
            }
        }
    }
}
