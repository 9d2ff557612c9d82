//! The blocks of PLCopen Safety, under any inputs and times, against their tables in text: a state, then what is tried from the left. An
//! upper-case letter is an input that is on, a lower-case one is off; without a letter it is always so.

use safe_state::blocks::{
    Antivalent, EmergencyStop, EnableSwitch, Equivalent, Espe, SafeStop1, SafetyRequest,
    emergency_stop, enable_switch, monitored, two_channels,
};
use safe_state::{Span, over_us};

use super::Choices;

/// I the stop is free, S StartReset, A AutoReset, R Reset, Q its edge.
const EMERGENCY_STOP: &str = "
0000 :8001
8001 s:8002 i:8004 :8000
8002 I:8003
8003 Rq:C001 i:8002 Q:8000
C001 r:8003
8004 IA:8000 I:8005
8005 Rq:C002 i:8004 Q:8000 A:8000
C002 r:8005
8000 i:8004";

/// A and B are the channels, T says that the time is over.
const TWO_CHANNELS: &str = "
0000 :8001
8001 AB:8000 A:8004 B:8014
8004 T:C001 a:8001 B:8000
8014 T:C002 b:8001 A:8000
8000 ab:!! a:8005 b:8005
8005 T:C003 ab:8001
C001 ab:8001
C002 ab:8001
C003 ab:8001";

/// M the safe mode, 1, 2 and 3 the position, R Reset, X its edge or AutoReset.
const ENABLE_SWITCH: &str = "
0000 :8004
8004 M:8005
8005 m:8004 1:8006 :C010
8006 m:8004 2:8000 3:8007
8000 m:8004 1:8006 3:8007
8007 m:8004 1:8006 2:C030
C010 m:8004 1:C020
C020 m:8004 2:C010 3:C010 X:8006 R:C001
C001 m:8004 r:C020
C030 m:8004 1:C040 3:C040
C040 m:8004 2:C030 X:8007 R:C002
C002 m:8004 r:C040";

/// I nothing is demanded, A acknowledged, R Reset, Q its edge, T the time is over, Z the block is a safe stop.
const MONITORED: &str = "
0000 :8001
8001 QA:8012 Q:8002
8002 i:8003 A:8012
8003 T:C003 I:8012 A:8000
8000 a:C002 I:8012
8012 a:8002 i:8003 Z:8000
8005 I:8012
C002 Q:8005 R:C004
C003 Q:8005 R:C005
C004 r:C002
C005 r:C003";

/// The state after a cycle, by the first entry of its row whose letters hold.
fn next(table: &str, state: u16, both_off: u16, holds: impl Fn(char) -> bool) -> u16 {
    let name = format!("{state:04X}");
    let row = table.lines().find(|line| line.starts_with(&name)).expect("a row of each state");
    for entry in row.split_whitespace().skip(1) {
        let (letters, to) = entry.split_once(':').unwrap();
        let is_so = letters.chars().all(|letter| match letter {
            'a'..='z' => !holds(letter.to_ascii_uppercase()),
            _ => holds(letter),
        });
        if is_so {
            return if to == "!!" { both_off } else { u16::from_str_radix(to, 16).unwrap() };
        }
    }
    state
}

const TIME: Span = over_us(1_000);

/// What each table is given besides the inputs.
#[derive(Clone, Copy, Default)]
struct Model {
    state: u16,
    was_reset: bool,
    since: Option<u64>,
}

impl Model {
    fn go(&mut self, state: u16, now: u64) {
        if state != self.state {
            (self.state, self.since) = (state, Some(now));
        }
    }

    fn is_over(&self, now: u64) -> bool {
        self.since.is_some_and(|since| now - since >= u64::from(TIME.as_us()))
    }

    fn edge(&mut self, is_reset: bool) -> bool {
        let was_reset = std::mem::replace(&mut self.was_reset, is_reset);
        is_reset && !was_reset
    }
}

/// A byte of inputs a cycle, and one of time.
pub fn blocks(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let (mut stop, mut espe, mut switch) = (EmergencyStop::new(), Espe::new(), EnableSwitch::new());
    let (mut equivalent, mut antivalent) = (Equivalent::new(TIME), Antivalent::new(TIME));
    let (mut request, mut safe_stop) = (SafetyRequest::new(TIME), SafeStop1::new(TIME));
    let mut models = [Model::default(); 6];
    let mut now = 0;
    while !choices.is_empty() {
        let byte = choices.byte();
        // Mostly activated.
        let byte = byte | u8::from(choices.byte() % 16 != 0);
        now += choices.of([0, 1, 499, 500, 999, 1_000, 1 << 40]);
        let bit = |place: u8| byte >> place & 1 == 1;
        let is_active = bit(0);

        let inputs = emergency_stop::Inputs::from_bits_truncate(byte);
        let is_edge = models[0].edge(bit(4));
        let holds = |letter| match letter {
            'I' => bit(1),
            'S' => bit(2),
            'A' => bit(3),
            'R' => bit(4),
            _ => is_edge,
        };
        models[0]
            .go(if is_active { next(EMERGENCY_STOP, models[0].state, 0, holds) } else { 0 }, now);
        assert_eq!(stop.step(inputs).diag_code(), models[0].state);
        assert_eq!(espe.step(inputs), stop.state());

        let inputs = two_channels::Inputs::from_bits_truncate(byte);
        for (model, is_antivalent) in [(1, false), (2, true)] {
            let is_over = models[model].is_over(now);
            let both_off = if is_antivalent { 0x8005 } else { 0x8001 };
            let holds = |letter| match letter {
                'A' => bit(1),
                'B' => bit(2) != is_antivalent,
                _ => is_over,
            };
            let state = models[model].state;
            models[model]
                .go(if is_active { next(TWO_CHANNELS, state, both_off, holds) } else { 0 }, now);
        }
        assert_eq!(equivalent.step(inputs, now).diag_code(), models[1].state);
        assert_eq!(antivalent.step(inputs, now).diag_code(), models[2].state);

        let inputs = enable_switch::Inputs::from_bits_truncate(byte);
        let is_edge = models[3].edge(bit(5));
        let holds = |letter| match letter {
            'M' => bit(1),
            '1' => !bit(2) && bit(3),
            '2' => bit(2) && bit(3),
            '3' => !bit(3),
            'R' => bit(5),
            _ => is_edge || bit(4),
        };
        models[3]
            .go(if is_active { next(ENABLE_SWITCH, models[3].state, 0, holds) } else { 0 }, now);
        assert_eq!(switch.step(inputs).diag_code(), models[3].state);

        let inputs = monitored::Inputs::from_bits_truncate(byte);
        for (index, is_stop) in [(4, false), (5, true)] {
            let model = &mut models[index];
            let is_edge = model.edge(bit(3));
            if is_stop && is_active {
                model.since = if bit(1) { None } else { model.since.or(Some(now)) };
            }
            let is_over = model.is_over(now);
            let holds = |letter| match letter {
                'I' => bit(1),
                'A' => bit(2),
                'R' => bit(3),
                'Q' => is_edge,
                'Z' => is_stop,
                _ => is_over,
            };
            let state = if is_active { next(MONITORED, model.state, 0, holds) } else { 0 };
            if is_stop {
                model.state = state;
            } else {
                model.go(state, now);
            }
        }
        assert_eq!(request.step(inputs, now).diag_code(), models[4].state);
        assert_eq!(safe_stop.step(inputs, now).diag_code(), models[5].state);
        assert_eq!(request.is_released(), matches!(models[4].state, 0x8002 | 0x8012));
    }
}
