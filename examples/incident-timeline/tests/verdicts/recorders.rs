//! The same traffic as others record it: the verdict is that of the traffic, not of the recorder.

use super::*;

/// A recorded packet of Ethernet.
struct Recorded {
    t_us: u64,
    bytes: Vec<u8>,
    len: usize,
}

fn packets(capture: &[u8]) -> Vec<Recorded> {
    let mut packets = Vec::new();
    let mut rest = &capture[24..];
    while let Some((header, data)) = rest.split_first_chunk::<16>() {
        let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().unwrap());
        let (kept, len) = (word(8) as usize, word(12) as usize);
        let t_us = u64::from(word(0)) * 1_000_000 + u64::from(word(4));
        packets.push(Recorded { t_us, bytes: data[..kept].to_vec(), len });
        rest = &data[kept..];
    }
    packets
}

/// A capture of a link type, from packets in the order of time.
fn pcap(link: u32, packets: &[Recorded]) -> Vec<u8> {
    let mut capture = Capture::with_link(link);
    for packet in packets {
        let words = [
            packet.t_us / 1_000_000,
            packet.t_us % 1_000_000,
            packet.bytes.len() as u64,
            packet.len as u64,
        ];
        for word in words {
            capture.bytes.extend((word as u32).to_le_bytes());
        }
        capture.bytes.extend(&packet.bytes);
    }
    capture.bytes
}

/// With nanoseconds, the highest byte first.
fn big_endian(packets: &[Recorded]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [0xA1B2_3C4D, 0x0002_0004, 0, 0, 65_535, 1] {
        bytes.extend(u32::to_be_bytes(word));
    }
    for packet in packets {
        let nanoseconds = packet.t_us % 1_000_000 * 1_000;
        let words =
            [packet.t_us / 1_000_000, nanoseconds, packet.bytes.len() as u64, packet.len as u64];
        for word in words {
            bytes.extend((word as u32).to_be_bytes());
        }
        bytes.extend(&packet.bytes);
    }
    bytes
}

fn pcapng(packets: &[Recorded]) -> Vec<u8> {
    fn block(bytes: &mut Vec<u8>, kind: u32, body: &[u8]) {
        let padding = body.len().next_multiple_of(4) - body.len();
        let len = (12 + body.len() + padding) as u32;
        bytes.extend(kind.to_le_bytes());
        bytes.extend(len.to_le_bytes());
        bytes.extend(body);
        bytes.extend(vec![0; padding]);
        bytes.extend(len.to_le_bytes());
    }
    let mut bytes = Vec::new();
    let header = [0x1A2B_3C4D_u32, 1, u32::MAX, u32::MAX].map(u32::to_le_bytes).concat();
    block(&mut bytes, 0x0A0D_0D0A, &header);
    block(&mut bytes, 1, &[1_u32, 65_535].map(u32::to_le_bytes).concat());
    for packet in packets {
        let words =
            [0, packet.t_us >> 32, packet.t_us, packet.bytes.len() as u64, packet.len as u64];
        let mut body = words.map(|word| (word as u32).to_le_bytes()).concat();
        body.extend(&packet.bytes);
        block(&mut bytes, 6, &body);
    }
    bytes
}

/// With another header in front of IP, as long as `header` says.
fn behind(link: u32, header: &[u8], packets: &[Recorded]) -> Vec<u8> {
    let change = |packet: &Recorded| {
        let is_ip = packet.bytes[12..14] == [8, 0];
        let bytes = [header, &packet.bytes[14..]].concat();
        is_ip.then(|| Recorded { t_us: packet.t_us, len: packet.len + header.len() - 14, bytes })
    };
    pcap(link, &packets.iter().filter_map(change).collect::<Vec<_>>())
}

/// A mirror port that shows each packet when it comes in and when it goes out.
fn mirrored(packets: &[Recorded]) -> Vec<u8> {
    let twice = |packet: &Recorded| {
        [0, 3].map(|later_us| Recorded {
            t_us: packet.t_us + later_us,
            bytes: packet.bytes.clone(),
            len: packet.len,
        })
    };
    pcap(1, &packets.iter().flat_map(twice).collect::<Vec<_>>())
}

/// A program that makes captures, and acknowledges nothing but with data.
fn with_data_only(packets: &[Recorded]) -> Vec<u8> {
    // The data offset of TCP is 5, and its flags are those of an acknowledgement alone.
    let has_data = |packet: &&Recorded| packet.len > 54 || packet.bytes.get(47) != Some(&ACK);
    let kept = packets.iter().filter(has_data).map(|packet| Recorded {
        t_us: packet.t_us,
        bytes: packet.bytes.clone(),
        len: packet.len,
    });
    pcap(1, &kept.collect::<Vec<_>>())
}

/// Ways to record the same traffic.
const RECORDERS: &[(&str, fn(&[Recorded]) -> Vec<u8>)] = &[
    ("nanoseconds, big endian", big_endian),
    ("pcapng", pcapng),
    ("a VLAN", |packets| {
        behind(1, &[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0, 0, 5, 8, 0], packets)
    }),
    ("Linux cooked", |packets| {
        behind(113, &[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0], packets)
    }),
    ("IP without a link", |packets| behind(101, &[], packets)),
    ("each packet twice", mirrored),
    ("data only", with_data_only),
];

/// The captures of Ethernet in the table: the names, the arguments, the recording, and the truth.
fn captures() -> Vec<(String, &'static [&'static str], Vec<Recorded>, Option<Truth>)> {
    let mut captures = Vec::new();
    let mut take = |name, arguments, recording, truth| {
        let Recording::Capture(capture) = recording else { return };
        if capture.bytes[20] == 1 {
            captures.push((name, arguments, packets(&capture.bytes), truth));
        }
    };
    for Pair { name, arguments, truth, make } in pairs() {
        take(format!("{name}: twin"), arguments, make(false), None);
        take(name.to_owned(), arguments, make(true), Some(truth));
    }
    for Nominal { name, arguments, make } in nominal::nominals() {
        take(name.to_owned(), arguments, make(), None);
    }
    captures
}

#[test]
fn the_verdict_is_that_of_the_traffic_and_not_of_the_recorder() {
    let folder = Temporary::new();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (name, arguments, packets, truth) in captures() {
        for (recorder, record) in RECORDERS {
            count += 1;
            let file = folder.file("recorded", &record(&packets));
            let found = findings(arguments, &file);
            let told: Vec<_> =
                found.iter().map(|first| (text(first, "event"), text(first, "blame"))).collect();
            let expected: Vec<_> = truth.iter().map(|truth| (truth.kind, truth.blame)).collect();
            if told != expected {
                wrong.push(format!("{name}, {recorder}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    println!("{count} recordings of {} recorders", RECORDERS.len());
}

/// Which end a translation gives another address.
#[derive(Clone, Copy, Debug)]
enum Translated {
    Client,
    Server,
    Both,
}

/// A packet on the other side of a translation, and whether it goes to the server.
fn on_the_other_side(packet: &Recorded, translated: Translated) -> Option<(Recorded, bool)> {
    let mut bytes = packet.bytes.clone();
    let port = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
    let is_ip = bytes[12..14] == [8, 0] && bytes.len() >= 38;
    let is_to_server = is_ip && [502, 4_001, 5_020].contains(&port(36));
    // Of the addresses, and of the ports, the sender's is first.
    let (client, server) = if is_to_server { (0, 1) } else { (1, 0) };
    if matches!(translated, Translated::Client | Translated::Both) {
        bytes[26 + client * 4..][..2].copy_from_slice(&[203, 0]);
        bytes[34 + client * 2] ^= 0x20;
    }
    if matches!(translated, Translated::Server | Translated::Both) {
        bytes[26 + server * 4..][..2].copy_from_slice(&[192, 168]);
    }
    is_ip.then_some((Recorded { t_us: packet.t_us, len: packet.len, bytes }, is_to_server))
}

/// What is recorded inside, and outside of a translation.
fn both_sides(packets: &[Recorded], translated: Translated) -> [Vec<Recorded>; 2] {
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for packet in packets {
        let own = Recorded { t_us: packet.t_us, bytes: packet.bytes.clone(), len: packet.len };
        let Some((mut other, is_to_server)) = on_the_other_side(packet, translated) else {
            inside.push(own);
            continue;
        };
        // A request is inside first, a response outside.
        let (mut own, later_us) = (own, 70);
        *if is_to_server { &mut other.t_us } else { &mut own.t_us } += later_us;
        inside.push(own);
        outside.push(other);
    }
    [inside, outside]
}

/// What is said of recordings: the findings, and how many requests and responses there were.
fn verdict(arguments: &[&str], files: &[&str]) -> (Vec<(String, String, u64)>, String) {
    let ran = run([&["--format", "jsonl"][..], arguments, files].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let events = ran.events();
    let found = events.iter().filter(|event| text(event, "lane") == "finding");
    let found = found.map(|finding| {
        let [kind, blame] = ["event", "blame"].map(|name| text(finding, name).to_owned());
        (kind, blame, finding["count"].as_u64().unwrap())
    });
    let summary = run([&["--summary"][..], arguments, files].concat()).stdout;
    let counts = summary.lines().find(|line| line.contains(" requests, ")).unwrap_or_default();
    (found.collect(), counts.to_owned())
}

#[test]
fn both_sides_of_an_address_translation_count_once() {
    let folder = Temporary::new();
    let (mut wrong, mut count) = (Vec::new(), 0);
    let kinds = [Translated::Client, Translated::Server, Translated::Both];
    for (index, (name, arguments, packets, _)) in captures().into_iter().enumerate() {
        let alone = verdict(arguments, &[&folder.file("alone", &pcap(1, &packets))]);
        // Each in its turn; a pair is two, so that both of it have the same.
        let translated = kinds[index / 2 % 3];
        // With other addresses at both ends only a sequence number can be known again, and an answer without its request is nobody's.
        let is_lost = matches!(translated, Translated::Both) && name.starts_with("UDP");
        let is_nobodys = name == "a capture that begins before an answer";
        if is_lost || is_nobodys || name.starts_with("two clients in step") {
            continue;
        }
        let [inside, outside] = both_sides(&packets, translated);
        let files = [("in", &inside), ("out", &outside)]
            .map(|(name, side)| folder.file(name, &pcap(1, side)));
        let [inside_file, outside_file] = &files;
        let mut all: Vec<Recorded> = inside.into_iter().chain(outside).collect();
        all.sort_by_key(|packet| packet.t_us);
        let one_file = folder.file("both", &pcap(1, &all));
        for files in [vec![one_file.as_str()], vec![inside_file, outside_file]] {
            count += 1;
            let got = verdict(arguments, &files);
            if got != alone {
                wrong.push(format!(
                    "{name}, {translated:?}, {} files: {got:?}, alone {alone:?}",
                    files.len()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    println!("{count} recordings on both sides of a translation");
}

#[test]
fn two_recorders_whose_clocks_differ_count_once() {
    let folder = Temporary::new();
    let mut wrong = Vec::new();
    for (name, arguments, packets, _) in captures() {
        let later = |packet: &Recorded| Recorded {
            t_us: packet.t_us + 300_000,
            bytes: packet.bytes.clone(),
            len: packet.len,
        };
        let later: Vec<Recorded> = packets.iter().map(later).collect();
        let [one, other] = [("one", &packets), ("other", &later)]
            .map(|(name, packets)| folder.file(name, &pcap(1, packets)));
        let (alone, both) = (verdict(arguments, &[&one]), verdict(arguments, &[&one, &other]));
        // An answer without its request is at no place first.
        let is_nobodys = name == "a capture that begins before an answer";
        if both != alone && !is_nobodys && !name.starts_with("two clients in step") {
            wrong.push(format!("{name}: {both:?}, alone {alone:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// How often a recording is begun later, and ended sooner.
const CUTS: usize = 7;

#[test]
fn a_recording_that_begins_or_ends_anywhere_gives_no_finding_that_the_whole_one_does_not_give() {
    let folder = Temporary::new();
    let (mut wrong, mut count) = (Vec::new(), 0);
    let mut check = |name: &str, arguments: &[&str], cut: &str, file: String| {
        count += 1;
        let found = findings(arguments, &file);
        // That nobody asks for a minute is true of a recording that ends in that minute.
        let wrongly = found.iter().find(|finding| text(finding, "event") != "stopped");
        wrong.extend(wrongly.map(|finding| format!("{name}, {cut}: {finding}")));
    };
    for (name, arguments, packets, _) in
        captures().into_iter().filter(|(.., truth)| truth.is_none())
    {
        for at in (1..=CUTS).map(|step| packets.len() * step / (CUTS + 1)) {
            let (head, tail) = packets.split_at(at);
            let head = folder.file("head", &pcap(1, head));
            check(&name, arguments, &format!("the first {at} packets"), head);
            let tail = folder.file("tail", &pcap(1, tail));
            check(&name, arguments, &format!("without the first {at} packets"), tail);
        }
    }
    for (name, arguments, line) in lines() {
        let rows: Vec<&str> = line.rows.lines().skip(1).collect();
        let csv = |rows: &[&str]| {
            format!("start_us,end_us,byte_hex,line\n{}\n", rows.join("\n")).into_bytes()
        };
        for at in (1..=CUTS).map(|step| rows.len() * step / (CUTS + 1)) {
            let (head, tail) = rows.split_at(at);
            let head = folder.file("head", &csv(head));
            check(&name, arguments, &format!("the first {at} characters"), head);
            let tail = folder.file("tail", &csv(tail));
            check(&name, arguments, &format!("without the first {at} characters"), tail);
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    println!("{count} recordings that were cut");
}

/// The lines without a fault.
fn lines() -> Vec<(String, &'static [&'static str], Line)> {
    let mut lines = Vec::new();
    let mut take = |name, arguments, recording| {
        if let Recording::Line(line) = recording {
            lines.push((name, arguments, line));
        }
    };
    for Pair { name, arguments, make, .. } in pairs() {
        take(format!("{name}: twin"), arguments, make(false));
    }
    for Nominal { name, arguments, make } in nominal::nominals() {
        take(name.to_owned(), arguments, make());
    }
    lines
}
