//! Evidence: files of every kind that is understood, each read as a stream of events.

mod pcap;
mod raw_rtu;
mod serial_csv;

use std::collections::VecDeque;
use std::path::Path;
use std::rc::Rc;

use crate::cli::Options;
use crate::event::Event;
use crate::failure::Failure;
use crate::input::Input;

/// A file that is being read.
pub(crate) trait Evidence {
    /// Reads some more, and puts the events that became known behind those that are there. False at the end.
    ///
    /// After a failure nothing more comes, and what could be read has been put there.
    fn read(&mut self, events: &mut VecDeque<Event>) -> Result<bool, Failure>;
}

/// An open evidence and how its times are to be understood.
pub(crate) struct Opened {
    pub(crate) evidence: Box<dyn Evidence>,
    pub(crate) source: Rc<str>,
    /// Whether its times are since 1970, by themselves or by alignment.
    pub(crate) is_absolute: bool,
    pub(crate) is_live: bool,
}

const UNDERSTOOD: &str =
    "pcap, pcapng, serial bytes as CSV (start_us,end_us,byte_hex,line), raw RTU bytes with --baud";

/// Opens a file and recognises it by its content.
pub(crate) fn open(path: &Path, options: &Options) -> Result<Opened, Failure> {
    recognise(Input::open(path)?, path, options)
}

/// Recognises an input by its content.
pub(crate) fn recognise(input: Input, path: &Path, options: &Options) -> Result<Opened, Failure> {
    let source: Rc<str> = path.display().to_string().into();
    let is_live = input.is_live();
    let aligned_us = options.align.iter().find(|(file, _)| file == path).map(|(_, us)| *us);
    let zero_us = aligned_us.unwrap_or(0);
    let opened = |evidence, is_absolute| Opened {
        evidence,
        source: source.clone(),
        is_absolute: is_absolute || aligned_us.is_some(),
        is_live,
    };
    if pcap::is_capture(input.head()) {
        let capture = pcap::Capture::new(input, source.clone(), options)?;
        return Ok(opened(Box::new(capture), true));
    }
    if serial_csv::is_serial(input.head()) {
        let serial = serial_csv::Serial::new(input, source.clone(), zero_us);
        return Ok(opened(Box::new(serial), false));
    }
    if let Some(baud) = options.baud {
        let raw = raw_rtu::RawRtu::new(input, source.clone(), baud, zero_us);
        return Ok(opened(Box::new(raw), false));
    }
    Err(Failure::Refused(format!("{source}: not recognised; understood are {UNDERSTOOD}")))
}
