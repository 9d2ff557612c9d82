//! The contract of the host tool: its jsonl, its options, its endings.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use common::{BINARY, Temporary, jsonl, number, own, run, run_with, text};
use serde_json::{Value, json};

/// Runs in the folder of the package, so that sources have the same names everywhere.
fn told(arguments: &[&str]) -> String {
    let output = Command::new(BINARY)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_jsonl_of_the_shipped_evidence_does_not_drift() {
    for (evidence, golden) in [
        ("plant.pcapng", "plant.jsonl"),
        ("line.csv", "line.jsonl"),
        ("boots.csv", "boots.jsonl"),
        ("journal.csv", "journal.jsonl"),
        ("camera30.csv", "camera30.jsonl"),
    ] {
        let told = told(&["--format", "jsonl", &format!("evidence/{evidence}")]);
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(golden);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&golden, &told).unwrap();
        }
        let expected = std::fs::read_to_string(&golden).unwrap();
        for (line, (told, expected)) in (1..).zip(told.lines().zip(expected.lines())) {
            assert_eq!(told, expected, "{evidence}, line {line}");
        }
        assert_eq!(told.lines().count(), expected.lines().count());
    }
}

#[test]
fn options_stand_before_and_after_files_and_subcommands() {
    let line = own("line.csv");
    let line = line.to_str().unwrap();
    let plant = own("plant.pcapng");
    let plant = plant.to_str().unwrap();
    let expected = run(["--format", "jsonl", "--unit", "17", line]).stdout;
    assert!(!expected.is_empty());
    assert_eq!(run([line, "--format", "jsonl", "--unit", "17"]).stdout, expected);
    assert_eq!(run(["--unit", "17", line, "--format", "jsonl"]).stdout, expected);
    let both = run(["--format", "jsonl", plant, "--unit", "17", line]).stdout;
    assert_eq!(run([plant, line, "--unit=17", "--format=jsonl"]).stdout, both);
    assert_eq!(run(["--unit", "17", "--format", "jsonl", plant, line]).stdout, both);
    let frame = ["11", "03", "00", "6B", "00", "03", "76", "87"];
    let before = run([&["--format", "jsonl", "decode", "rtu"][..], &frame].concat());
    let after = run([&["decode", "rtu"][..], &frame, &["--format", "jsonl"]].concat());
    let between = run([&["decode", "--format", "jsonl", "rtu"][..], &frame].concat());
    assert_eq!(before.code, Some(0), "{}", before.stderr);
    assert_eq!((&after.stdout, &between.stdout), (&before.stdout, &before.stdout));
}

#[test]
fn a_file_called_decode_is_given_with_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(own("line.csv"), folder.path().join("decode")).unwrap();
    let output = Command::new(BINARY)
        .args(["--summary", "./decode"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn decode(kind: &str, text: &[&str]) -> (Option<i32>, Vec<Value>) {
    let ran = run([&["--format", "jsonl", "decode", kind][..], text].concat());
    let code = ran.code;
    (code, if code == Some(2) { Vec::new() } else { ran.events() })
}

#[test]
fn decode_tells_one_frame_once_for_each_direction_that_it_fits() {
    // The standard's example of 06, closed by its CRC.
    let (code, events) = decode("rtu", &["0x11", "06:00-01_00 03", "9A", "9B"]);
    assert_eq!(code, Some(0));
    let names: Vec<_> = events.iter().map(|event| text(event, "event")).collect();
    assert_eq!(names, ["request", "response"]);
    for event in &events {
        assert_eq!(event["fields"], json!({"register_address": 1, "register_value": 3}));
        assert_eq!(text(event, "pdu"), "0600010003");
        assert_eq!(text(event, "transport"), "rtu");
        assert!(event.get("t_us").is_none() && event.get("source").is_none());
    }
    let (code, events) = decode("tcp", &["00010000 0006 11 03006B0003"]);
    assert_eq!((code, events.len()), (Some(0), 1));
    assert_eq!(number(&events[0], "transaction"), 1);
    assert_eq!(events[0]["fields"], json!({"starting_address": 107, "quantity": 3}));
    for frame in [":1103006B00037E\r\n", "1103006B00037E"] {
        let (code, events) = decode("ascii", &[frame]);
        assert_eq!((code, events.len()), (Some(0), 1), "{frame}");
        assert_eq!(text(&events[0], "transport"), "ascii");
    }
    let (code, events) = decode("rtu", &["01 83 02 C0 F1"]);
    assert_eq!((code, number(&events[0], "function")), (Some(0), 3));
    assert_eq!(events[0]["fields"], json!({"exception_code": 2}));
}

#[test]
fn decode_shows_what_is_damaged_or_off_spec_and_fails() {
    let (code, events) = decode("rtu", &["11 03 00 6B 00 03 76 88"]);
    assert_eq!((code, text(&events[0], "reason")), (Some(1), "crc"));
    assert_eq!((number(&events[0], "bytes"), text(&events[0], "data")), (8, "1103006b00037688"));
    // 126 registers: only a request has this form.
    let (code, events) = decode("rtu", &["01 03 00 00 00 7E C5 EA"]);
    assert_eq!((code, text(&events[0], "event")), (Some(1), "request"));
    let off_spec = json!({"field": "quantity", "offset": 4, "expected": "1..=125", "got": 126});
    assert_eq!(events[0]["off_spec"], off_spec);
    assert_eq!(events[0]["fields"], json!({"starting_address": 0, "quantity": 126}));
    // A single coil that is neither on nor off: nobody can tell the direction.
    let (code, events) = decode("tcp", &["0001 0000 0006 01 05 0000 1234"]);
    assert_eq!((code, text(&events[0], "event")), (Some(1), "discarded"));
    assert_eq!(events[0]["off_spec"]["field"], "output_value");
    let (code, events) = decode("ascii", &["1103006B00037F"]);
    assert_eq!((code, text(&events[0], "reason")), (Some(1), "lrc"));
    let (code, events) = decode("tcp", &["0001 0000 0006 01 03 0000 0001 FF"]);
    assert_eq!((code, text(&events[0], "reason")), (Some(1), "length"));
    for (kind, text) in [("rtu", "11 03 0"), ("rtu", "xyz1"), ("ascii", ":11GG"), ("tcp", "")] {
        assert_eq!(decode(kind, &[text]).0, Some(2), "{kind} {text}");
    }
}

#[track_caller]
fn refused(arguments: &[&str]) {
    let ran = run(arguments);
    assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert_eq!(ran.stdout, "", "errors go to standard error only");
}

#[test]
fn an_empty_file_a_directory_and_an_unknown_kind_are_refused_in_one_line() {
    let temporary = Temporary::new();
    refused(&[&temporary.file("empty.pcap", b"")]);
    refused(&["--baud", "9600", &temporary.file("empty.bin", b"")]);
    refused(&[env!("CARGO_MANIFEST_DIR")]);
    refused(&[&temporary.file("unknown", b"GIF89a or so, and more than enough of it to tell")]);
    refused(&[&temporary.file("unknown.csv", b"time,level\n1,2\n")]);
    refused(&["/nonexistent/file.pcap"]);
    // Only the header of a capture, and that one cut.
    refused(&[&temporary.file("cut.pcap", &[0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0])]);
    let ran = run_with(["-"], b"");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
}

#[test]
fn damage_after_the_first_event_is_one_line_with_its_offset_after_what_could_be_read() {
    let temporary = Temporary::new();
    let line = std::fs::read_to_string(own("line.csv")).unwrap();
    let mut damaged: Vec<&str> = line.lines().collect();
    damaged[200] = "not,a,row";
    let damaged = damaged.join("\n");
    let file = temporary.file("damaged.csv", damaged.as_bytes());
    let ran = run(["--format", "jsonl", &file]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.events().len() > 15);
    let offset = damaged.find("not,a").unwrap();
    assert_eq!(ran.stderr.lines().count(), 1);
    assert!(ran.stderr.contains(&format!("row 201, byte {offset}")), "{}", ran.stderr);

    let capture = std::fs::read(own("plant.pcapng")).unwrap();
    let file = temporary.file("cut.pcapng", &capture[..capture.len() - 900]);
    let ran = run(["--format", "jsonl", &file]);
    assert_eq!((ran.code, ran.stderr.lines().count()), (Some(1), 1), "{}", ran.stderr);
    assert!(ran.stderr.contains("byte "), "{}", ran.stderr);
    let whole = jsonl(&[own("plant.pcapng").to_str().unwrap()]);
    let requests =
        |events: &[Value]| events.iter().filter(|e| text(e, "event") == "request").count();
    assert!(requests(&ran.events()) >= requests(&whole) - 3);
}

#[test]
fn a_damaged_file_does_not_keep_the_others_from_being_told() {
    let temporary = Temporary::new();
    let empty = temporary.file("empty", b"");
    let ran = run(["--format", "jsonl", &empty, own("line.csv").to_str().unwrap()]);
    assert_eq!((ran.code, ran.stderr.lines().count()), (Some(2), 1));
    assert!(ran.events().len() > 60);
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let mut child = Command::new(BINARY)
        .args(["--format", "jsonl"])
        .args(std::iter::repeat_n(own("plant.pcapng"), 400))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with('{'));
    // The reader is gone; the program must be too, without a word.
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn standard_input_is_live() {
    let mut child = Command::new(BINARY)
        .args(["--format", "jsonl", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let recording = std::fs::read_to_string(own("line.csv")).unwrap();
    // The first exchange and the beginning of the next; the pipe stays open.
    for line in recording.lines().take(27) {
        writeln!(stdin, "{line}").unwrap();
    }
    stdin.flush().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for expected in ["request", "response"] {
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let event: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(text(&event, "event"), expected);
        assert_eq!(text(&event, "source"), "-");
    }
    drop(stdin);
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("\"discarded\""), "what is left at the end is flushed: {rest}");
    assert!(child.wait().unwrap().success());
}

#[cfg(unix)]
#[test]
fn ctrl_c_sigterm_and_sighup_still_print_the_findings() {
    for signal in ["INT", "TERM", "HUP"] {
        let mut child = Command::new(BINARY)
            .arg("-")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(&std::fs::read(own("line.csv")).unwrap()).unwrap();
        stdin.flush().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("unanswered unit 5") {
            line.clear();
            assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "ended before the signal");
        }
        let kill = format!("kill -{signal} {}", child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("Findings, the most important first"), "{signal}: {rest}");
        assert!(rest.contains("unanswered (device): unit 5"), "{signal}: {rest}");
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
        drop(stdin);
    }
}

#[test]
fn findings_come_first_in_text_and_last_in_jsonl_and_name_their_evidence() {
    let plant = own("plant.pcapng");
    let plant = plant.to_str().unwrap();
    let shown = run([plant]).stdout;
    assert!(shown.starts_with("Findings, the most important first:"), "{shown}");
    let events = jsonl(&[plant]);
    let first = events.iter().position(|event| text(event, "lane") == "finding").unwrap();
    assert!(events[first..].iter().all(|event| text(event, "lane") == "finding"));
    let kinds: Vec<_> = events[first..].iter().map(|event| text(event, "event")).collect();
    assert_eq!(kinds, ["unanswered", "exceptions", "latency_drift"]);
    for finding in &events[first..] {
        assert!(finding["t_us"].is_i64() && !text(finding, "severity").is_empty());
        let evidence = finding["evidence"].as_array().unwrap();
        assert!(!evidence.is_empty() && evidence.iter().all(|place| place["packet"].is_i64()));
    }
    // `evidence/record.py` arranged that nobody is unit 9, and that the server slows down for unit 1.
    let unanswered = events.iter().filter(|event| text(event, "event") == "unanswered");
    let asked: Vec<_> = unanswered.filter(|event| text(event, "lane") == "modbus").collect();
    assert_eq!(asked.len(), 4);
    assert!(asked.iter().all(|event| number(event, "unit") == 9 && event.get("pdu").is_none()));
    assert!(text(&events[first + 2], "text").contains("unit 1 at 127.0.0.1:502"));
}

#[test]
fn filters_keep_just_what_was_asked_for() {
    let plant = own("plant.pcapng");
    let plant = plant.to_str().unwrap();
    let all = jsonl(&[plant]);
    let events = |arguments: &[&str]| -> Vec<Value> {
        let lane = |event: &Value| text(event, "lane") == "modbus";
        jsonl(arguments).into_iter().filter(lane).collect()
    };
    let of_two = events(&["--unit", "2", plant]);
    assert!(!of_two.is_empty() && of_two.iter().all(|event| number(event, "unit") == 2));
    let middle = number(&all[40], "t_us");
    let (early, late) = (
        events(&["--to", &middle.to_string(), plant]),
        events(&["--from", &middle.to_string(), plant]),
    );
    assert!(early.iter().all(|event| number(event, "t_us") < middle));
    assert!(late.iter().all(|event| number(event, "t_us") >= middle));
    assert_eq!(early.len() + late.len(), events(&[plant]).len());
    assert!(events(&["--from", "2030-01-01T00:00:00Z", plant]).is_empty());
    assert!(events(&["--port", "503", plant]).is_empty());
    assert_eq!(events(&["--port", "503", "--port", "502", plant]).len(), events(&[plant]).len());
    let summary = run(["--summary", plant]).stdout;
    assert!(
        summary.lines().count() < 30
            && summary.contains("56 requests, 51 responses, 1 exceptions, 4 unanswered"),
        "{summary}"
    );
}

#[test]
fn aligned_recordings_merge_with_captures_by_time() {
    let (plant, line) = (own("plant.pcapng"), own("line.csv"));
    let (plant, line) = (plant.to_str().unwrap(), line.to_str().unwrap());
    let zero_us = number(&jsonl(&[plant])[10], "t_us");
    let merged = jsonl(&["--align", &format!("{line}={zero_us}"), plant, line]);
    let lane: Vec<&Value> = merged.iter().filter(|event| text(event, "lane") == "modbus").collect();
    let switches = lane.windows(2).filter(|pair| pair[0]["source"] != pair[1]["source"]).count();
    assert!(switches > 20, "{switches}");
    let times: Vec<_> = lane.iter().map(|event| number(event, "t_us")).collect();
    assert!(times.is_sorted());
}

#[test]
fn text_for_people_has_no_colour_in_a_pipe() {
    let shown = run([own("line.csv").to_str().unwrap()]).stdout;
    assert!(!shown.contains('\u{1b}'));
    assert!(shown.contains("times are since the beginning of the recording"));
    let utc = run(["--utc", own("plant.pcapng").to_str().unwrap()]).stdout;
    assert!(utc.contains("2026-11-"), "{utc}");
}

#[test]
fn help_has_an_example_for_each_kind_of_evidence_and_completions_are_printed() {
    let help = run(["--help"]).stdout;
    for kind in [
        "pcapng",
        "--rtu-over-tcp",
        "line.csv",
        "--baud",
        "decode rtu",
        "decode ascii",
        "decode tcp",
        " -  ",
    ] {
        assert!(help.contains(kind), "{kind}: {help}");
    }
    assert!(run(["--version"]).stdout.starts_with("incident-timeline 0.1"));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(run(["--completions", shell]).stdout.contains("incident-timeline"), "{shell}");
    }
}
