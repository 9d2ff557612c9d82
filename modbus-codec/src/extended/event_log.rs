//! 0C Get Comm Event Log: what happened on the line, as the server saw it.
//!
//! ```text
//! response:  | 0C | byte count | status 2 | event count 2 | message count 2 | 0..=64 event bytes, newest first |
//! event:     bit 7 set: receive   bit 6 set: send   0x04: entered listen-only mode   0x00: communication restart
//! ```

use bitflags::bitflags;

use crate::error::{Error, saturate};
use crate::field::{Expected, Field};
use crate::functions;
use crate::walk::Words;

/// The most events that a server keeps.
pub const EVENTS_MAX: u16 = functions::EVENTS_MAX;

/// The status word: a command of this server is still being processed.
pub const STATUS_BUSY: u16 = functions::STATUS_BUSY;

bitflags! {
    /// A receive event: bits 1, 4, 5 and 6 of an event byte whose bit 7 is set.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Received: u8 {
        /// The CRC or LRC was wrong, or a character was.
        const COMMUNICATION_ERROR = 0x02;
        /// A character came before the one before it was taken.
        const CHARACTER_OVERRUN = 0x10;
        /// The server was in listen-only mode.
        const IN_LISTEN_ONLY_MODE = 0x20;
        /// The frame was a broadcast.
        const BROADCAST = 0x40;
    }
}

bitflags! {
    /// A send event: bits 0 to 5 of an event byte whose bits 7 and 6 are 0 and 1.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Sent: u8 {
        /// Exception 01 to 03 was answered.
        const READ_EXCEPTION = 0x01;
        /// Exception 04 was answered.
        const SERVER_ABORT = 0x02;
        /// Exception 05 or 06 was answered.
        const SERVER_BUSY = 0x04;
        /// Exception 07 was answered.
        const SERVER_NAK = 0x08;
        /// Writing timed out.
        const WRITE_TIMEOUT = 0x10;
        /// The server was in listen-only mode.
        const IN_LISTEN_ONLY_MODE = 0x20;
    }
}

/// The meaning of an event byte.
///
/// Spec: MODBUS Application Protocol V1.1b3, 6.10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A request came.
    Received(Received),
    /// An answer went.
    Sent(Sent),
    /// The server entered listen-only mode.
    EnteredListenOnlyMode,
    /// The server restarted its communications.
    CommunicationRestart,
    /// A byte that the standard does not define.
    Other(u8),
}

impl From<u8> for Event {
    fn from(byte: u8) -> Self {
        match byte {
            0x00 => Self::CommunicationRestart,
            0x04 => Self::EnteredListenOnlyMode,
            0x80..=0xFF => Self::Received(Received::from_bits_truncate(byte)),
            0x40..=0x7F => Self::Sent(Sent::from_bits_truncate(byte)),
            _ => Self::Other(byte),
        }
    }
}

/// The body of a 0C response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CommEventLog<'a> {
    /// Whether an earlier command is still being processed; 0xFFFF on the wire.
    pub is_busy: bool,
    /// The event counter of 0B.
    pub event_count: u16,
    /// The number of messages since the last restart or clear.
    pub message_count: u16,
    events: &'a [u8],
}

impl<'a> CommEventLog<'a> {
    /// A body; `events` newest first.
    ///
    /// # Errors
    /// More than 64 events; the offset is the byte count's, from the function code.
    pub fn new(
        is_busy: bool,
        event_count: u16,
        message_count: u16,
        events: &'a [u8],
    ) -> Result<Self, Error> {
        let (expected, got) =
            (Expected::Between { min: 0, max: EVENTS_MAX }, saturate(events.len()));
        if !expected.allows(got) {
            return Err(Error::Value { field: Field::Events, offset: 1, expected, got });
        }
        Ok(Self { is_busy, event_count, message_count, events })
    }

    /// The event bytes, newest first.
    #[must_use]
    pub const fn raw_events(&self) -> &'a [u8] {
        self.events
    }

    /// The events, newest first.
    #[must_use]
    pub fn events(&self) -> impl ExactSizeIterator<Item = Event> + 'a {
        self.events.iter().map(|byte| Event::from(*byte))
    }

    pub(crate) const fn wrap(words: &Words, events: &'a [u8]) -> Self {
        let [_, status, event_count, message_count, ..] = *words;
        Self { is_busy: status != 0, event_count, message_count, events }
    }

    pub(crate) fn words(&self) -> Words {
        let byte_count = saturate(self.events.len()).wrapping_add(6);
        [byte_count, status(self.is_busy), self.event_count, self.message_count, 0, 0]
    }
}

// So that an index may wrap.
const _: () = assert!(EVENTS_MAX.is_power_of_two());

/// The events that a server keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventLog {
    events: [u8; EVENTS_MAX as usize],
    /// Where the next goes.
    next: usize,
    count: usize,
}

impl EventLog {
    pub(crate) const fn new() -> Self {
        Self { events: [0; EVENTS_MAX as usize], next: 0, count: 0 }
    }

    pub(crate) fn received(&mut self, flags: Received) {
        self.push(0x80 | flags.bits());
    }

    pub(crate) fn sent(&mut self, flags: Sent) {
        self.push(0x40 | flags.bits());
    }

    pub(crate) fn entered_listen_only_mode(&mut self) {
        self.push(0x04);
    }

    pub(crate) fn restarted(&mut self) {
        self.push(0x00);
    }

    pub(crate) fn clear(&mut self) {
        self.count = 0;
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = u8> + '_ {
        (1..=self.count).map_while(|age| {
            let index = self.next.wrapping_sub(age) % self.events.len();
            self.events.get(index).copied()
        })
    }

    fn push(&mut self, event: u8) {
        if let Some(place) = self.events.get_mut(self.next) {
            *place = event;
        }
        let next = self.next.wrapping_add(1);
        self.next = if next < self.events.len() { next } else { 0 };
        self.count = self.count.wrapping_add(1).min(self.events.len());
    }
}

/// The status word of 0B and 0C.
pub(crate) const fn status(is_busy: bool) -> u16 {
    if is_busy { STATUS_BUSY } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Response;
    use std::vec::Vec;

    #[test]
    fn the_example_of_6_10_reads_newest_first() {
        let pdu = [0x0C, 0x08, 0x00, 0x00, 0x01, 0x08, 0x01, 0x21, 0x20, 0x00];
        let Ok(Ok(Response::GetCommEventLog(log))) = Response::decode(&pdu) else {
            panic!("the standard's example must decode");
        };
        assert_eq!((log.event_count, log.message_count), (0x0108, 0x0121));
        assert_eq!(log.raw_events(), [0x20, 0x00]);
        let events: Vec<_> = log.events().collect();
        assert_eq!(events, [Event::Other(0x20), Event::CommunicationRestart]);
    }

    #[test]
    fn every_event_byte_has_one_meaning() {
        assert_eq!(Event::from(0xC2), {
            Event::Received(Received::BROADCAST | Received::COMMUNICATION_ERROR)
        });
        assert_eq!(Event::from(0x44), Event::Sent(Sent::SERVER_BUSY));
        assert_eq!(Event::from(0x04), Event::EnteredListenOnlyMode);
        assert_eq!(Event::from(0x3F), Event::Other(0x3F));
    }
}
