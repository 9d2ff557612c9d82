//! A device on a simulated line, with a master, other units, its own echo, noise and text: it does what its master asks of it, once,
//! and nothing else.
//!
//! ```text
//! master, other units, noise ──▶ bytes with their times ──▶ chunks ──▶ receive, poll ──▶ what was done, answers
//!                                      ▲                                                     │
//!                                      └───────── echo: none, whole, cut, flipped, late ◀────┘
//! ```

mod asked;
mod counts;
mod device;
mod echo;

use arbitrary::{Result, Unstructured};
use modbus_codec::server::Server;
use modbus_codec::timing::Rtu;
use modbus_codec::{UnitId, crc16};

use self::asked::Asked;
pub use self::counts::Counts;
use self::device::{Deed, Device, closed, trap_registers, traps};
use self::echo::LastAnswer;

const UNIT: u8 = 3;
const OTHER: u8 = 9;
/// The `now_us` of a caller without a clock.
const STILL_US: u64 = 7;
/// How long a master waits for an answer, or for a broadcast to be done.
const PATIENCE_US: u64 = 300_000;
/// The pause after which a server that does not know its baud rate surely answers what comes after noise.
const RELEASE_US: u64 = 100_000;
/// How many events a line has at least, once it has begun, and at most.
const EVENTS: core::ops::Range<usize> = 20..40;

/// How the server is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Strict,
    BaudRate,
    UnknownBaudRate,
    NoClock,
}

/// Whether a frame with a right CRC was heard that nobody sent: made of noise, or of a damaged echo and of the next request. Once
/// in 65,536 times two bytes are the CRC of the bytes before them.
fn is_chance(wire: &[u8], sent: &[Vec<u8>]) -> bool {
    let mut parts = (0..wire.len())
        .flat_map(|from| (4..=256).filter_map(move |len| wire.get(from..from + len)));
    parts.any(|part| {
        let is_meant = part[0] == UNIT || part[0] == 0;
        is_meant && crc16(part) == 0 && !sent.iter().any(|frame| frame == part)
    })
}

/// The fate that a request must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Done,
    DoneOrNot,
    Dropped,
}

struct Line<'l, 'u, 'a> {
    u: &'l mut Unstructured<'u>,
    counts: &'a mut Counts,
    mode: Mode,
    rtu: Rtu,
    /// Whether answers can be heard again, and whether the server was told if not.
    has_echo: bool,
    is_told: bool,
    server: Server,
    device: Device,
    now_us: u64,
    /// The requests that may be done, and until when.
    open: Vec<(Deed, u64)>,
    /// The answers to what was done.
    due: Vec<Vec<u8>>,
    last_answer: Option<LastAnswer>,
    last_asked: Option<Asked>,
    /// Without a clock: whether nothing that was heard may still be waiting.
    is_in_step: bool,
    /// Whether the last chunk ended inside a frame.
    is_inside_frame: bool,
    /// Until when noise may be waited for.
    noisy_until_us: u64,
    /// All bytes that the server heard, and the frames among them that somebody sent.
    wire: Vec<u8>,
    sent: Vec<Vec<u8>>,
    /// Chance has made a frame, and the line ends.
    is_over: bool,
    /// How many requests were sent in one chunk with an echo: each is done and answered while another request is played.
    beside: u64,
}

/// Plays one line.
pub fn server_line(u: &mut Unstructured<'_>) -> Result<()> {
    line(u, &mut Counts::default())
}

/// Plays one line, and counts what happened on it.
pub fn line(u: &mut Unstructured<'_>, counts: &mut Counts) -> Result<()> {
    let mode = *u.choose(&[Mode::Strict, Mode::BaudRate, Mode::UnknownBaudRate, Mode::NoClock])?;
    // A slow line whose baud rate is not known has pauses between its characters.
    let bauds: &[u32] = match mode {
        Mode::UnknownBaudRate | Mode::NoClock => &[19_200, 115_200],
        _ => &[1_200, 9_600, 19_200, 115_200],
    };
    let rtu = Rtu::at_baud(*u.choose(bauds)?);
    let unit = UnitId::from_raw(UNIT);
    let mut server = match mode {
        Mode::Strict => Server::new(unit, rtu).strict(rtu),
        Mode::BaudRate => Server::new(unit, rtu),
        Mode::UnknownBaudRate | Mode::NoClock => Server::point_to_point(unit),
    };
    let has_echo = u.ratio(3, 4)?;
    let is_told = !has_echo && u.arbitrary()?;
    if is_told {
        server = server.without_echo();
    }
    counts.lines += 1;
    let mut line = Line {
        u,
        counts,
        mode,
        rtu,
        has_echo,
        is_told,
        server,
        device: Device::default(),
        now_us: 1_000_000,
        open: Vec::new(),
        due: Vec::new(),
        last_answer: None,
        last_asked: None,
        is_in_step: true,
        is_inside_frame: false,
        noisy_until_us: 0,
        wire: Vec::new(),
        sent: traps().chunks(8).map(<[u8]>::to_vec).collect(),
        is_over: false,
        beside: 0,
    };
    // The clock has been running before anything comes.
    line.poll(line.now_us - 1)?;
    line.poll(line.now_us)?;
    for event in 0..EVENTS.end {
        if line.is_over || (event >= EVENTS.start && line.u.is_empty()) {
            break;
        }
        line.event()?;
    }
    Ok(())
}

impl Line<'_, '_, '_> {
    fn event(&mut self) -> Result<()> {
        let gap_us = self.silence_us()
            + match self.u.int_in_range(0..=3_u8)? {
                0 => 0,
                1 => u64::from(self.u.arbitrary::<u8>()?),
                2 => u64::from(self.u.arbitrary::<u16>()?),
                _ => 150_000,
            };
        self.wait(gap_us)?;
        let has_clock = self.mode != Mode::NoClock;
        let knows_line = matches!(self.mode, Mode::Strict | Mode::BaudRate);
        match self.u.int_in_range(0..=15_u8)? {
            0..=4 => self.own_request(),
            5 => self.repeat(),
            6 => self.broadcast(),
            7 if knows_line => self.exchange_of_others(),
            8 if knows_line => self.damaged_answer_of_another(),
            9 if has_clock => self.noise(),
            10 if has_clock => self.text(),
            11 if has_clock => self.request_behind_a_stray_byte(),
            12 if has_clock => self.damaged_request(),
            13 if knows_line => self.request_that_is_taken_back(),
            14 if self.mode == Mode::BaudRate
                || self.mode == Mode::UnknownBaudRate && self.now_us >= self.noisy_until_us =>
            {
                self.broadcasts_in_coarse_chunks()
            }
            _ => self.repeat(),
        }
    }

    fn own_request(&mut self) -> Result<()> {
        let asked = Asked::draw(self.u, self.mode, false)?;
        self.ask(asked)
    }

    fn repeat(&mut self) -> Result<()> {
        let Some(asked) = self.last_asked.clone() else {
            return self.own_request();
        };
        self.counts.repeats += 1;
        self.ask(asked)
    }

    fn ask(&mut self, asked: Asked) -> Result<()> {
        let frame = asked.frame(UNIT);
        self.sent.push(frame.clone());
        let fate = self.fate(&frame);
        self.counts.own_requests += 1;
        self.last_asked = Some(asked.clone());
        self.play(&asked, fate, |line| line.transmit(&frame), true)?;
        if fate == Fate::Dropped {
            // The request was taken for the echo, of which there is only one.
            self.set_heard();
        }
        Ok(())
    }

    /// Sends a request, and looks at what becomes of it.
    fn play(
        &mut self,
        asked: &Asked,
        fate: Fate,
        send: impl FnOnce(&mut Self) -> Result<()>,
        is_answered: bool,
    ) -> Result<()> {
        let (executed, answered) = (self.counts.executed, self.counts.answered);
        let beside = self.beside;
        if fate != Fate::Dropped {
            let until_us =
                if self.mode == Mode::NoClock { u64::MAX } else { self.now_us + 600_000 };
            self.open.push((asked.deed.clone(), until_us));
            if is_answered {
                self.due.push(closed([&[UNIT], &asked.answer[..]].concat()));
            }
        }
        send(self)?;
        // An answer, or the patience of the master, ends it.
        let until_us = self.now_us + PATIENCE_US;
        while self.now_us < until_us
            && !self.is_over
            && (!is_answered || self.counts.answered == answered)
        {
            self.wait(until_us - self.now_us)?;
        }
        if self.is_over {
            return Ok(());
        }
        let beside = self.beside - beside;
        let done = self.counts.executed - executed - beside;
        let sent = self.counts.answered - answered - beside;
        let expected = u64::from(fate == Fate::Done);
        if fate == Fate::DoneOrNot {
            self.is_in_step &= done > 0 || self.mode != Mode::NoClock;
            if done == 0 && self.mode != Mode::NoClock {
                self.due.clear();
            }
            return Ok(());
        }
        let is_right = done == expected && sent == expected * u64::from(is_answered);
        self.is_over |= !is_right && is_chance(&self.wire, &self.sent);
        let state = (self.mode, self.rtu, asked.pdu.clone(), fate);
        assert!(is_right || self.is_over, "done {done}, answered {sent}: {state:02X?}");
        Ok(())
    }

    /// The fate of a frame that is sent whole after a silence.
    fn fate(&self, frame: &[u8]) -> Fate {
        let is_soon = self.now_us < self.noisy_until_us;
        if !self.is_in_step || (is_soon && self.mode == Mode::UnknownBaudRate) {
            return Fate::DoneOrNot;
        }
        let Some(last) = &self.last_answer else { return Fate::Done };
        if self.is_told || last.is_heard || last.adu != frame {
            return Fate::Done;
        }
        // As the documentation says: it cannot be told from the echo that has not come.
        match self.mode {
            Mode::UnknownBaudRate => {
                let transmit_us = u64::from(self.rtu.characters_us(frame.len() as u32));
                let is_inside = self.now_us + transmit_us < last.sent_us + 100_000;
                if is_inside { Fate::Dropped } else { Fate::Done }
            }
            Mode::NoClock => Fate::Dropped,
            _ => Fate::Done,
        }
    }

    fn broadcast(&mut self) -> Result<()> {
        let asked = Asked::draw(self.u, self.mode, true)?;
        self.counts.broadcasts += 1;
        let frame = asked.frame(0);
        self.sent.push(frame.clone());
        let fate = self.fate(&frame);
        self.play(&asked, fate, |line| line.transmit(&frame), false)
    }

    /// Two broadcasts, in chunks that do not care for the silence between them.
    fn broadcasts_in_coarse_chunks(&mut self) -> Result<()> {
        let (first, second) =
            (Asked::draw(self.u, self.mode, true)?, Asked::draw(self.u, self.mode, true)?);
        let gap_us = self.silence_us() + u64::from(self.u.arbitrary::<u16>()?);
        let character_us = u64::from(self.rtu.characters_us(1));
        let frames = [first.frame(0), second.frame(0)];
        self.counts.requests_in_coarse_chunks += 2;
        self.counts.frames += 1;
        self.open.push((first.deed.clone(), self.now_us + gap_us + 600_000));
        let executed = self.counts.executed;
        self.play(
            &second,
            Fate::DoneOrNot,
            |line| {
                let mut times = Vec::new();
                for (frame, gap_us) in frames.iter().zip([0, gap_us]) {
                    line.now_us += gap_us;
                    for byte in frame {
                        line.now_us += character_us;
                        times.push((line.now_us, *byte));
                    }
                }
                let mut rest = &times[..];
                while !rest.is_empty() {
                    let len = line.u.int_in_range(1..=24)?.min(rest.len());
                    let (chunk, later) = rest.split_at(len);
                    let bytes: Vec<u8> = chunk.iter().map(|(_, byte)| *byte).collect();
                    line.turn(&bytes, chunk[len - 1].0)?;
                    rest = later;
                }
                Ok(())
            },
            false,
        )?;
        assert_eq!(self.counts.executed - executed, 2, "{:?}", self.mode);
        self.is_in_step = true;
        Ok(())
    }

    fn exchange_of_others(&mut self) -> Result<()> {
        let asked = Asked::draw(self.u, self.mode, false)?;
        self.counts.frames_of_others += 2;
        self.transmit(&asked.frame(OTHER))?;
        self.wait(self.silence_us())?;
        let answer = closed([&[OTHER], &asked.answer[..]].concat());
        self.transmit(&answer)
    }

    /// An answer whose registers hold frames, with one bit or one part of it lost.
    fn damaged_answer_of_another(&mut self) -> Result<()> {
        let count = self.u.int_in_range(8..=40_u8)?;
        let from = self.u.int_in_range(0..=11_u8)?;
        let data = trap_registers(from.into(), count.into());
        let mut answer = closed([vec![OTHER, 3, 2 * count], data].concat());
        let at = self.u.int_in_range(0..=answer.len() - 1)?;
        match self.u.int_in_range(0..=2_u8)? {
            // A trap right after a silence would be a request: so the cut leaves a byte before the first trap.
            0 => answer.truncate(at.max(1)),
            1 => {
                answer.remove(at);
            }
            _ => answer[at] ^= 1 << self.u.int_in_range(0..=7_u8)?,
        }
        self.counts.damaged_answers_of_others += 1;
        self.disturb(&answer)
    }

    /// A write to this device, damaged so that only frames in its data are whole.
    fn damaged_request(&mut self) -> Result<()> {
        let count = self.u.int_in_range(8..=40_u8)?;
        let data = trap_registers(self.u.int_in_range(0..=11_u8)?.into(), count.into());
        let head = vec![UNIT, 0x10, 0, 1, 0, count, 2 * count];
        let mut request = closed([head, data].concat());
        let at = self.u.int_in_range(0..=request.len() - 1)?;
        request[at] ^= 1 << self.u.int_in_range(0..=7_u8)?;
        self.counts.damaged_requests += 1;
        self.disturb(&request)
    }

    fn noise(&mut self) -> Result<()> {
        let len = self.u.int_in_range(1..=40)?;
        // A frame to the device with a right CRC would be one, whoever sends it: noise begins otherwise.
        let mut bytes = vec![self.u.int_in_range(0x40..=0xFF_u8)?];
        bytes.extend(self.u.bytes(usize::min(len, self.u.len()))?);
        if self.u.arbitrary()? {
            // The head of a long frame.
            bytes.extend([UNIT, 0x10, 0, 0, 0, 0x7B, 0xF6, 0]);
        }
        bytes.push(0x55);
        self.counts.noise += 1;
        self.disturb(&bytes)
    }

    fn text(&mut self) -> Result<()> {
        let text = b"Busy ".repeat(self.u.int_in_range(1..=120)?);
        self.counts.text += 1;
        self.disturb(&text)
    }

    fn request_behind_a_stray_byte(&mut self) -> Result<()> {
        let asked = Asked::draw(self.u, self.mode, false)?;
        // A stray byte that is the unit of the request would be a part of an echo or of another frame by intention.
        let stray = self.u.int_in_range(0x40..=0xFF_u8)?;
        let frame = [vec![stray], asked.frame(UNIT)].concat();
        self.counts.requests_behind_a_stray_byte += 1;
        // A stray byte may be taken for the damaged last byte of an echo that was cut, which harms nobody.
        let is_soon = self.now_us < self.noisy_until_us && self.mode == Mode::UnknownBaudRate;
        let fate = if is_soon { Fate::DoneOrNot } else { Fate::Dropped };
        self.play(&asked, fate, |line| line.disturb(&frame), true)
    }

    /// The caller is late, so that another unit is asked before the answer can go out.
    fn request_that_is_taken_back(&mut self) -> Result<()> {
        let (asked, other) =
            (Asked::draw(self.u, self.mode, false)?, Asked::draw(self.u, self.mode, false)?);
        let (executed, answered) = (self.counts.executed, self.counts.answered);
        let dropped = self.server.counters().dropped_answer;
        self.counts.requests_taken_back += 1;
        self.open.push((asked.deed.clone(), self.now_us + 600_000));
        self.transmit(&asked.frame(UNIT))?;
        // Nobody polls in the silence.
        self.now_us += self.silence_us();
        self.transmit(&other.frame(OTHER))?;
        self.wait(PATIENCE_US)?;
        assert_eq!(self.counts.executed - executed, 1, "{:?}", self.mode);
        assert_eq!(self.counts.answered, answered, "{:?}", self.mode);
        assert_eq!(self.server.counters().dropped_answer, dropped.wrapping_add(1));
        Ok(())
    }

    /// The silence after which the next frame may begin.
    fn silence_us(&self) -> u64 {
        u64::from(self.rtu.t3_5_us())
    }

    /// Bytes behind which a request may be taken for a part of them.
    fn disturb(&mut self, bytes: &[u8]) -> Result<()> {
        self.transmit(bytes)?;
        self.noisy_until_us = self.now_us + RELEASE_US;
        Ok(())
    }

    /// Bytes one after another, in chunks.
    fn transmit(&mut self, bytes: &[u8]) -> Result<()> {
        self.counts.frames += 1;
        let answered = self.counts.answered;
        let mut rest = bytes;
        while !rest.is_empty() {
            let len = self.u.int_in_range(1..=64)?.min(rest.len());
            let (chunk, later) = rest.split_at(len);
            self.now_us += u64::from(self.rtu.characters_us(len as u32));
            self.is_inside_frame = !later.is_empty();
            self.turn(chunk, self.now_us)?;
            // An answer to a frame before this one collided with it.
            if !later.is_empty() && self.counts.answered != answered {
                self.is_in_step &= self.mode != Mode::NoClock;
            }
            rest = later;
        }
        Ok(())
    }

    /// Lets time pass with polls when the server asks for them, until an answer was sent.
    fn wait(&mut self, us: u64) -> Result<()> {
        let until_us = self.now_us + us;
        let mut polls = 0;
        while let Some(due_us) = self.server.next_deadline_us() {
            if due_us > until_us || self.mode == Mode::NoClock {
                break;
            }
            self.now_us = self.now_us.max(due_us);
            if self.poll(self.now_us)? {
                return Ok(());
            }
            polls += 1;
            assert!(polls < 10, "asks for {due_us} at {}", self.now_us);
        }
        self.now_us = until_us;
        self.poll(until_us)?;
        Ok(())
    }

    /// The loop that the documentation asks of a caller.
    fn turn(&mut self, bytes: &[u8], now_us: u64) -> Result<()> {
        let stamp_us = self.stamp_us(now_us);
        self.wire.extend(bytes);
        let mut rest = bytes;
        loop {
            let later = self.server.receive(rest, stamp_us);
            assert!(later.len() < rest.len() || rest.is_empty(), "no byte was taken");
            rest = later;
            self.poll(now_us)?;
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    /// Polls until there is nothing, and says whether an answer was sent.
    fn poll(&mut self, now_us: u64) -> Result<bool> {
        let mut has_answered = false;
        let mut tx = [0xA5; 256];
        // One buffer is as good as another.
        let mut other_tx = [0x5A; 256];
        for turn in 0.. {
            assert!(turn < 100, "answers without end");
            let tx = if turn % 2 == 0 { &mut tx } else { &mut other_tx };
            let stamp_us = self.stamp_us(now_us);
            let adu = self.server.poll(&mut self.device, tx, stamp_us).map(<[u8]>::to_vec);
            self.look_at_deeds(now_us);
            let Some(adu) = adu else {
                break;
            };
            has_answered = true;
            self.answered(adu, now_us)?;
        }
        Ok(has_answered)
    }

    fn stamp_us(&self, now_us: u64) -> u64 {
        if self.mode == Mode::NoClock { STILL_US } else { now_us }
    }

    fn look_at_deeds(&mut self, now_us: u64) {
        self.open.retain(|(_, until_us)| now_us <= *until_us);
        for deed in self.device.0.drain(..) {
            let place = self.open.iter().position(|(open, _)| *open == deed);
            let Some(place) = place else {
                self.is_over = is_chance(&self.wire, &self.sent);
                assert!(self.is_over, "{:?} at {now_us}: nobody asked for {deed:02X?}", self.mode);
                return;
            };
            self.open.remove(place);
            self.counts.executed += 1;
            self.is_in_step = true;
            // The echo of the answer before would have come before this request.
            self.last_answer = None;
        }
    }
}
