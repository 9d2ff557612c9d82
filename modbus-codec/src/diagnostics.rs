//! 08 Diagnostics: checks of the line and the server's counters, serial line only.
//!
//! ```text
//! | 08 | sub-function 2 | data: N words |
//! ```
//!
//! A normal response repeats function and sub-function; sub-function 04 is never answered.

use crate::body::Body;
use crate::layout::{Layout, Part};
use crate::pdu::Error;
use crate::reader::Reader;

/// The sub-function of 08, two bytes. Codes that the standard reserves keep their number.
///
/// Spec: MODBUS Application Protocol V1.1b3, 6.8.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SubFunction(u16);

impl SubFunction {
    /// 00: the answer is the request.
    pub const RETURN_QUERY_DATA: Self = Self(0x00);
    /// 01: leaves listen-only mode; data 0xFF00 clears the event log too.
    pub const RESTART_COMMUNICATIONS_OPTION: Self = Self(0x01);
    /// 02.
    pub const RETURN_DIAGNOSTIC_REGISTER: Self = Self(0x02);
    /// 03: the delimiter is the data's high byte.
    pub const CHANGE_ASCII_INPUT_DELIMITER: Self = Self(0x03);
    /// 04: never answered.
    pub const FORCE_LISTEN_ONLY_MODE: Self = Self(0x04);
    /// 0A.
    pub const CLEAR_COUNTERS_AND_DIAGNOSTIC_REGISTER: Self = Self(0x0A);
    /// 0B: CPT1.
    pub const RETURN_BUS_MESSAGE_COUNT: Self = Self(0x0B);
    /// 0C: CPT2.
    pub const RETURN_BUS_COMMUNICATION_ERROR_COUNT: Self = Self(0x0C);
    /// 0D: CPT3.
    pub const RETURN_BUS_EXCEPTION_ERROR_COUNT: Self = Self(0x0D);
    /// 0E: CPT4.
    pub const RETURN_SERVER_MESSAGE_COUNT: Self = Self(0x0E);
    /// 0F: CPT5.
    pub const RETURN_SERVER_NO_RESPONSE_COUNT: Self = Self(0x0F);
    /// 10: CPT6.
    pub const RETURN_SERVER_NAK_COUNT: Self = Self(0x10);
    /// 11: CPT7.
    pub const RETURN_SERVER_BUSY_COUNT: Self = Self(0x11);
    /// 12: CPT8.
    pub const RETURN_BUS_CHARACTER_OVERRUN_COUNT: Self = Self(0x12);
    /// 14.
    pub const CLEAR_OVERRUN_COUNTER_AND_FLAG: Self = Self(0x14);

    /// Wraps the number as it is on the wire.
    #[must_use]
    pub const fn new(raw: u16) -> Self {
        Self(raw)
    }

    /// The number on the wire.
    #[must_use]
    pub const fn as_raw(self) -> u16 {
        self.0
    }

    /// Whether the standard defines it.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self.0, 0x00..=0x04 | 0x0A..=0x12 | 0x14)
    }
}

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
        let mut reader = Reader::new(data, 3);
        read(sub_function.0, &mut reader);
        reader.finish()?;
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
        self.sub_function.0 != SubFunction::FORCE_LISTEN_ONLY_MODE.0
    }

    pub(crate) const fn wrap(sub_function: u16, data: &'a [u8]) -> Self {
        Self { sub_function: SubFunction(sub_function), data }
    }
}

/// Reads the data that follows a sub-function.
pub(crate) fn read<'a>(sub_function: u16, reader: &mut Reader<'a>) -> &'a [u8] {
    let sub_function = SubFunction(sub_function);
    let rest = reader.rest();
    let is_restart = sub_function == SubFunction::RESTART_COMMUNICATIONS_OPTION;
    let layout = Layout::of_part(if is_restart { Part::RestartOption } else { Part::Word });
    let mut word = Body::part();
    if !sub_function.is_public() {
        return reader.take_rest();
    }
    if sub_function != SubFunction::RETURN_QUERY_DATA {
        word.read(layout, reader);
        return reader.since(rest);
    }
    while !reader.rest().is_empty() {
        word.read(layout, reader);
    }
    reader.since(rest)
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
        for sub_function in (0..=0x14).filter(|raw| SubFunction(*raw).is_public()) {
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
