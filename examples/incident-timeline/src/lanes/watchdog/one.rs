//! One record: from its bytes to an event.

use std::rc::Rc;

use watchdog_core::boot::BootRecord;
use watchdog_core::profile::Profile;

use super::event::{Boot, Broken, Measured, Measuring, WatchdogEvent};
use super::names::Names;
use crate::event::Lane;
use crate::evidence::one::hexadecimal;
use crate::failure::Failure;

/// A boot record in hex.
pub(crate) fn boot(text: &str) -> Result<Vec<Lane>, Failure> {
    Ok(vec![Lane::Watchdog(of_boot(hexadecimal(text)?, &Rc::default()))])
}

/// A timing profile in hex.
pub(crate) fn profile(text: &str) -> Result<Vec<Lane>, Failure> {
    let data = hexadecimal(text)?;
    Ok(vec![Lane::Watchdog(of_profile(data, Measuring::Field, "an entity"))])
}

/// The names are used if they are those of the record's plan.
pub(super) fn of_boot(data: Vec<u8>, names: &Rc<Names>) -> WatchdogEvent {
    match BootRecord::decode(&data) {
        Ok(record) => {
            let is_of_plan = names.fingerprint == Some(record.verdict.fingerprint);
            WatchdogEvent::Boot(Box::new(Boot {
                verdict: record.verdict,
                owners: record.owners().collect(),
                last_checkpoints: record.last_checkpoints().collect(),
                names: if is_of_plan { names.clone() } else { Rc::default() },
                len: data.len(),
            }))
        }
        Err(error) => {
            let error = error.to_string();
            WatchdogEvent::Broken(Broken { record: "boot", data, error })
        }
    }
}

pub(super) fn of_profile(data: Vec<u8>, measuring: Measuring, entity: &str) -> WatchdogEvent {
    match Profile::decode(&data) {
        Ok(profile) => {
            let entity = entity.to_owned();
            WatchdogEvent::Profile(Box::new(Measured { measuring, entity, profile }))
        }
        Err(error) => {
            let error = error.to_string();
            WatchdogEvent::Broken(Broken { record: measuring.name(), data, error })
        }
    }
}
