//! A simulated serial line: exchanges between a client and its servers, some of whose frames are disturbed.
//!
//! Frames are put together by hand here, so that the encoder under test is not its own witness.
#![allow(dead_code)] // Each test that includes this uses a part of it.

/// A small generator of numbers that repeats from its seed (xorshift64*).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.next() as u8
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Where its first byte is on the wire.
    pub(crate) offset: u64,
    pub(crate) is_request: bool,
    pub(crate) bytes: Vec<u8>,
}

/// The bytes that went over the wire, and the frames of it that arrived whole.
#[derive(Default)]
pub(crate) struct Line {
    pub(crate) wire: Vec<u8>,
    pub(crate) intact: Vec<Sent>,
    pub(crate) disturbed: usize,
}

/// Bytes in hex, blanks between them or none.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

pub(crate) fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(
            crc ^ u16::from(*byte),
            |crc, _| {
                if crc & 1 == 1 { crc >> 1 ^ 0xA001 } else { crc >> 1 }
            },
        )
    })
}

pub(crate) fn closed(mut frame: Vec<u8>) -> Vec<u8> {
    let crc = crc(&frame);
    frame.extend(crc.to_le_bytes());
    frame
}

/// How many units there are, and how much is read and written at most.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    units: u64,
    coils: u64,
    registers: u64,
    written: u64,
}

/// A small line.
pub(crate) const SMALL: Sizes = Sizes { units: 16, coils: 64, registers: 24, written: 12 };
/// All that the standard allows.
pub(crate) const LARGE: Sizes = Sizes { units: 247, coils: 2000, registers: 125, written: 123 };

/// A request and its answer over FC 1, 3, 5, 6, 10h; one answer in ten is an exception.
pub(crate) fn exchange(random: &mut Random, sizes: Sizes) -> (Vec<u8>, Vec<u8>) {
    let unit = 1 + random.below(sizes.units) as u8;
    let address = (random.below(4096) as u16).to_be_bytes();
    let function = [1, 3, 5, 6, 16][random.below(5) as usize];
    let mut request = vec![unit, function, address[0], address[1]];
    let mut response = vec![unit, function];
    match function {
        1 => {
            let quantity = 1 + random.below(sizes.coils) as u16;
            request.extend(quantity.to_be_bytes());
            let len = quantity.div_ceil(8) as u8;
            response.push(len);
            response.extend((0..len).map(|_| random.byte()));
        }
        3 => {
            let quantity = 1 + random.below(sizes.registers) as u16;
            request.extend(quantity.to_be_bytes());
            response.push((quantity * 2) as u8);
            response.extend((0..quantity * 2).map(|_| random.byte()));
        }
        5 => {
            request.extend([if random.below(2) == 0 { 0 } else { 0xFF }, 0]);
            response = request.clone();
        }
        6 => {
            request.extend([random.byte(), random.byte()]);
            response = request.clone();
        }
        _ => {
            let quantity = 1 + random.below(sizes.written) as u16;
            request.extend(quantity.to_be_bytes());
            response = request.clone();
            request.push((quantity * 2) as u8);
            request.extend((0..quantity * 2).map(|_| random.byte()));
        }
    }
    if random.below(10) == 0 {
        response = vec![unit, function | 0x80, 1 + random.below(4) as u8];
    }
    (closed(request), closed(response))
}

impl Line {
    /// Puts a frame on the wire; one in ten is disturbed.
    pub(crate) fn send(&mut self, is_request: bool, frame: &[u8], random: &mut Random) {
        let mut frame = frame.to_vec();
        if random.below(10) == 0 {
            self.disturbed += 1;
            match random.below(4) {
                0 => {
                    let count = 1 + random.below(8);
                    self.wire.extend((0..count).map(|_| random.byte()));
                    self.intact(is_request, frame);
                    return;
                }
                1 => {
                    frame.remove(random.below(frame.len() as u64) as usize);
                }
                2 => {
                    let bit = random.below(frame.len() as u64 * 8) as usize;
                    frame[bit / 8] ^= 1 << (bit % 8);
                }
                _ => frame.truncate(1 + random.below(frame.len() as u64 - 1) as usize),
            }
            self.wire.extend(frame);
            return;
        }
        self.intact(is_request, frame);
    }

    fn intact(&mut self, is_request: bool, frame: Vec<u8>) {
        let offset = self.wire.len() as u64;
        self.wire.extend(&frame);
        self.intact.push(Sent { offset, is_request, bytes: frame });
    }

    /// Both directions on one wire.
    pub(crate) fn both(seed: u64, exchanges: usize, sizes: Sizes) -> Self {
        let mut random = Random::new(seed);
        let mut line = Self::default();
        for _ in 0..exchanges {
            let (request, response) = exchange(&mut random, sizes);
            line.send(true, &request, &mut random);
            line.send(false, &response, &mut random);
        }
        line
    }

    /// One direction alone.
    pub(crate) fn one(seed: u64, exchanges: usize, sizes: Sizes, requests: bool) -> Self {
        let mut random = Random::new(seed);
        let mut line = Self::default();
        for _ in 0..exchanges {
            let (request, response) = exchange(&mut random, sizes);
            let frame = if requests { request } else { response };
            line.send(requests, &frame, &mut random);
        }
        line
    }
}

/// How a decoder did: frames that arrived whole and were not found, and frames found that were not sent.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Score {
    pub(crate) intact: usize,
    pub(crate) lost: usize,
    pub(crate) false_frames: usize,
    /// Found, whole, and said to have gone the other way.
    pub(crate) wrong_way: usize,
}

pub(crate) fn score(intact: &[Sent], found: &[Sent]) -> Score {
    let mut score = Score { intact: intact.len(), ..Score::default() };
    let mut found = found.iter().peekable();
    for sent in intact {
        while found.next_if(|other| other.offset < sent.offset).is_some() {
            score.false_frames += 1;
        }
        match found.next_if(|other| other.offset == sent.offset) {
            Some(other) if other.bytes == sent.bytes => {
                score.wrong_way += usize::from(other.is_request != sent.is_request);
            }
            Some(_) => {
                score.false_frames += 1;
                score.lost += 1;
            }
            None => score.lost += 1,
        }
    }
    score.false_frames += found.count();
    score
}
