//! How many events of which kind there were.

use super::event::WatchdogEvent;
use crate::counts::Counts;
use crate::event::Event;

#[derive(Debug, Default)]
pub(crate) struct WatchdogCounts {
    boots: u64,
    abnormal: u64,
    profiles: u64,
    discarded: u64,
}

impl Counts for WatchdogCounts {
    fn take(&mut self, event: &Event) {
        match event.what.as_watchdog() {
            None => {}
            Some(WatchdogEvent::Boot(boot)) => {
                self.boots += 1;
                self.abnormal += u64::from(boot.verdict.is_abnormal);
            }
            Some(WatchdogEvent::Profile(_)) => self.profiles += 1,
            Some(WatchdogEvent::Broken(_)) => self.discarded += 1,
        }
    }

    fn words(&self) -> String {
        format!(
            "{} boots, {} of them abnormal, {} profiles, {} records discarded",
            self.boots, self.abnormal, self.profiles, self.discarded
        )
    }
}
