//! The records of `safe-state` in the log of a firmware.
//!
//! ```text
//! record    name                               value
//! fault     of a fault                         the index of its row
//! channel   of a channel, and of its output    its number
//! step      of a step of the recovery          its index
//! reset     of what a reset was                the cause that a boot records
//! code      of a record of the user's          its code, 128 to 255
//! journal   microseconds of the boot's clock,  the words of the ring, in hex, little-endian
//!           or nothing
//! ```

use std::rc::Rc;

use super::journal::{Anchor, Reader};
use super::names::Names;
use crate::event::Lane;
use crate::evidence::log::{LaneLog, Row, Rows, Told};

pub(crate) const LOG: LaneLog = LaneLog {
    records: &["fault", "channel", "step", "reset", "code", "journal"],
    wire: "journal",
    open: || Box::new(StateRows::default()),
};

#[derive(Default)]
struct StateRows {
    names: Rc<Names>,
    journal: Reader,
}

impl Rows for StateRows {
    fn take(&mut self, row: &Row<'_>) -> Result<Vec<Told>, String> {
        if row.record == "journal" {
            let now_us = match row.name {
                "" => None,
                name => Some(name.parse().map_err(|_| {
                    format!("name: expected microseconds or nothing, got `{name}`")
                })?),
            };
            let anchor = Anchor::Dumped { t_us: row.t_us, now_us };
            let events = self.journal.take(&row.bytes()?, anchor, &self.names);
            let told = |(t_us, offset, event)| Told {
                t_us,
                offset: offset as u64,
                what: Lane::State(event),
            };
            return Ok(events.into_iter().map(told).collect());
        }
        let number = row.number()?;
        let names = Rc::make_mut(&mut self.names);
        let list = match row.record {
            "fault" => &mut names.faults,
            "channel" => &mut names.channels,
            "step" => &mut names.steps,
            "reset" => &mut names.resets,
            _ => &mut names.codes,
        };
        list.set(number, row.name);
        Ok(Vec::new())
    }
}
