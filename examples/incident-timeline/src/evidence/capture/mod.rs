//! Captures: pcap and pcapng, and the TCP connections in them.

mod connection;
pub(crate) mod conversation;
mod datagrams;
pub(crate) mod half;
mod packet;
mod table;

use std::collections::VecDeque;
use std::rc::Rc;

use pcap_parser::traits::PcapReaderIterator;
use pcap_parser::{Block, Linktype, PcapBlockOwned, PcapError};
use pcap_parser::{LegacyPcapReader, PcapNGReader};

use self::conversation::Listener;
use self::packet::{Captured, Packet};
use self::table::Table;
use super::line::{Counting, Line, Listen, Stamp};
use super::unread::{Unread, UnreadCounts};
use super::{Evidence, Opening};
use crate::event::Event;
use crate::failure::Failure;
use crate::input::is_interrupted;

/// A length field that asks for more than this is damage.
const BUFFER_LEN_MAX: usize = 16 << 20;
const BUFFER_LEN_MIN: usize = 1 << 10;

pub(crate) struct Capture {
    reader: Box<dyn PcapReaderIterator>,
    /// Of a pcapng.
    section: Option<Section>,
    source: Rc<str>,
    /// By the number that packets name them by.
    interfaces: Vec<Interface>,
    table: Table,
    serial: Serial,
    unread: UnreadCounts,
    packet: u64,
    /// The time of the last packet.
    now_us: i64,
}

/// The facts about an interface that are needed to read its packets.
#[derive(Clone, Copy)]
struct Interface {
    link: Linktype,
    /// Fractions of a second in its times.
    resolution: u64,
    /// Seconds to add to its times.
    offset_s: i64,
}

/// Whether a file that begins so is a capture.
pub(crate) fn is_capture(head: &[u8]) -> bool {
    const MAGICS: [[u8; 4]; 7] = [
        [0xD4, 0xC3, 0xB2, 0xA1],
        [0xA1, 0xB2, 0xC3, 0xD4],
        [0x4D, 0x3C, 0xB2, 0xA1],
        [0xA1, 0xB2, 0x3C, 0x4D],
        [0x34, 0xCD, 0xB2, 0xA1],
        [0xA1, 0xB2, 0xCD, 0x34],
        NG,
    ];
    head.first_chunk().is_some_and(|magic| MAGICS.contains(magic))
}

const NG: [u8; 4] = [0x0A, 0x0D, 0x0D, 0x0A];

/// The length of the first block of a pcapng.
fn first_block_len(head: &[u8]) -> usize {
    let word = |at: usize| head.get(at..).and_then(|rest| rest.first_chunk::<4>()).copied();
    let is_big_endian = word(8) == Some([0x1A, 0x2B, 0x3C, 0x4D]);
    let len =
        word(4).map_or(0, if is_big_endian { u32::from_be_bytes } else { u32::from_le_bytes });
    usize::try_from(len).unwrap_or(0)
}

impl Capture {
    pub(crate) fn new(
        opening: Opening<'_>,
        listeners: Vec<Box<dyn Listener>>,
        serial: SerialLink,
    ) -> Result<Self, Failure> {
        let Opening { input, source, .. } = opening;
        let is_ng = input.head().starts_with(&NG);
        // The library takes the first block whole.
        let first_len = if is_ng { first_block_len(input.head()) } else { 0 };
        let buffer_len = input.buffer_len().max(first_len.min(BUFFER_LEN_MAX));
        let refused = |error: PcapError<&[u8]>| {
            Failure::Refused(format!("{source}: byte 0: {}", words(&error)))
        };
        let reader: Box<dyn PcapReaderIterator> = if is_ng {
            Box::new(PcapNGReader::new(buffer_len, input).map_err(refused)?)
        } else {
            Box::new(LegacyPcapReader::new(buffer_len, input).map_err(refused)?)
        };
        let table = Table::new(source.clone(), listeners);
        let section = is_ng.then_some(Section { is_big_endian: false });
        Ok(Self {
            reader,
            section,
            source,
            interfaces: Vec::new(),
            table,
            serial: Serial { link: serial, first: Vec::new(), state: SerialState::Undecided },
            unread: UnreadCounts::default(),
            packet: 0,
            now_us: 0,
        })
    }

    /// Reads one block. False at the end of the file.
    fn next_block(&mut self, events: &mut VecDeque<Event>) -> Result<bool, String> {
        if let Some(len) = self.section.and_then(|section| section.short_block(self.reader.data()))
        {
            return Err(format!("expected a block of at least {BLOCK_LEN_MIN} bytes, got {len}"));
        }
        let len = match self.reader.next() {
            Ok((len, block)) => {
                if let (Some(section), PcapBlockOwned::NG(Block::SectionHeader(header))) =
                    (&mut self.section, &block)
                {
                    section.is_big_endian = header.big_endian();
                }
                let (interfaces, packet) = (&mut self.interfaces, &mut self.packet);
                if let Some((interface, captured)) = open_block(&block, interfaces, packet)? {
                    self.now_us = captured.t_us;
                    let (number, t_us, unread) = (*packet, captured.t_us, &mut self.unread);
                    match Packet::read(interface.link, &captured) {
                        Packet::Tcp(tcp) => self.table.tcp(&tcp, number, t_us, events, unread),
                        Packet::Udp(udp) => self.table.udp(&udp, number, t_us, events, unread),
                        Packet::Serial(bytes) => {
                            let stamp = Stamp { start_us: t_us, end_us: t_us, number };
                            self.serial.packet(&self.source, bytes, stamp, events, unread);
                        }
                        Packet::Unread(what) => unread.packet(what),
                    }
                }
                len
            }
            Err(PcapError::Eof) => return Ok(false),
            Err(PcapError::Incomplete(_)) => return self.refill(),
            Err(PcapError::BufferTooSmall) => {
                let len = self.reader.data().len().max(BUFFER_LEN_MIN).saturating_mul(2);
                if len > BUFFER_LEN_MAX || !self.reader.grow(len) {
                    return Err(format!("expected a block of at most {BUFFER_LEN_MAX} bytes"));
                }
                return self.refill();
            }
            Err(error) => return Err(words(&error)),
        };
        self.reader.consume(len);
        Ok(true)
    }

    fn refill(&mut self) -> Result<bool, String> {
        if self.reader.reader_exhausted() {
            let left = self.reader.data().len();
            return if left == 0 {
                Ok(false)
            } else {
                Err(format!("the file ends inside a packet, {left} bytes of it are there"))
            };
        }
        self.reader.refill().map_err(|error| words(&error))?;
        Ok(true)
    }
}

/// A lane that may read the bytes of a serial link.
#[derive(Clone, Copy)]
pub(crate) struct SerialLink {
    /// Whether a packet is a frame of it.
    pub(crate) is_frame: fn(&[u8]) -> bool,
    pub(crate) listen: Listen,
}

/// The packets of a link type without a meaning of its own: read if the first ones are frames.
struct Serial {
    link: SerialLink,
    first: Vec<(Stamp, Vec<u8>)>,
    state: SerialState,
}

enum SerialState {
    Undecided,
    Read(Box<dyn Line>),
    Unread,
}

/// So many packets decide.
const FIRST_COUNT: usize = 8;
/// Packets are apart; inside one, characters follow each other.
const CHARACTER_US: u32 = 1;

impl Serial {
    fn packet(
        &mut self,
        source: &Rc<str>,
        bytes: &[u8],
        stamp: Stamp,
        events: &mut VecDeque<Event>,
        unread: &mut UnreadCounts,
    ) {
        match &mut self.state {
            SerialState::Read(line) => line.push("link", bytes, stamp, events),
            SerialState::Unread => unread.packet(UNREAD_LINK.to_owned()),
            SerialState::Undecided => {
                self.first.push((stamp, bytes.to_vec()));
                if self.first.len() == FIRST_COUNT {
                    self.decide(source, events, unread);
                }
            }
        }
    }

    fn decide(
        &mut self,
        source: &Rc<str>,
        events: &mut VecDeque<Event>,
        unread: &mut UnreadCounts,
    ) {
        let is_read = self.first.iter().all(|(_, bytes)| (self.link.is_frame)(bytes));
        let counting = Counting::Packets;
        let line =
            is_read.then(|| (self.link.listen)(source.clone(), counting, Some(CHARACTER_US)));
        self.state = line.map_or(SerialState::Unread, SerialState::Read);
        for (stamp, bytes) in std::mem::take(&mut self.first) {
            self.packet(source, &bytes, stamp, events, unread);
        }
    }

    fn finish(
        &mut self,
        source: &Rc<str>,
        events: &mut VecDeque<Event>,
        unread: &mut UnreadCounts,
    ) {
        if !self.first.is_empty() {
            self.decide(source, events, unread);
        }
        if let SerialState::Read(line) = &mut self.state {
            line.finish(events);
        }
    }
}

const UNREAD_LINK: &str = "a link type of the user's, whose first packets are no RTU frames";

impl Capture {
    fn finish(&mut self, events: &mut VecDeque<Event>) {
        self.table.finish(self.now_us, events);
        self.serial.finish(&self.source, events, &mut self.unread);
    }
}

impl Evidence for Capture {
    fn unread(&self) -> Vec<Unread> {
        self.unread.told(&self.source)
    }

    fn read(&mut self, events: &mut VecDeque<Event>) -> Result<bool, Failure> {
        match self.next_block(events) {
            Ok(true) => Ok(true),
            Ok(false) => {
                self.finish(events);
                Ok(false)
            }
            Err(message) => {
                self.finish(events);
                if is_interrupted() {
                    return Ok(false);
                }
                let (source, offset) = (&self.source, self.reader.consumed());
                let after = self.packet;
                let message = format!("{source}: byte {offset}, after packet {after}: {message}");
                if after == 0 {
                    return Err(Failure::Refused(message));
                }
                Err(Failure::Damaged(message))
            }
        }
    }
}

/// The section of a pcapng that is being read.
#[derive(Clone, Copy)]
struct Section {
    is_big_endian: bool,
}

/// Type, length, and the length again.
const BLOCK_LEN_MIN: u32 = 12;

impl Section {
    /// The length of the block at the front, if it is too short for a block: the library subtracts from it without a check.
    fn short_block(self, data: &[u8]) -> Option<u32> {
        let (kind, rest) = data.split_first_chunk::<4>()?;
        let len = *rest.first_chunk::<4>()?;
        let len =
            if self.is_big_endian { u32::from_be_bytes(len) } else { u32::from_le_bytes(len) };
        (*kind != NG && len < BLOCK_LEN_MIN).then_some(len)
    }
}

/// Notes what a block says of interfaces, and returns the packet that it holds.
fn open_block<'a>(
    block: &'a PcapBlockOwned<'_>,
    interfaces: &mut Vec<Interface>,
    packet: &mut u64,
) -> Result<Option<(Interface, Captured<'a>)>, String> {
    let of = |interfaces: &[Interface], index: u32| {
        let index = index as usize;
        let interface = interfaces.get(index).copied();
        interface.ok_or_else(|| format!("interface {index} is not described"))
    };
    match block {
        PcapBlockOwned::LegacyHeader(header) => {
            let resolution =
                if header.is_nanosecond_precision() { 1_000_000_000 } else { 1_000_000 };
            interfaces.push(Interface { link: header.network, resolution, offset_s: 0 });
        }
        PcapBlockOwned::Legacy(legacy) => {
            *packet += 1;
            let interface = of(interfaces, 0)?;
            let fraction_us = u64::from(legacy.ts_usec) * 1_000_000 / interface.resolution;
            let t_us = i64::from(legacy.ts_sec) * 1_000_000 + fraction_us as i64;
            let bytes = legacy.data.get(..legacy.caplen as usize).unwrap_or(legacy.data);
            let cut_len = (legacy.origlen as usize).saturating_sub(bytes.len());
            return Ok(Some((interface, Captured { t_us, bytes, cut_len })));
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => interfaces.clear(),
        PcapBlockOwned::NG(Block::InterfaceDescription(description)) => {
            let resolution = resolution(description.if_tsresol)
                .ok_or("the resolution of an interface's times is absurd")?;
            let offset_s = description.ts_offset();
            interfaces.push(Interface { link: description.linktype, resolution, offset_s });
        }
        PcapBlockOwned::NG(Block::EnhancedPacket(enhanced)) => {
            *packet += 1;
            let interface = of(interfaces, enhanced.if_id)?;
            let ticks = u64::from(enhanced.ts_high) << 32 | u64::from(enhanced.ts_low);
            let us = u128::from(ticks) * 1_000_000 / u128::from(interface.resolution);
            let t_us = i64::try_from(us)
                .unwrap_or(i64::MAX)
                .saturating_add(interface.offset_s.saturating_mul(1_000_000));
            let bytes = enhanced.data.get(..enhanced.caplen as usize).unwrap_or(enhanced.data);
            let cut_len = (enhanced.origlen as usize).saturating_sub(bytes.len());
            return Ok(Some((interface, Captured { t_us, bytes, cut_len })));
        }
        PcapBlockOwned::NG(Block::SimplePacket(simple)) => {
            *packet += 1;
            let interface = of(interfaces, 0)?;
            let bytes = simple.data.get(..simple.origlen as usize).unwrap_or(simple.data);
            let cut_len = (simple.origlen as usize).saturating_sub(bytes.len());
            return Ok(Some((interface, Captured { t_us: 0, bytes, cut_len })));
        }
        PcapBlockOwned::NG(_) => {}
    }
    Ok(None)
}

/// Fractions of a second by `if_tsresol`: a power of ten, or of two when bit 7 is set. The library's own reading refuses every
/// power of two.
fn resolution(if_tsresol: u8) -> Option<u64> {
    let exponent = u32::from(if_tsresol & 0x7F);
    let base = if if_tsresol & 0x80 == 0 { 10_u64 } else { 2 };
    base.checked_pow(exponent)
}

fn words<I: Sized>(error: &PcapError<I>) -> String {
    match error {
        PcapError::Eof | PcapError::UnexpectedEof | PcapError::Incomplete(_) => {
            "the file ends inside its header or a block".to_owned()
        }
        PcapError::BufferTooSmall => "a block is longer than any packet".to_owned(),
        PcapError::ReadError => "cannot be read".to_owned(),
        PcapError::HeaderNotRecognized => "the header is not that of a capture".to_owned(),
        PcapError::NomError(_, kind) | PcapError::OwnedNomError(_, kind) => {
            format!("a block is damaged ({})", kind.description())
        }
    }
}
