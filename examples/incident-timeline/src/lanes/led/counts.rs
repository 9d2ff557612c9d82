//! How many events of which kind there were.

use super::event::LedEvent;
use crate::counts::Counts;
use crate::event::Event;

#[derive(Debug, Default)]
pub(crate) struct LedCounts {
    codes: u64,
    healthy: u64,
    steady: u64,
    rejected: u64,
    unread: u64,
}

impl Counts for LedCounts {
    fn take(&mut self, event: &Event) {
        match event.what.as_led() {
            None | Some(LedEvent::Looked(_) | LedEvent::Partial(_)) => {}
            Some(LedEvent::Code(_)) => self.codes += 1,
            Some(LedEvent::Healthy(_)) => self.healthy += 1,
            Some(LedEvent::Steady(_)) => self.steady += 1,
            Some(LedEvent::Rejected(_)) => self.rejected += 1,
            Some(LedEvent::Unread(_)) => self.unread += 1,
        }
    }

    fn words(&self) -> String {
        let Self { codes, healthy, steady, rejected, unread } = self;
        let mut words = format!(
            "{codes} codes read, {healthy} times healthy, {steady} times dark or solid, {rejected} rejected"
        );
        if *unread > 0 {
            words.push_str(&format!(", {unread} lights not read"));
        }
        words
    }
}
