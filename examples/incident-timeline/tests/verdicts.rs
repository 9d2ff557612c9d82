//! The verdicts: recordings whose truth is known, each faulty one beside a twin with the same traffic and no fault.
//!
//! The first finding is the root cause, with its kind, its place and whose fault it is; a nominal recording gives none. What is printed in a
//! pipe says so in its first ten lines.
#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used
)]

mod common;
#[path = "verdicts/connections.rs"]
mod connections;
#[path = "verdicts/lines.rs"]
mod lines;
mod made;
#[path = "verdicts/nominal.rs"]
mod nominal;
#[path = "verdicts/recorders.rs"]
mod recorders;
#[path = "verdicts/rtu_over_tcp.rs"]
mod rtu_over_tcp;
#[path = "verdicts/tcp.rs"]
mod tcp;
#[path = "verdicts/udp.rs"]
mod udp;

use common::{Temporary, run, text};
use made::{
    ACK, Capture, Client, Connection, FIN, Line, READ, RST, SYN, Server, adu, ascii, closed, read,
    registers, write,
};
use serde_json::Value;

/// What is recorded.
enum Recording {
    Capture(Capture),
    Line(Line),
}

/// The truth about a recording.
struct Truth {
    kind: &'static str,
    blame: &'static str,
    /// A part of the text, which names the place.
    place: &'static str,
}

/// A recording with a fault, and its twin without.
struct Pair {
    name: &'static str,
    arguments: &'static [&'static str],
    truth: Truth,
    /// Makes the recording, with the fault or without.
    make: fn(bool) -> Recording,
}

struct Nominal {
    name: &'static str,
    arguments: &'static [&'static str],
    make: fn() -> Recording,
}

const fn pair(
    name: &'static str,
    kind: &'static str,
    blame: &'static str,
    place: &'static str,
    make: fn(bool) -> Recording,
) -> Pair {
    Pair { name, arguments: &[], truth: Truth { kind, blame, place }, make }
}

const fn nominal(name: &'static str, make: fn() -> Recording) -> Nominal {
    Nominal { name, arguments: &[], make }
}

impl Pair {
    const fn with(self, arguments: &'static [&'static str]) -> Self {
        Self { arguments, ..self }
    }
}

impl Nominal {
    const fn with(self, arguments: &'static [&'static str]) -> Self {
        Self { arguments, ..self }
    }
}

/// A capture of one connection, after some exchanges that are as they should be.
fn in_tcp(with: impl FnOnce(&mut Capture, &mut Connection)) -> Recording {
    let mut capture = Capture::default();
    let mut connection = capture.open(0);
    capture.polls(&mut connection, 1, 20);
    with(&mut capture, &mut connection);
    capture.polls(&mut connection, 1, 5);
    capture.close(&mut connection);
    Recording::Capture(capture)
}

/// A capture of the connections of two clients.
fn two_clients() -> (Capture, [Connection; 2]) {
    let mut capture = Capture::default();
    let mut connections = [capture.open(0), capture.open(1)];
    connections[1].client.0 = [10, 0, 0, 101];
    (capture, connections)
}

/// Two ends that speak UDP, after some exchanges that are as they should be.
fn in_udp(with: impl FnOnce(&mut Capture, &mut Connection)) -> Recording {
    let mut capture = Capture::default();
    let mut connection = Connection::udp(0);
    capture.polls(&mut connection, 1, 20);
    with(&mut capture, &mut connection);
    capture.polls(&mut connection, 1, 5);
    capture.wait(5_000_000);
    Recording::Capture(capture)
}

/// A line, after some exchanges that are as they should be.
fn on_line(with: impl FnOnce(&mut Line)) -> Recording {
    let mut line = Line::default();
    line.polls(1, 20);
    with(&mut line);
    line.polls(1, 5);
    Recording::Line(line)
}

/// RTU frames in a connection.
fn in_rtu(with: impl FnOnce(&mut Capture, &mut Connection)) -> Recording {
    let mut capture = Capture::default();
    let mut connection = Connection::new(0, false);
    connection.server.1 = 4001;
    for _ in 0..20 {
        rtu_exchange(&mut capture, &mut connection, 1, (&READ, &registers(&[1, 2])));
    }
    with(&mut capture, &mut connection);
    for _ in 0..5 {
        rtu_exchange(&mut capture, &mut connection, 1, (&READ, &registers(&[1, 2])));
    }
    capture.close(&mut connection);
    Recording::Capture(capture)
}

const RTU: &[&str] = &["--rtu-over-tcp", "4001"];

fn rtu_ask(capture: &mut Capture, connection: &mut Connection, unit: u8, pdu: &[u8]) {
    capture.data(connection, Client, &closed(unit, pdu));
    capture.ack(connection, Server);
}

fn rtu_exchange(
    capture: &mut Capture,
    connection: &mut Connection,
    unit: u8,
    (request, response): (&[u8], &[u8]),
) {
    rtu_ask(capture, connection, unit, request);
    capture.wait(8_000);
    capture.data(connection, Server, &closed(unit, response));
    capture.ack(connection, Client);
    capture.wait(100_000);
}

const EXCEPTION_2: [u8; 2] = [0x83, 2];

fn pairs() -> Vec<Pair> {
    let mut pairs = tcp::of_tcp();
    pairs.extend(connections::of_connections());
    pairs.extend(udp::of_udp());
    pairs.extend(rtu_over_tcp::of_rtu_over_tcp());
    pairs.extend(lines::of_lines());
    pairs
}

impl Recording {
    fn file(&self, folder: &Temporary, name: &str) -> String {
        match self {
            Self::Capture(capture) => folder.file(&format!("{name}.pcap"), &capture.bytes),
            Self::Line(line) => folder.file(&format!("{name}.csv"), line.rows.as_bytes()),
        }
    }
}

fn findings(arguments: &[&str], file: &str) -> Vec<Value> {
    let ran = run([&["--format", "jsonl"][..], arguments, &[file]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.events().into_iter().filter(|event| text(event, "lane") == "finding").collect()
}

/// What is wrong with a verdict, if anything is.
fn wrong(pair: &Pair, folder: &Temporary) -> Option<String> {
    let Pair { name, arguments, truth, make } = pair;
    let file = make(true).file(folder, "faulty");
    let found = findings(arguments, &file);
    let Some(first) = found.first() else { return Some(format!("{name}: no finding")) };
    let told = [text(first, "event"), text(first, "blame")];
    let is_right = told == [truth.kind, truth.blame] && text(first, "text").contains(truth.place);
    if !is_right {
        return Some(format!("{name}: {told:?}, {}", text(first, "text")));
    }
    if found.len() > 1 {
        let more: Vec<_> = found.iter().skip(1).map(|finding| text(finding, "text")).collect();
        return Some(format!("{name}: more than one finding: {more:?}"));
    }
    let shown = run([*arguments, &[file.as_str()]].concat()).stdout;
    let head: Vec<&str> = shown.lines().take(10).collect();
    if head.iter().any(|line| line.starts_with("  1.") && line.chars().count() > 100) {
        return Some(format!("{name}: a line is too long: {head:?}"));
    }
    let head = head.join(" ");
    for part in [truth.kind, truth.blame, "check first: "] {
        if !head.contains(part) {
            return Some(format!("{name}: no `{part}` in the first ten lines: {head}"));
        }
    }
    let twin = findings(arguments, &make(false).file(folder, "twin"));
    twin.first().map(|finding| format!("{name}: the twin gives {finding}"))
}

#[test]
fn the_first_finding_is_the_root_cause_and_a_twin_without_the_fault_gives_none() {
    let folder = Temporary::new();
    let wrong: Vec<String> = pairs().iter().filter_map(|pair| wrong(pair, &folder)).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), pairs().len(), wrong.join("\n"));
}

#[test]
fn a_nominal_recording_gives_no_finding() {
    let folder = Temporary::new();
    let mut wrong = Vec::new();
    for Nominal { name, arguments, make } in nominal::nominals() {
        let found = findings(arguments, &make().file(&folder, "nominal"));
        wrong.extend(found.first().map(|finding| format!("{name}: {finding}")));
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        nominal::nominals().len(),
        wrong.join("\n")
    );
}

/// What is said of packets that were not read.
fn unread(recording: &Recording) -> Vec<(String, u64, String)> {
    let folder = Temporary::new();
    let ran = run(["--format", "jsonl", &recording.file(&folder, "unread")]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let events = ran.events();
    let unread = events.iter().filter(|event| text(event, "lane") == "unread");
    let told = unread.map(|event| {
        let packets = event["packets"].as_u64().unwrap();
        (text(event, "what").to_owned(), packets, text(event, "try").to_owned())
    });
    told.collect()
}

#[test]
fn what_is_not_read_is_counted_and_named_before_the_findings() {
    let mut capture = Capture::default();
    let mut modbus = Connection::new(0, false);
    modbus.server.1 = 1502;
    capture.polls(&mut modbus, 1, 20);
    let mut web = Connection::new(1, false);
    web.server.1 = 80;
    for _ in 0..3 {
        capture.data(&mut web, Client, b"GET / HTTP/1.1\r\n\r\n");
    }
    capture.other(0x88B8, &[1; 40]);
    capture.other(0x1234, &[1; 40]);
    capture.other(0x0806, &[0; 28]);
    // A tunnel: GRE in IP.
    let mut gre = vec![0x45, 0, 0, 24, 0, 0, 0, 0, 64, 47, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    gre.extend([0; 4]);
    capture.other(0x0800, &gre);
    let recording = Recording::Capture(capture);
    let told = unread(&recording);
    let like = ("TCP port 1502, which looks like Modbus".to_owned(), 40, "--port 1502".to_owned());
    assert_eq!(told[0], like);
    let names: Vec<&str> = told.iter().map(|(what, ..)| what.as_str()).collect();
    for name in ["TCP port 80", "GOOSE (ethertype 88b8)", "ethertype 1234", "ARP", "GRE (a tunnel)"]
    {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    let folder = Temporary::new();
    let shown = run([recording.file(&folder, "unread")]).stdout;
    let first = "Not read: 40 packets on TCP port 1502, which looks like Modbus: try --port 1502.";
    assert_eq!(shown.lines().next(), Some(first), "{shown}");
    assert!(shown.contains("No findings in what was read."), "{shown}");
    let read = run(["--port", "1502", &recording.file(&folder, "unread")]).stdout;
    assert!(!read.contains("1502, which looks"), "{read}");
}

#[test]
fn a_link_type_that_nobody_knows_does_not_pass_for_healthy() {
    let mut capture = Capture::with_link(195);
    (0..5).for_each(|_| capture.record(&[1; 20]));
    assert_eq!(
        unread(&Recording::Capture(capture)),
        [("link type 195".to_owned(), 5, String::new())]
    );
    // One of the user's, whose packets are no frames.
    let mut capture = Capture::with_link(147);
    (0..12).for_each(|_| capture.record(&[1; 20]));
    let what = "a link type of the user's, whose first packets are no RTU frames";
    assert_eq!(unread(&Recording::Capture(capture)), [(what.to_owned(), 12, String::new())]);
}

/// Exchanges with many devices, each behind an address of its own; the answer of one device comes as `answers` says.
fn with_devices(
    (devices, rounds): (u32, u64),
    answers: impl Fn(u32, u64) -> Option<(Vec<u8>, u64)>,
) -> Recording {
    let mut capture = Capture::default();
    let mut connection = capture.open(0);
    for round in 0..rounds {
        for device in 0..devices {
            connection.server.0 = address(device);
            let transaction = capture.ask(&mut connection, 1, &READ);
            if let Some((answer, after_us)) = answers(device, round) {
                capture.answer(&mut connection, (transaction, 1), &answer, after_us);
            }
        }
    }
    capture.wait(5_000_000);
    connection.server.0 = address(0);
    capture.polls(&mut connection, 1, 1);
    Recording::Capture(capture)
}

fn address(device: u32) -> [u8; 4] {
    let [_, high, middle, low] = device.to_be_bytes();
    [10, 1 + high, middle, low]
}

#[test]
fn of_a_hundred_thousand_devices_the_faulty_one_is_named_first() {
    const FAULTY: u32 = 9_345;
    let [a, b, c, d] = address(FAULTY);
    let good = || Some((registers(&[1, 2]), 500));
    let folder = Temporary::new();
    let (many, some) = (100_000, FAULTY + 100);
    let faults: [(&str, u32, fn() -> Option<(Vec<u8>, u64)>); 3] = [
        ("1 of 1 request had no answer", many, || None),
        ("1 exception 04", some, || Some((vec![0x83, 4], 500))),
        ("1 answer to function 03 that cannot be", some, || Some((registers(&[1]), 500))),
    ];
    for (words, devices, fault) in faults {
        let answers = |device, _| if device == FAULTY { fault() } else { good() };
        let file = with_devices((devices, 1), answers).file(&folder, "many");
        let found = findings(&[], &file);
        assert_eq!(found.len(), 1, "{found:?}");
        let place = format!("unit 1 at {a}.{b}.{c}.{d}:502: {words}");
        assert!(text(&found[0], "text").starts_with(&place), "{}", found[0]);
        let summary = run(["--summary", &file]).stdout;
        assert!(summary.contains(&format!("{} requests, ", devices + 1)), "{summary}");
    }
}

#[test]
fn of_many_devices_the_one_that_slows_down_is_named() {
    let folder = Temporary::new();
    let slow = |device, round: u64| {
        let after_us = if device == 1_234 && round >= 18 { 9_000 + round * 100 } else { 900 };
        Some((registers(&[1, 2]), after_us))
    };
    let found = findings(&[], &with_devices((2_000, 32), slow).file(&folder, "slow"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(text(&found[0], "event"), "latency_drift");
    assert!(text(&found[0], "text").starts_with("unit 1 at 10.1.4.210:502"), "{}", found[0]);
    // And one that has to be asked again and again.
    let mut capture = Capture::default();
    let mut connection = capture.open(0);
    for device in 0..2_000_u32 {
        connection.server.0 = address(device);
        if device == 1_234 {
            for _ in 0..4 {
                capture.ask(&mut connection, 1, &READ);
                capture.wait(700_000);
            }
        }
        capture.polls(&mut connection, 1, 1);
    }
    let found = findings(&[], &Recording::Capture(capture).file(&folder, "again"));
    assert!(text(&found[0], "text").starts_with("unit 1 at 10.1.4.210:502"), "{}", found[0]);
}

#[test]
fn two_clients_in_step_are_two_clients() {
    let folder = Temporary::new();
    for Nominal { name, make, .. } in nominal::nominals() {
        if name.starts_with("two clients in step") {
            let summary = run(["--summary", &make().file(&folder, "step")]).stdout;
            // The first request could be the same one at two places.
            assert!(summary.contains("39 requests, "), "{name}: {summary}");
        }
    }
}

/// The findings of several files.
fn together(files: &[String]) -> (Vec<Value>, String) {
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let ran = run([&["--format", "jsonl"][..], &files].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let found = ran.events().into_iter().filter(|event| text(event, "lane") == "finding");
    (found.collect(), run([&["--summary"][..], &files].concat()).stdout)
}

#[test]
fn the_same_evidence_twice_counts_once() {
    let folder = Temporary::new();
    for pair in pairs() {
        let Recording::Capture(capture) = (pair.make)(true) else { continue };
        if !pair.arguments.is_empty() || pair.name.starts_with("a serial capture") {
            continue;
        }
        let files =
            ["one", "other"].map(|name| folder.file(&format!("{name}.pcap"), &capture.bytes));
        let alone = together(&files[..1]);
        let both = together(&files);
        let told = |found: &[Value]| -> Vec<(String, u64)> {
            found
                .iter()
                .map(|finding| {
                    (text(finding, "text").to_owned(), finding["count"].as_u64().unwrap())
                })
                .collect()
        };
        assert_eq!(told(&both.0), told(&alone.0), "{}", pair.name);
        let counts = |shown: &str| {
            shown.lines().find(|line| line.contains(" requests, ")).map(str::to_owned)
        };
        assert_eq!(counts(&both.1), counts(&alone.1), "{}", pair.name);
        assert!(both.1.contains("are in more than one capture, and count once"), "{}", pair.name);
    }
}

#[test]
fn ring_files_of_one_capture_are_one_recording() {
    let folder = Temporary::new();
    // A device falls silent in the first file; the others hold what follows. Every file but the first begins between a request and its answer.
    let ring = |is_faulty: bool| -> Vec<String> {
        let mut connection = Connection::new(0, false);
        let (mut files, mut t_us) = (Vec::new(), made::BEGUN_US);
        let mut pending = None;
        for index in 0..4 {
            let mut capture = Capture { t_us, ..Capture::default() };
            if let Some(transaction) = pending.take() {
                capture.answer(&mut connection, (transaction, 1), &registers(&[1, 2]), 5_000);
            }
            capture.polls(&mut connection, 1, 10);
            for _ in 0..3 {
                let transaction = capture.ask(&mut connection, 9, &read(index, 2));
                if !is_faulty {
                    capture.answer(&mut connection, (transaction, 9), &registers(&[1, 2]), 5_000);
                }
                capture.wait(2_000_000);
            }
            pending = Some(capture.ask(&mut connection, 1, &READ));
            t_us = capture.t_us;
            files.push(folder.file(&format!("{is_faulty}{index}.pcap"), &capture.bytes));
        }
        files
    };
    let (found, _) = together(&ring(true));
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert!(
        text(finding, "text")
            .starts_with("unit 9 at 10.0.0.1:502: 12 of 12 requests had no answer"),
        "{finding}"
    );
    assert_eq!(text(finding, "blame"), "device");
    let (found, _) = together(&ring(false));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_table_is_as_large_as_it_says() {
    let (faulty, nominal) = (pairs().len(), nominal::nominals().len());
    println!("{faulty} recordings with a fault, {faulty} twins, {nominal} others without a fault");
    assert!(2 * faulty + nominal >= 80 && nominal >= 30, "{faulty} {nominal}");
}
