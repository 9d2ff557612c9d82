//! The way from faults back to arming: what is acknowledged, what is clear, and what is missing.

use core::marker::PhantomData;

use bitflags::Flags;

use super::not_clear::{NotClear, Uncleared};
use super::{FaultSet, Latch, Severity, State};
use crate::acknowledge::Acknowledged;
use crate::refusal::Missing;

/// The proof that a set of faults was clear, and that somebody acknowledged it after the last one had gone. It arms one channel or one
/// group, and is void as soon as another fault is raised.
///
/// ```compile_fail,E0382
/// use bitflags::Flags;
/// use safe_state::channel::Safe;
/// use safe_state::{Actuator, Channel, Cleared};
/// fn two<A: Actuator, B: Actuator, F: Flags>(a: Channel<Safe, A>, b: Channel<Safe, B>, cleared: Cleared<F>) {
///     let _ = a.arm(cleared);
///     let _ = b.arm(cleared);
/// }
/// ```
#[derive(Debug)]
#[must_use = "a clearance that is dropped arms nothing"]
pub struct Cleared<F> {
    pub(crate) set: u32,
    pub(crate) generation: u32,
    /// When the edge was seen; `None` for an automatic restart.
    pub(crate) acknowledged_us: Option<u64>,
    flags: PhantomData<fn(F)>,
}

impl<F: Flags, const N: usize> FaultSet<F, N> {
    /// Acknowledges every fault that has gone, and says whether the set is clear. The acknowledgement is used up.
    ///
    /// # Errors
    ///
    /// A fault with the severity [`Stop`](Severity::Stop) or more is active, has gone after the edge, or is latched for longer.
    pub fn acknowledge(&mut self, acknowledged: Acknowledged) -> Result<Cleared<F>, NotClear> {
        let acknowledged_us = acknowledged.at_us();
        let mut gone = [false; N];
        let (mut rows, mut places) = (self.rows.iter(), gone.iter_mut());
        for record in &self.records {
            let latch = rows.next().map(|row| row.latch);
            if let Some(place) = places.next() {
                *place = record.state == State::Latched
                    && latch == Some(Latch::Acknowledge)
                    && acknowledged_us > record.cleared_us;
            }
        }
        self.retire(&gone);
        self.first_out = self.of_order(0);
        self.in_the_way(Some(acknowledged_us))?;
        self.is_acknowledged = true;
        Ok(self.cleared(Some(acknowledged_us)))
    }

    /// What is missing until the set is clear without another acknowledgement; `None` if nothing is.
    #[must_use]
    pub fn not_clear(&self) -> Option<NotClear> {
        if let Err(not_clear) = self.in_the_way(None) {
            return Some(not_clear);
        }
        let why = Uncleared::NoAcknowledgement;
        (!self.is_acknowledged).then_some(NotClear { fault: None, why })
    }

    /// The clearance of a restart without an acknowledgement: after faults that have gone by themselves.
    pub(crate) fn automatic(&self) -> Result<Cleared<F>, NotClear> {
        self.not_clear().map_or_else(|| Ok(self.cleared(None)), Err)
    }

    /// Whether a clearance is still one of this set, and nothing was raised after it.
    pub(crate) fn stands(&self, set: u32, generation: u32) -> Result<(), Missing> {
        if set != self.identity() {
            return Err(Missing::OtherSet);
        }
        self.in_the_way(None).map_err(Missing::Clear)?;
        if generation == self.generation { Ok(()) } else { Err(Missing::Clearance) }
    }

    fn cleared(&self, acknowledged_us: Option<u64>) -> Cleared<F> {
        Cleared {
            set: self.identity(),
            generation: self.generation,
            acknowledged_us,
            flags: PhantomData,
        }
    }

    /// Where the set is: two sets of the same faults are told apart by it.
    #[allow(clippy::cast_possible_truncation)] // Enough to tell sets apart.
    fn identity(&self) -> u32 {
        core::ptr::from_ref(self).addr() as u32
    }

    /// The first fault that is in the way, in the order in which they were raised.
    fn in_the_way(&self, acknowledged_us: Option<u64>) -> Result<(), NotClear> {
        let mut order = 0_u8;
        while let Some(index) = self.of_order(order).map(usize::from) {
            let (Some(row), Some(record)) = (self.rows.get(index), self.records.get(index)) else {
                break;
            };
            order = order.wrapping_add(1);
            if row.severity < Severity::Stop {
                continue;
            }
            let cleared_us = record.cleared_us;
            let why = match (record.state, row.latch, acknowledged_us) {
                (State::Active, ..) => Uncleared::Active { since_us: record.raised_us },
                (_, Latch::Session, _) => Uncleared::Session { cleared_us },
                (_, Latch::Never, _) => Uncleared::Never { cleared_us },
                (.., Some(acknowledged_us)) => {
                    Uncleared::AcknowledgedBefore { cleared_us, acknowledged_us }
                }
                (.., None) => Uncleared::NotAcknowledged { cleared_us },
            };
            return Err(NotClear { fault: Some(row.name), why });
        }
        Ok(())
    }
}
