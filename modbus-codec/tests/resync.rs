//! The stream decoder on a disturbed line: what arrived whole is found, nothing else is, and every byte is accounted for.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod line;

use line::{LARGE, Line, Random, SMALL, Score, Sent, score};
use modbus_codec::pdu::Direction;
use modbus_codec::stream::{Decoder, Item};

const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];
const EXCHANGES: usize = 20_000;

/// Everything the decoder makes of `wire`, fed in chunks of 1 to 64 bytes.
fn decode(mut decoder: Decoder, wire: &[u8], seed: u64) -> Vec<Sent> {
    let mut random = Random::new(seed ^ 0xC0FFEE);
    let mut found = Vec::new();
    let mut accounted = 0;
    let mut drain = |decoder: &mut Decoder| {
        while let Some(item) = decoder.next() {
            let (offset, bytes) = match item {
                Item::Frame(frame) => {
                    found.push(Sent {
                        offset: frame.offset,
                        is_request: frame.direction == Direction::Request,
                        bytes: frame.bytes.to_vec(),
                    });
                    (frame.offset, frame.bytes)
                }
                Item::Discarded(discarded) => (discarded.offset, discarded.bytes),
            };
            assert_eq!(offset, accounted, "items follow one another without a gap");
            assert!(!bytes.is_empty(), "an item at {offset} takes no byte");
            assert_eq!(bytes, &wire[offset as usize..offset as usize + bytes.len()]);
            accounted += bytes.len() as u64;
        }
    };
    let mut rest = wire;
    while !rest.is_empty() {
        let len = (1 + random.below(64) as usize).min(rest.len());
        let (mut chunk, later) = rest.split_at(len);
        while !chunk.is_empty() {
            chunk = decoder.push(chunk, 0);
            drain(&mut decoder);
        }
        rest = later;
    }
    decoder.finish();
    drain(&mut decoder);
    assert_eq!(accounted, wire.len() as u64, "every byte is accounted for");
    found
}

/// The same in chunks of one size.
fn decode_in(mut decoder: Decoder, wire: &[u8], chunk: usize) -> Vec<(u64, bool, usize)> {
    let mut found = Vec::new();
    let mut drain = |decoder: &mut Decoder| {
        while let Some(item) = decoder.next() {
            if let Item::Frame(frame) = item {
                let is_request = frame.direction == Direction::Request;
                found.push((frame.offset, is_request, frame.bytes.len()));
            }
        }
    };
    for part in wire.chunks(chunk) {
        let mut rest = part;
        while !rest.is_empty() {
            rest = decoder.push(rest, 0);
            drain(&mut decoder);
        }
    }
    decoder.finish();
    drain(&mut decoder);
    found
}

#[test]
fn the_frames_do_not_depend_on_the_chunks() {
    for (seed, sizes) in SEEDS.into_iter().flat_map(|seed| [(seed, SMALL), (seed, LARGE)]) {
        let line = Line::both(seed, EXCHANGES, sizes);
        let decoder = Decoder::both_directions().lenient();
        let by_one = decode_in(decoder.clone(), &line.wire, 1);
        for chunk in [2, 7, 64, 333] {
            let others = decode_in(decoder.clone(), &line.wire, chunk);
            let different = by_one.iter().zip(&others).find(|(a, b)| a != b);
            assert_eq!(different, None, "seed {seed}, chunks of {chunk}");
        }
    }
}

fn report(what: &str, seed: u64, score: &Score) {
    println!(
        "{what}, seed {seed}: {} intact, {} lost, {} false, {} the wrong way",
        score.intact, score.lost, score.false_frames, score.wrong_way
    );
}

#[test]
fn both_directions_on_one_wire_resync_after_one_frame_in_ten_is_disturbed() {
    let lines = [
        ("small, strict", SMALL, Decoder::both_directions()),
        ("small, lenient", SMALL, Decoder::both_directions().lenient()),
        ("large, lenient", LARGE, Decoder::both_directions().lenient()),
    ];
    for (what, sizes, decoder) in lines {
        for seed in SEEDS {
            let line = Line::both(seed, EXCHANGES, sizes);
            assert!(line.disturbed > 3_500, "{} disturbed", line.disturbed);
            let score = score(&line.intact, &decode(decoder.clone(), &line.wire, seed));
            report(&format!("both directions, {what}"), seed, &score);
            assert!(score.lost * 10_000 <= score.intact, "{score:?}");
            assert!(score.false_frames <= 5, "{score:?}");
            // Not told by content alone: an echo both of whose neighbours are broken.
            assert!(score.wrong_way * 1_000 <= score.intact, "{score:?}");
        }
    }
}

#[test]
fn one_direction_resyncs_after_one_frame_in_ten_is_disturbed() {
    for (requests, decoder) in
        [(true, Decoder::requests().passive()), (false, Decoder::responses().passive())]
    {
        for seed in SEEDS {
            let line = Line::one(seed, EXCHANGES, SMALL, requests);
            let score = score(&line.intact, &decode(decoder.clone(), &line.wire, seed));
            report(if requests { "requests" } else { "responses" }, seed, &score);
            assert!(score.lost * 10_000 <= score.intact, "{score:?}");
            assert!(score.false_frames * 10_000 <= score.intact, "{score:?}");
            assert_eq!(score.wrong_way, 0);
        }
    }
}
