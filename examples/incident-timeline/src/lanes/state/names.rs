//! The names of a controller's numbers, as the log gives them.

use crate::numbered::Numbered;

/// The names of one controller.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) faults: Numbered,
    pub(crate) channels: Numbered,
    pub(crate) steps: Numbered,
    /// What a reset was.
    pub(crate) resets: Numbered,
    /// What happened, by codes of the user's.
    pub(crate) codes: Numbered,
}
