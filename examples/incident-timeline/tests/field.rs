//! What people met in the field with other tools: recordings made after their reports, from the folder in `FIELD`. The truth of each stands in
//! the reports, by the number of its row.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::collections::HashMap;

use common::{run, text};
use serde_json::Value;

/// What a recording is told as.
struct Told {
    events: HashMap<String, usize>,
    findings: Vec<Value>,
    all: Vec<Value>,
}

/// Reads a recording; `None` where there is no folder of them.
fn told(row: u32, name: &str, arguments: &[&str]) -> Option<Told> {
    let Some(folder) = std::env::var_os("FIELD").map(std::path::PathBuf::from) else {
        println!("row {row}: skipped, FIELD names no folder");
        return None;
    };
    let file = folder.join("modbus").join(name);
    let ran = run([&["--format", "jsonl"][..], arguments, &[file.to_str().unwrap()]].concat());
    assert_eq!(ran.code, Some(0), "row {row}: {}", ran.stderr);
    let all = ran.events();
    let mut events: HashMap<String, usize> = HashMap::new();
    for event in all.iter().filter(|event| text(event, "lane") == "modbus") {
        *events.entry(text(event, "event").to_owned()).or_default() += 1;
    }
    let findings = all.iter().filter(|event| text(event, "lane") == "finding").cloned().collect();
    Some(Told { events, findings, all })
}

impl Told {
    fn count(&self, event: &str) -> usize {
        self.events.get(event).copied().unwrap_or(0)
    }

    #[track_caller]
    fn has(&self, requests: usize, responses: usize, unanswered: usize, discarded: usize) {
        let names = ["request", "response", "unanswered", "discarded"];
        let counts = names.map(|name| self.count(name));
        assert_eq!(counts, [requests, responses, unanswered, discarded], "{:?}", self.events);
    }

    /// The one finding: its kind, whose fault it is, and a part of its text.
    #[track_caller]
    fn finds(&self, kind: &str, blame: &str, part: &str) {
        let [finding] = self.findings.as_slice() else { panic!("{:?}", self.findings) };
        let found = [text(finding, "event"), text(finding, "blame")];
        assert_eq!(found, [kind, blame], "{finding}");
        assert!(text(finding, "text").contains(part), "{finding}");
    }
}

#[test]
fn row_10_two_units_behind_a_gateway_of_rtu_frames_are_nominal() {
    let name = "t22-rtu-over-tcp-2000-good-exchanges.pcap";
    let Some(told) = told(10, name, &["--rtu-over-tcp", "4001"]) else { return };
    told.has(2000, 2000, 0, 0);
    assert!(told.findings.is_empty(), "{:?}", told.findings);
    let times: Vec<_> = told.all.iter().map(|event| event["t_us"].as_i64().unwrap()).collect();
    assert!(times.is_sorted(), "events are in the order of time");
}

#[test]
fn row_11_a_vendors_function_in_pieces_is_a_frame() {
    let name = "t20-rtu-over-tcp-answers-in-pieces.pcap";
    let Some(told) = told(11, name, &["--rtu-over-tcp", "4001"]) else { return };
    told.has(24, 24, 0, 0);
    let vendors = told.all.iter().filter(|event| event["function"] == 0x41);
    assert_eq!(vendors.filter(|event| text(event, "event") == "response").count(), 4);
    assert!(told.findings.is_empty(), "{:?}", told.findings);
}

#[test]
fn row_12_an_answer_without_its_address_is_off_spec() {
    let Some(told) = told(12, "s01-06-answer-without-address.csv", &[]) else { return };
    told.has(32, 32, 0, 0);
    told.finds("off_spec", "device", "20 responses of unit 1 with function 06");
}

#[test]
fn row_13_a_byte_count_of_two_bytes_is_the_devices_fault() {
    let name = "s04-03-answer-with-byte-count-of-two-bytes.csv";
    let Some(told) = told(13, name, &[]) else { return };
    told.has(32, 32, 0, 0);
    told.finds("off_spec", "device", "20 responses of unit 1 with function 03");
}

#[test]
fn row_14_a_byte_too_many_is_off_spec_and_no_cable() {
    let Some(told) = told(14, "s06-06-answer-with-a-byte-more.csv", &[]) else { return };
    told.has(32, 32, 0, 0);
    told.finds("off_spec", "device", "1 bytes too many");
}

#[test]
fn row_15_a_dead_device_that_is_written_to_answers_nothing() {
    let Some(told) = told(15, "s21-dead-device-is-written-to.csv", &[]) else { return };
    told.has(44, 4, 40, 0);
    told.finds("unanswered", "device", "unit 9: 40 of 40 requests had no answer");
}

#[test]
fn row_16_the_client_is_who_asks_not_who_connects() {
    let name = "t05-device-connects-to-its-master-port-5020.pcap";
    let Some(told) = told(16, name, &["--port", "5020"]) else { return };
    told.has(21, 20, 1, 0);
    let last = told.all.iter().find(|event| text(event, "event") == "unanswered").unwrap();
    assert_eq!(text(last, "blame"), "recording");
    assert!(told.findings.is_empty(), "{:?}", told.findings);
}

#[test]
fn row_17_a_wrong_length_costs_no_other_adu() {
    let Some(told) = told(17, "t01-exception-with-mbap-length-4.pcap", &[]) else { return };
    told.has(40, 40, 0, 0);
    told.finds("off_spec", "device", "the length at byte 4 says 4, 3 came");
}

#[test]
fn row_18_identifiers_that_never_fit_are_the_finding() {
    let Some(told) = told(18, "t04-identifier-is-one-more.pcap", &[]) else { return };
    told.has(20, 20, 0, 0);
    told.finds("identifier", "device", "20 answers with an identifier that no request has");
}

#[test]
fn row_19_modbus_in_udp_is_read() {
    let Some(told) = told(19, "t06-udp.pcap", &[]) else { return };
    told.has(20, 19, 1, 0);
    let of_udp = told.all.iter().filter(|event| text(event, "transport") == "udp").count();
    assert_eq!(of_udp, 40);
    told.finds("unanswered", "unknown", "1 of 20 requests");
}

#[test]
fn row_20_rtu_frames_in_a_link_type_of_the_users_are_read() {
    let Some(told) = told(20, "t16-rtu-frames-in-pcap-link-147.pcap", &[]) else { return };
    told.has(20, 19, 1, 0);
    told.finds("unanswered", "device", "1 of 20 requests had no answer");
}

#[test]
fn row_21_ascii_on_a_line_is_read() {
    let Some(told) = told(21, "s14-modbus-ascii-crlf.csv", &[]) else { return };
    told.has(20, 20, 0, 0);
    assert!(told.findings.is_empty(), "{:?}", told.findings);
}

#[test]
fn row_22_waste_on_a_connection_is_the_finding_and_no_response() {
    let Some(told) = told(22, "t11-waste-after-each-answer.pcap", &[]) else { return };
    told.has(20, 20, 0, told.count("discarded"));
    told.finds("waste", "device", "sends 48368 bytes that are no Modbus");
}
