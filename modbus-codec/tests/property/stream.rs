//! The stream decoder accounts for every byte.

use arbitrary::{Arbitrary, Result, Unstructured};
use modbus_codec::stream::{Decoder, Item, Timing};
use modbus_codec::timing::Rtu;
use modbus_codec::{UnitId, crc16, rtu};

/// How a stream decoder is set up.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Mode {
    pub direction: u8,
    pub is_lenient: bool,
    pub is_passive: bool,
    pub timing: u8,
}

/// The decoder hands out every byte that it was given, in order, once, as part of a frame or of a discard.
pub fn stream(u: &mut Unstructured<'_>) -> Result<()> {
    let Mode { direction, is_lenient, is_passive, timing } = u.arbitrary()?;
    let mut decoder = match direction % 3 {
        0 => Decoder::requests(),
        1 => Decoder::responses(),
        _ => Decoder::both_directions(),
    };
    if is_lenient {
        decoder = decoder.lenient();
    }
    if is_passive {
        decoder = decoder.passive();
    }
    decoder = decoder.with_timing(match timing % 4 {
        0 => Timing::Off,
        3 => Timing::UnknownBaudRate { release_us: 9_000 },
        1 => Timing::Content { character_us: 500, frame_us: 2_000, release_us: 9_000 },
        _ => Timing::Strict(Rtu::at_baud(19_200)),
    });
    let (mut pushed, mut accounted, mut frames, mut now_us) = (Vec::new(), 0, 0, 0_u64);
    while !u.is_empty() {
        let part = chunk(u)?;
        now_us = now_us.wrapping_add(u64::from(u.arbitrary::<u16>()?));
        let mut rest = &part[..];
        while !rest.is_empty() {
            let later = decoder.push(rest, now_us);
            let taken = rest.len() - later.len();
            pushed.extend(&rest[..taken]);
            assert!(taken > 0, "no progress");
            drain(&mut decoder, &pushed, &mut accounted, &mut frames);
            rest = later;
        }
        if u.arbitrary()? {
            if let Some(us) = decoder.next_deadline_us() {
                decoder.elapse(us);
                now_us = now_us.max(us);
            }
            drain(&mut decoder, &pushed, &mut accounted, &mut frames);
        }
    }
    decoder.finish();
    drain(&mut decoder, &pushed, &mut accounted, &mut frames);
    assert_eq!(accounted, pushed.len(), "every byte is in a frame or in a discard");
    assert_eq!(decoder.undecided_len(), 0);
    Ok(())
}

/// Bytes, or a frame with a right CRC, whole or cut.
pub(super) fn chunk(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let len = u.int_in_range(0..=40)?;
    let mut bytes = u.bytes(usize::min(len, u.len()))?.to_vec();
    match u.int_in_range(0..=5_u8)? {
        0 | 1 => {}
        2 => bytes.extend(crc16(&bytes).to_le_bytes()),
        kind => {
            let unit = UnitId::from_raw(u.int_in_range(1..=3)?);
            let mut buffer = [0; 256];
            let frame = if kind == 3 {
                rtu::encode_request(unit, &u.arbitrary()?, &mut buffer).map(|frame| frame.to_vec())
            } else {
                rtu::encode_response(unit, &u.arbitrary()?, &mut buffer).map(|frame| frame.to_vec())
            };
            bytes = frame.unwrap_or(bytes);
            if kind == 5 {
                bytes.truncate(usize::from(u.arbitrary::<u8>()?));
            }
        }
    }
    Ok(bytes)
}

fn drain(decoder: &mut Decoder, pushed: &[u8], accounted: &mut usize, frames: &mut usize) {
    while let Some(item) = decoder.next() {
        let (offset, part) = match item {
            Item::Frame(frame) => {
                assert_eq!(crc16(frame.bytes), 0);
                *frames += 1;
                (frame.offset, frame.bytes)
            }
            Item::Discarded(discarded) => (discarded.offset, discarded.bytes),
        };
        assert_eq!(offset, *accounted as u64);
        assert!(!part.is_empty());
        assert_eq!(part, &pushed[*accounted..*accounted + part.len()]);
        *accounted += part.len();
    }
}
