//! Raw bytes of a line without times: the time of a byte is its place at the line's rate.

use std::collections::VecDeque;
use std::io::Read;
use std::rc::Rc;

use super::line::{Counting, Line, Listen, Stamp};
use super::{Evidence, Opening};
use crate::event::Event;
use crate::failure::Failure;
use crate::input::Input;

/// A character of 11 bits, in bit times scaled to microseconds.
const CHARACTER_US_BAUD: i128 = 11_000_000;

pub(crate) struct RawBytes {
    input: Input,
    source: Rc<str>,
    wire: &'static str,
    line: Box<dyn Line>,
    baud: u32,
    zero_us: i64,
    offset: u64,
}

impl RawBytes {
    pub(crate) fn new(opening: Opening<'_>, baud: u32, wire: &'static str, listen: Listen) -> Self {
        let Opening { input, source, zero_us, .. } = opening;
        let line = listen(source.clone(), Counting::Offsets, None);
        Self { input, source, wire, line, baud, zero_us, offset: 0 }
    }

    fn time_us(&self, offset: u64) -> i64 {
        let us = i128::from(offset) * CHARACTER_US_BAUD / i128::from(self.baud);
        i64::try_from(us).unwrap_or(i64::MAX).saturating_add(self.zero_us)
    }
}

impl Evidence for RawBytes {
    fn read(&mut self, events: &mut VecDeque<Event>) -> Result<bool, Failure> {
        let mut buffer = [0; 4096];
        let len = match self.input.read(&mut buffer) {
            Ok(len) => len,
            Err(error) => {
                self.line.finish(events);
                let (source, offset) = (&self.source, self.offset);
                return Err(Failure::Damaged(format!("{source}: byte {offset}: {error}")));
            }
        };
        if len == 0 {
            self.line.finish(events);
            return Ok(false);
        }
        for byte in buffer.iter().take(len) {
            let stamp = Stamp {
                start_us: self.time_us(self.offset),
                end_us: self.time_us(self.offset + 1),
                number: self.offset + 1,
            };
            self.line.push(self.wire, &[*byte], stamp, events);
            self.offset += 1;
        }
        Ok(true)
    }
}
