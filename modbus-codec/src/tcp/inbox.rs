//! The bytes that came on a TCP connection, less the ADUs that were taken out. Client and server have one each.

use super::{ADU_LEN_MAX, Step, split_first};

#[derive(Clone)]
pub(crate) struct Inbox {
    buffer: [u8; ADU_LEN_MAX],
    len: usize,
    /// How many bytes from the front belong to the ADU that was taken out last.
    taken: usize,
}

impl Inbox {
    pub(crate) const fn new() -> Self {
        Self { buffer: [0; ADU_LEN_MAX], len: 0, taken: 0 }
    }

    /// Takes bytes in, and returns those that did not fit.
    pub(crate) fn push<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        self.drop_taken();
        let room = self.buffer.get_mut(self.len..).unwrap_or_default();
        let (now, later) = bytes.split_at_checked(room.len()).unwrap_or((bytes, &[]));
        for (place, byte) in room.iter_mut().zip(now) {
            *place = *byte;
        }
        self.len = self.len.wrapping_add(now.len());
        later
    }

    /// Takes the next ADU out.
    pub(crate) fn next(&mut self) -> Step<'_> {
        self.drop_taken();
        let step = split_first(self.buffer.get(..self.len).unwrap_or_default());
        if let Step::Adu { len, .. } = step {
            self.taken = len;
        }
        step
    }

    /// The bytes of the ADU that was taken out last.
    pub(crate) fn taken(&self) -> &[u8] {
        self.buffer.get(..self.taken).unwrap_or_default()
    }

    /// The bytes that came after the ADU that was taken out last.
    pub(crate) fn begun(&self) -> &[u8] {
        self.buffer.get(self.taken..self.len).unwrap_or_default()
    }

    /// Discards all bytes, and returns how many they are.
    pub(crate) fn clear(&mut self) -> usize {
        self.drop_taken();
        core::mem::take(&mut self.len)
    }

    /// How many bytes are there.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    fn drop_taken(&mut self) {
        let from = core::mem::take(&mut self.taken);
        if from == 0 {
            return;
        }
        for at in from..self.len {
            let byte = self.buffer.get(at).copied().unwrap_or(0);
            if let Some(place) = self.buffer.get_mut(at.wrapping_sub(from)) {
                *place = byte;
            }
        }
        self.len = self.len.saturating_sub(from);
    }
}
