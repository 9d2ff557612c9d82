//! Faults that were found in use, each with its test.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::collections::{HashMap, HashSet};
use std::process::{Command, Stdio};

use common::{BINARY, Temporary, jsonl, number, own, run, text};
use serde_json::Value;

fn modbus(events: Vec<Value>) -> Vec<Value> {
    events.into_iter().filter(|event| text(event, "lane") == "modbus").collect()
}

/// Rows of a frame on a wire, a byte a millisecond from `t_us` on.
fn rows(frame: &[u8], mut t_us: i64, wire: &str) -> String {
    let mut rows = String::new();
    for byte in frame {
        rows += &format!("{t_us},{},{byte:02X},{wire}\n", t_us + 1_000);
        t_us += 1_000;
    }
    rows
}

/// A request for three registers of unit 17, and its answer: the example of the standard, closed by its CRC.
const REQUEST: [u8; 8] = [0x11, 0x03, 0x00, 0x6B, 0x00, 0x03, 0x76, 0x87];
const ANSWER: [u8; 11] = [0x11, 0x03, 0x06, 0xAE, 0x41, 0x56, 0x52, 0x43, 0x40, 0x49, 0xAD];

#[test]
fn completions_to_a_closed_pipe_end_quietly() {
    for shell in ["bash", "zsh", "fish"] {
        let mut child = Command::new(BINARY)
            .args(["--completions", shell])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{shell}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{shell}");
    }
}

#[test]
fn a_recording_cannot_write_escapes_to_the_terminal() {
    let temporary = Temporary::new();
    let mut damaged = REQUEST;
    damaged[7] ^= 1;
    let wire = "A\u{1b}[2J\u{9b}1m\u{202e}";
    let file = temporary.file("line\u{1b}[1m.csv", rows(&damaged, 0, wire).as_bytes());
    let shown = run([&file]);
    assert!(shown.stdout.contains("crc_errors"), "{}", shown.stdout);
    assert!(shown.stdout.contains(r"A\u{1b}[2J\u{9b}1m\u{202e}"), "{}", shown.stdout);
    let row = format!("{}0,1,\u{1b}[31m,A\n", rows(&REQUEST, 0, "A"));
    let failed = run([&temporary.file("damaged\u{1b}[1m.csv", row.as_bytes())]);
    assert_eq!((failed.code, failed.stderr.lines().count()), (Some(1), 1), "{}", failed.stderr);
    for text in [&shown.stdout, &failed.stdout, &failed.stderr] {
        let harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(harmful), "{text:?}");
    }
    // A program gets the name as it is.
    let events = jsonl(&[&file]);
    assert_eq!(text(&events[0], "wire"), wire);
}

#[test]
fn a_window_keeps_the_unanswered_requests_in_it() {
    let temporary = Temporary::new();
    // The second request is given up by the third.
    let line = rows(&REQUEST, 0, "A") + &rows(&ANSWER, 20_000, "A");
    let line = line + &rows(&REQUEST, 1_000_000, "A") + &rows(&REQUEST, 3_000_000, "A");
    let line = line + &rows(&ANSWER, 3_020_000, "A");
    let file = temporary.file("line.csv", line.as_bytes());
    let names = |window: &[&str]| -> Vec<String> {
        let events = modbus(jsonl(&[window, &[&file]].concat()));
        events.iter().map(|event| text(event, "event").to_owned()).collect()
    };
    assert_eq!(names(&["--from", "500000", "--to", "2000000"]), ["request", "unanswered"]);
    // The request was before the window.
    assert_eq!(names(&["--from", "2000000"]), ["request", "response"]);
    let summary = run(["--summary", "--from", "500000", "--to", "2000000", &file]).stdout;
    assert!(summary.contains("1 of 1 request had no answer"), "{summary}");
}

#[test]
fn times_without_a_date_are_not_shown_as_1970() {
    let line = own("line.csv");
    let line = line.to_str().unwrap();
    let shown = run(["--utc", line]).stdout;
    assert!(!shown.contains("1970-"), "{shown}");
    assert_eq!(shown, run([line]).stdout);
    let aligned = run(["--utc", "--align", &format!("{line}=1763776942000000"), line]).stdout;
    assert!(aligned.contains("2025-11-22T02:02:22"), "{aligned}");
    // Beside a capture, each with its own.
    let plant = own("plant.pcapng");
    let both = run(["--utc", plant.to_str().unwrap(), line]).stdout;
    assert!(both.contains("2026-11-") && !both.contains("1970-"), "{both}");
}

#[test]
fn an_alignment_without_effect_is_refused() {
    let line = own("line.csv");
    let ran = run(["--align", "lien.csv=5", line.to_str().unwrap()]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert_eq!(ran.stderr.lines().count(), 1);
    assert!(ran.stderr.contains("lien.csv"), "{}", ran.stderr);
    // A capture has times of its own.
    let plant = own("plant.pcapng");
    let plant = plant.to_str().unwrap();
    let ran = run(["--align", &format!("{plant}=5"), plant]);
    assert_eq!((ran.code, ran.stderr.lines().count()), (Some(2), 1), "{}", ran.stderr);
}

#[test]
fn many_files_are_told_as_few_are() {
    let temporary = Temporary::new();
    let plant = std::fs::read(own("plant.pcapng")).unwrap();
    let line = std::fs::read(own("line.csv")).unwrap();
    let mut files = Vec::new();
    for index in 0..40 {
        files.push(temporary.file(&format!("{index}.pcapng"), &plant));
        files.push(temporary.file(&format!("{index}.csv"), &line));
    }
    files.push(temporary.file("cut.pcapng", &plant[..plant.len() - 900]));
    let arguments: Vec<&str> =
        ["--format", "jsonl"].into_iter().chain(files.iter().map(|file| file.as_str())).collect();
    let ran = run(&arguments);
    assert_eq!((ran.code, ran.stderr.lines().count()), (Some(1), 1), "{}", ran.stderr);
    let events = modbus(ran.events());
    let mut by_source: HashMap<String, Vec<Value>> = HashMap::new();
    let mut absolute = Vec::new();
    for mut event in events {
        let source = event["source"].as_str().unwrap().to_owned();
        if source.ends_with("pcapng") {
            absolute.push(number(&event, "t_us"));
        }
        event.as_object_mut().unwrap().remove("source");
        by_source.entry(source).or_default().push(event);
    }
    assert!(absolute.is_sorted(), "captures are merged by time");
    assert_eq!(by_source.len(), files.len());
    for own_file in ["plant.pcapng", "line.csv"] {
        let mut alone = modbus(jsonl(&[own(own_file).to_str().unwrap()]));
        for event in &mut alone {
            event.as_object_mut().unwrap().remove("source");
        }
        let end = own_file.split('.').next_back().unwrap();
        let same =
            by_source.iter().filter(|(source, _)| source.ends_with(end) && !source.contains("cut"));
        assert_eq!(same.clone().count(), 40);
        for (source, events) in same {
            assert_eq!(events, &alone, "{source}");
        }
    }
}

#[test]
fn wires_that_speak_in_turn_are_told_whole() {
    let temporary = Temporary::new();
    let mut line = String::new();
    // Byte by byte, each wire in its turn.
    for (at, byte) in REQUEST.iter().enumerate() {
        for wire in 0..300 {
            let t_us = at as i64 * 1_000 + wire;
            line += &format!("{t_us},{},{byte:02X},wire {wire}\n", t_us + 1_000);
        }
    }
    let file = temporary.file("line.csv", line.as_bytes());
    let events = modbus(jsonl(&[&file]));
    let requests = events.iter().filter(|event| text(event, "event") == "request");
    let wires: HashSet<_> = requests.map(|event| text(event, "wire")).collect();
    assert_eq!(wires.len(), 300);
}
