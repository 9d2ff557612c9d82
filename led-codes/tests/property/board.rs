//! A board under any order of events: no torn code, no pulse that is too short, the first fault stays first, whatever is shown is shown
//! in each round, and polled seldom it shows what it shows polled at each millisecond.

use led_codes::board::Shown;
use led_codes::sequence::{Sequence, State};
use led_codes::standard::{cia_303_3, odva};
use led_codes::{Board, Code, Dialect, Flash, Id, Legend, Level, Mark, Player, Severity};
use led_codes::{code, dark, entry, healthy, solid};

use super::Choices;

/// Four faults, two of the same severity.
#[rustfmt::skip]
pub static LEGEND: Legend<4> = Legend::new(
    Dialect::HUMAN,
    healthy(Flash::new(1_000, 1_000).once(), "Running, no fault"),
    dark("No power, or the program hangs", "Measure 24 V at X1"),
    solid("The program hangs", "Switch off and on"),
    [
        entry(code(1, 1), Severity::Medium, "a", "A is there", "Do a"),
        entry(code(1, 2), Severity::High, "b", "B is there", "Do b"),
        entry(code(2, 1), Severity::Low, "c", "C is there", "Do c"),
        entry(code(1, 3), Severity::High, "d", "D is there", "Do d"),
    ],
);

pub fn people(bytes: &[u8]) {
    board(&LEGEND, bytes);
}

/// A table with a light that is solid, and dark where nothing is to be shown.
pub fn canopen(bytes: &[u8]) {
    board(&cia_303_3::ERR, bytes);
}

/// A table with two lights that are solid, and a code that ends lit.
pub fn odva(bytes: &[u8]) {
    board(&odva::MS, bytes);
}

/// What is seen of a board that is polled at each millisecond.
struct Trace<const N: usize> {
    board: Board<'static, N>,
    player: Player,
    now_ms: u64,
    shown: Shown<N>,
    since_ms: u64,
    /// So long there is something to show, and the light does not.
    due_ms: u64,
    level: Level,
    level_since_ms: u64,
    /// A lamp test, the beginning: what was cut off then is no torn code.
    is_cut: bool,
    /// The same for a pulse of the light.
    is_pulse_cut: bool,
    /// When each entry was shown last, or need not be.
    seen_ms: [u64; N],
}

fn board<const N: usize>(legend: &'static Legend<N>, bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let sequence = choices.of([Sequence::A, Sequence::A4, Sequence::M, Sequence::F2M1]);
    let repeats = 1 + choices.byte() % 3;
    let new = || Board::new(legend).sequence(sequence).repeats(repeats);
    let (mut board, mut seldom) = (new(), new());
    let mut at_times = Player::new().start(&mut seldom, 0);
    let player = Player::new().start(&mut board, 0);
    let shown = board.shown();
    let mut trace = Trace {
        board,
        player,
        now_ms: 0,
        shown,
        since_ms: 0,
        due_ms: 0,
        level: Level::Off,
        level_since_ms: 0,
        is_cut: true,
        is_pulse_cut: true,
        seen_ms: [0; N],
    };
    while !choices.is_empty() {
        let event = choices.byte();
        let for_ms = match event / 16 {
            0..6 => 0,
            6..10 => u64::from(choices.below(900)),
            10..14 => u64::from(choices.below(9_000)),
            _ => u64::from(choices.below(40_000)),
        };
        trace.go_on(legend, for_ms);
        let now_us = trace.now_ms * 1_000;
        let id = Id::new(usize::from(choices.byte()) % N).unwrap();
        let first = trace.board.first_out();
        for board in [&mut trace.board, &mut seldom] {
            match event % 16 {
                0..5 => board.raise(id, now_us),
                5..8 => board.clear(id, now_us),
                8 | 9 => board.acknowledge(now_us),
                10 => board.reset(now_us),
                11 => board.silence(now_us),
                12 => board.restore(id, now_us),
                13 => board.begin_lamp_test(now_us),
                14 => board.end_lamp_test(now_us),
                _ => {}
            }
        }
        if event % 16 < 5 {
            assert!(trace.board.fault(id).is_active() && trace.board.fault(id).is_shown());
        }
        trace.is_cut |= matches!(event % 16, 13 | 14);
        trace.is_pulse_cut |= matches!(event % 16, 13 | 14);
        if trace.board.shown() != trace.shown {
            trace.ended(legend);
        }
        trace.first_stays(first, event % 16, id);
        let levels = [trace.look(legend), at_times.poll(&mut seldom, now_us)];
        assert_eq!(levels[0], levels[1], "at {} ms", trace.now_ms);
        assert_eq!(trace.board.shown(), seldom.shown(), "at {} ms", trace.now_ms);
    }
}

impl<const N: usize> Trace<N> {
    /// What the light shows now. No pulse is shorter than the shortest step.
    fn look(&mut self, legend: &Legend<N>) -> (Level, Option<u64>) {
        let (level, next_us) = self.player.poll(&mut self.board, self.now_ms * 1_000);
        assert!(next_us.is_none_or(|next_us| next_us > self.now_ms * 1_000));
        if level != self.level {
            let ms = self.now_ms - self.level_since_ms;
            let is_pulse = !self.is_pulse_cut && self.level_since_ms > 0;
            let shortest_ms = shortest_ms(legend);
            assert!(!is_pulse || ms >= shortest_ms, "{:?} for {ms} ms", self.level);
            (self.level, self.level_since_ms) = (level, self.now_ms);
            self.is_pulse_cut = self.board.is_lamp_test();
        }
        (level, next_us)
    }

    fn go_on(&mut self, legend: &Legend<N>, for_ms: u64) {
        for _ in 0..for_ms {
            self.now_ms += 1;
            let _ = self.look(legend);
            if self.board.shown() != self.shown {
                self.ended(legend);
            }
            // Something is there, and the light says so, after the code or the pattern that was shown.
            let is_any = (0..N).filter_map(Id::new).any(|id| self.board.fault(id).is_shown());
            let is_none = matches!(self.shown, Shown::Nothing | Shown::Healthy);
            let is_due = is_any && is_none && !self.board.is_lamp_test();
            self.is_seen(legend);
            self.due_ms = if is_due { self.due_ms + 1 } else { 0 };
            assert!(self.due_ms <= 2_000, "{:?}", self.shown);
        }
    }

    /// What is to be shown was shown within two rounds, but for lamp tests and a light that is solid.
    fn is_seen(&mut self, legend: &Legend<N>) {
        let is_solid = matches!(self.shown, Shown::Code { id, .. } if matches!(legend.entry(id).code, Code::Solid(_)));
        for id in (0..N).filter_map(Id::new) {
            let is_shown = matches!(self.shown, Shown::Code { id: shown, .. } if shown == id);
            let seen_ms = &mut self.seen_ms[id.index()];
            if is_solid || is_shown || self.board.is_lamp_test() || !self.board.fault(id).is_shown()
            {
                *seen_ms = self.now_ms;
            }
            // The longest round: each fault and the one from before the reset, with a mark, three times.
            let round_ms = (N as u64 + 1) * 3 * 9_000;
            assert!(self.now_ms - *seen_ms <= 2 * round_ms, "{id:?}");
        }
    }

    /// What was shown has ended: whole.
    fn ended(&mut self, legend: &Legend<N>) {
        let ms = self.now_ms - self.since_ms;
        if let Shown::Code { id, mark } = self.shown {
            let code = &legend.entry(id).code;
            let period_ms = match legend.dialect().marked(code, mark) {
                Ok(pattern) => u64::from(pattern.period_ms()),
                Err(_) => u64::from(legend.dialect().code_gap_ms()),
            };
            let is_whole = ms % period_ms == 0 && ms > 0;
            assert!(is_whole || self.is_cut, "{:?} for {ms} of {period_ms} ms", self.shown);
            if !matches!(code, Code::Solid(_)) {
                assert!(self.is_cut || ms / period_ms <= 9 * u64::from(u16::MAX));
            }
        }
        self.is_cut = self.board.is_lamp_test();
        self.shown = self.board.shown();
        self.since_ms = self.now_ms;
        if let Shown::Code { id, mark } = self.shown {
            let is_first = self.board.first_out() == Some(id);
            assert!(mark == Some(Mark::BeforeReset) || (mark == Some(Mark::FirstOut)) == is_first);
        }
    }

    /// The first fault is the first until it is acknowledged, or has gone by itself where nobody acknowledges.
    fn first_stays(&self, before: Option<Id<N>>, event: u8, id: Id<N>) {
        let after = self.board.first_out();
        match (before, after) {
            (Some(before), Some(after)) => assert_eq!(before, after),
            (Some(before), None) => {
                let is_gone = !self.board.fault(before).is_shown();
                assert!(matches!(event, 8 | 9) || is_gone, "event {event}");
            }
            (None, Some(after)) => {
                assert!(event < 5 && after == id, "event {event}");
                assert_eq!(self.board.fault(after).state(), State::Alarm);
            }
            (None, None) => {}
        }
    }
}

fn shortest_ms<const N: usize>(legend: &Legend<N>) -> u64 {
    let codes = legend.view().entries().iter();
    let codes = codes.filter_map(|entry| legend.dialect().pattern(&entry.code).ok());
    let steps = codes.flat_map(|pattern| pattern.steps().map(|step| step.ms()).min());
    u64::from(steps.fold(legend.dialect().shortest_ms(), u16::min))
}
