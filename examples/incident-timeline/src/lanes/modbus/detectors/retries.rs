//! Retries that cascade: the same request sent again and again without an answer in between.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::describe::Duration;
use crate::event::Event;
use crate::finding::{Detector, EVIDENCE_MAX, Finding};
use crate::lanes::modbus::event::ModbusEvent;
use crate::lanes::modbus::server::Server;
use crate::place::Place;
use crate::severity::Severity;

/// One retry is everyday; this many of one request, or of any to one server within the window, are a cascade.
const CHAIN_MIN: u64 = 2;
const WINDOW_MIN: u64 = 3;
const WINDOW_US: i64 = 10_000_000;
/// How many servers are watched.
const WATCHED_MAX: usize = 1024;

#[derive(Debug)]
struct Watched {
    /// The last request, and whether it was answered.
    request: u64,
    function: u8,
    is_answered: bool,
    /// How often it was sent again since its first time, and when that was.
    chain: u64,
    chain_us: i64,
    window: u64,
    window_us: i64,
    retries: u64,
    cascade: Option<Cascade>,
}

#[derive(Debug)]
struct Cascade {
    t_us: i64,
    end_us: i64,
    longest: u64,
    evidence: Vec<Place>,
}

#[derive(Debug, Default)]
pub(super) struct Retries(HashMap<Server, Watched>);

impl Retries {
    fn request(&mut self, server: Server, pdu: &[u8], t_us: i64, place: &Place) {
        let mut hasher = DefaultHasher::new();
        pdu.hash(&mut hasher);
        let request = hasher.finish();
        let function = pdu.first().copied().unwrap_or(0);
        if self.0.len() >= WATCHED_MAX && !self.0.contains_key(&server) {
            return;
        }
        let watched = self.0.entry(server).or_insert(Watched {
            request,
            function,
            is_answered: true,
            chain: 0,
            chain_us: t_us,
            window: 0,
            window_us: t_us,
            retries: 0,
            cascade: None,
        });
        watched.take(request, function, t_us, place);
    }

    fn response(&mut self, server: &Server, function: u8) {
        if let Some(watched) = self.0.get_mut(server) {
            watched.is_answered |= watched.function == function;
        }
    }
}

impl Detector for Retries {
    fn take(&mut self, event: &Event) {
        let (Some(place), Some(ModbusEvent::Adu(adu))) = (&event.place, event.what.as_modbus())
        else {
            return;
        };
        let server = Server::of(place, adu.envelope.unit, adu.is_request());
        if adu.is_request() {
            self.request(server, &adu.pdu, event.t_us.unwrap_or(0), place);
        } else {
            self.response(&server, adu.function());
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let finding = |(server, watched): (&Server, &Watched)| {
            let cascade = watched.cascade.as_ref()?;
            let text = format!(
                "{server}: {} retries, one request up to {} times in a row without an answer; it went on for {}",
                watched.retries,
                cascade.longest + 1,
                Duration(cascade.end_us.saturating_sub(cascade.t_us))
            );
            Some(Finding {
                kind: "retry_cascade",
                severity: Severity::Fault,
                t_us: Some(cascade.t_us),
                text,
                evidence: cascade.evidence.clone(),
            })
        };
        self.0.iter().filter_map(finding).collect()
    }
}

impl Watched {
    fn take(&mut self, request: u64, function: u8, t_us: i64, place: &Place) {
        if self.is_answered || request != self.request {
            (self.request, self.function, self.is_answered) = (request, function, false);
            (self.chain, self.chain_us) = (0, t_us);
            return;
        }
        self.chain += 1;
        self.retries += 1;
        if t_us.saturating_sub(self.window_us) > WINDOW_US {
            (self.window, self.window_us) = (0, t_us);
        }
        self.window += 1;
        if self.chain < CHAIN_MIN && self.window < WINDOW_MIN {
            return;
        }
        let cascade = self.cascade.get_or_insert_with(|| Cascade {
            t_us: self.chain_us,
            end_us: t_us,
            longest: 0,
            evidence: Vec::new(),
        });
        cascade.end_us = t_us;
        cascade.longest = cascade.longest.max(self.chain);
        if cascade.evidence.len() < EVIDENCE_MAX {
            cascade.evidence.push(place.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::{At, Wire};
    use modbus_codec::FunctionCode;

    fn run(steps: &[(&str, i64)]) -> Option<String> {
        let wire = Wire::named("b").into();
        let place = Place { source: "a".into(), wire, offset: 0, at: At::Offset };
        let server = Server::of(&place, 1, true);
        let mut retries = Retries::default();
        for (step, t_us) in steps {
            match *step {
                "answer" => retries.response(&server, 3),
                request => {
                    let pdu =
                        [&[FunctionCode::READ_HOLDING_REGISTERS.as_raw()], request.as_bytes()];
                    retries.request(server.clone(), &pdu.concat(), *t_us, &place);
                }
            }
        }
        retries.findings().pop().map(|finding| finding.text)
    }

    #[test]
    fn one_retry_is_everyday_and_two_in_a_row_are_not() {
        assert_eq!(run(&[("a", 0), ("a", 1), ("answer", 2), ("a", 3), ("answer", 4)]), None);
        let text = run(&[("a", 0), ("a", 1_000_000), ("a", 2_000_000)]).unwrap();
        assert!(text.contains("up to 3 times in a row"), "{text}");
        assert!(text.contains("2000.0 ms"), "{text}");
    }

    #[test]
    fn single_retries_that_follow_one_another_closely_are_a_cascade() {
        let step = |request, t_us| [(request, t_us), (request, t_us + 1), ("answer", t_us + 2)];
        let close: Vec<_> = [step("a", 0), step("b", 10), step("c", 20)].concat();
        assert!(run(&close).is_some());
        let far: Vec<_> = [step("a", 0), step("b", 20_000_000), step("c", 40_000_000)].concat();
        assert_eq!(run(&far), None);
    }

    #[test]
    fn polling_the_same_request_is_no_retry() {
        let polls: Vec<_> = (0..50).flat_map(|t_us| [("a", t_us), ("answer", t_us)]).collect();
        assert_eq!(run(&polls), None);
    }
}
