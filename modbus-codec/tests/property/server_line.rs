//! A device on a simulated line, with a master, other units, its own echo, noise and text: it does what its master asks of it, once,
//! and nothing else.
//!
//! ```text
//! master, other units, noise ──▶ bytes with their times ──▶ chunks ──▶ receive, poll ──▶ what was done, answers
//!                                      ▲                                                     │
//!                                      └───────── echo: none, whole, cut, flipped, late ◀────┘
//! ```

use arbitrary::{Result, Unstructured};
use modbus_codec::server::{CoilsMut, RegistersMut, Server, Service, Table};
use modbus_codec::timing::Rtu;
use modbus_codec::{Address, Coils, ExceptionCode, FunctionCode, Registers, UnitId, crc16};

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

/// What happened on the lines so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub lines: u64,
    pub frames: u64,
    pub own_requests: u64,
    pub repeats: u64,
    pub broadcasts: u64,
    pub frames_of_others: u64,
    pub damaged_answers_of_others: u64,
    pub damaged_requests: u64,
    pub requests_behind_a_stray_byte: u64,
    pub requests_taken_back: u64,
    pub requests_in_coarse_chunks: u64,
    pub noise: u64,
    pub text: u64,
    pub echoes_whole: u64,
    pub echoes_cut: u64,
    pub echoes_flipped: u64,
    pub echoes_late: u64,
    pub echoes_with_a_request: u64,
    pub executed: u64,
    pub answered: u64,
}

impl Counts {
    pub fn all(&self) -> [(&'static str, u64); 20] {
        [
            ("lines", self.lines),
            ("frames", self.frames),
            ("own requests", self.own_requests),
            ("repeats", self.repeats),
            ("broadcasts", self.broadcasts),
            ("frames of others", self.frames_of_others),
            ("damaged answers of others", self.damaged_answers_of_others),
            ("damaged requests", self.damaged_requests),
            ("requests behind a stray byte", self.requests_behind_a_stray_byte),
            ("requests taken back", self.requests_taken_back),
            ("requests in coarse chunks", self.requests_in_coarse_chunks),
            ("noise", self.noise),
            ("text", self.text),
            ("echoes whole", self.echoes_whole),
            ("echoes cut", self.echoes_cut),
            ("echoes flipped", self.echoes_flipped),
            ("echoes late", self.echoes_late),
            ("echoes with a request in one chunk", self.echoes_with_a_request),
            ("executed", self.executed),
            ("answered", self.answered),
        ]
    }
}

/// The PDU of a request that was done, as the device saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Deed(&'static str, u16, Vec<u8>);

/// A device that notes what it does. Its registers hold frames that would be requests to it.
#[derive(Default)]
struct Device(Vec<Deed>);

impl Device {
    fn does(
        &mut self,
        what: &'static str,
        at: Address,
        data: Vec<u8>,
    ) -> core::result::Result<(), ExceptionCode> {
        self.0.push(Deed(what, at.as_raw(), data));
        Ok(())
    }
}

impl Service for Device {
    fn supports(&self, _function: FunctionCode) -> bool {
        true
    }

    fn contains(&self, _table: Table, _at: Address, _quantity: u16) -> bool {
        true
    }

    fn read_coils(
        &mut self,
        at: Address,
        out: &mut CoilsMut<'_>,
    ) -> core::result::Result<(), ExceptionCode> {
        self.does("read coils", at, out.quantity().to_be_bytes().to_vec())
    }

    fn read_holding_registers(
        &mut self,
        at: Address,
        out: &mut RegistersMut<'_>,
    ) -> core::result::Result<(), ExceptionCode> {
        out.fill_with(|index| u16::from_be_bytes(trap_at(usize::from(at.as_raw()) + index)));
        self.does("read", at, (out.count() as u16).to_be_bytes().to_vec())
    }

    fn write_coils(
        &mut self,
        at: Address,
        coils: Coils<'_>,
    ) -> core::result::Result<(), ExceptionCode> {
        self.does("write coils", at, coils.iter().map(u8::from).collect())
    }

    fn write_registers(
        &mut self,
        at: Address,
        registers: Registers<'_>,
    ) -> core::result::Result<(), ExceptionCode> {
        self.does("write", at, registers.iter().flat_map(u16::to_be_bytes).collect())
    }

    #[cfg(feature = "extended-functions")]
    fn mask_write_register(
        &mut self,
        at: Address,
        and_mask: u16,
        or_mask: u16,
    ) -> core::result::Result<(), ExceptionCode> {
        let masks = [and_mask.to_be_bytes(), or_mask.to_be_bytes()].concat();
        self.does("mask", at, masks)
    }
}

fn closed(mut frame: Vec<u8>) -> Vec<u8> {
    let crc = crc16(&frame);
    frame.extend(crc.to_le_bytes());
    frame
}

/// Frames that nobody sends: they only stand in the data of others.
fn traps() -> Vec<u8> {
    let frames = [
        vec![UNIT, 6, 0x7E, 0x7E, 0, 5],
        vec![UNIT, 5, 0x7E, 0x7E, 0xFF, 0],
        vec![0, 6, 0x7E, 0x7E, 0, 6],
    ];
    frames.into_iter().flat_map(closed).collect()
}

/// The register with this index: two bytes of the traps.
fn trap_at(index: usize) -> [u8; 2] {
    let traps = traps();
    let at = 2 * index % traps.len();
    [traps[at], traps[at + 1]]
}

fn trap_registers(from: usize, count: usize) -> Vec<u8> {
    (from..from + count).flat_map(trap_at).collect()
}

/// A request: its PDU, what a device does for it, and the PDU of the answer.
#[derive(Clone)]
struct Asked {
    pdu: Vec<u8>,
    deed: Deed,
    answer: Vec<u8>,
}

impl Asked {
    /// Without a clock, what stands inside a damaged request is a request: so nothing does.
    fn draw(u: &mut Unstructured<'_>, mode: Mode, only_writes: bool) -> Result<Self> {
        let at = u.int_in_range(0..=20_u8)?;
        let value: [u8; 2] = [u.int_in_range(0..=3)?, u.arbitrary()?];
        let head = |function: u8| vec![function, 0, at];
        let (pdu, what, data) = match u.int_in_range(0..=if only_writes { 4 } else { 5_u8 })? {
            0 => {
                let on: bool = u.arbitrary()?;
                let pdu = [head(5), vec![if on { 0xFF } else { 0 }, 0]].concat();
                (pdu, "write coils", vec![u8::from(on)])
            }
            1 => ([head(6), value.to_vec()].concat(), "write", value.to_vec()),
            2 => {
                let bits = vec![u8::from(value[1] & 1 != 0), u8::from(value[1] & 2 != 0)];
                ([head(0x0F), vec![0, 2, 1, value[1] & 3]].concat(), "write coils", bits)
            }
            3 if cfg!(feature = "extended-functions") => {
                let masks = [value, [0, 1]].concat();
                ([head(0x16), masks.clone()].concat(), "mask", masks)
            }
            3 | 4 => {
                let registers =
                    if mode == Mode::NoClock { vec![0x55; 8] } else { trap_registers(0, 4) };
                let data = [value.to_vec(), registers].concat();
                ([head(0x10), vec![0, 5, 10], data.clone()].concat(), "write", data)
            }
            _ => {
                let quantity = u.int_in_range(1..=125_u8)?;
                ([head(3), vec![0, quantity]].concat(), "read", vec![0, quantity])
            }
        };
        let answer = match pdu[0] {
            0x0F | 0x10 => pdu[..5].to_vec(),
            3 => {
                let count = usize::from(pdu[4]);
                [vec![3, 2 * pdu[4]], trap_registers(at.into(), count)].concat()
            }
            _ => pdu.clone(),
        };
        Ok(Self { pdu, deed: Deed(what, at.into(), data), answer })
    }

    fn frame(&self, unit: u8) -> Vec<u8> {
        closed([&[unit], &self.pdu[..]].concat())
    }
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

/// What must become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Done,
    DoneOrNot,
    Dropped,
}

/// What is known of the last answer.
struct LastAnswer {
    adu: Vec<u8>,
    sent_us: u64,
    /// Whether so much of it was heard again that the rest is no whole frame.
    is_heard: bool,
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
    /// What may be done, and until when.
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
            // It was taken for the echo, of which there is only one.
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

    /// What must become of a frame that is sent whole after a silence.
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
            // What begins after a silence is a frame: so the cut leaves a byte before the first of those frames.
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

    /// An answer is the one that was due, and may be heard again.
    fn answered(&mut self, adu: Vec<u8>, now_us: u64) -> Result<()> {
        let Some(place) = self.due.iter().position(|due| *due == adu) else {
            self.is_over |= is_chance(&self.wire, &self.sent);
            assert!(self.is_over, "{:?}: nobody waits for {adu:02X?}", self.mode);
            return Ok(());
        };
        self.due.remove(place);
        self.sent.push(adu.clone());
        self.counts.answered += 1;
        self.now_us = now_us;
        let transmit_us = u64::from(self.rtu.characters_us(adu.len() as u32));
        let ends_us = now_us + transmit_us;
        let last = LastAnswer { adu: adu.clone(), sent_us: now_us, is_heard: false };
        self.last_answer = Some(last);
        if self.has_echo {
            self.echo(&adu, ends_us)?;
        }
        self.now_us = self.now_us.max(ends_us);
        Ok(())
    }

    fn echo(&mut self, adu: &[u8], ends_us: u64) -> Result<()> {
        let character_us = u64::from(self.rtu.characters_us(1));
        let at = self.u.int_in_range(0..=adu.len() - 1)?;
        let mut is_heard = true;
        match self.u.int_in_range(0..=6_u8)? {
            0 | 1 => {
                self.counts.echoes_whole += 1;
                self.transmit(adu)?;
            }
            2 => {
                self.counts.echoes_cut += 1;
                // Where the baud rate is not known, it must begin in 100 ms.
                let at = if self.mode == Mode::UnknownBaudRate { at.min(100) } else { at };
                self.now_us += character_us * at as u64;
                self.disturb(&adu[at..])?;
                // Of fewer than four bytes it cannot be told what they are.
                is_heard = at == 0 || adu.len() - at >= 4;
                self.is_in_step &= at == 0 || self.mode != Mode::NoClock;
            }
            3 => {
                self.counts.echoes_cut += 1;
                self.disturb(&adu[..at])?;
                is_heard = at >= 4;
                self.is_in_step &= self.mode != Mode::NoClock;
            }
            4 => {
                self.counts.echoes_flipped += 1;
                let mut flipped = adu.to_vec();
                flipped[at] ^= self.u.int_in_range(1..=255_u8)?;
                self.disturb(&flipped)?;
                self.is_in_step &= self.mode != Mode::NoClock;
            }
            5 => {
                self.counts.echoes_late += 1;
                let slack_us = match self.mode {
                    Mode::Strict | Mode::BaudRate => {
                        u64::from(self.rtu.t3_5_us()) + 4 * character_us
                    }
                    _ => 100_000_u64.saturating_sub(character_us * adu.len() as u64).max(1),
                };
                self.now_us = ends_us + self.u.int_in_range(0..=slack_us - 1)?;
                self.counts.frames += 1;
                self.turn(adu, self.now_us)?;
            }
            _ if self.mode == Mode::Strict || self.is_inside_frame => {
                self.counts.echoes_whole += 1;
                self.transmit(adu)?;
            }
            // The caller reads the echo and the next request at once.
            _ => {
                self.counts.echoes_with_a_request += 1;
                let asked = match &self.last_asked {
                    Some(asked) if self.u.arbitrary()? => asked.clone(),
                    _ => Asked::draw(self.u, self.mode, false)?,
                };
                let frame = asked.frame(UNIT);
                self.sent.push(frame.clone());
                let transmit_us = self.rtu.characters_us(frame.len() as u32);
                self.now_us = ends_us + self.silence_us() + u64::from(transmit_us);
                self.set_heard();
                let until_us =
                    if self.mode == Mode::NoClock { u64::MAX } else { self.now_us + 600_000 };
                self.open.push((asked.deed.clone(), until_us));
                self.due.push(closed([&[UNIT], &asked.answer[..]].concat()));
                self.counts.own_requests += 1;
                self.last_asked = Some(asked);
                let answered = self.counts.answered;
                let both = [adu, &frame].concat();
                self.turn(&both, self.now_us)?;
                if self.counts.answered == answered {
                    self.wait(PATIENCE_US)?;
                }
                assert!(self.is_over || self.counts.answered > answered, "{:?}", self.mode);
                self.beside += 1;
                return Ok(());
            }
        }
        if is_heard {
            self.set_heard();
        }
        Ok(())
    }

    fn set_heard(&mut self) {
        if let Some(last) = &mut self.last_answer {
            last.is_heard = true;
        }
    }
}
