//! 11 Report Server ID: bytes that each device defines for itself.
//!
//! ```text
//! response:  | 11 | byte count | server id ... | run indicator 00 or FF | additional data ... |
//! ```
//!
//! Where the server id ends is the device's own matter, so the bytes stay together until [`split`] is told.

/// The run indicator that means ON.
pub const RUN_ON: u8 = 0xFF;

/// The three parts of a server id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ServerId<'a> {
    /// The server ID.
    pub server_id: &'a [u8],
    /// Whether it runs.
    pub is_running: bool,
    /// The additional data.
    pub additional_data: &'a [u8],
}

/// Splits the data of a response whose server id is known to have `id_len` bytes.
///
/// Nothing if the data is shorter, or if the byte after the id is not a run indicator.
///
/// ```
/// use modbus_codec::server_id::split;
/// let parts = split(&[0x12, 0x00, 0xFF, b'v', b'1'], 2).unwrap();
/// assert!(parts.is_running);
/// assert_eq!(parts.additional_data, b"v1");
/// ```
///
/// Spec: MODBUS Application Protocol V1.1b3, 6.13.
#[must_use]
pub fn split(data: &[u8], id_len: usize) -> Option<ServerId<'_>> {
    let (server_id, rest) = data.split_at_checked(id_len)?;
    let (run_indicator, additional_data) = rest.split_first()?;
    let is_running = match *run_indicator {
        RUN_ON => true,
        0x00 => false,
        _ => return None,
    };
    Some(ServerId { server_id, is_running, additional_data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_that_is_no_run_indicator_splits_nothing() {
        assert_eq!(split(&[0x12, 0x01], 1), None);
        assert_eq!(split(&[0x12], 1), None);
        assert_eq!(split(&[0x12, 0x00], 1).map(|parts| parts.is_running), Some(false));
    }
}
