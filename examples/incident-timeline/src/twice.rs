//! Events that more than one capture holds: ring files that overlap, the same file twice, two recorders on one wire. They count once.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use crate::describe::{Field, Value, Visitor};
use crate::event::Event;

/// The events of the last seconds, by their hashes, and which source told them.
#[derive(Debug, Default)]
pub(crate) struct Twice {
    seen: HashMap<u64, Rc<str>>,
    order: VecDeque<(i64, u64)>,
    /// How many came again.
    pub(crate) count: u64,
}

/// As many events are remembered.
const SEEN_MAX: usize = 1 << 13;
/// For so long.
const SEEN_US: i64 = 2_000_000;

impl Twice {
    /// Whether another source has told the same: at the same time, on the same wire, with the same fields.
    pub(crate) fn is_again(&mut self, event: &Event) -> bool {
        let (Some(t_us), Some(place)) = (event.t_us, &event.place) else { return false };
        while let Some((old_us, key)) = self.order.front().copied() {
            if self.order.len() <= SEEN_MAX && t_us.saturating_sub(old_us) <= SEEN_US {
                break;
            }
            self.order.pop_front();
            self.seen.remove(&key);
        }
        let mut hash = Hashing(DefaultHasher::new());
        (t_us, place.wire.name()).hash(&mut hash.0);
        let what = event.what.event();
        what.name().hash(&mut hash.0);
        what.describe(&mut hash);
        let key = hash.0.finish();
        match self.seen.get(&key) {
            Some(source) if *source != place.source => {
                self.count += 1;
                true
            }
            Some(_) => false,
            None => {
                self.seen.insert(key, place.source.clone());
                self.order.push_back((t_us, key));
                false
            }
        }
    }
}

/// A hash of fields.
struct Hashing(DefaultHasher);

impl Visitor for Hashing {
    fn field(&mut self, field: Field<'_>) {
        field.name.hash(&mut self.0);
        match field.value {
            Value::Unsigned(number) => number.hash(&mut self.0),
            Value::Signed(number) => number.hash(&mut self.0),
            Value::Text(text) => text.hash(&mut self.0),
            Value::Hex(bytes) | Value::Bits { bytes, .. } | Value::Words(bytes) => {
                bytes.hash(&mut self.0);
            }
            Value::Object(object) => object.describe(self),
            Value::Objects(objects) => {
                for object in objects {
                    object.describe(self);
                }
            }
        }
    }
}
