//! The guarantees of a server with each timing: the table of `Server`'s documentation, row by row.
#![cfg(feature = "extended-functions")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod line;
mod plant;

use line::{closed, crc, hex};
use modbus_codec::UnitId;
use modbus_codec::server::Server;
use modbus_codec::timing::Rtu;
use plant::Plant;

const LINE: Rtu = Rtu::at_baud(19_200);
const UNIT: u8 = 1;

/// A server, its device, and the time.
struct Device {
    server: Server,
    plant: Plant,
    now_us: u64,
    /// When the last answer was handed out.
    sent_us: u64,
    /// Without a clock the stamp stands still.
    is_still: bool,
}

impl Device {
    fn new(server: impl Fn(UnitId) -> Server) -> Self {
        let server = server(UnitId::new(UNIT).unwrap());
        let mut device =
            Self { server, plant: Plant::new(), now_us: 1_000_000, sent_us: 0, is_still: false };
        device.wait(0);
        device
    }

    fn strict() -> Self {
        Self::new(|unit| Server::new(unit, LINE).strict(LINE))
    }

    fn baud_rate() -> Self {
        Self::new(|unit| Server::new(unit, LINE))
    }

    fn unknown_baud_rate() -> Self {
        let mut device = Self::new(Server::point_to_point);
        device.wait(1);
        device
    }

    fn no_clock() -> Self {
        let mut device = Self::new(Server::point_to_point);
        device.is_still = true;
        device
    }

    /// Every kind of timing that has a clock.
    fn with_a_clock() -> [(&'static str, Self); 3] {
        [
            ("strict", Self::strict()),
            ("baud rate", Self::baud_rate()),
            ("baud rate unknown", Self::unknown_baud_rate()),
        ]
    }

    fn all() -> Vec<(&'static str, Self)> {
        let mut all = Vec::from(Self::with_a_clock());
        all.push(("no clock", Self::no_clock()));
        all
    }

    fn poll(&mut self) -> Vec<Vec<u8>> {
        let mut answers = Vec::new();
        let mut tx = [0xA5; 256];
        while let Some(adu) = self.server.poll(&mut self.plant, &mut tx, self.now_us) {
            answers.push(adu.to_vec());
            self.sent_us = self.now_us;
            assert!(answers.len() < 10, "{answers:02X?}");
        }
        answers
    }

    fn wait(&mut self, us: u64) -> Vec<Vec<u8>> {
        self.now_us += if self.is_still { 0 } else { us };
        self.poll()
    }

    /// One chunk whose last byte is complete after so long.
    fn chunk(&mut self, bytes: &[u8], us: u64) -> Vec<Vec<u8>> {
        self.now_us += if self.is_still { 0 } else { us };
        assert!(self.server.receive(bytes, self.now_us).is_empty());
        self.poll()
    }

    /// Bytes one after another, one a chunk.
    fn bytes(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let character_us = u64::from(LINE.characters_us(1));
        bytes.iter().flat_map(|byte| self.chunk(&[*byte], character_us)).collect()
    }

    /// Bytes, and what is sent until t3.5 afterwards.
    fn exchange(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut answers = self.bytes(bytes);
        answers.extend(self.wait(LINE.t3_5_us().into()));
        answers
    }

    fn writes(&self) -> usize {
        self.plant.calls.iter().filter(|call| call.starts_with("write")).count()
    }
}

fn write() -> Vec<u8> {
    closed(hex("01 06 0001 0005"))
}

fn transmission_us(adu: &[u8]) -> u64 {
    LINE.characters_us(adu.len() as u32).into()
}

/// How long after its transmission an echo may be complete.
fn echo_us() -> u64 {
    u64::from(LINE.t3_5_us() + LINE.characters_us(4))
}

/// Offers the answer again so long after it was handed out; whether it was taken for a request.
fn is_request_after(mut device: Device, us: u64) -> bool {
    let answers = device.exchange(&write());
    assert_eq!(answers, [write()]);
    let us = us - (device.now_us - device.sent_us);
    let mut again = device.chunk(&write(), us);
    again.extend(device.wait(LINE.t3_5_us().into()));
    assert_eq!(device.server.counters().echo, u16::from(again.is_empty()));
    assert_eq!(device.writes(), 1 + again.len());
    !again.is_empty()
}

#[test]
fn strict_an_echo_is_dropped_until_transmission_silence_and_four_characters_have_passed() {
    let limit_us = transmission_us(&write()) + echo_us();
    assert!(!is_request_after(Device::strict(), limit_us - 1));
    assert!(is_request_after(Device::strict(), limit_us));
}

#[test]
fn baud_rate_an_echo_is_dropped_until_transmission_silence_and_four_characters_have_passed() {
    let limit_us = transmission_us(&write()) + echo_us();
    for us in [0, 1, transmission_us(&write()), limit_us - 1] {
        assert!(!is_request_after(Device::baud_rate(), us), "{us}");
    }
    for us in [limit_us, limit_us + 1, 10_000_000] {
        assert!(is_request_after(Device::baud_rate(), us), "{us}");
    }
    let told = || Device::new(|unit| Server::new(unit, LINE).with_echo_within(50_000));
    assert!(!is_request_after(told(), transmission_us(&write()) + 49_999));
    assert!(is_request_after(told(), transmission_us(&write()) + 50_000));
}

#[test]
fn baud_rate_unknown_an_echo_is_dropped_for_100_ms() {
    assert!(!is_request_after(Device::unknown_baud_rate(), 99_999));
    assert!(is_request_after(Device::unknown_baud_rate(), 100_000));
    let told = || Device::new(|unit| Server::point_to_point(unit).with_echo_within(30_000));
    assert!(!is_request_after(told(), 29_999));
    assert!(is_request_after(told(), 30_000));
}

#[test]
fn no_clock_exactly_one_frame_that_is_equal_to_the_last_answer_is_dropped() {
    let mut device = Device::no_clock();
    for answered in [1, 0, 1, 0] {
        assert_eq!(device.exchange(&write()).len(), answered);
    }
    assert_eq!((device.writes(), device.server.counters().echo), (2, 2));
}

#[test]
fn without_echo_a_frame_that_is_equal_to_the_last_answer_is_a_request_at_once() {
    for (mode, mut device) in Device::all() {
        device.server = device.server.clone().without_echo();
        for _ in 0..3 {
            assert_eq!(device.exchange(&write()), [write()], "{mode}");
        }
        assert_eq!((device.writes(), device.server.counters().echo), (3, 0), "{mode}");
    }
}

#[test]
fn every_answer_has_one_echo_and_a_repeated_write_is_done_again() {
    for (mode, mut device) in Device::all() {
        for repeats in 1..=20 {
            let answers = device.exchange(&write());
            assert_eq!(answers, [write()], "{mode}");
            assert_eq!(device.exchange(&answers[0]), [] as [Vec<u8>; 0], "{mode}");
            assert_eq!(device.writes(), repeats, "{mode}");
        }
        assert_eq!(device.server.counters().echo, 20, "{mode}");
        // An echo is no message of the bus.
        assert_eq!(device.server.counters().bus_message, 20, "{mode}");
    }
}

#[test]
fn an_echo_that_is_cut_anywhere_is_no_request() {
    // Registers whose end, with the CRC of the whole answer, would be a write of its own.
    let end = hex("01 06 0001 0009");
    let head = |register: u16| [hex("01 03 08"), register.to_be_bytes().to_vec()].concat();
    let register = (0..=u16::MAX).find(|register| crc(&head(*register)) == 0xFFFF).unwrap();
    let answer = closed([head(register), end.clone()].concat());
    assert_eq!(closed(end), answer[5..], "the trap is one");
    for (mode, device) in Device::all() {
        for cut in 0..=answer.len() {
            for part in [&answer[cut..], &answer[..cut]] {
                let mut device =
                    Device { server: device.server.clone(), plant: Plant::new(), ..device };
                let registers = [register, 0x0106, 1, 9];
                device.plant.holding[..4].copy_from_slice(&registers);
                let answers = device.exchange(&closed(hex("01 03 0000 0004")));
                assert_eq!(answers, std::slice::from_ref(&answer));
                assert!(device.exchange(part).is_empty(), "{mode}, {cut}");
                assert_eq!(device.writes(), 0, "{mode}, {cut}");
            }
        }
    }
}

#[test]
fn an_echo_with_a_flipped_byte_is_no_request() {
    // With function 10 for 03, the answer would begin with a whole write of one register.
    let body = hex("01 10 1000 0001 02 0007");
    let trap = closed(body);
    let registers: Vec<u8> = [&trap[3..], &[0; 16]].concat()[..16].to_vec();
    let answer = closed([vec![1, 3, 16], registers.clone()].concat());
    for (mode, device) in Device::all() {
        for at in 0..answer.len() {
            for byte in 0..=u8::MAX {
                let mut device =
                    Device { server: device.server.clone(), plant: Plant::new(), ..device };
                for (place, pair) in device.plant.holding.iter_mut().zip(registers.chunks(2)) {
                    *place = u16::from_be_bytes([pair[0], pair[1]]);
                }
                let answers = device.exchange(&closed(hex("01 03 0000 0008")));
                assert_eq!(answers, std::slice::from_ref(&answer));
                let mut echo = answer.clone();
                echo[at] = byte;
                // One chunk, as a buffer gives it.
                let mut answers = device.chunk(&echo, transmission_us(&echo));
                answers.extend(device.wait(LINE.t3_5_us().into()));
                assert!(answers.is_empty(), "{mode}, {at}, {byte:02X}");
                assert_eq!(device.writes(), 0, "{mode}, {at}, {byte:02X}");
            }
        }
    }
}

#[test]
fn an_echo_is_no_request_in_listen_only_mode_either() {
    // 08 with 01 leaves the mode: its echo is not another one.
    for (mode, mut device) in Device::with_a_clock() {
        let restart = closed(hex("01 08 0001 0000"));
        let answers = device.exchange(&restart);
        assert_eq!(answers, std::slice::from_ref(&restart), "{mode}");
        assert!(device.exchange(&restart).is_empty(), "{mode}");
        assert!(device.exchange(&closed(hex("01 08 0004 0000"))).is_empty(), "{mode}");
        let unanswered = device.server.counters().server_no_response;
        assert!(device.exchange(&write()).is_empty(), "{mode}");
        assert_eq!(device.server.counters().server_no_response, unanswered + 1, "{mode}");
        assert!(device.exchange(&restart).is_empty(), "{mode}");
        assert!(!device.server.is_listen_only(), "{mode}");
    }
}

#[test]
fn strict_a_request_stands_between_two_silences() {
    let mut device = Device::strict();
    assert!(device.exchange(&[&[0x55][..], &write()].concat()).is_empty(), "a stray before");
    assert!(device.exchange(&[&write()[..], &[0x55]].concat()).is_empty(), "a stray behind");
    assert_eq!((device.writes(), device.server.counters().bus_communication_error), (0, 2));
    assert_eq!(device.exchange(&write()), [write()]);
}

#[test]
fn baud_rate_a_request_begins_after_a_silence_or_right_after_a_whole_frame() {
    let mut device = Device::baud_rate();
    assert!(device.exchange(&[&[0x55][..], &write()].concat()).is_empty(), "a stray before");
    assert_eq!((device.writes(), device.server.counters().undelimited), (0, 1));
    assert_eq!(device.exchange(&write()), [write()], "its repeat");
    let other = closed(hex("02 03 02 0007"));
    let both = [closed(hex("02 03 0000 0001")), other, write()].concat();
    device.wait(10_000);
    assert_eq!(device.exchange(&both), [write()], "right after a whole frame");
    // A pause that is too short, and one that is not: characters count in whole microseconds.
    for (us, answers) in [(LINE.t3_5_us() - 2, 0), (LINE.t3_5_us(), 1)] {
        let mut device = Device::baud_rate();
        assert!(device.bytes(&[0x55]).is_empty());
        device.wait(us.into());
        assert_eq!(device.exchange(&write()).len(), answers, "{us}");
    }
}

#[test]
fn baud_rate_unknown_a_request_begins_after_a_pause_or_right_after_a_whole_frame() {
    let assumed = Rtu::at_baud(9_600);
    let mut device = Device::unknown_baud_rate();
    assert!(device.chunk(&[&[0x55][..], &write()].concat(), 5_000).is_empty());
    assert_eq!((device.writes(), device.server.counters().undelimited), (0, 1));
    device.wait(200_000);
    assert_eq!(device.chunk(&write(), 5_000), [write()], "its repeat");
    // After noise: t3.5 at 9,600 baud, and what the characters of a chunk take there.
    for (us, answers) in [(0, 0), (assumed.t3_5_us() - 8, 0), (assumed.t3_5_us(), 1)] {
        let mut device = Device::unknown_baud_rate();
        assert!(device.chunk(&[0x55], 5_000).is_empty());
        let chunk_us = u64::from(assumed.characters_us(8));
        assert_eq!(device.chunk(&write(), u64::from(us) + chunk_us).len(), answers, "{us}");
    }
}

#[test]
fn no_clock_a_request_has_a_right_crc_wherever_it_begins() {
    let mut device = Device::no_clock();
    assert_eq!(device.chunk(&[&[0x55][..], &write()].concat(), 0), [write()]);
    assert_eq!(device.server.counters().bus_communication_error, 1);
}

#[test]
fn the_head_of_a_long_frame_gives_way() {
    // A write of 123 registers, of which nothing but the head comes.
    let head = hex("01 10 0000 007B F6");
    for (mode, mut device) in Device::with_a_clock() {
        assert!(device.bytes(&head).is_empty());
        assert!(device.wait(500_000).is_empty());
        assert_eq!(device.exchange(&write()), [write()], "{mode}");
    }
    // Settable where the baud rate is not known; before it is over, what comes is taken for the rest.
    for (release_us, answers) in [(100_000, 1), (100_001, 0)] {
        let mut device = Device::new(|unit| Server::point_to_point(unit).with_release(release_us));
        assert!(device.chunk(&head, 1_000).is_empty());
        device.wait(100_000);
        assert_eq!(device.chunk(&write(), 0).len(), answers, "{release_us}");
    }
}

#[test]
fn noise_of_any_length_is_followed_by_an_answered_request() {
    for (mode, device) in Device::with_a_clock() {
        let mut random = line::Random::new(7);
        for len in 1..=600 {
            let mut device =
                Device { server: device.server.clone(), plant: Plant::new(), ..device };
            let noise: Vec<u8> = (0..len).map(|_| random.byte()).collect();
            for chunk in noise.chunks(64) {
                device.chunk(chunk, transmission_us(chunk));
            }
            device.wait(100_000);
            assert_eq!(device.exchange(&write()), [write()], "{mode}, {len}");
        }
    }
}

#[test]
fn an_answer_that_waits_is_dropped_when_another_frame_comes_first() {
    let others = [
        closed(hex("02 06 0001 0005")),
        closed(hex("01 06 0002 0006")),
        closed(hex("00 06 0002 0006")),
    ];
    for other in others {
        let mut device = Device::baud_rate();
        assert!(device.bytes(&write()).is_empty());
        let answers = device.exchange(&other);
        let expected = if other[0] == UNIT { vec![other.clone()] } else { vec![] };
        assert_eq!(answers, expected, "{other:02X?}");
        let counters = device.server.counters();
        assert_eq!((counters.dropped_answer, device.plant.holding[1]), (1, 5), "{other:02X?}");
    }
    // Noise alone makes it wait for longer.
    let mut device = Device::baud_rate();
    assert!(device.bytes(&write()).is_empty());
    assert_eq!(device.exchange(&[0x55, 0xAA]), [write()]);
    assert_eq!(device.server.counters().dropped_answer, 0);
}

#[test]
fn an_answer_that_waits_goes_out_in_any_buffer() {
    let mut device = Device::baud_rate();
    assert!(device.bytes(&write()).is_empty());
    let (mut one, mut other) = ([0xA5; 256], [0x5A; 256]);
    let us = device.now_us;
    assert_eq!(device.server.poll(&mut device.plant, &mut one, us), None);
    let due_us = device.server.next_deadline_us().unwrap();
    assert_eq!(due_us, us + u64::from(LINE.t3_5_us()));
    let adu = device.server.poll(&mut device.plant, &mut other, due_us);
    assert_eq!(adu, Some(&write()[..]));
    assert_eq!(device.server.poll(&mut device.plant, &mut one, due_us), None);
}

#[test]
fn a_damaged_request_before_its_repeat_is_not_taken_for_its_cause() {
    // To a listener a broken copy before a write looks like its request, and the write like the answer.
    let mut broken = write();
    broken[5] ^= 0x10;
    let mut device = Device::baud_rate();
    // Both are in the buffer when the caller polls.
    device.now_us += 10_000;
    assert!(device.server.receive(&broken, device.now_us).is_empty());
    let mut answers = device.chunk(&write(), u64::from(LINE.t3_5_us()) + transmission_us(&write()));
    answers.extend(device.wait(LINE.t3_5_us().into()));
    assert_eq!(answers, [write()]);
}

#[test]
fn a_frame_across_two_coarse_chunks_is_one() {
    // The caller reads every 20 ms: in the second chunk a silence stands between two frames.
    let (first, second) = (closed(hex("00 06 0001 0005")), closed(hex("00 06 0002 0006")));
    let mut device = Device::baud_rate();
    device.chunk(&first[..3], 20_000);
    device.chunk(&[&first[3..], &second].concat(), 20_000);
    device.wait(20_000);
    assert_eq!(device.plant.holding[1..3], [5, 6]);
}

#[test]
fn baud_rate_unknown_a_slow_line_is_answered_after_noise() {
    // At 1,200 baud each character comes alone, and after a pause: the first of them counts, not the last.
    let mut device = Device::unknown_baud_rate();
    assert!(device.chunk(&[0x55], 20_000).is_empty());
    device.wait(100_000);
    let answers: Vec<_> = write().iter().flat_map(|byte| device.chunk(&[*byte], 9_167)).collect();
    assert_eq!(answers, [write()]);
}

#[test]
fn a_request_in_one_chunk_with_a_damaged_echo_is_answered() {
    for (mode, mut device) in [
        ("baud rate unknown", Device::unknown_baud_rate()),
        ("baud rate", Device::baud_rate()),
        ("no clock", Device::no_clock()),
    ] {
        assert_eq!(device.exchange(&write()), [write()], "{mode}");
        let mut echo = write();
        echo[3] ^= 0x40;
        let next = closed(hex("01 06 0002 0007"));
        let mut answers = device.chunk(&[&echo[..], &next].concat(), 15_000);
        answers.extend(device.wait(LINE.t3_5_us().into()));
        assert_eq!(answers, [next], "{mode}");
        assert_eq!(device.server.counters().echo, 1, "{mode}");
    }
}

#[test]
fn a_request_that_came_before_an_answer_was_sent_is_not_its_echo() {
    // The head of a long frame keeps the second request back until the first has been answered.
    let head = hex("01 10 0000 007B F6");
    let mut device = Device::no_clock();
    assert_eq!(device.chunk(&[&write()[..], &head, &write()].concat(), 0), [write()]);
    assert_eq!(device.chunk(&[0x55; 250], 0), [write()]);
    assert_eq!((device.writes(), device.server.counters().echo), (2, 0));
}

#[test]
fn an_echo_that_collides_with_the_next_request_is_none() {
    // Found by fuzzing. The master has sent the first byte of its next request when the answer goes out, and the device hears
    // its own answer without the first byte: together they are the answer, whole, of which a byte came before the sending.
    let mut device = Device::no_clock();
    assert_eq!(device.chunk(&[&write()[..], &[UNIT]].concat(), 0), [write()]);
    assert!(device.chunk(&write()[1..], 0).is_empty());
    assert_eq!((device.writes(), device.server.counters().echo), (1, 1));
}
