//! Discarded bytes, and the reason.

use core::fmt;

use crate::pdu;

/// Bytes that belong to no frame: a whole stretch, or a part of a long one.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Discarded<'a> {
    /// Where the first of them is in the stream, from 0.
    pub offset: u64,
    /// The bytes.
    pub bytes: &'a [u8],
    /// Why the first byte of the stretch begins no frame.
    pub reason: Reason,
    /// Whether this goes on with the stretch of the item before it, which the buffer could not hold whole. A communication
    /// error is counted once a stretch: not when this is set.
    pub continues: bool,
    /// Whether the first of them stands where a frame may begin, as [`Frame::is_delimited`](super::Frame::is_delimited)
    /// says; always true of ASCII. Where it is false, the stretch may be the rest of a damaged frame, in whose data a frame
    /// was found.
    pub is_delimited: bool,
}

/// Why bytes are discarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Reason {
    /// A frame of the predicted length whose CRC is wrong.
    Crc,
    /// An ASCII frame whose LRC is wrong.
    Lrc,
    /// Longer than a frame can be, shorter, or, in ASCII, an odd number of digits.
    Length,
    /// No frame begins so.
    Noise,
    /// A frame that was begun and not finished: silence, the end of the input, or a new start came first.
    Truncated,
    /// A gap of more than t1.5 inside a frame.
    Gap,
    /// The CRC or LRC is right, and the PDU is against the standard.
    OffSpec(pdu::Error),
}

impl Reason {
    /// The name in snake_case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crc => "crc",
            Self::Lrc => "lrc",
            Self::Length => "length",
            Self::Noise => "noise",
            Self::Truncated => "truncated",
            Self::Gap => "gap",
            Self::OffSpec(_) => "off_spec",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OffSpec(error) => error.fmt(f),
            _ => f.write_str(self.name()),
        }
    }
}
