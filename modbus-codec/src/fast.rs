//! The requests of two words after the function code, 01 to 06, by a path of their own: for hosts, where a request is decoded and
//! encoded in a few nanoseconds, and the size of the code does not matter. The rules are computed from the rows of
//! [`crate::functions`]. Requests that the standard refuses, and all others, take the general path, which says what is wrong.

use crate::FunctionCode;
use crate::adu::Direction;
use crate::body::Body;
use crate::field::Expected;
use crate::functions::{Data, FUNCTIONS, Function, Kind};
use crate::layout::Layout;

/// The two words of a request.
pub(crate) type Head = [u8; 4];

/// The values that the second word may have after the first. Without a branch for each kind of value: a jump by a table takes
/// longer than all the comparisons.
#[derive(Clone, Copy)]
struct Rule {
    min: u16,
    max: u16,
    /// Another value beside those.
    other: u16,
    /// Whether the first word is an address and the second a quantity, which together are at most 65,536.
    is_span: bool,
}

/// By function code.
static RULES: [Option<Rule>; CODES] = rules();
/// The codes from here on take the general path.
const CODES: usize = 8;

/// The two words of a request, if the standard allows them.
#[inline(always)]
pub(crate) fn decode(function: u8, head: Head) -> Option<(u16, u16)> {
    let head = u32::from_be_bytes(head);
    let (first, second) = ((head >> 16) as u16, head as u16);
    let rule = rule_of(FunctionCode::new(function))?;
    let is_within = rule.min <= second && second <= rule.max;
    ((is_within || second == rule.other) && !rule.is_past(first, second)).then_some((first, second))
}

/// The function code and the two words of a request. The types of a request allow no wrong value, but a wrong sum.
#[inline(always)]
pub(crate) fn words(request: &Body<'_>) -> Option<(u8, u16, u16)> {
    // `Request::Other` has bytes, and no words.
    if request.layout == Layout::OTHER {
        return None;
    }
    let [first, second, ..] = request.words;
    let is_past = rule_of(request.function)?.is_past(first, second);
    (!is_past).then_some((request.function.as_raw(), first, second))
}

/// The words as they are written.
#[inline(always)]
pub(crate) fn head(first: u16, second: u16) -> Head {
    (u32::from(first) << 16 | u32::from(second)).to_be_bytes()
}

#[inline(always)]
fn rule_of(function: FunctionCode) -> Option<Rule> {
    RULES.get(usize::from(function.as_raw())).copied().flatten()
}

impl Rule {
    #[inline(always)]
    fn is_past(&self, first: u16, second: u16) -> bool {
        self.is_span && u32::from(first) + u32::from(second) > 0x1_0000
    }
}

#[allow(clippy::indexing_slicing)] // Runs when the crate is compiled: an index out of bounds does not compile.
const fn rules() -> [Option<Rule>; CODES] {
    let mut rules = [None; CODES];
    let mut at = 0;
    while at < FUNCTIONS.len() {
        let code = FUNCTIONS[at].code.as_raw() as usize;
        if code < CODES {
            rules[code] = rule(&FUNCTIONS[at]);
        }
        at += 1;
    }
    rules
}

/// The rule of a request of two words; the others take the general path.
const fn rule(function: &Function) -> Option<Rule> {
    let form = function.form(Direction::Request);
    let ([first, second], Data::None, true) = (form.items, form.data, function.is_basic) else {
        return None;
    };
    let (min, max, other) = match second.expected {
        Expected::Between { min, max } => (min, max, min),
        Expected::Either(a, b) => (a, a, b),
        _ => return None,
    };
    match (first.kind, second.kind) {
        (Kind::Word, Kind::Word) => Some(Rule { min, max, other, is_span: false }),
        (Kind::Word, Kind::Quantity) => Some(Rule { min, max, other, is_span: true }),
        _ => None,
    }
}
