//! A disturbed line: one frame in ten, chunks of 1 to 64 bytes. The time of a frame, and how many are found.

use std::hint::black_box;

use modbus_codec::pdu::Direction;
use modbus_codec::stream::{Decoder, Item};

use bench::contestant::contestant;
use bench::line::Line;
use bench::rounds::{Against, measure};

#[path = "../../../modbus-codec/tests/line/mod.rs"]
mod line;

const EXCHANGES: usize = 2_000;

/// A wire with answers only, or with both directions, and how many frames of it are whole.
fn wire(is_both: bool) -> (Vec<u8>, usize) {
    let (mut random, mut wire) = (line::Random::new(1), line::Line::default());
    for _ in 0..EXCHANGES {
        let (request, response) = line::exchange(&mut random, line::SMALL);
        if is_both {
            wire.send(true, &request, &mut random);
        }
        wire.send(false, &response, &mut random);
    }
    (wire.wire, wire.intact.len())
}

fn chunks(wire: &[u8]) -> Vec<&[u8]> {
    let mut random = line::Random::new(2);
    let (mut rest, mut chunks) = (wire, Vec::new());
    while !rest.is_empty() {
        let len = (1 + random.below(64) as usize).min(rest.len());
        let (chunk, later) = rest.split_at(len);
        chunks.push(chunk);
        rest = later;
    }
    chunks
}

fn ours(decoder: &Decoder, chunks: &[&[u8]], direction: Option<Direction>) -> usize {
    let (mut decoder, mut frames) = (decoder.clone(), 0);
    for chunk in chunks {
        let mut rest = *chunk;
        while !rest.is_empty() {
            rest = decoder.push(rest, 0);
            while let Some(item) = decoder.next() {
                if let Item::Frame(frame) = black_box(item) {
                    frames += usize::from(direction.is_none_or(|wanted| wanted == frame.direction));
                }
            }
        }
    }
    frames
}

/// modbus-core's decoder, as its caller has to drive it: one direction, the buffer the caller's.
fn modbus_core(chunks: &[&[u8]]) -> usize {
    use modbus_core::rtu;
    let (mut buffer, mut frames) = (Vec::new(), 0);
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        while !buffer.is_empty() {
            match rtu::decode(modbus_core::DecoderType::Response, &buffer) {
                Ok(Some((frame, place))) => {
                    black_box(frame);
                    frames += 1;
                    buffer.drain(..place.start + place.size);
                }
                Ok(None) if buffer.len() >= 256 => {
                    buffer.remove(0);
                }
                Ok(None) => break,
                Err(_) => {
                    let len = buffer.len().min(256);
                    buffer.drain(..len);
                }
            }
        }
    }
    frames
}

/// The design's limit of a frame.
const FRAME_NS_MAX: f64 = 500.0;

pub fn run() -> Vec<Line> {
    let mut lines = Vec::new();
    let (one, intact) = wire(false);
    let parts = chunks(&one);
    let decoder = Decoder::responses().passive();
    let (found, by_core) = (ours(&decoder, &parts, None), modbus_core(&parts));
    let operation = format!(
        "resync, one direction: a frame of {intact} whole ones; {found} found, by modbus-core {by_core}"
    );
    let contestants = vec![
        contestant("modbus-codec", || {
            black_box(ours(&decoder, &parts, None));
        }),
        contestant("modbus-core", || {
            black_box(modbus_core(&parts));
        }),
    ];
    lines.extend(a_frame(measure(&operation, contestants, Against::Best, None), intact));
    let (both, intact) = wire(true);
    let parts = chunks(&both);
    let decoder = Decoder::both_directions();
    let found = ours(&decoder, &parts, None);
    let operation = format!(
        "resync, both directions on one wire: a frame of {intact} whole ones; {found} found"
    );
    let contestants = vec![contestant("modbus-codec", || {
        black_box(ours(&decoder, &parts, None));
    })];
    lines.extend(a_frame(measure(&operation, contestants, Against::Best, None), intact));
    lines
}

/// Times of the whole wire as times of a frame.
fn a_frame(lines: Vec<Line>, intact: usize) -> impl Iterator<Item = Line> {
    lines.into_iter().enumerate().map(move |(index, line)| Line {
        ns: line.ns / intact as f64,
        ns_max: (index == 0).then_some(FRAME_NS_MAX),
        ..line
    })
}
