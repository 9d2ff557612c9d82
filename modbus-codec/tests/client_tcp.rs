//! The client of a TCP connection: several transactions at a time, their budgets, and connections that end.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod asking;
mod line;

use asking::{MS, budget, read, short, unit};
use line::hex;
use modbus_codec::client::{Budget, Event, Failure, RequestError, Tcp};
use modbus_codec::{Address, Coils, FunctionCode, Mismatch, Request};

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
fn the_timeout_is_for_the_first_byte_of_the_answer() {
    let asked = || {
        let mut client = Tcp::<2>::new();
        let budget = Budget { deadline_us: 300 * MS, response_timeout_us: 100_000, attempts: 1 };
        for address in 0..2 {
            client.request(unit(1), &read(address, 1), budget, 0).unwrap();
            assert!(client.poll_transmit(0).is_some());
        }
        client
    };
    let mut client = asked();
    assert_eq!(hear_tcp(&mut client, "0001 0000 0005 01", 99 * MS), "nothing");
    // The first has no byte of an answer, the second has.
    assert_eq!(client.next_deadline_us(), Some(100 * MS));
    let ended = "1 unanswered after 1: no answer to any attempt";
    assert_eq!(short(client.poll(100 * MS)), ended);
    assert_eq!(short(client.poll(100 * MS)), "nothing");
    assert_eq!(client.next_deadline_us(), Some(300 * MS));
    assert_eq!(hear_tcp(&mut client, "03 02 0007", 299 * MS), "2 answered after 1: [7]");

    let mut client = asked();
    assert_eq!(hear_tcp(&mut client, "0000 0000 0005 01", 99 * MS), "nothing");
    assert_eq!(short(client.poll(299 * MS)), "2 unanswered after 1: no answer to any attempt");
    assert_eq!(short(client.poll(300 * MS)), ended);
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
