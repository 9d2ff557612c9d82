//! Raw RTU bytes without times: the time of a byte is its place at the line's rate.

use std::collections::VecDeque;
use std::io::Read;
use std::rc::Rc;

use modbus_codec::stream::Timing;

use super::Evidence;
use crate::event::Event;
use crate::failure::Failure;
use crate::input::Input;
use crate::modbus::rtu_wire::Stamp;
use crate::modbus::serial_line::{Counting, SerialLine};

/// A character of 11 bits, in bit times scaled to microseconds.
const CHARACTER_US_BAUD: i128 = 11_000_000;

pub(super) struct RawRtu {
    input: Input,
    source: Rc<str>,
    line: SerialLine,
    baud: u32,
    zero_us: i64,
    offset: u64,
}

impl RawRtu {
    pub(super) fn new(input: Input, source: Rc<str>, baud: u32, zero_us: i64) -> Self {
        let line = SerialLine::new(source.clone(), Counting::Offsets, Timing::Off);
        Self { input, source, line, baud, zero_us, offset: 0 }
    }

    fn time_us(&self, offset: u64) -> i64 {
        let us = i128::from(offset) * CHARACTER_US_BAUD / i128::from(self.baud);
        i64::try_from(us).unwrap_or(i64::MAX).saturating_add(self.zero_us)
    }
}

impl Evidence for RawRtu {
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
            self.line.push("rtu", &[*byte], stamp, events);
            self.offset += 1;
        }
        Ok(true)
    }
}
