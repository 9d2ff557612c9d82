//! The functions that are always there have no structures in their data.

use super::{Walk, Words};
use crate::functions::Data;

#[derive(Clone, Copy, Debug)]
pub(super) struct Parts;

impl Parts {
    pub(super) const NONE: Self = Self;

    pub(super) const fn end(self) -> u16 {
        u16::MAX
    }
}

impl<'a> Walk<'a> {
    /// Reads the data after the items, to the end.
    pub(crate) fn data(&mut self, _: &Words) {
        self.bytes();
    }

    /// Begins the next part of the data: its index.
    pub(crate) fn begin_part(&mut self) -> Option<u16> {
        None
    }

    pub(super) fn structured(&mut self, _: Data) -> &'a [u8] {
        &[]
    }
}
