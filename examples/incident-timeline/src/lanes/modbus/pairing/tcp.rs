//! Requests and answers with transaction identifiers: of one TCP connection, or of two ends that speak UDP.

use std::collections::VecDeque;

use super::{Asked, END_US, Pending};
use crate::event::Event;
use crate::finding::Blame;
use crate::lanes::modbus::event::{Adu, Answer};
use crate::place::Place;

/// More than the sixteen that the standard suggests a client has under way at most.
const PENDING_MAX: usize = 32;
/// As many answers are remembered, by which a second one is known.
const ANSWERED_MAX: usize = 4;
/// An answer that was recorded before its request came so much before it at most.
const EARLY_US: i64 = 1_000_000;
/// As many such answers are remembered.
const EARLY_MAX: usize = 4;
/// Of a request whose identifier was used so often again nothing can be told any more.
const REUSED_MAX: u8 = 2;
/// While it is not acknowledged.
const UNSETTLED_MAX: u8 = 8;
/// An answer comes within this time, or never.
const PATIENCE_US: i64 = 300_000_000;

/// The requests under way.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct TcpPairing {
    pending: Vec<Pending>,
    /// In a box: most connections have none of it.
    memory: Option<Box<Memory>>,
    /// The longest answer so far.
    slowest_us: i64,
    /// When the last answer came.
    answered_us: i64,
    /// Whether an answer ever had the identifier of its request.
    has_fitted: bool,
}

#[derive(Clone, Debug, Default)]
struct Memory {
    answered: VecDeque<Asked>,
    /// The identifiers of those among them that were answered with another.
    by_order: VecDeque<Option<u16>>,
    early: VecDeque<Early>,
}

/// An answer that nobody has asked for yet.
#[derive(Clone, Debug)]
struct Early {
    adu: Adu,
    t_us: i64,
}

impl TcpPairing {
    /// Takes a request in, and returns those that will have no answer any more.
    pub(in super::super) fn request(
        &mut self,
        adu: &mut Adu,
        place: &Place,
        t_us: i64,
        end_sequence: u32,
        blame: impl Fn(i64, u32) -> Blame,
    ) -> Vec<Event> {
        for pending in &mut self.pending {
            let is_again = pending.is_answered && pending.asked.is_again(adu);
            pending.is_repeated |= is_again;
            if is_again && pending.blame(&blame) != Blame::Recording {
                adu.repeats_us.get_or_insert(pending.t_us);
            }
            let is_reused = pending.asked.envelope.transaction == adu.envelope.transaction;
            pending.reused += u8::from(is_reused);
            pending.is_confused |= is_reused && !pending.asked.is_again(adu);
        }
        let mut unanswered = self.give_up(t_us, &blame, |pending| {
            // What is not acknowledged yet may be, and then it is another's fault.
            let is_settled = pending.blame(&blame) != Blame::Network;
            t_us.saturating_sub(pending.t_us) > PATIENCE_US
                || pending.reused >= if is_settled { REUSED_MAX } else { UNSETTLED_MAX }
        });
        if self.pending.len() >= PENDING_MAX {
            let mut is_first = true;
            unanswered.extend(self.give_up(t_us, &blame, |_| std::mem::take(&mut is_first)));
        }
        let mut pending = Pending::new(adu, place, t_us, t_us, end_sequence);
        pending.is_alone = self.pending.is_empty();
        self.pending.iter_mut().for_each(|before| before.is_alone = false);
        if self.was_answered_before(&pending) {
            return unanswered;
        }
        if self.pending.is_empty() {
            // Most clients wait for one answer at a time.
            self.pending.reserve_exact(1);
        }
        self.pending.push(pending);
        unanswered
    }

    /// Whether the answer was recorded before the request.
    fn was_answered_before(&mut self, pending: &Pending) -> bool {
        let Some(memory) = &mut self.memory else { return false };
        let is_it = |early: &Early| {
            early.adu.envelope.transaction == pending.asked.envelope.transaction
                && pending.t_us.saturating_sub(early.t_us) <= EARLY_US
                && pending.asked.fits(&early.adu).is_ok()
        };
        let found = memory.early.iter().position(is_it);
        found.and_then(|index| memory.early.remove(index)).is_some()
    }

    /// Pairs a response with its request, and puts into the response what follows from that.
    pub(in super::super) fn response(&mut self, adu: &mut Adu, t_us: i64) {
        let memory = self.memory.get_or_insert_default();
        let transaction = adu.envelope.transaction;
        let is_named = |pending: &Pending| pending.asked.envelope.transaction == transaction;
        // Where an identifier is used twice, the answer is that of the last request that it fits.
        let fitting = self
            .pending
            .iter()
            .rposition(|pending| is_named(pending) && pending.asked.fits(adu).is_ok());
        let named = fitting.or_else(|| self.pending.iter().rposition(is_named));
        if let Some(pending) = named.map(|index| self.pending.remove(index)) {
            let before = memory.answered.back();
            let answer = match pending.asked.fits(adu) {
                Ok(()) if pending.is_repeated => pending.late(t_us, self.slowest_us),
                Ok(()) => Answer::Fits,
                Err(_) if before.is_some_and(|before| before.fits(adu).is_ok()) => Answer::Shifted,
                Err(mismatch) => Answer::Mismatched(mismatch),
            };
            self.has_fitted = true;
            self.answered(pending, answer, adu, t_us);
            return;
        }
        let is_second =
            |asked: &Asked| asked.envelope.transaction == transaction && asked.fits(adu).is_ok();
        if let Some(index) = memory.answered.iter().position(is_second) {
            adu.answer = Some(Answer::Double);
            if let Some(before) = memory.by_order.iter().position(|other| *other == transaction) {
                // Its own answer: the one before it was that of a request before the recording.
                memory.by_order.remove(before);
                memory.answered.remove(index);
                self.has_fitted = true;
                adu.answer = Some(Answer::Fits);
            }
            return;
        }
        let first = self.pending.iter().position(|pending| pending.asked.fits(adu).is_ok());
        match first.filter(|_| !self.has_fitted) {
            Some(index) => {
                let pending = self.pending.remove(index);
                self.answered(pending, Answer::ByOrder, adu, t_us);
            }
            None => {
                adu.answer = Some(Answer::Unasked);
                memory.early.push_back(Early { adu: adu.clone(), t_us });
                if memory.early.len() > EARLY_MAX {
                    memory.early.pop_front();
                }
            }
        }
    }

    fn answered(&mut self, pending: Pending, answer: Answer, adu: &mut Adu, t_us: i64) {
        // Nothing arrives in a connection before what was sent earlier.
        for before in &mut self.pending {
            let after = before.end_sequence.wrapping_sub(pending.end_sequence);
            before.has_arrived |= after == 0 || after >= 1 << 31;
        }
        pending.answered_by(adu, t_us, self.answered_us);
        self.answered_us = t_us;
        adu.answer = Some(answer);
        if answer == Answer::Fits {
            self.slowest_us = self.slowest_us.max(adu.latency_us.unwrap_or(0));
        }
        if self.pending.is_empty() {
            // Most connections are idle most of the time, and there can be many.
            self.pending = Vec::new();
        }
        let memory = self.memory.get_or_insert_default();
        if answer == Answer::ByOrder {
            memory.by_order.push_back(pending.asked.envelope.transaction);
        }
        memory.answered.push_back(pending.asked);
        if memory.answered.len() > ANSWERED_MAX {
            memory.answered.pop_front();
        }
        if memory.by_order.len() > ANSWERED_MAX {
            memory.by_order.pop_front();
        }
    }

    /// Whether a request waits for an answer with this identifier, unit and function.
    pub(in super::super) fn is_awaited(&self, transaction: u16, unit: u8, function: u8) -> bool {
        self.pending.iter().any(|pending| {
            pending.asked.envelope.transaction == Some(transaction)
                && pending.asked.envelope.unit == unit
                && pending.asked.function() == function
        })
    }

    pub(in super::super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// The connection is over, or the recording is.
    pub(in super::super) fn end(
        &mut self,
        t_us: i64,
        is_recording_over: bool,
        blame: impl Fn(i64, u32) -> Blame,
    ) -> Vec<Event> {
        let patience_us = END_US.max(self.slowest_us.saturating_mul(2));
        let pending = std::mem::take(&mut self.pending);
        self.memory = None;
        let judge = |pending: Pending| {
            let is_recent = t_us.saturating_sub(pending.t_us) < patience_us;
            let blame = match pending.blame(&blame) {
                Blame::Client => Blame::Client,
                _ if is_recording_over && is_recent => Blame::Recording,
                blame => blame,
            };
            pending.unanswered(t_us, blame)
        };
        pending.into_iter().filter_map(judge).collect()
    }

    fn give_up(
        &mut self,
        t_us: i64,
        blame: impl Fn(i64, u32) -> Blame,
        mut is_given_up: impl FnMut(&Pending) -> bool,
    ) -> Vec<Event> {
        let mut unanswered = Vec::new();
        self.pending.retain(|pending| {
            let is_over = is_given_up(pending);
            if is_over {
                unanswered.extend(pending.unanswered(t_us, pending.blame(&blame)));
            }
            !is_over
        });
        unanswered
    }
}
