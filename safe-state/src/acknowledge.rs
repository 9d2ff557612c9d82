//! The reset button: an edge that was made by a person, after the fault had gone, and that is used once.
//!
//! ```text
//!  line      ______|~~~~~~|______     ~~~~~~~~~~~~|______     ______|~~~~~~~~~~~~~~~~~~~~~
//!  Rising          ^                  never                         ^        then held too long
//!  Falling                ^           never                               never
//!                                     pressed since power-up        longer than its limit
//! ```
//!
//! Spec: ISO 13849-1:2015, 5.2.2 (manual reset: by releasing the actuator).

/// The edge of the button's line that acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Edge {
    /// The button is pressed.
    Rising,
    /// The button is released, as ISO 13849-1 asks.
    Falling,
}

/// A reset button, or the reset bit of a fieldbus.
#[derive(Clone, Debug)]
pub struct Button {
    edge: Edge,
    held_limit_us: u32,
    line: Line,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// The button was never seen released.
    Unknown,
    Released,
    PressedSince(u64),
}

/// An acknowledgement. It is used up by [`FaultSet::acknowledge`](crate::FaultSet::acknowledge), and can be neither copied nor cloned.
///
/// ```compile_fail,E0382
/// use safe_state::{Acknowledged, FaultSet};
/// # bitflags::bitflags! {
/// #     #[derive(Clone, Copy)]
/// #     struct Faults: u8 { const HV = 1; const OVERCURRENT = 2; }
/// # }
/// fn twice(faults: &mut FaultSet<Faults, 2>, acknowledged: Acknowledged) {
///     let _ = faults.acknowledge(acknowledged);
///     let _ = faults.acknowledge(acknowledged);
/// }
/// ```
#[derive(Debug)]
#[must_use = "an acknowledgement that is dropped has acknowledged nothing"]
pub struct Acknowledged {
    at_us: u64,
}

impl Acknowledged {
    /// When the edge was seen, in microseconds.
    #[must_use]
    pub const fn at_us(&self) -> u64 {
        self.at_us
    }
}

/// Why there is no acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum NotAcknowledged {
    /// The line shows no edge.
    #[error("no edge")]
    NoEdge,
    /// The button has been pressed since the first look at it: that is no edge.
    #[error("pressed since power-up")]
    SincePowerUp,
    /// The button is held for longer than its limit: a fault. It acknowledges again after it was released.
    #[error("held since {since_us} us, longer than {limit_us} us")]
    Held {
        /// When it was pressed.
        since_us: u64,
        /// How long it may be held.
        limit_us: u32,
    },
}

impl Button {
    /// A button that nobody has looked at. It may be held for so many microseconds.
    #[must_use]
    pub const fn new(edge: Edge, held_limit_us: u32) -> Self {
        Self { edge, held_limit_us, line: Line::Unknown }
    }

    /// Looks at the line.
    ///
    /// # Errors
    ///
    /// There is no edge, or the button is held.
    pub fn sample(
        &mut self,
        is_pressed: bool,
        now_us: u64,
    ) -> Result<Acknowledged, NotAcknowledged> {
        let before = self.line;
        self.line = match (before, is_pressed) {
            (_, false) => Line::Released,
            (Line::Unknown, true) => Line::Unknown,
            (Line::Released, true) => Line::PressedSince(now_us),
            (held @ Line::PressedSince(_), true) => held,
        };
        let held_us = |since_us| now_us.saturating_sub(since_us);
        let limit_us = self.held_limit_us;
        match (before, is_pressed) {
            (Line::Unknown, true) => Err(NotAcknowledged::SincePowerUp),
            (Line::Released, true) if self.edge == Edge::Rising => {
                Ok(Acknowledged { at_us: now_us })
            }
            (Line::PressedSince(since_us), _) if held_us(since_us) > u64::from(limit_us) => {
                Err(NotAcknowledged::Held { since_us, limit_us })
            }
            (Line::PressedSince(_), false) if self.edge == Edge::Falling => {
                Ok(Acknowledged { at_us: now_us })
            }
            _ => Err(NotAcknowledged::NoEdge),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples `(instant, is pressed)`, and the instants at which there was an acknowledgement.
    fn acknowledged(edge: Edge, samples: &[(u64, bool)]) -> std::vec::Vec<u64> {
        let mut button = Button::new(edge, 50);
        let edges = samples.iter().filter_map(|(at, is)| button.sample(*is, *at).ok());
        edges.map(|acknowledged| acknowledged.at_us()).collect()
    }

    #[test]
    fn an_edge_is_seen_low_first() {
        let line = [(0, true), (10, true), (20, false), (30, true), (40, true), (50, false)];
        assert_eq!(acknowledged(Edge::Rising, &line), [30]);
        assert_eq!(acknowledged(Edge::Falling, &line), [50]);
        let released = [(0, false), (10, true), (20, false), (30, false), (40, true)];
        assert_eq!(acknowledged(Edge::Rising, &released), [10, 40]);
        assert_eq!(acknowledged(Edge::Falling, &released), [20]);
    }

    #[test]
    fn a_button_that_is_held_is_named_after_its_limit() {
        for edge in [Edge::Rising, Edge::Falling] {
            let mut button = Button::new(edge, 50);
            assert_eq!(button.sample(false, 0).unwrap_err(), NotAcknowledged::NoEdge);
            assert_eq!(button.sample(true, 100).is_ok(), edge == Edge::Rising);
            assert_eq!(button.sample(true, 150).unwrap_err(), NotAcknowledged::NoEdge);
            let held = NotAcknowledged::Held { since_us: 100, limit_us: 50 };
            assert_eq!(button.sample(true, 151).unwrap_err(), held);
            assert_eq!(button.sample(false, 160).unwrap_err(), held, "it is let go too late");
            assert_eq!(button.sample(false, 170).unwrap_err(), NotAcknowledged::NoEdge);
            assert_eq!(button.sample(true, 180).is_ok(), edge == Edge::Rising);
            assert_eq!(button.sample(false, 230).is_ok(), edge == Edge::Falling);
        }
    }

    #[test]
    fn a_button_pressed_since_power_up_is_named() {
        let mut button = Button::new(Edge::Rising, 50);
        for now_us in [0, 10, 1_000] {
            assert_eq!(button.sample(true, now_us).unwrap_err(), NotAcknowledged::SincePowerUp);
        }
    }
}
