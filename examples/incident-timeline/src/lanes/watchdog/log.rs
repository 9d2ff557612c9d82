//! The records of `watchdog-core` in the log of a firmware.
//!
//! ```text
//! record    name                  value
//! plan                            the fingerprint of the plan whose names follow, in hex
//! entity    of a supervised one   its number
//! section   of a guarded one      its number
//! boot                            a verdict of a boot, encoded, in hex
//! bench     of an entity          its profile on the bench, encoded, in hex
//! field     of an entity          its profile in the field, encoded, in hex
//! ```

use std::rc::Rc;

use super::event::Measuring;
use super::names::Names;
use super::one::{of_boot, of_profile};
use crate::event::Lane;
use crate::evidence::log::{LaneLog, Row, Rows, Told};

pub(crate) const LOG: LaneLog = LaneLog {
    records: &["plan", "entity", "section", "boot", "bench", "field"],
    wire: "watchdog",
    open: || Box::new(WatchdogRows::default()),
};

#[derive(Default)]
struct WatchdogRows {
    names: Rc<Names>,
}

impl Rows for WatchdogRows {
    fn take(&mut self, row: &Row<'_>) -> Result<Vec<Told>, String> {
        let what = match row.record {
            "plan" => {
                let fingerprint = u32::from_str_radix(row.value, 16).map_err(|_| {
                    format!("value: expected a fingerprint in hex, got `{}`", row.value)
                })?;
                self.names = Rc::new(Names { fingerprint: Some(fingerprint), ..Names::default() });
                return Ok(Vec::new());
            }
            "entity" => {
                Rc::make_mut(&mut self.names).entities.set(row.number()?, row.name);
                return Ok(Vec::new());
            }
            "section" => {
                Rc::make_mut(&mut self.names).sections.set(row.number()?, row.name);
                return Ok(Vec::new());
            }
            "boot" => of_boot(row.bytes()?, &self.names),
            "bench" => of_profile(row.bytes()?, Measuring::Bench, row.name),
            _ => of_profile(row.bytes()?, Measuring::Field, row.name),
        };
        Ok(vec![Told { t_us: row.t_us, offset: 0, what: Lane::Watchdog(what) }])
    }
}
