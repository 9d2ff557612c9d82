//! 08 Diagnostics: checks of the line and the server's counters, serial line only.
//!
//! ```text
//! | 08 | sub-function 2 | data: N words |
//! ```
//!
//! A normal response repeats function and sub-function; sub-function 04 is never answered.

use crate::error::Error;
pub use crate::extended::sub_function::SubFunction;
use crate::functions::Data;
use crate::walk::Walk;

/// The body of 08, the same in both directions.
///
/// ```
/// use modbus_codec::Request;
/// use modbus_codec::diagnostics::{Diagnostics, SubFunction};
/// let Request::Diagnostics(asked) = Request::decode(&[0x08, 0x00, 0x00, 0xA5, 0x37])? else { panic!() };
/// assert_eq!(asked.sub_function(), SubFunction::RETURN_QUERY_DATA);
/// assert!(asked.words().eq([0xA537]));
/// # Ok::<(), modbus_codec::pdu::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Diagnostics<'a> {
    sub_function: SubFunction,
    data: &'a [u8],
}

impl<'a> Diagnostics<'a> {
    /// A body. Sub-function 00 carries any number of words; the other public ones carry one; reserved ones keep their
    /// bytes as they are.
    ///
    /// # Errors
    /// A number of bytes or, with sub-function 01, a value that the standard does not allow; offsets from the function code.
    pub fn new(sub_function: SubFunction, data: &'a [u8]) -> Result<Self, Error> {
        let mut walk = Walk::of_data(Data::Diagnostics, sub_function.as_raw(), data, 3);
        walk.bytes();
        walk.finish()?;
        Ok(Self { sub_function, data })
    }

    /// The sub-function.
    #[must_use]
    pub const fn sub_function(&self) -> SubFunction {
        self.sub_function
    }

    /// The data as it is on the wire.
    #[must_use]
    pub const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// The data in words; an odd byte of a reserved sub-function is left out.
    pub fn words(&self) -> impl Iterator<Item = u16> + 'a {
        self.data
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |word, byte| word << 8 | u16::from(*byte)))
    }

    /// Whether a server answers it.
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        self.sub_function.as_raw() != SubFunction::FORCE_LISTEN_ONLY_MODE.as_raw()
    }

    pub(crate) const fn wrap(sub_function: u16, data: &'a [u8]) -> Self {
        Self { sub_function: SubFunction::new(sub_function), data }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdu::{Expected, Field};
    use crate::{Request, Response};

    fn asked(pdu: &[u8]) -> Result<Diagnostics<'_>, Error> {
        match Request::decode(pdu)? {
            Request::Diagnostics(diagnostics) => Ok(diagnostics),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn query_data_may_have_any_number_of_words() {
        for words in 0..=125 {
            let mut pdu = std::vec![0x08, 0x00, 0x00];
            pdu.extend(core::iter::repeat_n([0x12, 0x34], words).flatten());
            assert_eq!(asked(&pdu).unwrap().words().count(), words);
        }
        assert!(asked(&[0x08, 0x00, 0x00, 0x12]).is_err());
    }

    #[test]
    fn only_04_is_never_answered_and_only_01_restarts() {
        for sub_function in (0..=0x14).filter(|raw| SubFunction::new(*raw).is_public()) {
            let pdu = [0x08, 0x00, sub_function as u8, 0x00, 0x00];
            let diagnostics = asked(&pdu).unwrap();
            assert_eq!(diagnostics.is_answered(), sub_function != 4, "{sub_function}");
        }
        let expected = Expected::Either(0, 0xFF00);
        let refused = Error::Value { field: Field::Data, offset: 3, expected, got: 1 };
        assert_eq!(asked(&[0x08, 0x00, 0x01, 0x00, 0x01]), Err(refused));
    }

    #[test]
    fn an_unknown_sub_function_keeps_its_bytes() {
        let pdu = [0x08, 0xBE, 0xEF, 1, 2, 3];
        let diagnostics = asked(&pdu).unwrap();
        assert_eq!(diagnostics.sub_function(), SubFunction::new(0xBEEF));
        assert_eq!(diagnostics.data(), [1, 2, 3]);
        let mut buffer = [0xA5; 8];
        assert_eq!(Request::Diagnostics(diagnostics).encode(&mut buffer).unwrap(), pdu);
        assert_eq!(Response::Diagnostics(diagnostics).encode(&mut buffer).unwrap(), pdu);
    }
}
