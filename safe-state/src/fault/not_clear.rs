//! What is in the way of a clearance.

/// Why a set is not clear: the fault that was first of those that are in the way, and what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {why}", fault.unwrap_or("no fault"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NotClear {
    /// The name of the fault; `None` where none is in the way.
    pub fault: Option<&'static str>,
    /// What is missing.
    pub why: Uncleared,
}

/// What is missing until a set is clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Uncleared {
    /// The fault is there.
    #[error("active since {since_us} us")]
    Active {
        /// When it was raised.
        since_us: u64,
    },
    /// The fault has gone, and was not acknowledged.
    #[error("cleared at {cleared_us} us, not acknowledged")]
    NotAcknowledged {
        /// When it went.
        cleared_us: u64,
    },
    /// The acknowledgement was made before the fault had gone.
    #[error("cleared at {cleared_us} us, acknowledged before, at {acknowledged_us} us")]
    AcknowledgedBefore {
        /// When it went.
        cleared_us: u64,
        /// When the edge was seen.
        acknowledged_us: u64,
    },
    /// The fault lasts until the next session.
    #[error("cleared at {cleared_us} us, latched for this session")]
    Session {
        /// When it went.
        cleared_us: u64,
    },
    /// The fault never goes away.
    #[error("cleared at {cleared_us} us, latched for ever")]
    Never {
        /// When it went.
        cleared_us: u64,
    },
    /// There was no acknowledgement since the start, or since a fault that needs one.
    #[error("there was no acknowledgement")]
    NoAcknowledgement,
}
