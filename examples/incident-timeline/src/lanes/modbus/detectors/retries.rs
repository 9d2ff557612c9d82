//! Retries that cascade: the same request sent again and again without an answer in between.

use std::collections::HashMap;

use crate::describe::Duration;
use crate::event::Event;
use crate::finding::{Blame, Detector, Finding};
use crate::group::{Group, Said};
use crate::lanes::modbus::event::ModbusEvent;
use crate::lanes::modbus::server::Server;
use crate::place::Place;
use crate::severity::Severity;

/// One retry is everyday; this many of one request, or of any to one server within the window, are a cascade.
const CHAIN_MIN: u64 = 2;
const WINDOW_MIN: u64 = 3;
const WINDOW_US: i64 = 10_000_000;
/// How many servers are watched that were asked again.
const WATCHED_MAX: usize = 1 << 16;

#[derive(Debug, Default)]
struct Watched {
    /// How often the last request was sent again.
    chain: u64,
    window: u64,
    window_us: i64,
    retries: u64,
    cascade: Option<Cascade>,
}

#[derive(Debug)]
struct Cascade {
    /// When the first request was sent that was repeated.
    begun_us: i64,
    again: Group,
    longest: u64,
}

#[derive(Debug, Default)]
pub(super) struct Retries(HashMap<Server, Watched>);

impl Retries {
    fn request(&mut self, server: Server, repeats_us: Option<i64>, t_us: i64, place: &Place) {
        let has_room = self.0.len() < WATCHED_MAX || self.0.contains_key(&server);
        match repeats_us {
            Some(first_us) if has_room => {
                self.0.entry(server).or_default().take(first_us, t_us, place);
            }
            Some(_) => {}
            None => {
                if let Some(watched) = self.0.get_mut(&server) {
                    watched.chain = 0;
                }
            }
        }
    }

    fn response(&mut self, server: &Server) {
        if let Some(cascade) = self.0.get_mut(server).and_then(|watched| watched.cascade.as_mut()) {
            cascade.again.is_well = true;
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
            self.request(server, adu.repeats_us, event.t_us.unwrap_or(0), place);
        } else {
            self.response(&server);
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let finding = |(server, watched): (&Server, &Watched)| {
            let cascade = watched.cascade.as_ref()?;
            let last_us = cascade.again.last_us.unwrap_or(cascade.begun_us);
            let text = format!(
                "{server}: {} retries, one request up to {} times in a row without an answer; it went on for {}",
                watched.retries,
                cascade.longest + 1,
                Duration(last_us.saturating_sub(cascade.begun_us))
            );
            let check = "why it does not answer in the client's time, before the client's retries";
            let said = Said { blame: Blame::Device, text, check: check.to_owned() };
            let finding = cascade.again.finding("retry_cascade", Severity::Fault, said);
            let subject = Some(server.subject());
            Some(Finding { t_us: Some(cascade.begun_us), subject, ..finding })
        };
        self.0.iter().filter_map(finding).collect()
    }
}

impl Watched {
    /// A request that was sent before, at `first_us`.
    fn take(&mut self, first_us: i64, t_us: i64, place: &Place) {
        self.chain += 1;
        self.retries += 1;
        if self.window == 0 || t_us.saturating_sub(self.window_us) > WINDOW_US {
            (self.window, self.window_us) = (0, t_us);
        }
        self.window += 1;
        if self.chain < CHAIN_MIN && self.window < WINDOW_MIN {
            return;
        }
        let cascade = self.cascade.get_or_insert_with(|| Cascade {
            begun_us: first_us,
            again: Group::default(),
            longest: 0,
        });
        cascade.longest = cascade.longest.max(self.chain);
        cascade.again.take(Some(t_us), place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::{At, Wire};

    /// Requests, each with whether it is a retry, and its time.
    fn run(steps: &[(bool, i64)]) -> Option<String> {
        let wire = Wire::named("b").into();
        let place = Place { source: "a".into(), wire, offset: 0, at: At::Offset };
        let server = Server::of(&place, 1, true);
        let mut retries = Retries::default();
        let mut first_us = 0;
        for (is_retry, t_us) in steps {
            first_us = if *is_retry { first_us } else { *t_us };
            retries.request(server.clone(), is_retry.then_some(first_us), *t_us, &place);
        }
        retries.findings().pop().map(|finding| finding.text)
    }

    #[test]
    fn one_retry_is_everyday_and_two_in_a_row_are_not() {
        assert_eq!(run(&[(false, 0), (true, 1), (false, 3)]), None);
        let text = run(&[(false, 0), (true, 1_000_000), (true, 2_000_000)]).unwrap();
        assert!(text.contains("up to 3 times in a row"), "{text}");
        assert!(text.contains("2000.0 ms"), "{text}");
    }

    /// The times of requests, each repeated once a second later, and a fault or none.
    fn singly(times: &[i64]) -> Option<String> {
        let steps: Vec<_> =
            times.iter().flat_map(|t_us| [(false, *t_us), (true, *t_us + 1_000_000)]).collect();
        run(&steps)
    }

    #[test]
    fn the_window_is_ten_seconds() {
        assert!(singly(&[0, 5_000_000, WINDOW_US]).is_some());
        assert_eq!(singly(&[0, 5_000_000, WINDOW_US + 1]), None);
    }

    #[test]
    fn a_cascade_begins_with_its_first_request_and_ends_with_an_answer() {
        let wire = Wire::named("b").into();
        let place = Place { source: "a".into(), wire, offset: 0, at: At::Offset };
        let server = Server::of(&place, 1, true);
        let mut retries = Retries::default();
        for t_us in [7, 8, 9] {
            retries.request(server.clone(), (t_us > 7).then_some(7), t_us, &place);
        }
        let found = retries.findings().remove(0);
        assert_eq!((found.t_us, found.last_us, found.count), (Some(7), Some(9), 1));
        assert_eq!(found.subject.unwrap().unit, Some(1));
        assert!(found.text.contains("2 retries, one request up to 3 times"), "{}", found.text);
        retries.response(&server);
        assert_eq!(retries.findings().remove(0).state, crate::finding::State::Recovered);
    }

    #[test]
    fn single_retries_that_follow_one_another_closely_are_a_cascade() {
        let step = |t_us| [(false, t_us), (true, t_us + 1)];
        assert!(run(&[step(0), step(10), step(20)].concat()).is_some());
        assert_eq!(run(&[step(0), step(20_000_000), step(40_000_000)].concat()), None);
    }
}
