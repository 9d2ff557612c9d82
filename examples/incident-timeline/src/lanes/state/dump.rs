//! A journal in a file of its own, byte for byte, behind a header that the host writes which saves it.
//!
//! ```text
//!  0        7   8         9       15   16
//!  SSJOURNL   | version | zeros      | the words of the ring, little-endian
//! ```

use std::collections::VecDeque;
use std::io::Read;
use std::rc::Rc;

use safe_state::journal::ENTRY_LEN;

use super::journal::{Anchor, Reader};
use crate::event::{Event, Lane};
use crate::evidence::{Evidence, Opening};
use crate::failure::Failure;
use crate::input::Input;
use crate::place::{At, Place, Wire};

const MAGIC: &[u8; 8] = b"SSJOURNL";
const VERSION: u8 = 1;
const HEADER_LEN: usize = 16;
/// A ring has at most 16,384 entries.
const DUMP_LEN_MAX: usize = ENTRY_LEN << 14;

/// Whether a file that begins so is one of these.
pub(crate) fn is_dump(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

pub(crate) struct Dump {
    input: Input,
    source: Rc<str>,
    zero_us: i64,
}

impl Dump {
    pub(crate) fn new(opening: Opening<'_>) -> Self {
        let Opening { input, source, zero_us, .. } = opening;
        Self { input, source, zero_us }
    }

    fn ring(&mut self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let limit = HEADER_LEN + DUMP_LEN_MAX + 1;
        let read = (&mut self.input).take(limit as u64).read_to_end(&mut bytes);
        read.map_err(|error| format!("byte {}: {error}", bytes.len()))?;
        let Some((header, ring)) = bytes.split_at_checked(HEADER_LEN) else {
            return Err(format!("byte {}: expected a header of {HEADER_LEN} bytes", bytes.len()));
        };
        let version = header.get(MAGIC.len()).copied().unwrap_or(0);
        if version != VERSION {
            return Err(format!("byte 8: version {version}, {VERSION} is known"));
        }
        if ring.len() > DUMP_LEN_MAX {
            let end = HEADER_LEN + DUMP_LEN_MAX;
            return Err(format!("byte {end}: expected the end of the longest journal"));
        }
        Ok(ring.to_vec())
    }
}

impl Evidence for Dump {
    fn read(&mut self, events: &mut VecDeque<Event>) -> Result<bool, Failure> {
        let source = &self.source.clone();
        let ring =
            self.ring().map_err(|message| Failure::Damaged(format!("{source}: {message}")))?;
        let anchor = Anchor::Begun { t_us: self.zero_us };
        let wire = Rc::new(Wire::named("journal"));
        for (t_us, offset, event) in Reader::default().take(&ring, anchor, &Rc::default()) {
            let (source, wire) = (source.clone(), wire.clone());
            let place = Place { source, wire, offset: offset as u64, at: At::Offset };
            let what = Lane::State(event);
            events.push_back(Event { t_us: Some(t_us), place: Some(place), what });
        }
        Ok(false)
    }
}
