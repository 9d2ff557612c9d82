//! Why bytes are no record: of a boot, and of a timing profile.

/// Why bytes are no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DecodeError {
    /// Too few or too many bytes; of a boot record, for the counts that are said at bytes 1 and 2.
    #[error("{expected} bytes are the record, {got} are here")]
    Len {
        /// The length of the record.
        expected: usize,
        /// How many bytes there are.
        got: usize,
    },
    /// Another version of the bytes.
    #[error("version {got} at byte 0, {expected} is known")]
    Version {
        /// The version that is known.
        expected: u8,
        /// The version that is said.
        got: u8,
    },
    /// The CRC is not that of the bytes before it.
    #[error("CRC {expected:#010X} of the bytes before the last 4, {got:#010X} is said there")]
    Crc {
        /// That of the bytes.
        expected: u32,
        /// What is said.
        got: u32,
    },
    /// A word has a value that no record has.
    #[error("{got:#010X} at byte {offset}")]
    Value {
        /// Where the word begins.
        offset: usize,
        /// The word.
        got: u32,
    },
}

const _: () = assert!(size_of::<DecodeError>() <= 3 * size_of::<usize>());
