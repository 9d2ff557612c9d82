//! The clients: answers, timeouts, deadlines, echoes, late answers, and several transactions at a time.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod line;

use line::closed;
use modbus_codec::client::{Budget, Event, Failure, RequestError, Serial, Tcp};
use modbus_codec::timing::Rtu;
use modbus_codec::{Address, Coils, ExceptionCode, FunctionCode, Mismatch, Quantity};
use modbus_codec::{Request, Response, UnitId, pdu};

const MS: u64 = 1_000;
const UNIT: u8 = 17;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn unit(raw: u8) -> UnitId {
    UnitId::from_raw(raw)
}

fn read(starting_address: u16, quantity: u16) -> Request<'static> {
    Request::ReadHoldingRegisters {
        starting_address: Address::new(starting_address),
        quantity: Quantity::new(quantity).unwrap(),
    }
}

fn write(register_value: u16) -> Request<'static> {
    Request::WriteSingleRegister { register_address: Address::new(1), register_value }
}

/// 100 ms for an answer, three attempts, a second in all.
fn budget(now_us: u64) -> Budget {
    Budget { deadline_us: now_us + 1_000 * MS, response_timeout_us: 100_000, attempts: 3 }
}

/// What an event says, in short.
fn short(event: Option<Event<'_>>) -> String {
    match event {
        None => "nothing".into(),
        Some(Event::Answered { ticket, attempts, reply }) => {
            let reply = match reply {
                Ok(Response::ReadHoldingRegisters(registers)) => format!("{registers:?}"),
                Ok(response) => format!("{}", response.function()),
                Err(exception) => format!("{exception}"),
            };
            format!("{} answered after {attempts}: {reply}", ticket.as_raw())
        }
        Some(Event::Sent { ticket }) => format!("{} sent", ticket.as_raw()),
        Some(Event::Unanswered { ticket, attempts, failure }) => {
            format!("{} unanswered after {attempts}: {failure}", ticket.as_raw())
        }
        Some(event) => format!("{event:?}"),
    }
}

#[track_caller]
fn hear(client: &mut Serial, adu: &[u8], now_us: u64) -> String {
    assert!(client.receive(adu, now_us).is_empty());
    short(client.poll(now_us))
}

fn answer(text: &str) -> Vec<u8> {
    closed(hex(text))
}

#[test]
fn a_request_is_sent_once_and_answered() {
    let mut client = Serial::without_timing();
    let ticket = client.request(unit(UNIT), &read(107, 3), budget(0), 0).unwrap();
    assert!(!client.is_idle());
    assert_eq!(client.poll_transmit(0), Some(&answer("11 03 006B 0003")[..]));
    assert_eq!(client.poll_transmit(0), None);
    assert_eq!(client.next_deadline_us(), Some(100 * MS));
    let frame = answer("11 03 06 022B 0000 0064");
    assert_eq!(hear(&mut client, &frame[..4], 10), "nothing");
    assert_eq!(hear(&mut client, &frame[4..], 20), "1 answered after 1: [555, 0, 100]");
    assert!(client.is_idle() && client.next_deadline_us().is_none());
    assert_ne!(client.request(unit(UNIT), &read(0, 1), budget(30), 30).unwrap(), ticket);
    assert_eq!(
        client.request(unit(UNIT), &read(0, 1), budget(30), 30),
        Err(RequestError::Full { max: 1 })
    );
}

#[test]
fn every_exception_ends_the_request_and_none_is_a_success() {
    for code in 0..=u8::MAX {
        let mut client = Serial::without_timing();
        client.request(unit(UNIT), &read(0, 1), budget(0), 0).unwrap();
        client.poll_transmit(0);
        assert!(client.receive(&closed(vec![UNIT, 0x83, code]), 10).is_empty());
        let Some(Event::Answered { reply: Err(exception), .. }) = client.poll(10) else {
            panic!("exception {code:02X}");
        };
        assert_eq!(exception.code, ExceptionCode::new(code));
        assert_eq!(client.counters().exceptions, 1);
    }
}

#[test]
fn what_does_not_fit_the_request_does_not_answer_it() {
    for frame in [
        // Another unit, another function, another quantity, another function's exception, a damaged CRC.
        answer("12 03 02 0001"),
        answer("11 04 02 0001"),
        answer("11 03 04 0001 0002"),
        answer("11 84 02"),
        [&answer("11 03 02 0001")[..6], &[0]].concat(),
    ] {
        let mut client = Serial::without_timing();
        client.request(unit(UNIT), &read(0, 1), budget(0), 0).unwrap();
        client.poll_transmit(0);
        assert_eq!(hear(&mut client, &frame, 10), "nothing", "{frame:02X?}");
        assert_eq!(
            hear(&mut client, &answer("11 03 02 0007"), 20),
            "1 answered after 1: [7]",
            "{frame:02X?}"
        );
        let counters = client.counters();
        assert_eq!(u32::from(counters.discarded_bytes > 0) + counters.mismatched, 1);
    }
}

#[test]
fn the_echo_of_a_write_must_be_of_that_write() {
    let mut client = Serial::without_timing();
    client.request(unit(UNIT), &write(7), budget(0), 0).unwrap();
    client.poll_transmit(0);
    assert_eq!(hear(&mut client, &answer("11 06 0001 0008"), 10), "nothing");
    assert_eq!(hear(&mut client, &answer("11 06 0001 0007"), 20), "1 answered after 1: 06");
}

#[test]
fn a_request_without_answer_is_sent_as_often_as_its_budget_says_and_then_named() {
    let mut client = Serial::without_timing();
    client.request(unit(UNIT), &read(0, 1), budget(0), 0).unwrap();
    for attempt in 0..3 {
        let now_us = attempt * 100 * MS;
        assert!(client.poll_transmit(now_us).is_some(), "attempt {attempt}");
        assert_eq!(short(client.poll(now_us + 100 * MS - 1)), "nothing");
        assert_eq!(client.next_deadline_us(), Some(now_us + 100 * MS));
        if attempt < 2 {
            assert_eq!(short(client.poll(now_us + 100 * MS)), "nothing");
        }
    }
    let ended = short(client.poll(300 * MS));
    assert_eq!(ended, "1 unanswered after 3: no answer to any attempt");
    assert_eq!((client.counters().sent, client.counters().retries), (3, 2));
    assert!(client.is_idle());
}

#[test]
fn no_attempt_begins_that_cannot_end_inside_the_deadline() {
    let mut client = Serial::without_timing();
    let budget = Budget { deadline_us: 250 * MS, response_timeout_us: 100_000, attempts: 9 };
    client.request(unit(UNIT), &read(0, 1), budget, 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    assert_eq!(short(client.poll(100 * MS)), "nothing");
    assert!(client.poll_transmit(150 * MS).is_some(), "ends right at the deadline");
    assert_eq!(short(client.poll(250 * MS)), "1 unanswered after 2: no time for another attempt");

    let mut client = Serial::without_timing();
    client.request(unit(UNIT), &read(0, 1), budget, 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    assert_eq!(short(client.poll(100 * MS)), "nothing");
    assert_eq!(client.poll_transmit(150 * MS + 1), None);
    assert_eq!(
        short(client.poll(150 * MS + 1)),
        "1 unanswered after 1: no time for another attempt"
    );

    let refused = client.request(unit(UNIT), &read(0, 1), budget, 200 * MS);
    let error = RequestError::Deadline { required_us: 100_000, available_us: 50_000 };
    assert_eq!(refused, Err(error));
    assert!(client.is_idle());
}

#[test]
fn sending_takes_time_from_the_deadline_too() {
    let line = Rtu::at_baud(1_200);
    let mut client = Serial::new(line);
    let required_us = line.driver_enable_us(8) + 100_000;
    let budget = |left_us: u32| Budget {
        deadline_us: u64::from(left_us),
        response_timeout_us: 100_000,
        attempts: 1,
    };
    let refused = client.request(unit(UNIT), &read(0, 1), budget(required_us - 1), 0);
    assert_eq!(refused, Err(RequestError::Deadline { required_us, available_us: required_us - 1 }));
    client.request(unit(UNIT), &read(0, 1), budget(required_us), 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    assert_eq!(client.next_deadline_us(), Some(u64::from(required_us)));
}

#[test]
fn a_request_that_cannot_be_written_is_not_taken() {
    let mut client = Serial::without_timing();
    let refused = client.request(UnitId::BROADCAST, &read(0, 1), budget(0), 0);
    assert!(matches!(refused, Err(RequestError::Encode(pdu::EncodeError::Value { .. }))));
    assert!(client.is_idle());
}

#[test]
fn the_line_rests_between_frames() {
    let line = Rtu::at_baud(9_600);
    let silence_us = u64::from(line.t3_5_us());
    let mut client = Serial::new(line);
    client.request(unit(UNIT), &read(0, 1), budget(0), 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    let sent_us = u64::from(line.driver_enable_us(8));
    let frame = answer("11 03 02 0007");
    let heard_us = sent_us + 20 * MS;
    assert_eq!(hear(&mut client, &frame, heard_us), "1 answered after 1: [7]");
    client.request(unit(UNIT), &read(0, 1), budget(heard_us), heard_us).unwrap();
    assert_eq!(client.next_deadline_us(), Some(heard_us + silence_us));
    assert_eq!(client.poll_transmit(heard_us + silence_us - 1), None);
    assert!(client.poll_transmit(heard_us + silence_us).is_some());
}

#[test]
fn a_broadcast_is_not_answered_and_the_line_waits_for_the_turnaround() {
    let mut client = Serial::without_timing().with_turnaround(150_000);
    client.request(UnitId::BROADCAST, &write(7), budget(0), 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    assert_eq!(client.next_deadline_us(), Some(150 * MS));
    assert_eq!(short(client.poll(150 * MS - 1)), "nothing");
    assert_eq!(short(client.poll(150 * MS)), "1 sent");
    assert!(client.is_idle());
}

#[test]
#[cfg(feature = "extended-functions")]
fn what_forces_listen_only_mode_is_not_waited_for() {
    use modbus_codec::diagnostics::{Diagnostics, SubFunction};
    let mut client = Serial::without_timing();
    let force = Diagnostics::new(SubFunction::FORCE_LISTEN_ONLY_MODE, &[0, 0]).unwrap();
    client.request(unit(UNIT), &Request::Diagnostics(force), budget(0), 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    assert_eq!(short(client.poll(100 * MS)), "1 sent");
}

#[test]
fn the_echo_of_a_two_wire_line_is_not_an_answer() {
    let mut client = Serial::without_timing().with_echo();
    client.request(unit(UNIT), &write(7), budget(0), 0).unwrap();
    let sent = client.poll_transmit(0).unwrap().to_vec();
    assert_eq!(hear(&mut client, &sent[..3], 1), "nothing");
    assert_eq!(hear(&mut client, &sent[3..], 2), "nothing");
    // The same bytes once more are the answer.
    assert_eq!(hear(&mut client, &sent, 3), "1 answered after 1: 06");
    assert_eq!(client.counters().damaged_echoes, 0);

    client.request(unit(UNIT), &write(8), budget(0), 3).unwrap();
    let mut sent = client.poll_transmit(3).unwrap().to_vec();
    sent[2] ^= 1;
    sent[4] ^= 1;
    let answered = [&sent[..], &answer("11 06 0001 0008")].concat();
    assert_eq!(hear(&mut client, &answered, 5), "2 answered after 1: 06");
    assert_eq!(client.counters().damaged_echoes, 1, "once an echo");
}

#[test]
fn a_late_answer_is_not_taken_for_that_of_the_next_request() {
    let mut client = Serial::without_timing().with_late_answers(400_000);
    let once = Budget { attempts: 1, ..budget(0) };
    client.request(unit(UNIT), &read(0, 1), once, 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    assert!(short(client.poll(100 * MS)).starts_with("1 unanswered"));
    // The same unit and function: it waits until the late answer has come,
    client.request(unit(UNIT), &read(5, 1), budget(100 * MS), 100 * MS).unwrap();
    assert_eq!(client.poll_transmit(110 * MS), None);
    assert_eq!(hear(&mut client, &answer("11 03 02 DEAD"), 120 * MS), "nothing");
    assert_eq!(client.counters().late, 1);
    assert!(client.poll_transmit(120 * MS).is_some());
    assert_eq!(hear(&mut client, &answer("11 03 02 0005"), 130 * MS), "2 answered after 1: [5]");

    // or can come no more: 400 ms after its timeout.
    client.request(unit(UNIT), &read(0, 1), once, 130 * MS).unwrap();
    assert!(client.poll_transmit(130 * MS).is_some());
    assert!(short(client.poll(230 * MS)).starts_with("3 unanswered"));
    client.request(unit(UNIT), &read(5, 1), budget(230 * MS), 230 * MS).unwrap();
    assert_eq!(client.next_deadline_us(), Some(630 * MS));
    assert_eq!(client.poll_transmit(630 * MS - 1), None);
    assert_eq!(short(client.poll(630 * MS)), "nothing");
    assert!(client.poll_transmit(630 * MS).is_some());
}

#[test]
fn another_unit_or_function_need_not_wait_for_a_late_answer() {
    let mut client = Serial::without_timing();
    let once = Budget { attempts: 1, ..budget(0) };
    client.request(unit(UNIT), &read(0, 1), once, 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    assert!(short(client.poll(100 * MS)).starts_with("1 unanswered"));
    client.request(unit(18), &read(0, 1), budget(100 * MS), 100 * MS).unwrap();
    assert!(client.poll_transmit(100 * MS).is_some());
    assert_eq!(hear(&mut client, &answer("11 03 02 DEAD"), 110 * MS), "nothing");
    assert_eq!(hear(&mut client, &answer("12 03 02 0001"), 120 * MS), "2 answered after 1: [1]");
    client.request(unit(UNIT), &write(7), budget(120 * MS), 120 * MS).unwrap();
    assert!(client.poll_transmit(120 * MS).is_some());
    assert_eq!((client.counters().late, client.counters().mismatched), (1, 0));
}

#[test]
fn the_answer_to_the_first_attempt_answers_and_that_to_the_second_is_late() {
    let mut client = Serial::without_timing();
    client.request(unit(UNIT), &read(0, 1), budget(0), 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    assert_eq!(short(client.poll(100 * MS)), "nothing");
    assert!(client.poll_transmit(100 * MS).is_some());
    assert_eq!(hear(&mut client, &answer("11 03 02 0001"), 110 * MS), "1 answered after 2: [1]");
    client.request(unit(UNIT), &read(9, 1), budget(110 * MS), 110 * MS).unwrap();
    assert_eq!(client.poll_transmit(111 * MS), None);
    assert_eq!(hear(&mut client, &answer("11 03 02 0001"), 120 * MS), "nothing");
    assert!(client.poll_transmit(120 * MS).is_some());
    assert_eq!(hear(&mut client, &answer("11 03 02 0009"), 130 * MS), "2 answered after 1: [9]");
}

#[test]
fn an_answer_between_two_attempts_ends_the_request() {
    let mut client = Serial::without_timing();
    client.request(unit(UNIT), &read(0, 1), budget(0), 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    assert_eq!(short(client.poll(100 * MS)), "nothing");
    assert_eq!(hear(&mut client, &answer("11 03 02 0001"), 101 * MS), "1 answered after 1: [1]");
    // The only attempt was answered: nothing is owed.
    client.request(unit(UNIT), &read(9, 1), budget(101 * MS), 101 * MS).unwrap();
    assert!(client.poll_transmit(101 * MS).is_some());
}

#[test]
fn with_more_late_answers_than_are_remembered_every_request_waits() {
    let mut client = Serial::without_timing().with_late_answers(400_000);
    let mut now_us = 0;
    for raw in 1..=5 {
        let once = Budget { attempts: 1, ..budget(now_us) };
        client.request(unit(raw), &read(0, 1), once, now_us).unwrap();
        // The fifth waits for the first four already.
        now_us = client.next_deadline_us().unwrap().max(now_us);
        assert_eq!(short(client.poll(now_us)), "nothing");
        assert!(client.poll_transmit(now_us).is_some());
        now_us += 100 * MS;
        assert!(short(client.poll(now_us)).contains("unanswered"));
    }
    // The fourth was sent at 300 ms, and may be answered until 800 ms.
    assert_eq!(now_us, 900 * MS);
}

#[test]
fn a_request_that_is_held_back_past_its_deadline_ends_at_once() {
    let mut client = Serial::without_timing().with_late_answers(400_000);
    let once = Budget { attempts: 1, ..budget(0) };
    client.request(unit(UNIT), &read(0, 1), once, 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    assert!(short(client.poll(100 * MS)).starts_with("1 unanswered"));
    let hurried = Budget { deadline_us: 600 * MS, ..budget(0) };
    client.request(unit(UNIT), &read(0, 1), hurried, 100 * MS).unwrap();
    assert_eq!(short(client.poll(100 * MS)), "nothing", "500 ms for the late one, 100 ms for this");
    let ended = client.cancel(100 * MS);
    assert_eq!(short(ended), "2 unanswered after 0: cancelled");
    let hurried = Budget { deadline_us: 600 * MS - 1, ..budget(0) };
    client.request(unit(UNIT), &read(0, 1), hurried, 100 * MS).unwrap();
    assert_eq!(
        client.next_deadline_us(),
        Some(100 * MS),
        "it is told at once, not when it is free"
    );
    assert_eq!(short(client.poll(100 * MS)), "3 unanswered after 0: no time for another attempt");
    assert_eq!(short(client.cancel(100 * MS)), "nothing");
}

#[test]
fn a_cancelled_requests_answer_is_late() {
    let mut client = Serial::without_timing();
    client.request(unit(UNIT), &read(0, 1), budget(0), 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    assert_eq!(short(client.cancel(1)), "1 unanswered after 1: cancelled");
    client.request(unit(UNIT), &read(5, 1), budget(1), 1).unwrap();
    assert_eq!(client.poll_transmit(1), None);
    assert_eq!(hear(&mut client, &answer("11 03 02 DEAD"), 2), "nothing");
    assert!(client.poll_transmit(2).is_some());
}

#[test]
fn a_clock_that_goes_back_changes_nothing() {
    let mut client = Serial::without_timing();
    client.request(unit(UNIT), &read(0, 1), budget(500), 500).unwrap();
    assert!(client.poll_transmit(500).is_some());
    assert_eq!(short(client.poll(0)), "nothing");
    assert_eq!(client.next_deadline_us(), Some(500 + 100 * MS));
    assert_eq!(hear(&mut client, &answer("11 03 02 0001"), 100), "1 answered after 1: [1]");
}

// TCP.

#[track_caller]
fn hear_tcp<const N: usize>(client: &mut Tcp<N>, text: &str, now_us: u64) -> String {
    assert!(client.receive(&hex(text)).is_empty());
    short(client.poll(now_us))
}

#[test]
fn sixteen_transactions_are_answered_in_any_order() {
    let mut client = Tcp::<16>::new();
    for index in 0..16 {
        client.request(unit(0xFF), &read(index, 1), budget(0), 0).unwrap();
        let expected = format!("{index:04X} 0000 0006 FF 03 {index:04X} 0001");
        assert_eq!(client.poll_transmit(0), Some(&hex(&expected)[..]));
    }
    let refused = client.request(unit(0xFF), &read(0, 1), budget(0), 0);
    assert_eq!((refused, client.under_way()), (Err(RequestError::Full { max: 16 }), 16));
    for index in (0..16).rev() {
        let text = format!("{index:04X} 0000 0005 FF 03 02 {index:04X}");
        let answered = format!("{} answered after 1: [{index}]", index + 1);
        assert_eq!(hear_tcp(&mut client, &text, 10), answered);
    }
    assert_eq!((client.under_way(), client.counters().answered), (0, 16));
}

#[test]
fn requests_are_sent_in_the_order_they_were_made() {
    let mut client = Tcp::<3>::new();
    for index in 0..3 {
        client.request(unit(1), &read(index, 1), budget(0), 0).unwrap();
    }
    for index in 0..3 {
        assert_eq!(client.poll_transmit(0).unwrap()[9], index);
    }
    assert_eq!(client.poll_transmit(0), None);
}

#[test]
fn an_unknown_transaction_is_discarded_and_counted() {
    let mut client = Tcp::<2>::new();
    client.request(unit(1), &read(0, 1), budget(0), 0).unwrap();
    assert_eq!(hear_tcp(&mut client, "0000 0000 0005 01 03 02 0007", 0), "nothing", "not sent yet");
    assert!(client.poll_transmit(0).is_some());
    assert_eq!(hear_tcp(&mut client, "0001 0000 0005 01 03 02 0007", 1), "nothing");
    assert_eq!(client.counters().late, 2);
    let answered = hear_tcp(&mut client, "0000 0000 0005 01 03 02 0007", 1);
    assert_eq!(answered, "1 answered after 1: [7]");
    assert_eq!(hear_tcp(&mut client, "0000 0000 0005 01 03 02 0007", 1), "nothing");
    assert_eq!(client.counters().late, 3);
}

#[test]
fn an_identifier_is_used_again_after_all_others() {
    let mut client = Tcp::<1>::new();
    for index in 0..=65_536_u32 {
        client.request(unit(1), &read(0, 1), budget(0), 0).unwrap();
        let sent = client.poll_transmit(0).unwrap();
        assert_eq!(u16::from_be_bytes([sent[0], sent[1]]), index as u16);
        let text = format!("{:04X} 0000 0005 01 03 02 0007", index as u16);
        assert!(hear_tcp(&mut client, &text, 0).contains("answered"));
    }
}

#[test]
fn what_does_not_fit_is_named_since_no_other_answer_will_come() {
    let table = [
        ("0000 0000 0007 01 03 04 0001 0002", "the answer does not fit"),
        ("0000 0000 0005 01 04 02 0001", "the answer does not fit"),
        ("0000 0000 0005 02 03 02 0001", "the answer does not fit: unit 1 was asked, 2 answered"),
        ("0000 0000 0003 01 84 02", "the answer does not fit"),
        ("0000 0000 0004 01 03 02 00", "the answer is malformed"),
        ("0000 0000 0003 01 83 0B", "answered after 1: function 03 refused: 0B"),
    ];
    for (text, expected) in table {
        let mut client = Tcp::<2>::new();
        client.request(unit(1), &read(0, 1), budget(0), 0).unwrap();
        assert!(client.poll_transmit(0).is_some());
        let event = hear_tcp(&mut client, text, 1);
        assert!(event.contains(expected), "{text}: {event}");
        assert_eq!(client.under_way(), 0);
    }
    let mut client = Tcp::<2>::new();
    client.request(unit(1), &read(0, 1), budget(0), 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    assert!(client.receive(&hex("0000 0000 0005 01 04 02 0001")).is_empty());
    let Some(Event::Unanswered { failure: Failure::Mismatched(mismatch), .. }) = client.poll(0)
    else {
        panic!("must not fit");
    };
    let expected = Mismatch::Function {
        expected: FunctionCode::READ_HOLDING_REGISTERS,
        got: FunctionCode::READ_INPUT_REGISTERS,
    };
    assert_eq!((mismatch, client.counters().mismatched), (expected, 1));
}

#[test]
fn each_transaction_has_its_own_budget() {
    let mut client = Tcp::<4>::new();
    let until = |deadline_ms: u64, attempts| Budget {
        deadline_us: deadline_ms * MS,
        response_timeout_us: 100_000,
        attempts,
    };
    client.request(unit(1), &read(0, 1), until(150, 9), 0).unwrap();
    client.request(unit(1), &read(1, 1), until(1_000, 1), 0).unwrap();
    client.request(unit(1), &read(2, 1), until(1_000, 2), 0).unwrap();
    for _ in 0..3 {
        assert!(client.poll_transmit(0).is_some());
    }
    assert_eq!(client.next_deadline_us(), Some(100 * MS));
    assert_eq!(short(client.poll(100 * MS - 1)), "nothing");
    let ended = short(client.poll(100 * MS));
    assert_eq!(ended, "1 unanswered after 1: no time for another attempt");
    assert_eq!(short(client.poll(100 * MS)), "2 unanswered after 1: no answer to any attempt");
    assert_eq!(short(client.poll(100 * MS)), "nothing");
    // The third goes out again as it was.
    assert_eq!(client.poll_transmit(100 * MS).unwrap()[..2], [0, 2]);
    assert_eq!(client.poll_transmit(100 * MS), None);
    assert_eq!(short(client.poll(200 * MS)), "3 unanswered after 2: no answer to any attempt");
    assert_eq!((client.counters().sent, client.counters().retries), (4, 1));
    let refused = client.request(unit(1), &read(0, 1), until(250, 1), 200 * MS);
    let error = RequestError::Deadline { required_us: 100_000, available_us: 50_000 };
    assert_eq!(refused, Err(error));
}

#[test]
fn a_request_that_is_not_sent_in_time_ends() {
    let mut client = Tcp::<1>::new();
    client.request(unit(1), &read(0, 1), budget(0), 0).unwrap();
    assert_eq!(client.next_deadline_us(), Some(0));
    assert_eq!(short(client.poll(900 * MS)), "nothing");
    assert_eq!(client.poll_transmit(900 * MS + 1), None);
    let ended = short(client.poll(900 * MS + 1));
    assert_eq!(ended, "1 unanswered after 0: no time for another attempt");
}

#[test]
fn after_a_disconnection_requests_are_sent_again_as_far_as_their_budgets_allow() {
    let mut client = Tcp::<2>::new();
    client.request(unit(1), &read(0, 1), Budget { attempts: 1, ..budget(0) }, 0).unwrap();
    client.request(unit(1), &read(1, 1), budget(0), 0).unwrap();
    assert!(client.poll_transmit(0).is_some() && client.poll_transmit(0).is_some());
    assert_eq!(hear_tcp(&mut client, "0000 0000 0005 01", 10), "nothing");
    client.disconnected(20);
    assert_eq!(client.counters().discarded_bytes, 7);
    assert_eq!(short(client.poll(20)), "1 unanswered after 1: no answer to any attempt");
    assert_eq!(short(client.poll(20)), "nothing");
    assert_eq!(client.poll_transmit(30).unwrap()[..2], [0, 1]);
    let answered = hear_tcp(&mut client, "0001 0000 0005 01 03 02 0007", 40);
    assert_eq!(answered, "2 answered after 2: [7]");
}

#[test]
fn a_stream_that_is_not_modbus_says_so_once_and_is_discarded_until_it_ends() {
    let mut client = Tcp::<2>::new();
    client.request(unit(1), &read(0, 1), budget(0), 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    let event = hear_tcp(&mut client, "4854 5450 2F31 2E31", 1);
    assert!(event.contains("ProtocolId"), "{event}");
    assert_eq!(hear_tcp(&mut client, "0000 0000 0005 01 03 02 0007", 2), "nothing");
    assert_eq!(client.counters().discarded_bytes, 8 + 11);
    client.disconnected(3);
    assert_eq!(short(client.poll(3)), "nothing");
    assert!(client.poll_transmit(3).is_some());
    let answered = hear_tcp(&mut client, "0000 0000 0005 01 03 02 0007", 4);
    assert_eq!(answered, "1 answered after 2: [7]");
}

#[test]
fn a_cancelled_transaction_ends_and_its_answer_is_late() {
    let mut client = Tcp::<2>::new();
    let ticket = client.request(unit(1), &read(0, 1), budget(0), 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    assert_eq!(short(client.cancel(ticket)), "1 unanswered after 1: cancelled");
    assert_eq!(short(client.cancel(ticket)), "nothing");
    assert_eq!(hear_tcp(&mut client, "0000 0000 0005 01 03 02 0007", 1), "nothing");
    assert_eq!((client.counters().late, client.counters().unanswered), (1, 1));
}

#[test]
fn answers_are_taken_however_the_stream_is_cut() {
    let text = "0000 0000 0005 01 03 02 0007  0001 0000 0005 01 03 02 0008";
    for chunk in 1..=22 {
        let mut client = Tcp::<2>::new();
        for index in 0..2 {
            client.request(unit(1), &read(index, 1), budget(0), 0).unwrap();
            assert!(client.poll_transmit(0).is_some());
        }
        let mut events = Vec::new();
        for bytes in hex(text).chunks(chunk) {
            assert!(client.receive(bytes).is_empty());
            loop {
                match short(client.poll(0)) {
                    event if event == "nothing" => break,
                    event => events.push(event),
                }
            }
        }
        assert_eq!(events, ["1 answered after 1: [7]", "2 answered after 1: [8]"], "{chunk}");
    }
}

#[test]
fn the_quantity_of_coils_is_the_requests() {
    let mut client = Tcp::<1>::new();
    let request = Request::WriteMultipleCoils {
        starting_address: Address::new(19),
        coils: Coils::from_bytes(&[0xCD, 0x01], 10).unwrap(),
    };
    client.request(unit(1), &request, budget(0), 0).unwrap();
    assert!(client.poll_transmit(0).is_some());
    let event = hear_tcp(&mut client, "0000 0000 0006 01 0F 0013 0010", 1);
    assert!(event.contains("does not repeat the request"), "{event}");
}
