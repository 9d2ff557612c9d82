//! Requests and answers without identifiers, one after the other: of a serial line, or of RTU frames in TCP.

use std::collections::VecDeque;

use modbus_codec::pdu::Direction;

use super::{Asked, END_US, Pending};
use crate::event::Event;
use crate::finding::Blame;
use crate::lanes::modbus::event::{Adu, Answer, Envelope};
use crate::place::Place;

/// A request that was given up may still have its answer while so many others follow it.
const GIVEN_UP_MAX: usize = 2;
/// As many are kept that are not acknowledged.
const UNSETTLED_MAX: usize = 8;
/// Where no answer was seen yet: most devices take less, and most clients wait for longer.
const ANSWER_US: i64 = 150_000;

/// The requests of one line.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct LinePairing {
    now: Option<Waiting>,
    /// Those before it that have had no answer, the oldest first.
    given_up: VecDeque<Waiting>,
    /// The last one that was answered.
    answered: Option<Asked>,
    slowest_us: i64,
    /// The shortest time in which an answer came.
    fastest_us: Option<i64>,
    /// Whether a frame has shown who speaks when: one that can only be a request, or only an answer. Until then the recording may have
    /// begun between a request and an answer that looks the same.
    is_in_step: bool,
}

/// A request, and what was heard since it was sent.
#[derive(Clone, Debug)]
struct Waiting {
    pending: Pending,
    /// Something was damaged that may have been the answer.
    is_damaged: bool,
    /// Something came that is no answer to it.
    is_mismatched: bool,
    /// The next request came sooner than any answer did before.
    is_cut_short: bool,
    /// How many requests came after it.
    followers: usize,
}

impl LinePairing {
    /// Takes a request in, and returns those that will have no answer any more.
    pub(in super::super) fn request(
        &mut self,
        adu: &mut Adu,
        place: &Place,
        (t_us, end_us): (i64, i64),
        end_sequence: u32,
        blame: impl Fn(i64, u32) -> Blame,
    ) -> Vec<Event> {
        if let Some(mut waiting) = self.now.take() {
            let waited_us = t_us.saturating_sub(waiting.pending.end_us);
            waiting.is_cut_short = self.fastest_us.is_some_and(|us| waited_us < us);
            let is_again = waiting.pending.asked.is_again(adu);
            if self.is_in_step || is_again {
                self.given_up.push_back(waiting);
            }
            // Otherwise what was taken for a request was the answer to one before the recording.
            self.is_in_step |= !is_again;
        }
        self.is_in_step = self.is_in_step || adu.goes_one_way();
        for waiting in &mut self.given_up {
            let is_again = waiting.pending.is_answered && waiting.pending.asked.is_again(adu);
            waiting.pending.is_repeated |= is_again;
            if is_again && !waiting.is_mismatched {
                adu.repeats_us.get_or_insert(waiting.pending.t_us);
            }
            waiting.followers += 1;
        }
        let mut unanswered = Vec::new();
        while let Some(waiting) = self.given_up.front() {
            let count = self.given_up.len();
            let is_awaited = waiting.followers < GIVEN_UP_MAX && count <= GIVEN_UP_MAX;
            // In a connection: what is not acknowledged yet may be, and then it is another's fault.
            let is_settled = count > UNSETTLED_MAX || waiting.blame(&blame) != Blame::Network;
            if is_awaited || !is_settled {
                break;
            }
            unanswered.extend(waiting.judge(t_us, &blame));
            self.given_up.pop_front();
        }
        self.now = Some(Waiting {
            pending: Pending::new(adu, place, t_us, end_us, end_sequence),
            is_damaged: false,
            is_mismatched: false,
            is_cut_short: false,
            followers: 0,
        });
        unanswered
    }

    /// Pairs a response with its request, and puts into the response what follows from that.
    pub(in super::super) fn response(&mut self, adu: &mut Adu, t_us: i64) {
        self.is_in_step = self.is_in_step || adu.goes_one_way();
        let Some(waiting) = &mut self.now else {
            let is_second = self.answered.as_ref().is_some_and(|asked| asked.fits(adu).is_ok());
            adu.answer = Some(if is_second { Answer::Double } else { Answer::Unasked });
            return;
        };
        let Err(mismatch) = waiting.pending.asked.fits(adu) else {
            let pending = waiting.pending.clone();
            self.now = None;
            self.answered_by(pending, Answer::Fits, adu, t_us);
            return;
        };
        let late =
            self.given_up.iter().rposition(|waiting| waiting.pending.asked.fits(adu).is_ok());
        if let Some(before) = late.and_then(|index| self.given_up.remove(index)) {
            // One that was answered with something else already has its answer one later.
            waiting.is_mismatched |= before.is_mismatched;
            let answer = if before.is_mismatched {
                Answer::Shifted
            } else {
                before.pending.late(t_us, self.slowest_us)
            };
            self.answered_by(before.pending, answer, adu, t_us);
            return;
        }
        let is_of_before = self.answered.as_ref().is_some_and(|asked| asked.fits(adu).is_ok());
        waiting.is_mismatched = true;
        adu.answer =
            Some(if is_of_before { Answer::Shifted } else { Answer::Mismatched(mismatch) });
        if is_of_before {
            // The answers go on one behind their requests.
            self.answered = Some(waiting.pending.asked.clone());
        }
    }

    /// Which way a frame with a right CRC goes that came by itself, on a wire that carries only requests or only responses, or both.
    ///
    /// A request that waits makes it an answer, unless it is asked again: what is said twice in the time in which devices here answer is
    /// an answer, later it is a retry.
    pub(in super::super) fn direction(
        &self,
        envelope: &Envelope,
        pdu: &[u8],
        only: Option<Direction>,
        t_us: i64,
    ) -> Direction {
        let of = |direction| Adu::decode(direction, *envelope, pdu);
        let [request, response] = [Direction::Request, Direction::Response].map(of);
        let (can_ask, can_answer) = (request.off_spec.is_none(), response.off_spec.is_none());
        let Some(Waiting { pending, .. }) = &self.now else {
            return match (can_ask, can_answer) {
                (true, true) if only == Some(Direction::Response) => Direction::Response,
                (false, true) => Direction::Response,
                (false, false)
                    if envelope.unit != 0 && pdu.first().is_some_and(|code| *code > 0x80) =>
                {
                    Direction::Response
                }
                _ => Direction::Request,
            };
        };
        let is_named = pending.asked.envelope.unit == envelope.unit
            && pending.asked.function() == response.function();
        let is_soon = t_us.saturating_sub(pending.end_us) <= self.answer_us();
        match (can_ask, can_answer) {
            (true, true) if is_named && pending.asked.fits(&response).is_ok() => match only {
                Some(Direction::Response) => Direction::Response,
                _ if is_soon => Direction::Response,
                _ => Direction::Request,
            },
            (true, true) if only.is_some() => only.unwrap_or(Direction::Request),
            (true, true) if is_named && is_soon && self.is_in_step => Direction::Response,
            (true, _) => Direction::Request,
            (false, true) => Direction::Response,
            (false, false) if is_named && is_soon => Direction::Response,
            (false, false) if pdu.first().is_some_and(|code| *code > 0x80) => Direction::Response,
            (false, false) if is_named => Direction::Response,
            (false, false) => Direction::Request,
        }
    }

    /// In this time a device here has answered, if it does.
    fn answer_us(&self) -> i64 {
        if self.slowest_us == 0 { ANSWER_US } else { self.slowest_us.saturating_mul(3).max(20_000) }
    }

    /// Bytes that are no frame: one that was damaged, perhaps.
    pub(in super::super) fn damaged(&mut self) {
        if let Some(waiting) = &mut self.now {
            waiting.is_damaged = true;
        }
    }

    fn answered_by(&mut self, pending: Pending, answer: Answer, adu: &mut Adu, t_us: i64) {
        for before in &mut self.given_up {
            before.pending.has_arrived = true;
        }
        pending.answered_by(adu, t_us, i64::MIN);
        adu.answer = Some(answer);
        if let Some(latency_us) = adu.latency_us.filter(|_| answer == Answer::Fits) {
            self.slowest_us = self.slowest_us.max(latency_us);
            self.fastest_us = Some(self.fastest_us.map_or(latency_us, |us| us.min(latency_us)));
        }
        self.answered = Some(pending.asked);
    }

    pub(in super::super) fn is_empty(&self) -> bool {
        self.now.is_none() && self.given_up.is_empty()
    }

    /// Nothing more comes.
    pub(in super::super) fn end(
        &mut self,
        t_us: i64,
        is_recording_over: bool,
        blame: impl Fn(i64, u32) -> Blame,
    ) -> Vec<Event> {
        let patience_us = END_US.max(self.slowest_us.saturating_mul(2));
        let given_up = std::mem::take(&mut self.given_up);
        let mut unanswered: Vec<Event> =
            given_up.iter().filter_map(|waiting| waiting.judge(t_us, &blame)).collect();
        if let Some(waiting) = self.now.take() {
            let is_recent = t_us.saturating_sub(waiting.pending.end_us) < patience_us;
            unanswered.extend(if is_recording_over && is_recent && !waiting.is_damaged {
                waiting.judge(t_us, |_, _| Blame::Recording)
            } else {
                waiting.judge(t_us, &blame)
            });
        }
        unanswered
    }
}

impl Waiting {
    fn judge(&self, t_us: i64, blame: impl Fn(i64, u32) -> Blame) -> Option<Event> {
        if self.is_mismatched {
            // An answer came, and what was wrong with it is told of the answer.
            return None;
        }
        self.pending.unanswered(t_us, self.blame(blame))
    }

    fn blame(&self, blame: impl Fn(i64, u32) -> Blame) -> Blame {
        match self.pending.blame(blame) {
            Blame::Device if self.is_cut_short => Blame::Client,
            Blame::Device if self.is_damaged => Blame::Line,
            blame => blame,
        }
    }
}
