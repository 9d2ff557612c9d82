//! Every ADU of every capture, beside what tshark makes of it: none missing, none extra, every field the same.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use common::{captures, captures_under, jsonl, number, own, text, unhex};
use serde_json::Value;

/// An ADU in words that both can say: the raw bytes of each of tshark's fields, by tshark's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Adu {
    packet: i64,
    is_request: bool,
    transaction: i64,
    unit: i64,
    function: i64,
    fields: BTreeMap<String, String>,
}

/// Nothing where tshark is not installed; CI installs it.
fn tshark(capture: &Path) -> Option<String> {
    let output =
        Command::new("tshark").args(["-T", "pdml", "-Y", "mbtcp", "-r"]).arg(capture).output();
    match output {
        Ok(output) if !output.status.success() => {
            panic!("tshark: {}", String::from_utf8_lossy(&output.stderr))
        }
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(error) => {
            let is_ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
            assert!(!is_ci, "tshark must be there in CI: {error}");
            println!("skipped, no tshark: {error}");
            None
        }
    }
}

fn attribute<'a>(line: &'a str, name: &str) -> &'a str {
    let start = line.find(&format!(" {name}=\"")).map(|at| at + name.len() + 3);
    start.and_then(|start| line[start..].split('"').next()).unwrap_or_default()
}

/// The ADUs that tshark shows.
fn shown(pdml: &str) -> Vec<Adu> {
    let mut adus: Vec<Adu> = Vec::new();
    let (mut packet, mut is_to_server) = (0, false);
    let (mut transaction, mut unit) = (0, 0);
    for line in pdml.lines() {
        let (name, value) = (attribute(line, "name"), attribute(line, "value"));
        let decimal = || attribute(line, "show").parse().unwrap();
        match name {
            "frame.number" => packet = decimal(),
            "tcp.dstport" => is_to_server = attribute(line, "show") == "502",
            "mbtcp.trans_id" => transaction = decimal(),
            "mbtcp.unit_id" => unit = decimal(),
            "modbus.func_code" => adus.push(Adu {
                packet,
                is_request: is_to_server,
                transaction,
                unit,
                function: decimal(),
                fields: BTreeMap::new(),
            }),
            "modbus.bitval" => {
                let bit = attribute(line, "show");
                field(&mut adus, name, if bit == "1" || bit == "True" { "1" } else { "0" });
            }
            // Fields that tshark adds, and parts of fields that are there whole.
            "modbus.request_frame"
            | "modbus.response_time"
            | "modbus.bitnum"
            | "modbus.regnum16"
            | "modbus.padding"
            | "modbus.mei" => {}
            _ if name.starts_with("modbus.") => field(&mut adus, name, value),
            _ => {}
        }
    }
    adus
}

fn field(adus: &mut [Adu], name: &str, value: &str) {
    if let Some(adu) = adus.last_mut() {
        adu.fields.entry(name.to_owned()).or_default().push_str(value);
    }
}

fn word(value: &Value) -> String {
    format!("{:04x}", value.as_u64().unwrap())
}

fn byte(value: &Value) -> String {
    format!("{:02x}", value.as_u64().unwrap())
}

fn list(value: &Value, show: impl Fn(&Value) -> String) -> String {
    value.as_array().unwrap().iter().map(show).collect()
}

/// An event of ours in tshark's words.
fn told(event: &Value) -> Adu {
    let is_request = text(event, "event") == "request";
    let function = number(event, "function");
    let mut fields = BTreeMap::new();
    for (name, value) in event["fields"].as_object().unwrap() {
        let bit = |value: &Value| u8::from(value.as_bool().unwrap()).to_string();
        let (key, shown) = match name.as_str() {
            "starting_address"
            | "output_address"
            | "register_address"
            | "reference_address"
            | "fifo_pointer_address" => ("reference_num", word(value)),
            "quantity" if matches!(function, 1 | 2 | 15) => ("bit_cnt", word(value)),
            "quantity" | "fifo_count" => ("word_cnt", word(value)),
            "byte_count" if function == 0x18 => ("byte_cnt_16", word(value)),
            // tshark shows the server id with its byte count in front.
            "byte_count" if function == 0x11 => continue,
            "byte_count" => ("byte_cnt", byte(value)),
            "registers" if matches!(function, 0x17 | 0x18) => ("data", list(value, word)),
            "registers" => ("regval_uint16", list(value, word)),
            "coils" if function == 15 => {
                let bits: Vec<bool> =
                    value.as_array().unwrap().iter().map(|bit| bit.as_bool().unwrap()).collect();
                let bytes = bits.chunks(8).map(|bits| {
                    bits.iter().rev().fold(0_u8, |byte, bit| byte << 1 | u8::from(*bit))
                });
                ("data", bytes.map(|byte| format!("{byte:02x}")).collect())
            }
            "coils" => ("bitval", list(value, bit)),
            "output_value" => ("data", word(value)),
            "register_value" => ("regval_uint16", word(value)),
            "and_mask" => ("and_mask", word(value)),
            "or_mask" => ("or_mask", word(value)),
            "read_starting_address" => ("read_reference_num", word(value)),
            "read_quantity" => ("read_word_cnt", word(value)),
            "write_starting_address" => ("write_reference_num", word(value)),
            "write_quantity" => ("write_word_cnt", word(value)),
            "sub_function" => ("diagnostic_code", word(value)),
            "data" if function == 0x11 => {
                let data = value.as_str().unwrap();
                ("data", format!("{:02x}{data}", data.len() / 2))
            }
            "data" => ("data", value.as_str().unwrap().to_owned()),
            "exception_code" => ("exception_code", byte(value)),
            "exception_status" => ("data", byte(value)),
            "status" => ("ev_status", word(value)),
            "event_count" => ("ev_count", word(value)),
            "message_count" => ("ev_msg_count", word(value)),
            "events" => ("event", value.as_str().unwrap().to_owned()),
            "read_device_id_code" => ("read_device_id", byte(value)),
            "object_id" => ("object_id", byte(value)),
            "conformity_level" => ("conformity_level", byte(value)),
            "more_follows" => ("more_follows", byte(value)),
            "next_object_id" => ("next_object_id", byte(value)),
            "number_of_objects" => ("num_objects", byte(value)),
            "objects" => {
                fields.insert("modbus.object_id".into(), list(value, |object| byte(&object["id"])));
                let value_of = |object: &Value| text(object, "value").to_owned();
                let len = |object: &Value| format!("{:02x}", value_of(object).len());
                fields.insert("modbus.objects_len".into(), list(value, len));
                let hex = |object: &Value| {
                    value_of(object).bytes().map(|byte| format!("{byte:02x}")).collect()
                };
                ("object_str_value", list(value, hex))
            }
            "sub_requests" | "mei_type" => continue,
            other => panic!("{other} of {event}"),
        };
        fields.insert(format!("modbus.{key}"), shown);
    }
    Adu {
        packet: number(event, "packet"),
        is_request,
        transaction: number(event, "transaction"),
        unit: number(event, "unit"),
        function,
        fields,
    }
}

/// tshark leaves out what it cannot make sense of, and gives raw data other names; where a field's bytes are the same under
/// another name, they are the same.
fn same(told: &Adu, shown: &Adu, pdu: &[u8]) -> Result<(), String> {
    for (name, value) in &shown.fields {
        match told.fields.get(name) {
            Some(own) if own == value => {}
            // Data that tshark does not name further: its bytes must be the PDU's own.
            _ if name == "modbus.data" || name.starts_with("modbus.diagnostic.") => {
                let bytes = unhex(value);
                if !pdu.ends_with(&bytes) {
                    return Err(format!("{name}: {value}, told {:?}", told.fields));
                }
            }
            own => return Err(format!("{name}: tshark {value}, told {own:?}")),
        }
    }
    for (name, value) in &told.fields {
        let is_shown = shown.fields.contains_key(name)
            || shown.fields.values().any(|shown| shown.ends_with(value.as_str()));
        if !is_shown {
            return Err(format!("{name}: told {value}, tshark {:?}", shown.fields));
        }
    }
    Ok(())
}

/// Compares one capture, and prints a row of the table.
fn compare(capture: &Path) -> Option<()> {
    let shown = shown(&tshark(capture)?);
    let events = jsonl(&[capture.to_str().unwrap()]);
    let events: Vec<&Value> = events
        .iter()
        .filter(|event| matches!(text(event, "event"), "request" | "response"))
        .filter(|event| text(event, "lane") == "modbus")
        .collect();
    let mut missing = shown.clone();
    let (mut extra, mut different) = (Vec::new(), Vec::new());
    let off_spec = events.iter().filter(|event| event.get("off_spec").is_some()).count();
    for event in &events {
        let told = told(event);
        let key = |adu: &Adu| (adu.packet, adu.is_request, adu.transaction, adu.unit, adu.function);
        match missing.iter().position(|adu| key(adu) == key(&told)) {
            Some(index) => {
                let adu = missing.remove(index);
                if let Err(why) = same(&told, &adu, &unhex(text(event, "pdu"))) {
                    different.push(format!("packet {}: {why}", told.packet));
                }
            }
            None => extra.push(told),
        }
    }
    let name = capture.file_name().unwrap().to_string_lossy().into_owned();
    extra.retain(|adu| !LOST_BY_TSHARK.contains(&(name.as_str(), adu.packet)));
    println!(
        "{:<32} {:>5} ADUs by tshark, {:>5} told, {:>3} of them off-spec, {} missing, {} extra, {} different",
        name,
        shown.len(),
        events.len(),
        off_spec,
        missing.len(),
        extra.len(),
        different.len()
    );
    assert!(missing.is_empty(), "missing: {missing:#?}");
    assert!(extra.is_empty(), "extra: {extra:#?}");
    assert!(different.is_empty(), "{different:#?}");
    Some(())
}

/// ADUs that tshark loses: it takes the two bytes too many of packet 6 for the beginning of packet 7.
const LOST_BY_TSHARK: &[(&str, i64)] = &[("fuzz-72.pcap", 7)];

#[test]
fn every_adu_of_every_capture_is_the_one_that_tshark_shows() {
    let mut found = Vec::new();
    if let Some(folder) = captures("every_adu_of_every_capture_is_the_one_that_tshark_shows") {
        captures_under(&folder, &mut found);
        assert!(found.len() >= 6, "{found:?}");
    }
    let mut own_captures = Vec::new();
    captures_under(&own(""), &mut own_captures);
    assert!(!own_captures.is_empty());
    found.extend(own_captures);
    for capture in found {
        if compare(&capture).is_none() {
            return;
        }
    }
}

/// The packets of requests that have an answer in the capture, as tshark pairs them.
fn answered(capture: &Path) -> Option<Vec<i64>> {
    let output = Command::new("tshark")
        .args(["-T", "fields", "-Y", "modbus.request_frame", "-e", "modbus.request_frame", "-r"])
        .arg(capture)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(text.split([',', '\n']).filter_map(|frame| frame.trim().parse().ok()).collect())
}

/// A TCP segment as tshark shows it.
struct Segment {
    packet: i64,
    stream: i64,
    from: i64,
    sequence: u32,
    len: u32,
    acknowledged: u32,
}

fn segments(capture: &Path) -> Vec<Segment> {
    let fields =
        ["frame.number", "tcp.stream", "tcp.srcport", "tcp.seq_raw", "tcp.len", "tcp.ack_raw"];
    let output = Command::new("tshark")
        .args(["-T", "fields", "-Y", "tcp && !icmp", "-r"])
        .arg(capture)
        .args(fields.iter().flat_map(|field| ["-e", field]))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let segment = |line: &str| {
        let numbers: Vec<i64> = line.split('\t').map(|field| field.parse().unwrap_or(0)).collect();
        let [packet, stream, from, sequence, len, acknowledged] = numbers[..] else {
            panic!("{line}")
        };
        let [sequence, len, acknowledged] =
            [sequence, len, acknowledged].map(|number| u32::try_from(number).unwrap());
        Segment { packet, stream, from, sequence, len, acknowledged }
    };
    text.lines().map(segment).collect()
}

/// How many bytes the client has acknowledged, after a request, that the capture does not hold: the answer may be among them.
fn acknowledged_unseen(segments: &[Segment], packet: i64) -> u32 {
    let Some(request) = segments.iter().find(|segment| segment.packet == packet) else { return 0 };
    let from = request.acknowledged;
    let ahead = |number: u32| Some(number.wrapping_sub(from)).filter(|ahead| *ahead < WINDOW_MAX);
    let stream = || segments.iter().filter(|segment| segment.stream == request.stream);
    let acknowledged = stream()
        .filter(|segment| segment.from == request.from && segment.packet > packet)
        .filter_map(|segment| ahead(segment.acknowledged))
        .max()
        .unwrap_or(0);
    let mut held: Vec<(u32, u32)> = stream()
        .filter(|segment| segment.from != request.from && segment.len > 0)
        .filter_map(|segment| Some((ahead(segment.sequence)?, segment.len)))
        .collect();
    held.sort_unstable();
    let (mut next, mut unseen) = (0, 0);
    for (begin, len) in held.into_iter().filter(|(begin, _)| *begin < acknowledged) {
        unseen += begin.saturating_sub(next);
        next = next.max(begin + len);
    }
    unseen + acknowledged.saturating_sub(next)
}

/// Without scaling. A number further ahead was damaged.
const WINDOW_MAX: u32 = 1 << 16;
/// A FIN, or a SYN, counts as a byte.
const FLAG_LEN: u32 = 1;

#[test]
fn no_request_whose_answer_is_in_the_capture_or_was_acknowledged_is_called_unanswered() {
    let mut found = Vec::new();
    captures_under(&own(""), &mut found);
    if let Some(folder) = captures("no_request_whose_answer_is_in_the_capture") {
        captures_under(&folder.join("modbus"), &mut found);
    }
    for capture in found {
        let Some(answered) = answered(&capture) else {
            println!("skipped, no tshark");
            return;
        };
        let segments = segments(&capture);
        let events = jsonl(&[capture.to_str().unwrap()]);
        let unanswered = events.iter().filter(|event| {
            text(event, "event") == "unanswered" && text(event, "lane") == "modbus"
        });
        let mut count = 0;
        for event in unanswered.filter(|event| text(event, "blame") != "recording") {
            count += 1;
            let packet = number(event, "packet");
            assert!(!answered.contains(&packet), "{}: packet {packet}", capture.display());
            let unseen = acknowledged_unseen(&segments, packet);
            assert!(unseen <= FLAG_LEN, "{}: packet {packet}: {unseen} bytes", capture.display());
        }
        let name = capture.file_name().unwrap().to_string_lossy().into_owned();
        println!(
            "{name:<32} {:>3} answered by tshark, {count} unanswered: none of them both, none acknowledged unseen",
            answered.len()
        );
    }
}
