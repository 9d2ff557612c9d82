//! Rules 13 and 14 of a serial line, and what silence does.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod line;

use line::closed;
use modbus_codec::pdu::Direction;
use modbus_codec::stream::{Decoder, Item, Reason, Timing};
use modbus_codec::timing::Rtu;

#[derive(Clone, Debug, PartialEq)]
enum Seen {
    Request(Vec<u8>),
    Response(Vec<u8>),
    OffSpec(Direction, Vec<u8>),
    Discarded(Vec<u8>, &'static str),
}

use Seen::{Discarded, Request, Response};

fn drain(decoder: &mut Decoder) -> Vec<Seen> {
    let mut seen = Vec::new();
    while let Some(item) = decoder.next() {
        seen.push(match item {
            Item::Frame(frame) => match (frame.off_spec, frame.direction) {
                (Some(_), direction) => Seen::OffSpec(direction, frame.bytes.to_vec()),
                (None, Direction::Request) => Request(frame.bytes.to_vec()),
                (None, Direction::Response) => Response(frame.bytes.to_vec()),
            },
            Item::Discarded(discarded) => {
                Discarded(discarded.bytes.to_vec(), discarded.reason.name())
            }
        });
    }
    seen
}

fn push(decoder: &mut Decoder, bytes: &[u8], now_us: u64) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        rest = decoder.push(rest, now_us);
        seen.extend(drain(decoder));
    }
    seen
}

fn whole(mut decoder: Decoder, bytes: &[u8]) -> Vec<Seen> {
    let mut seen = push(&mut decoder, bytes, 0);
    decoder.finish();
    seen.extend(drain(&mut decoder));
    seen
}

fn read(unit: u8, address: u8, quantity: u8) -> Vec<u8> {
    closed(vec![unit, 3, 0, address, 0, quantity])
}

fn answer(unit: u8, values: &[u8]) -> Vec<u8> {
    let mut frame = vec![unit, 3, values.len() as u8];
    frame.extend(values);
    closed(frame)
}

#[test]
fn a_pending_write_makes_its_echo_the_response() {
    let write = closed(vec![1, 5, 0, 3, 0xFF, 0]);
    let other = closed(vec![1, 5, 0, 4, 0xFF, 0]);
    let wire = [&write[..], &write, &write, &write, &other, &other].concat();
    let expected = [
        Request(write.clone()),
        Response(write.clone()),
        Request(write.clone()),
        Response(write),
        Request(other.clone()),
        Response(other),
    ];
    assert_eq!(whole(Decoder::both_directions(), &wire), expected);
}

#[test]
fn a_broken_copy_before_an_echo_was_its_request() {
    let write = closed(vec![1, 6, 0, 3, 0x12, 0x34]);
    let mut broken = write.clone();
    broken[4] ^= 0x10;
    let seen = whole(Decoder::both_directions(), &[&broken[..], &write].concat());
    assert_eq!(seen, [Discarded(broken, "crc"), Response(write)]);
}

#[test]
fn the_pending_request_breaks_the_tie_of_a_form_that_fits_both() {
    // 01 with three bytes of coils is as long as its request, and here both would be well-formed.
    let request = closed(vec![1, 1, 0, 0, 0, 20]);
    let both = closed(vec![1, 1, 3, 0x10, 0, 9]);
    let seen = whole(Decoder::both_directions(), &[&request[..], &both].concat());
    assert_eq!(seen, [Request(request), Response(both.clone())]);
    assert_eq!(whole(Decoder::both_directions(), &both), [Request(both)]);
}

#[test]
fn a_broadcast_has_no_answer() {
    let broadcast = closed(vec![0, 6, 0, 3, 0x12, 0x34]);
    let seen = whole(Decoder::both_directions(), &[&broadcast[..], &broadcast].concat());
    assert_eq!(seen, [Request(broadcast.clone()), Request(broadcast)]);
}

/// Sub-function 04 of 08 is never answered: the same frame again is the same request again. That of 00 is its echo.
#[cfg(feature = "extended-functions")]
#[test]
fn a_request_that_is_never_answered_has_no_answer() {
    let [echoed, forced] = [0, 4].map(|sub_function| closed(vec![1, 8, 0, sub_function, 0, 0]));
    for (frame, expected) in
        [(&echoed, Response(echoed.clone())), (&forced, Request(forced.clone()))]
    {
        let mut decoder = Decoder::both_directions();
        assert_eq!(push(&mut decoder, frame, 0), [Request(frame.clone())]);
        assert_eq!(push(&mut decoder, frame, 0), [expected]);
    }
}

#[test]
fn after_a_wrong_crc_one_byte_is_given_up_and_no_more() {
    // The broken frame's second byte begins a good one.
    let good = read(3, 0, 1);
    let wire = [&[7][..], &good].concat();
    let seen = whole(Decoder::requests(), &wire);
    assert_eq!(seen, [Discarded(vec![7], "noise"), Request(good)]);
}

#[test]
fn a_zero_after_a_frame_does_not_make_it_longer() {
    // A right CRC followed by a zero is a right CRC again: as a response of four coils' bytes this would be nine long.
    let request = closed(vec![9, 1, 4, 0xCE, 0, 4]);
    let longer = [&request[..], &[0]].concat();
    assert_eq!(line::crc(&longer), 0);
    let seen = whole(Decoder::both_directions(), &longer);
    assert_eq!(seen, [Request(request), Discarded(vec![0], "truncated")]);
}

#[test]
fn a_request_whose_crc_ends_in_zero_is_not_cut_short() {
    // Without the zero its CRC is right again, and it has the form of an answer with two bytes of coils.
    let request = vec![0x0B, 1, 2, 0x5A, 0, 0x1B, 0x5D, 0];
    assert_eq!(line::crc(&request[..7]), 0);
    for chunk in 1..=8 {
        let mut decoder = Decoder::both_directions();
        let mut seen = Vec::new();
        for part in request.chunks(chunk) {
            seen.extend(push(&mut decoder, part, 0));
        }
        decoder.finish();
        seen.extend(drain(&mut decoder));
        assert_eq!(seen, [Request(request.clone())], "chunks of {chunk}");
    }
}

#[test]
fn a_frame_that_lost_its_last_byte_does_not_take_the_next_ones_first() {
    // The lost byte of the CRC is the unit of the next frame.
    let unit = (1..=247).find(|unit| read(9, *unit, 1)[7] == *unit);
    let unit = unit.unwrap_or(0x44);
    let (first, next) = (0..=255)
        .flat_map(|address| (1..=125).map(move |quantity| read(9, address, quantity)))
        .find_map(|frame| (frame[7] == unit).then(|| (frame, read(unit, 0, 1))))
        .unwrap();
    let wire = [&next[..], &answer(unit, &[0, 1]), &first[..7], &next].concat();
    for chunk in 1..=16 {
        let mut decoder = Decoder::both_directions();
        let mut seen: Vec<Seen> = Vec::new();
        for part in wire.chunks(chunk) {
            seen.extend(push(&mut decoder, part, 0));
        }
        decoder.finish();
        seen.extend(drain(&mut decoder));
        let expected = [
            Request(next.clone()),
            Response(answer(unit, &[0, 1])),
            Discarded(first[..7].to_vec(), "truncated"),
            Request(next.clone()),
        ];
        assert_eq!(seen, expected, "chunks of {chunk}");
    }
}

#[test]
fn a_lenient_decoder_shows_what_a_strict_one_discards() {
    let off_spec = closed(vec![1, 3, 0, 0, 0, 0]);
    let seen = whole(Decoder::both_directions().lenient(), &off_spec);
    assert_eq!(seen, [Seen::OffSpec(Direction::Request, off_spec.clone())]);
    let seen = whole(Decoder::both_directions(), &off_spec);
    assert_eq!(seen.iter().map(len).sum::<usize>(), off_spec.len());
    assert!(seen.iter().all(|seen| matches!(seen, Discarded(..))), "{seen:?}");
}

fn len(seen: &Seen) -> usize {
    match seen {
        Request(bytes) | Response(bytes) | Discarded(bytes, _) | Seen::OffSpec(_, bytes) => {
            bytes.len()
        }
    }
}

#[test]
fn a_frame_that_is_off_spec_both_ways_has_no_direction() {
    let neither = closed(vec![1, 5, 0, 0, 0x12, 0x34]);
    let mut decoder = Decoder::both_directions().lenient();
    assert!(decoder.push(&neither, 0).is_empty());
    let Some(Item::Discarded(discarded)) = decoder.next() else {
        panic!("no direction can be told");
    };
    assert!(matches!(discarded.reason, Reason::OffSpec(_)), "{discarded:?}");
    assert_eq!(discarded.bytes, neither);
}

const LINE: Rtu = Rtu::at_baud(19_200);

fn content() -> Timing {
    Timing::Content { character_us: 573, frame_us: 2_006, release_us: 20_000 }
}

#[test]
fn a_stalled_candidate_is_released_by_time() {
    let mut decoder = Decoder::both_directions().with_timing(content());
    let cut = &answer(1, &[0; 40])[..20];
    assert_eq!(push(&mut decoder, cut, 12_000), []);
    assert_eq!(decoder.next_deadline_us(), Some(32_000));
    decoder.elapse(31_999);
    assert_eq!(drain(&mut decoder), []);
    decoder.elapse(32_000);
    assert_eq!(drain(&mut decoder), [Discarded(cut.to_vec(), "truncated")]);
    assert_eq!(push(&mut decoder, &read(1, 0, 1), 40_000), [Request(read(1, 0, 1))]);
}

#[test]
fn a_pause_inside_a_frame_does_not_break_it_where_content_decides() {
    let mut decoder = Decoder::both_directions().with_timing(content());
    let frame = read(1, 0, 1);
    assert_eq!(push(&mut decoder, &frame[..3], 2_000), []);
    assert_eq!(push(&mut decoder, &frame[3..], 15_000), [Request(frame)]);
}

#[test]
fn a_stray_byte_does_not_hold_a_frame_back_past_the_silence_after_it() {
    // With the stray byte before it the frame looks like the beginning of a longer one.
    let mut decoder = Decoder::both_directions().with_timing(content());
    let frame = closed(vec![1, 6, 4, 4, 0, 1]);
    assert_eq!(push(&mut decoder, &[&[0x55][..], &frame, &[0x55]].concat(), 6_000), []);
    decoder.elapse(8_006);
    let seen = drain(&mut decoder);
    assert_eq!(seen, [Discarded(vec![0x55], "truncated"), Request(frame)]);
}

#[test]
fn silence_makes_a_frame_of_a_function_whose_length_cannot_be_predicted() {
    let mut decoder = Decoder::both_directions().with_timing(content());
    let vendor = closed(vec![1, 0x41, 9, 9, 9]);
    assert_eq!(push(&mut decoder, &vendor, 10_000), []);
    decoder.elapse(12_006);
    assert_eq!(drain(&mut decoder), [Request(vendor.clone())]);
    assert_eq!(push(&mut decoder, &vendor, 20_000), []);
    decoder.elapse(30_000);
    assert_eq!(drain(&mut decoder), [Response(vendor.clone())]);
    let words = closed(vec![1, 8, 0, 0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(push(&mut decoder, &words, 60_000), []);
    decoder.elapse(63_000);
    assert_eq!(drain(&mut decoder), [Request(words)]);
    // Without a clock there is no telling where it ends.
    let seen = whole(Decoder::both_directions(), &vendor);
    assert_eq!(seen, [Discarded(vendor, "noise")]);
}

#[test]
fn strict_timing_wants_silence_around_and_none_inside() {
    let frame = read(1, 0, 1);
    let send = |gap_us: u64| {
        let mut decoder = Decoder::requests().with_timing(Timing::Strict(LINE));
        let mut now_us = 0;
        let mut seen = Vec::new();
        for (at, byte) in frame.iter().enumerate() {
            now_us += 573 + if at == 4 { gap_us } else { 0 };
            seen.extend(push(&mut decoder, &[*byte], now_us));
        }
        assert_eq!(decoder.next_deadline_us(), Some(now_us + 2_006));
        decoder.elapse(now_us + 2_005);
        assert_eq!(drain(&mut decoder), []);
        decoder.elapse(now_us + 2_006);
        seen.extend(drain(&mut decoder));
        seen
    };
    assert_eq!(send(0), [Request(frame.clone())]);
    assert_eq!(send(860), [Request(frame.clone())]);
    assert_eq!(send(861), [Discarded(frame.clone(), "gap")]);
    let parts = [Discarded(frame[..4].to_vec(), "crc"), Discarded(frame[4..].to_vec(), "crc")];
    assert_eq!(send(2_006), parts);
}

#[test]
fn strict_timing_counts_a_damaged_stretch_once() {
    let mut decoder = Decoder::requests().with_timing(Timing::Strict(LINE));
    let mut broken = read(1, 0, 1);
    broken[3] ^= 1;
    assert_eq!(push(&mut decoder, &broken, 8 * 573), []);
    // The next frame comes after silence, without anyone having asked in between.
    let good = read(1, 0, 2);
    assert_eq!(push(&mut decoder, &good, 30_000), [Discarded(broken, "crc")]);
    decoder.elapse(40_000);
    assert_eq!(drain(&mut decoder), [Request(good)]);
}

#[test]
fn a_late_a_repeated_and_a_backward_stamp_change_nothing_but_the_silence() {
    let frame = read(1, 0, 1);
    let mut decoder = Decoder::requests().with_timing(content());
    assert_eq!(push(&mut decoder, &frame[..4], 1_000_000), []);
    assert_eq!(push(&mut decoder, &frame[4..6], 3), []);
    assert_eq!(push(&mut decoder, &frame[6..], 1_000_000), [Request(frame)]);
}

#[test]
fn a_long_stretch_of_noise_comes_in_parts_that_say_so() {
    let mut decoder = Decoder::requests();
    let noise = vec![0xFF; 2_000];
    let mut rest: &[u8] = &noise;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        rest = decoder.push(rest, 0);
        while let Some(item) = decoder.next() {
            let Item::Discarded(discarded) = item else { panic!("{item:?}") };
            parts.push((discarded.bytes.len(), discarded.continues));
        }
    }
    decoder.finish();
    while let Some(Item::Discarded(discarded)) = decoder.next() {
        parts.push((discarded.bytes.len(), discarded.continues));
    }
    assert_eq!(parts.iter().map(|part| part.0).sum::<usize>(), 2_000);
    assert_eq!(parts.iter().filter(|part| !part.1).count(), 1, "one stretch: {parts:?}");
}

#[test]
fn what_is_undecided_is_counted_and_found() {
    let mut decoder = Decoder::requests();
    let frame = read(1, 0, 1);
    assert_eq!(decoder.push(&[&frame[..], &frame[..3]].concat(), 0), []);
    assert_eq!((decoder.undecided_len(), decoder.undecided_offset()), (11, 0));
    assert!(decoder.next().is_some());
    // An item that was handed out is decided, before the decoder is asked again too.
    assert_eq!((decoder.undecided_len(), decoder.undecided_offset()), (3, 8));
    assert!(decoder.next().is_none());
    assert_eq!((decoder.undecided_len(), decoder.undecided_offset()), (3, 8));
    assert!(format!("{decoder:?}").contains("undecided_offset: 8, undecided_len: 3"));
    decoder.finish();
    assert_eq!(drain(&mut decoder), [Discarded(frame[..3].to_vec(), "truncated")]);
    assert_eq!((decoder.undecided_len(), decoder.undecided_offset()), (0, 11));
}

#[test]
fn a_frame_that_was_seen_elsewhere_is_pending_here() {
    let write = closed(vec![1, 6, 0, 3, 0x12, 0x34]);
    let mut decoder = Decoder::both_directions();
    decoder.observe(Direction::Request, &write);
    assert_eq!(push(&mut decoder, &write, 0), [Response(write.clone())]);
    decoder.observe(Direction::Request, &write);
    decoder.observe(Direction::Response, &write);
    assert_eq!(push(&mut decoder, &write, 0), [Request(write)]);
}

#[test]
fn a_deadline_stands_while_something_waits() {
    let mut decoder = Decoder::requests().with_timing(content());
    assert_eq!(decoder.next_deadline_us(), None);
    assert_eq!(push(&mut decoder, &read(1, 0, 1)[..5], 1_000_000), []);
    let deadline_us = decoder.next_deadline_us().unwrap();
    assert!(deadline_us > 1_000_000);
    decoder.elapse(deadline_us - 1);
    assert_eq!(decoder.next_deadline_us(), Some(deadline_us));
    decoder.elapse(deadline_us);
    // Released, and not taken out yet: time changes nothing any more.
    assert_eq!(decoder.next_deadline_us(), None);
    assert_eq!(drain(&mut decoder).len(), 1);
    assert_eq!(decoder.next_deadline_us(), None);
    let mut untimed = Decoder::requests();
    assert_eq!(push(&mut untimed, &[1, 3], 1_000_000), []);
    assert_eq!(untimed.next_deadline_us(), None);
}

#[test]
fn a_reason_says_what_the_standard_refuses() {
    assert_eq!(Reason::Crc.to_string(), "crc");
    let mut decoder = Decoder::requests();
    let refused = closed(vec![1, 3, 0, 0, 0, 0]);
    assert_eq!(decoder.push(&refused, 0), []);
    let Some(Item::Discarded(discarded)) = decoder.next() else { panic!() };
    assert_eq!(discarded.reason.to_string(), "quantity at byte 4: expected 1..=125, got 0");
}

#[test]
fn strict_timing_takes_no_part_of_what_is_between_two_silences() {
    // A frame and two zeros: the CRC of it all is right again.
    let frame = read(1, 0, 1);
    let longer = [&frame[..], &[0, 0]].concat();
    assert_eq!(line::crc(&longer), 0);
    for (bytes, expected) in
        [(frame.clone(), Request(frame.clone())), (longer.clone(), Discarded(longer, "off_spec"))]
    {
        let mut decoder = Decoder::requests().with_timing(Timing::Strict(LINE));
        assert_eq!(push(&mut decoder, &bytes, 573 * bytes.len() as u64), []);
        decoder.elapse(1_000_000);
        assert_eq!(drain(&mut decoder), [expected]);
    }
}

#[test]
fn strict_timing_wants_no_more_than_a_frame_can_have() {
    for (len, reason) in [(3, "truncated"), (256, "crc"), (257, "length"), (300, "length")] {
        let mut decoder = Decoder::requests().with_timing(Timing::Strict(LINE));
        let mut seen = push(&mut decoder, &vec![0x55; len], 573 * len as u64);
        decoder.elapse(10_000_000);
        seen.extend(drain(&mut decoder));
        let (bytes, reasons): (Vec<_>, Vec<_>) = seen
            .into_iter()
            .map(|seen| match seen {
                Discarded(bytes, reason) => (bytes.len(), reason),
                other => panic!("{other:?}"),
            })
            .unzip();
        assert_eq!((bytes.iter().sum::<usize>(), reasons[0]), (len, reason));
    }
}

#[test]
fn silence_ends_a_stretch_of_noise() {
    let mut decoder = Decoder::requests().with_timing(content());
    let mut begun = 0;
    for heard_us in [1_000_000, 2_000_000] {
        assert_eq!(decoder.push(&[0xFF; 400], heard_us), []);
        decoder.elapse(heard_us + 20_000);
        while let Some(item) = decoder.next() {
            let Item::Discarded(discarded) = item else { panic!("{item:?}") };
            begun += u32::from(!discarded.continues);
        }
    }
    assert_eq!(begun, 2);
}

#[test]
fn a_broken_copy_is_told_from_the_frames_before_it() {
    let write = closed(vec![1, 6, 0, 3, 0x12, 0x34]);
    let mut broken = write.clone();
    broken[4] ^= 0x10;
    // A read waits for its answer, and a broken copy asked for this one.
    let request = read(1, 0, 1);
    let seen = whole(Decoder::both_directions(), &[&request[..], &broken, &write].concat());
    assert_eq!(seen, [Request(request.clone()), Discarded(broken.clone(), "crc"), Response(write)]);
    // The answer to this write is the broken one, so it is asked again.
    let write = closed(vec![1, 6, 0, 3, 0x12, 0x34]);
    let wire = [&write[..], &broken, &write].concat();
    let expected =
        [Request(write.clone()), Discarded(broken.clone(), "crc"), Request(write.clone())];
    assert_eq!(whole(Decoder::both_directions(), &wire), expected);
    // An answer to a read is no copy of its request, whatever came before it.
    let request = closed(vec![1, 1, 0, 0, 0, 20]);
    let both = closed(vec![1, 1, 3, 0x10, 0, 9]);
    let wire = [&request[..], &both[..5], &both].concat();
    let seen = whole(Decoder::both_directions(), &wire);
    assert_eq!((&seen[0], seen.last()), (&Request(request), Some(&Response(both))));
}

#[test]
fn a_stray_right_after_a_frame_is_no_copy_of_the_next() {
    let write = closed(vec![1, 6, 0, 3, 0x12, 0x34]);
    let mut decoder = Decoder::both_directions().with_timing(content());
    let first = read(1, 0, 1);
    let stray = &write[..7];
    // As one: the frame, and at once bytes of what is a frame after a silence.
    let mut seen = push(&mut decoder, &[&first[..], stray].concat(), 1_000_000);
    seen.extend(push(&mut decoder, &write, 1_000_000 + 8 * 573 + 3_000));
    decoder.finish();
    seen.extend(drain(&mut decoder));
    assert_eq!((&seen[0], seen.last()), (&Request(first), Some(&Request(write))));
}

#[test]
fn what_the_standard_refuses_is_not_waited_for() {
    let good = read(3, 0, 1);
    let found = |decoder: Decoder, head: &[u8]| {
        let mut decoder = decoder;
        push(&mut decoder, &[head, &good].concat(), 0)
    };
    // A write of no registers, which would be 209 bytes long.
    let refused = [1, 0x10, 0, 0, 0, 0, 200];
    let expected = [Discarded(refused.to_vec(), "noise"), Request(good.clone())];
    assert_eq!(found(Decoder::requests(), &refused), expected);
    assert_eq!(found(Decoder::requests().lenient(), &refused), [], "shown, when it is whole");
    // Nor by a lenient decoder in the middle of noise.
    let noise = [&[0xFF][..], &refused].concat();
    let expected = [Discarded(noise.clone(), "crc"), Request(good.clone())];
    assert_eq!(found(Decoder::requests().lenient(), &noise), expected);

    // Nothing answers as unit 0, and anything may be written to it.
    let answer = answer(3, &[0, 7]);
    let mut decoder = Decoder::responses();
    let seen = push(&mut decoder, &[&[0, 3, 200][..], &answer].concat(), 0);
    assert_eq!(seen, [Discarded(vec![0, 3, 200], "noise"), Response(answer)]);
    let broadcast = closed(vec![0, 6, 0, 3, 0x12, 0x34]);
    let mut decoder = Decoder::requests();
    assert_eq!(push(&mut decoder, &broadcast[..4], 0), []);
    assert_eq!(push(&mut decoder, &broadcast[4..], 0), [Request(broadcast)]);
}

#[test]
fn a_frame_that_the_standard_refuses_is_none_in_the_middle_of_noise() {
    let refused = closed(vec![1, 3, 0, 0, 0, 0]);
    assert_eq!(whole(Decoder::requests(), &refused), [Discarded(refused.clone(), "off_spec")]);
    let noise = [&[0xFF][..], &refused].concat();
    assert_eq!(whole(Decoder::requests(), &noise), [Discarded(noise, "crc")]);
}

#[test]
fn a_wrong_crc_is_the_reason_though_the_other_direction_would_be_longer() {
    // As a response it would have 100 bytes of data.
    let mut broken = closed(vec![1, 3, 100, 0, 0, 1]);
    broken[7] ^= 1;
    assert_eq!(whole(Decoder::both_directions(), &broken), [Discarded(broken, "crc")]);
}

#[test]
fn only_what_cannot_be_predicted_waits_for_silence() {
    let good = read(3, 0, 1);
    let after_silence = |head: &[u8]| {
        let mut decoder = Decoder::requests().with_timing(content());
        assert_eq!(push(&mut decoder, &good, 1_000_000), [Request(good.clone())]);
        push(&mut decoder, &[head, &good].concat(), 3_000_000)
    };
    let mut broken = read(1, 0, 1);
    broken[7] ^= 1;
    let expected = [Discarded(broken.clone(), "crc"), Request(good.clone())];
    assert_eq!(after_silence(&broken), expected);
    // A user-defined function waits, up to the longest frame.
    let mut user = vec![0xEE; 248];
    user[..2].copy_from_slice(&[1, 0x41]);
    assert_eq!(after_silence(&user[..247]), []);
    assert_eq!(after_silence(&user), [Discarded(user.clone(), "noise"), Request(good.clone())]);
    // Without a clock nothing is waited for.
    let seen = push(&mut Decoder::requests(), &[&user[..9], &good].concat(), 0);
    assert_eq!(seen, [Discarded(user[..9].to_vec(), "noise"), Request(good)]);
}

#[test]
fn strict_timing_tells_the_direction() {
    let write = closed(vec![1, 6, 0, 3, 0x12, 0x34]);
    let longer = [&write[..], &[0, 0]].concat();
    let strict = || Decoder::both_directions().with_timing(Timing::Strict(LINE));
    let heard = |decoder: &mut Decoder, parts: &[&[u8]]| {
        let mut seen = Vec::new();
        for (at, part) in (1..).zip(parts) {
            seen.extend(push(decoder, part, at * 1_000_000));
        }
        decoder.elapse(100_000_000);
        seen.extend(drain(decoder));
        seen
    };
    let seen = heard(&mut strict(), &[&write, &write]);
    assert_eq!(seen, [Request(write.clone()), Response(write)]);
    let answer = answer(1, &[0, 7]);
    assert_eq!(heard(&mut strict(), &[&answer]), [Response(answer)]);
    // Of neither direction: a lenient decoder cannot say whose it is.
    let seen = heard(&mut strict().lenient(), &[&longer]);
    assert_eq!(seen, [Discarded(longer.clone(), "off_spec")]);
    let mut one = Decoder::requests().with_timing(Timing::Strict(LINE)).lenient();
    assert_eq!(heard(&mut one, &[&longer]), [Seen::OffSpec(Direction::Request, longer)]);
}
