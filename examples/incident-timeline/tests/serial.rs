//! Serial lines: recordings of real wires, and a disturbed line through the built binary.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;
#[path = "../../../modbus-codec/tests/line/mod.rs"]
mod line;

use std::fmt::Write;

use common::{Temporary, captures, jsonl, number, run, text, unhex};
use line::{LARGE, Line, SMALL, Score, Sent, score};
use serde_json::Value;

/// A row of a recording.
#[derive(Clone, Debug)]
struct Row {
    start_us: f64,
    end_us: f64,
    byte: String,
    wire: String,
}

fn rows(text: &str) -> Vec<Row> {
    let row = |line: &str| {
        let columns: Vec<&str> = line.split(',').collect();
        Row {
            start_us: columns[0].parse().unwrap(),
            end_us: columns[1].parse().unwrap(),
            byte: columns[2].to_owned(),
            wire: columns[3].trim().to_owned(),
        }
    };
    text.lines().skip(1).map(row).collect()
}

fn csv(rows: &[Row]) -> String {
    let mut rows = rows.to_vec();
    rows.sort_by(|a, b| a.start_us.total_cmp(&b.start_us));
    let mut text = "start_us,end_us,byte_hex,line\n".to_owned();
    for Row { start_us, end_us, byte, wire } in rows {
        writeln!(text, "{start_us:.2},{end_us:.2},{byte},{wire}").unwrap();
    }
    text
}

/// A byte that nobody sent, right after every frame of every wire.
fn with_strays(rows: &[Row], stray: u8) -> Vec<Row> {
    let mut all = rows.to_vec();
    for (index, row) in rows.iter().enumerate() {
        let next = rows[index + 1..].iter().find(|next| next.wire == row.wire);
        if next.is_none_or(|next| next.start_us - row.end_us > 1_500.0) {
            let start_us = row.end_us + 100.0;
            let end_us = start_us + (row.end_us - row.start_us);
            all.push(Row {
                start_us,
                end_us,
                byte: format!("{stray:02x}"),
                wire: row.wire.clone(),
            });
        }
    }
    all
}

fn on_one_wire(rows: &[Row]) -> Vec<Row> {
    rows.iter().map(|row| Row { wire: "bus".to_owned(), ..row.clone() }).collect()
}

/// Every byte of every wire is in one event, in order.
fn accounts_for_every_byte(events: &[Value], rows: &[Row], what: &str) {
    let mut wires: Vec<&str> = rows.iter().map(|row| row.wire.as_str()).collect();
    wires.sort_unstable();
    wires.dedup();
    for wire in wires {
        let mut expected = 0;
        for event in events {
            let len = match text(event, "event") {
                "request" | "response" => text(event, "pdu").len() as i64 / 2 + 3,
                "discarded" => number(event, "bytes"),
                _ => continue,
            };
            if text(event, "wire") == wire {
                assert_eq!(number(event, "offset"), expected, "{what}: {event}");
                expected += len;
            }
        }
        let count = rows.iter().filter(|row| row.wire == wire).count();
        assert_eq!(expected, count as i64, "{what}: bytes of {wire}");
    }
}

fn count(events: &[Value], name: &str) -> usize {
    events.iter().filter(|event| text(event, "event") == name).count()
}

#[test]
fn recordings_of_real_wires_have_just_their_frames() {
    let name = "recordings_of_real_wires_have_just_their_frames";
    let Some(folder) = captures(name) else {
        return;
    };
    let folder = folder.join("modbus/sigrok");
    let recordings =
        [("brainchild_io_16do", 30), ("flowmeter_target_15lpm", 132), ("wizmodbus_two_wires", 88)];
    let temporary = Temporary::new();
    for (recording, frames) in recordings {
        let text = std::fs::read_to_string(folder.join(format!("{recording}.csv"))).unwrap();
        let as_it_is = rows(&text);
        let merged = on_one_wire(&as_it_is);
        let mut ways =
            vec![("as it is".to_owned(), as_it_is.clone()), ("merged".to_owned(), merged.clone())];
        for stray in [0x00, 0xFF, 0x55, 0x01, 0x03] {
            ways.push((format!("stray {stray:02X}"), with_strays(&as_it_is, stray)));
            let merged = on_one_wire(&with_strays(&as_it_is, stray));
            ways.push((format!("merged, stray {stray:02X}"), merged));
        }
        for (way, rows) in ways {
            let file = temporary.file("recording.csv", csv(&rows).as_bytes());
            let events = jsonl(&[&file]);
            let what = format!("{recording}, {way}");
            let (requests, responses) = (count(&events, "request"), count(&events, "response"));
            println!("{what}: {} frames of {frames}", requests + responses);
            // Every frame is there, none is false, each answer belongs to its request.
            assert_eq!((requests, responses), (frames / 2, frames / 2), "{what}");
            assert_eq!(count(&events, "unanswered"), 0, "{what}");
            let paired = events.iter().filter(|event| event.get("latency_us").is_some()).count();
            assert_eq!(paired, frames / 2, "{what}");
            accounts_for_every_byte(&events, &rows, &what);
        }
    }
}

#[test]
fn a_disturbed_line_resyncs_through_the_binary() {
    let temporary = Temporary::new();
    for (seed, sizes) in (1..=5).flat_map(|seed| [(seed, SMALL), (seed, LARGE)]) {
        let line = Line::both(seed, 20_000, sizes);
        let file = temporary.file("line.bin", &line.wire);
        let ran = run(["--format", "jsonl", "--baud", "19200", &file]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let mut accounted = 0;
        let mut found = Vec::new();
        for event in ran.events() {
            let offset = match text(&event, "event") {
                "request" | "response" => {
                    let mut frame = vec![number(&event, "unit") as u8];
                    frame.extend(unhex(text(&event, "pdu")));
                    let bytes = line::closed(frame);
                    let offset = number(&event, "offset") as u64;
                    let is_request = text(&event, "event") == "request";
                    accounted += bytes.len();
                    assert_eq!(number(&event, "t_us") as u64, offset * 11_000_000 / 19_200);
                    found.push(Sent { offset, is_request, bytes });
                    offset
                }
                "discarded" => {
                    let data = unhex(text(&event, "data"));
                    let offset = number(&event, "offset") as usize;
                    assert_eq!(data.len() as i64, number(&event, "bytes"));
                    assert_eq!(data, line.wire[offset..offset + data.len()]);
                    accounted += data.len();
                    offset as u64
                }
                _ => continue,
            };
            assert!(offset < line.wire.len() as u64);
        }
        assert_eq!(accounted, line.wire.len(), "every byte is accounted for");
        let score: Score = score(&line.intact, &found);
        println!("seed {seed}: {score:?}");
        assert!(score.lost * 10_000 <= score.intact, "{score:?}");
        assert!(score.false_frames <= 5, "{score:?}");
    }
}

#[test]
fn an_answer_on_another_wire_belongs_to_the_request_and_latency_is_silence() {
    let temporary = Temporary::new();
    let mut text = String::new();
    let mut now_us = 1_000.9;
    let mut send = |frame: &[u8], wire: &str, pause_us: f64| {
        now_us += pause_us;
        for byte in frame {
            writeln!(text, "{now_us:.1},{:.1},{byte:02X},{wire}", now_us + 1_000.0).unwrap();
            now_us += 1_100.0;
        }
        now_us -= 100.0;
    };
    let write = line::closed(vec![9, 6, 0, 1, 0x12, 0x34]);
    send(&write, "a", 0.0);
    send(&write, "b", 5_000.0);
    send(&line::closed(vec![9, 3, 0, 1, 0, 1]), "a", 20_000.0);
    send(&line::closed(vec![0, 6, 0, 1, 0, 1]), "a", 900_000.0);
    send(&line::closed(vec![9, 8, 0, 4, 0, 0]), "a", 20_000.0);
    let file = temporary.file("two.csv", text.as_bytes());
    let events = jsonl(&[&file]);
    let names: Vec<_> = events
        .iter()
        .map(|event| (common::text(event, "event"), common::text(event, "wire")))
        .collect();
    let expected = [
        ("request", "a"),
        ("response", "b"),
        ("request", "a"),
        ("request", "a"),
        // The answer may come until the second request after it.
        ("unanswered", "a"),
        // Neither a broadcast nor 08/04 is ever unanswered.
        ("request", "a"),
        ("unanswered", ""),
    ];
    assert_eq!(names, expected);
    assert_eq!(number(&events[0], "t_us"), 1_000);
    assert_eq!(number(&events[1], "latency_us"), 5_000);
    assert_eq!(number(&events[4], "request_t_us"), number(&events[2], "t_us"));
    assert!(events[4].get("pdu").is_none());
}
