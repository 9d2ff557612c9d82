//! A line that loses one request in 10,000 and delays one answer in 1,000, with and without a budget: with it, what is lost
//! costs what was granted; without it, each delay makes the requests behind it late.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod line;

use std::collections::{BTreeMap, VecDeque};

use line::{Random, closed};
use modbus_codec::client::{Budget, Event, Serial, Ticket};
use modbus_codec::{Address, Quantity, Request, Response, UnitId};

/// A request is due this often; it and its answer take four fifths of that.
const PERIOD_US: u64 = 10_000;
const EXCHANGE_US: u64 = 8_000;
/// When whoever asked needs the answer.
const DEADLINE_US: u64 = 200_000;
const RESPONSE_TIMEOUT_US: u32 = 40_000;
/// How long a delayed answer takes.
const DELAY_US: u64 = 300_000;
const LATE_ANSWER_US: u32 = 300_000;
const REQUESTS: u64 = 200_000;

/// How the requests ended.
#[derive(Debug, Default)]
struct Figures {
    lost: u64,
    delayed: u64,
    answered: u64,
    /// Ended without an answer, and named.
    unanswered: u64,
    /// Lost requests that neither were sent again nor ended unanswered.
    unnamed: u64,
    /// Ended, one way or the other, after their deadline.
    outlived: u64,
    wrong: u64,
    worst_us: u64,
}

/// One device, which answers in order and keeps nothing back: so an answer that is late makes the next one late.
#[derive(Default)]
struct Device {
    /// Answers on their way, and when each is heard.
    answers: VecDeque<(u64, Vec<u8>)>,
    free_us: u64,
}

impl Device {
    fn ask(&mut self, frame: &[u8], now_us: u64, is_delayed: bool) {
        let register = u16::from_be_bytes([frame[2], frame[3]]) ^ 0x5A5A;
        let takes_us = if is_delayed { DELAY_US } else { EXCHANGE_US };
        self.free_us = self.free_us.max(now_us) + takes_us;
        let [high, low] = register.to_be_bytes();
        self.answers.push_back((self.free_us, closed(vec![1, 3, 2, high, low])));
    }
}

/// The value of register `n` is `n ^ 0x5A5A`, so that an answer to another request is a wrong value.
fn run(budget: impl Fn(u64) -> Budget) -> Figures {
    let mut client = Serial::without_timing().with_late_answers(LATE_ANSWER_US);
    let (mut device, mut random) = (Device::default(), Random::new(7));
    let mut figures = Figures::default();
    let mut waiting: VecDeque<u64> = VecDeque::new();
    // The requests under way: when each was due, its register, and whether an attempt of it was lost.
    let mut under_way: BTreeMap<Ticket, (u64, u16, bool)> = BTreeMap::new();
    let (mut due, mut now_us) = (0, 0);
    let ended = |figures: &mut Figures, due_us: u64, now_us: u64| {
        let age_us = now_us - due_us;
        figures.outlived += u64::from(age_us > DEADLINE_US);
        figures.worst_us = figures.worst_us.max(age_us);
    };
    while due < REQUESTS || !waiting.is_empty() || !client.is_idle() {
        while due < REQUESTS && due * PERIOD_US <= now_us {
            waiting.push_back(due);
            due += 1;
        }
        while device.answers.front().is_some_and(|(heard_us, _)| *heard_us <= now_us) {
            let (_, frame) = device.answers.pop_front().unwrap();
            assert!(client.receive(&frame, now_us).is_empty());
        }
        while let Some(event) = client.poll(now_us) {
            let (ticket, attempts) = match event {
                Event::Answered { ticket, attempts, .. }
                | Event::Unanswered { ticket, attempts, .. } => (ticket, attempts),
                other => panic!("{other:?}"),
            };
            let (due_us, register, is_lost) = under_way.remove(&ticket).unwrap();
            if let Event::Answered { reply, .. } = event {
                let Ok(Response::ReadHoldingRegisters(registers)) = reply else { panic!() };
                figures.answered += 1;
                figures.wrong += u64::from(registers.get(0) != Some(register ^ 0x5A5A));
                figures.unnamed += u64::from(is_lost && attempts < 2);
            } else {
                figures.unanswered += 1;
            }
            ended(&mut figures, due_us, now_us);
        }
        let next = if client.is_idle() { waiting.pop_front() } else { None };
        if let Some(index) = next {
            let due_us = index * PERIOD_US;
            let register = index as u16;
            let request = Request::ReadHoldingRegisters {
                starting_address: Address::new(register),
                quantity: Quantity::ONE,
            };
            match client.request(UnitId::new(1).unwrap(), &request, budget(due_us), now_us) {
                Ok(ticket) => {
                    under_way.insert(ticket, (due_us, register, false));
                }
                Err(_) => {
                    figures.unanswered += 1;
                    ended(&mut figures, due_us, now_us);
                }
            }
            continue;
        }
        if let Some(frame) = client.poll_transmit(now_us) {
            let frame = frame.to_vec();
            if random.below(10_000) == 0 {
                figures.lost += 1;
                under_way.values_mut().for_each(|(_, _, is_lost)| *is_lost = true);
            } else {
                let is_delayed = random.below(1_000) == 0;
                figures.delayed += u64::from(is_delayed);
                device.ask(&frame, now_us, is_delayed);
            }
        }
        let next_due_us = (due < REQUESTS).then_some(due * PERIOD_US);
        let next =
            [next_due_us, device.answers.front().map(|(us, _)| *us), client.next_deadline_us()];
        now_us = next.into_iter().flatten().filter(|us| *us > now_us).min().unwrap_or(now_us + 1);
    }
    figures
}

#[test]
fn with_a_budget_no_request_outlives_its_deadline_and_each_lost_one_is_named() {
    let figures = run(|due_us| Budget {
        deadline_us: due_us + DEADLINE_US,
        response_timeout_us: RESPONSE_TIMEOUT_US,
        attempts: 3,
    });
    println!("with a budget: {figures:?}");
    assert!(figures.lost >= 10 && figures.delayed >= 100, "{figures:?}");
    assert_eq!((figures.outlived, figures.unnamed, figures.wrong), (0, 0, 0), "{figures:?}");
    assert_eq!(figures.answered + figures.unanswered, REQUESTS);
    assert!(figures.worst_us <= DEADLINE_US);
    // A delay costs a bounded number of requests: those that were due while nothing could be known of the line.
    let disturbed = figures.lost + figures.delayed;
    assert!(figures.unanswered <= disturbed * 40, "{figures:?}");
}

#[test]
fn without_a_budget_a_delay_makes_the_requests_behind_it_late() {
    let figures = run(|_| Budget {
        deadline_us: u64::MAX,
        response_timeout_us: RESPONSE_TIMEOUT_US,
        attempts: u8::MAX,
    });
    println!("without: {figures:?}");
    assert_eq!(figures.wrong, 0, "late answers are told apart all the same");
    assert!(figures.outlived > 50 * (figures.lost + figures.delayed), "{figures:?}");
    assert!(figures.worst_us > 4 * DEADLINE_US, "{figures:?}");
}
