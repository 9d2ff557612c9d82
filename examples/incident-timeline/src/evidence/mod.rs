//! Evidence: files of every kind that is understood, each read as a stream of events.

pub(crate) mod capture;
pub(crate) mod csv;
pub(crate) mod line;
pub(crate) mod log;
pub(crate) mod one;
pub(crate) mod raw_bytes;
pub(crate) mod serial_csv;
pub(crate) mod unread;
pub(crate) mod vcd;

use std::collections::VecDeque;
use std::rc::Rc;

use crate::event::Event;
use crate::failure::Failure;
use crate::input::Input;
use crate::options::Options;
use unread::Unread;

/// A file that is being read.
pub(crate) trait Evidence {
    /// Reads some more, and puts the events that became known behind those that are there. False at the end.
    ///
    /// After a failure nothing more comes, and the events that could be read have been put there.
    fn read(&mut self, events: &mut VecDeque<Event>) -> Result<bool, Failure>;

    /// The parts of the evidence that were not read so far.
    fn unread(&self) -> Vec<Unread> {
        Vec::new()
    }
}

/// A kind of evidence.
pub(crate) struct Kind {
    /// Its name, where the kinds that are understood are listed.
    pub(crate) name: &'static str,
    /// Lines of `--help`.
    pub(crate) examples: &'static str,
    /// Whether its times are since 1970 by themselves.
    pub(crate) is_absolute: bool,
    /// Whether a file that begins so is one of this kind.
    pub(crate) is: fn(&[u8], &Options) -> bool,
    /// Begins to read a file.
    pub(crate) open: fn(Opening<'_>) -> Result<Box<dyn Evidence>, Failure>,
}

/// A file that is to be read.
pub(crate) struct Opening<'a> {
    pub(crate) input: Input,
    pub(crate) source: Rc<str>,
    /// The time of the file's 0.
    pub(crate) zero_us: i64,
    pub(crate) options: &'a Options,
}
