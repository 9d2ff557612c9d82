//! The client of an RTU line: answers, timeouts, deadlines, echoes, late answers.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod asking;
mod line;

use asking::{MS, UNIT, budget, read, short, unit, write};
use line::{closed, hex};
use modbus_codec::client::{Budget, Event, RequestError, Serial};
use modbus_codec::timing::Rtu;
use modbus_codec::{ExceptionCode, UnitId, pdu};

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
fn the_timeout_is_for_the_first_byte_of_the_answer() {
    let frame = answer("11 03 02 0007");
    let asked = |deadline_us| {
        let mut client = Serial::without_timing();
        let budget = Budget { deadline_us, response_timeout_us: 100_000, attempts: 1 };
        client.request(unit(UNIT), &read(0, 1), budget, 0).unwrap();
        client.poll_transmit(0);
        client
    };
    let mut client = asked(1_000 * MS);
    assert_eq!(hear(&mut client, &frame[..1], 99 * MS), "nothing");
    assert_eq!(short(client.poll(100 * MS)), "nothing");
    assert_eq!(hear(&mut client, &frame[1..5], 150 * MS), "nothing");
    assert_eq!(hear(&mut client, &frame[5..], 240 * MS), "1 answered after 1: [7]");

    // An answer whose rest does not come: the part is given up by silence, and with it the request.
    let mut client = asked(1_000 * MS);
    assert_eq!(hear(&mut client, &frame[..4], 99 * MS), "nothing");
    assert_eq!(short(client.poll(100 * MS)), "nothing");
    let given_up_us = client.next_deadline_us().unwrap();
    assert!(given_up_us < 300 * MS, "{given_up_us}");
    assert_eq!(short(client.poll(given_up_us - 1)), "nothing");
    let ended = "1 unanswered after 1: no answer to any attempt";
    assert_eq!(short(client.poll(given_up_us)), ended);

    // An answer that comes too slowly: the deadline ends the request.
    let mut client = asked(200 * MS);
    assert_eq!(hear(&mut client, &frame[..2], 99 * MS), "nothing");
    assert_eq!(hear(&mut client, &frame[2..4], 180 * MS), "nothing");
    assert_eq!(client.next_deadline_us(), Some(200 * MS));
    assert_eq!(short(client.poll(200 * MS)), ended);

    // Another unit's frame, or another function's, is no answer.
    for other in [&[0x12][..], &[0x11, 0x04]] {
        let mut client = asked(1_000 * MS);
        assert_eq!(hear(&mut client, other, 99 * MS), "nothing");
        assert_eq!(short(client.poll(100 * MS)), ended);
    }
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
    assert!(matches!(refused, Err(RequestError::Encode(pdu::EncodeError::Refused(_)))));
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
    use modbus_codec::Request;
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

#[test]
fn the_head_of_a_long_frame_gives_way_without_timing_too() {
    // The head of an answer of 125 registers, made by noise, would swallow 250 bytes of the answers after it.
    // The next attempt begins when silence has given the head up, however late that is.
    let head = hex("11 03 FA");
    for release_us in [50_000, 100_000, 100_001, 350_000] {
        let mut client = Serial::without_timing().with_release(release_us);
        client.request(unit(UNIT), &read(0, 1), budget(0), 0).unwrap();
        assert!(client.poll_transmit(0).is_some());
        assert_eq!(hear(&mut client, &head, 0), "nothing");
        let begins_us = u64::from(release_us.max(100_000));
        assert_eq!(short(client.poll(begins_us - 1)), "nothing");
        assert_eq!(client.poll_transmit(begins_us - 1), None, "{release_us}");
        assert_eq!(client.next_deadline_us(), Some(begins_us), "{release_us}");
        assert_eq!(short(client.poll(begins_us)), "nothing");
        assert!(client.poll_transmit(begins_us).is_some(), "{release_us}");
        let ended = hear(&mut client, &answer("11 03 02 0007"), begins_us + 1);
        assert_eq!(ended, "1 answered after 2: [7]", "{release_us}");
    }
}
