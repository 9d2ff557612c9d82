//! TCP streams as captures hold them: in pieces, twice, out of order, cut, with holes, and not Modbus at all.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;
#[path = "../../../modbus-codec/tests/line/mod.rs"]
mod line;

use std::collections::HashMap;

use common::{Temporary, captures, captures_under, jsonl, number, own, run, text, unhex};
use serde_json::Value;

/// A capture that is being made: packets between 10.0.0.1 and the server 10.0.0.2.
struct Capture {
    bytes: Vec<u8>,
    t_us: u64,
}

#[derive(Clone, Copy)]
enum Side {
    Client,
    Server,
}

use Side::{Client, Server};

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const FIN: u8 = 0x01;

impl Capture {
    fn new() -> Self {
        Self::with_link(1)
    }

    fn with_link(link: u32) -> Self {
        let mut bytes = Vec::new();
        for word in [0xA1B2_C3D4, 0x0004_0002, 0, 0, 65_535, link] {
            bytes.extend(word.to_le_bytes());
        }
        Self { bytes, t_us: 1_000_000_000_000 }
    }

    fn record(&mut self, packet: &[u8], len: usize) {
        self.t_us += 1_000;
        let words = [self.t_us / 1_000_000, self.t_us % 1_000_000, packet.len() as u64, len as u64];
        for word in words {
            self.bytes.extend((word as u32).to_le_bytes());
        }
        self.bytes.extend(packet);
    }

    fn send(&mut self, from: Side, sequence: u32, payload: &[u8]) -> &mut Self {
        self.packet(from, sequence, 0, ACK, payload, payload.len())
    }

    /// A packet of which the capture kept `kept` bytes of the payload.
    fn packet(
        &mut self,
        from: Side,
        sequence: u32,
        acknowledged: u32,
        flags: u8,
        payload: &[u8],
        kept: usize,
    ) -> &mut Self {
        let mut packet = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
        packet.extend(ip(from, sequence, acknowledged, flags, payload, 502));
        let len = packet.len();
        packet.truncate(len - (payload.len() - kept));
        self.record(&packet, len);
        self
    }

    fn events(&self, arguments: &[&str]) -> Vec<Value> {
        let temporary = Temporary::new();
        let file = temporary.file("made.pcap", &self.bytes);
        let events = jsonl(&[arguments, &[file.as_str()]].concat());
        events.into_iter().filter(|event| text(event, "lane") == "modbus").collect()
    }
}

fn ip(
    from: Side,
    sequence: u32,
    acknowledged: u32,
    flags: u8,
    payload: &[u8],
    port: u16,
) -> Vec<u8> {
    let (ports, ends) = match from {
        Client => ([40_000, port], [[10, 0, 0, 1], [10, 0, 0, 2]]),
        Server => ([port, 40_000], [[10, 0, 0, 2], [10, 0, 0, 1]]),
    };
    let mut packet = vec![0x45, 0];
    packet.extend((40 + payload.len() as u16).to_be_bytes());
    packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
    packet.extend(ends.concat());
    packet.extend(ports.map(u16::to_be_bytes).concat());
    packet.extend(sequence.to_be_bytes());
    packet.extend(acknowledged.to_be_bytes());
    packet.extend([0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]);
    packet.extend(payload);
    packet
}

fn read(transaction: u8) -> Vec<u8> {
    vec![0, transaction, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2]
}

fn answer(transaction: u8) -> Vec<u8> {
    vec![0, transaction, 0, 0, 0, 7, 1, 3, 4, 0, 1, 0, 2]
}

/// The events in short: name, transaction or reason, packet.
fn short(events: &[Value]) -> Vec<String> {
    let show = |event: &Value| match text(event, "event") {
        "discarded" => {
            let (bytes, reason) = (number(event, "bytes"), text(event, "reason"));
            format!("{bytes} {reason} @{}", number(event, "packet"))
        }
        name => {
            format!("{name} {} @{}", number(event, "transaction"), number(event, "packet"))
        }
    };
    events.iter().map(show).collect()
}

#[test]
fn several_adus_in_a_segment_and_one_over_several() {
    let mut capture = Capture::new();
    capture.send(Client, 100, &[read(1), read(2)].concat());
    capture.send(Client, 124, &read(3)[..5]).send(Client, 129, &read(3)[5..]);
    let answers = [answer(1), answer(2), answer(3)].concat();
    for (at, byte) in answers.iter().enumerate() {
        capture.send(Server, 500 + at as u32, &[*byte]);
    }
    let events = capture.events(&[]);
    let expected = [
        "request 1 @1",
        "request 2 @1",
        "request 3 @3",
        "response 1 @16",
        "response 2 @29",
        "response 3 @42",
    ];
    assert_eq!(short(&events), expected);
    assert!(events[3..].iter().all(|event| event.get("latency_us").is_some()));
    assert_eq!(number(&events[3], "latency_us"), 15_000);
}

#[test]
fn a_retransmitted_adu_is_one_event() {
    let mut capture = Capture::new();
    capture.send(Client, 100, &read(1)).send(Client, 100, &read(1)).send(Server, 500, &answer(1));
    // Sent again together with what follows.
    capture.send(Client, 100, &[read(1), read(2)].concat()).send(Server, 513, &answer(2));
    let expected = ["request 1 @1", "response 1 @3", "request 2 @4", "response 2 @5"];
    assert_eq!(short(&capture.events(&[])), expected);
}

#[test]
fn segments_out_of_order_are_put_in_order() {
    let mut capture = Capture::new();
    capture.send(Client, 100, &read(1));
    capture.send(Client, 124, &read(3)).send(Client, 112, &read(2));
    let expected = ["request 1 @1", "request 2 @3", "request 3 @2"];
    assert_eq!(short(&capture.events(&[]))[..3], expected);
}

#[test]
fn a_stream_that_starts_in_the_middle_of_an_adu_is_discarded_up_to_the_next_segment() {
    let mut capture = Capture::new();
    capture.send(Client, 100, &[&read(1)[3..], &read(2)].concat()).send(Client, 121, &read(3));
    assert_eq!(short(&capture.events(&[]))[..2], ["21 hole @1", "request 3 @2"]);
}

#[test]
fn a_hole_is_discarded_with_its_reason_and_decoding_resumes_after_it() {
    let mut capture = Capture::new();
    capture.send(Client, 100, &read(1)).send(Client, 112, &read(2)[..7]);
    // The rest of the second request was not captured, but its answer says that it was there.
    capture.send(Client, 124, &read(3));
    capture.packet(Server, 500, 136, ACK, &answer(2), 13);
    let events = capture.events(&[]);
    assert_eq!(short(&events)[..3], ["request 1 @1", "7 hole @2", "request 3 @3"]);
    // Nothing tells that it will not come: the end does.
    let mut capture = Capture::new();
    capture.send(Client, 100, &read(1)).send(Client, 200, &read(2));
    assert_eq!(short(&capture.events(&[]))[..2], ["request 1 @1", "request 2 @2"]);
}

#[test]
fn a_packet_that_the_capture_cut_is_truncated_and_decoding_resumes_after_it() {
    let mut capture = Capture::new();
    capture.send(Client, 100, &read(1));
    capture.packet(Client, 112, 0, ACK, &[read(2), read(3)].concat(), 17);
    capture.send(Client, 136, &read(4));
    let expected = ["request 1 @1", "request 2 @2", "5 truncated @2", "request 4 @3"];
    assert_eq!(short(&capture.events(&[]))[..4], expected);
}

#[test]
fn what_is_not_modbus_on_its_port_says_so() {
    let mut capture = Capture::new();
    capture.packet(Client, 99, 0, SYN, b"", 0).packet(Server, 499, 100, SYN | ACK, b"", 0);
    capture.send(Client, 100, b"GET / HTTP/1.1\r\n\r\n").send(Server, 500, &answer(1));
    assert_eq!(short(&capture.events(&[])), ["18 not_modbus @3", "response 1 @4"]);
    // Where it was Modbus before, what is wrong is the header.
    let mut capture = Capture::new();
    capture.packet(Client, 99, 0, SYN, b"", 0).send(Client, 100, &read(1));
    capture.send(Client, 112, &[0, 2, 0, 9, 0, 6, 1, 3]).send(Client, 120, &[0, 2, 0, 0, 1, 0, 1]);
    capture.send(Client, 127, &read(3));
    let expected = ["request 1 @2", "8 protocol_id @3", "7 length @4", "request 3 @5"];
    assert_eq!(short(&capture.events(&[]))[..4], expected);
}

#[test]
fn a_request_is_unanswered_when_its_transaction_is_used_again_or_its_connection_ends() {
    let mut capture = Capture::new();
    capture.send(Client, 100, &read(1)).send(Client, 112, &read(1)).send(Server, 500, &answer(1));
    capture.send(Client, 124, &read(2));
    capture.packet(Client, 136, 0, FIN | ACK, b"", 0).packet(Server, 513, 0, FIN | ACK, b"", 0);
    let events = capture.events(&[]);
    let expected = [
        "request 1 @1",
        "request 1 @2",
        "response 1 @3",
        "request 2 @4",
        "unanswered 1 @1",
        "unanswered 2 @4",
    ];
    assert_eq!(short(&events), expected);
    assert_eq!(number(&events[4], "request_t_us"), number(&events[0], "t_us"));
    assert_eq!(number(&events[5], "t_us") - number(&events[3], "t_us"), 2_000);
}

#[test]
fn ports_that_are_used_again_are_a_new_connection() {
    let mut capture = Capture::new();
    capture.packet(Client, 99, 0, SYN, b"", 0).send(Client, 100, &read(1)[..9]);
    capture.packet(Client, 7_000_000, 0, SYN, b"", 0).send(Client, 7_000_001, &read(2));
    assert_eq!(short(&capture.events(&[]))[..2], ["9 truncated @2", "request 2 @4"]);
}

#[test]
fn what_waited_out_of_order_when_its_ports_are_used_again_is_accounted_for() {
    let mut capture = Capture::new();
    capture.packet(Client, 99, 0, SYN, b"", 0).send(Client, 100, &read(1));
    // The second twelve bytes never come; the third wait for them.
    capture.send(Client, 124, &read(3));
    capture.packet(Client, 7_000_000, 0, SYN, b"", 0).send(Client, 7_000_001, &read(4));
    let events = capture.events(&[]);
    let requests: Vec<_> =
        events.iter().filter(|event| text(event, "event") == "request").collect();
    let transactions: Vec<_> = requests.iter().map(|event| number(event, "transaction")).collect();
    assert_eq!(transactions, [1, 3, 4], "{events:#?}");
}

/// The bytes of a wire that are in events.
fn told_bytes(events: &[Value], wire: &str) -> usize {
    let of_wire = events.iter().filter(|event| text(event, "wire") == wire);
    let len = |event: &Value| match text(event, "event") {
        "discarded" => number(event, "bytes") as usize,
        "unanswered" => 0,
        _ => 7 + text(event, "pdu").len() / 2,
    };
    of_wire.map(len).sum()
}

#[test]
fn a_syn_of_either_side_drops_nothing_that_waited_on_either_side() {
    for waits in [Client, Server] {
        for speaks in [Client, Server] {
            let adu = |transaction| match waits {
                Client => read(transaction),
                Server => answer(transaction),
            };
            let len = adu(1).len();
            let mut capture = Capture::new();
            capture.packet(Client, 99, 0, SYN, b"", 0).packet(Server, 99, 100, SYN | ACK, b"", 0);
            // The second is missing, so that the third and half of the fourth wait for it.
            capture.send(waits, 100, &adu(1)).send(waits, 100 + 2 * len as u32, &adu(3));
            capture.send(waits, 100 + 3 * len as u32, &adu(4)[..5]);
            capture.packet(speaks, 7_000_000, 0, SYN, b"", 0).send(speaks, 7_000_001, b"");
            let events = capture.events(&[]);
            let wire = match waits {
                Client => "10.0.0.1:40000 > 10.0.0.2:502",
                Server => "10.0.0.2:502 > 10.0.0.1:40000",
            };
            assert_eq!(told_bytes(&events, wire), 2 * len + 5, "{events:#?}");
        }
    }
}

#[test]
fn rtu_over_tcp_has_its_direction_from_the_port() {
    let write = line::closed(vec![1, 6, 0, 1, 0, 2]);
    let mut capture = Capture::new();
    capture.send(Client, 100, &write).send(Server, 500, &write[..3]).send(Server, 503, &write[3..]);
    capture.send(Client, 108, &[&[0x55], &write[..]].concat());
    let events = capture.events(&["--port", "1", "--rtu-over-tcp", "502"]);
    let names: Vec<_> = events.iter().map(|event| text(event, "event")).collect();
    assert_eq!(names, ["request", "response", "discarded", "request", "unanswered"]);
    assert_eq!(text(&events[1], "transport"), "rtu");
    assert_eq!(number(&events[1], "packet"), 3);
    assert!(events[1].get("transaction").is_none() && events[1].get("latency_us").is_some());
}

#[test]
fn every_link_that_carries_ip_is_read() {
    let segment = ip(Client, 100, 0, ACK, &read(1), 502);
    let vlan = [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0, 0, 7, 8, 0][..], &segment].concat();
    let mut sll = vec![0; 16];
    sll[14] = 8;
    let mut sll2 = vec![0; 20];
    sll2[0] = 8;
    let links = [
        (1, vlan),
        (0, [&[2, 0, 0, 0][..], &segment].concat()),
        (101, segment.clone()),
        (113, [sll, segment.clone()].concat()),
        (276, [sll2, segment].concat()),
    ];
    for (link, packet) in links {
        let mut capture = Capture::with_link(link);
        capture.record(&packet, packet.len());
        assert_eq!(short(&capture.events(&[]))[..1], ["request 1 @1"], "link type {link}");
    }
}

#[test]
fn times_are_microseconds_whatever_the_capture_counts() {
    let packet = {
        let mut packet = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
        packet.extend(ip(Client, 100, 0, ACK, &read(1), 502));
        packet
    };
    let len = packet.len() as u32;
    // Nanoseconds, big-endian.
    let words = [0xA1B2_3C4D, 0x0002_0004, 0, 0, 65_535, 1, 1_700_000_000, 123_456_789, len, len];
    let big: Vec<u8> = words.iter().flat_map(|word: &u32| word.to_be_bytes()).collect();
    let big = [&big[..], &packet].concat();
    // pcapng, an interface that counts in 1/1024 s.
    let mut ng = Vec::new();
    let mut block = |kind: u32, body: &[u8]| {
        let len = (12 + body.len().next_multiple_of(4)) as u32;
        ng.extend(kind.to_le_bytes());
        ng.extend(len.to_le_bytes());
        ng.extend(body);
        ng.resize(ng.len().next_multiple_of(4), 0);
        ng.extend(len.to_le_bytes());
    };
    block(
        0x0A0D_0D0A,
        &[0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255],
    );
    block(1, &[1, 0, 0, 0, 0, 0, 4, 0, 9, 0, 1, 0, 0x8A, 0, 0, 0, 0, 0, 0, 0]);
    let ticks = 1_700_000_000_u64 * 1024 + 512;
    let head = [0, (ticks >> 32) as u32, ticks as u32, len, len];
    let head: Vec<u8> = head.iter().flat_map(|word| word.to_le_bytes()).collect();
    block(6, &[&head[..], &packet].concat());
    let temporary = Temporary::new();
    for (name, bytes, t_us) in
        [("big.pcap", big, 1_700_000_000_123_456), ("ticks.pcapng", ng, 1_700_000_000_500_000)]
    {
        let events = jsonl(&[&temporary.file(name, &bytes)]);
        assert_eq!(number(&events[0], "t_us"), t_us, "{name}");
    }
}

#[test]
fn every_byte_of_every_wire_is_in_one_event() {
    let mut found = Vec::new();
    captures_under(&own(""), &mut found);
    if let Some(folder) = captures("every_byte_of_every_wire_is_in_one_event") {
        captures_under(&folder, &mut found);
    }
    for capture in found {
        let ran = run(["--format", "jsonl", capture.to_str().unwrap()]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let mut ends: HashMap<String, i64> = HashMap::new();
        for event in ran.events() {
            let len = match text(&event, "event") {
                "request" | "response" => 7 + unhex(text(&event, "pdu")).len() as i64,
                "discarded" => number(&event, "bytes"),
                _ => continue,
            };
            let end = ends.entry(text(&event, "wire").to_owned()).or_default();
            assert_eq!(number(&event, "offset"), *end, "{}: {event}", capture.display());
            *end += len;
        }
    }
}

#[test]
fn a_time_that_no_calendar_has_is_shown_all_the_same() {
    let mut capture = std::fs::read(own("plant.pcapng")).unwrap();
    // The upper half of the first packet's time, after its block's type, length and interface.
    let block = capture.windows(4).position(|word| word == [6, 0, 0, 0]).unwrap();
    capture[block + 12..block + 16].fill(0x7F);
    let temporary = Temporary::new();
    let file = temporary.file("late.pcapng", &capture);
    for arguments in [vec!["--utc", file.as_str()], vec![file.as_str()]] {
        let ran = run(&arguments);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    }
}

#[test]
fn a_block_that_is_too_short_to_be_one_is_refused() {
    // Found by fuzzing: the library subtracts 12 from the length of a block of some types without a look.
    let header = unhex("0a0d0d0a 1c000000 4d3c2b1a 01000000 ffffffffffffffff 1c000000");
    for length in 0..12_u8 {
        let kind = [1, 0, 0, 0x80];
        let block = [&kind[..], &[length, 0, 0, 0], &[0; 12]].concat();
        let temporary = Temporary::new();
        let file = temporary.file("short.pcapng", &[&header[..], &block].concat());
        let output = run([file.as_str()]);
        let told = format!("at least 12 bytes, got {length}");
        assert!(output.stderr.contains(&told), "{}", output.stderr);
    }
}
