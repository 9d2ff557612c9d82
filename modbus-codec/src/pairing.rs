//! The answers that a request can have: a field that both have is equal, and the data have the length that was asked for.

#[cfg(feature = "extended-functions")]
mod extended;

use crate::adu::Direction;
use crate::body::Body;
use crate::data::coils_len;
use crate::error::saturate;
use crate::field::Field;
use crate::functions::Data;
use crate::layout::Layout;
use crate::{FunctionCode, UnitId};

/// Why a response cannot be the answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Mismatch {
    /// Another function answered.
    #[error("function {expected} was asked, {got} answered")]
    Function {
        /// The request's.
        expected: FunctionCode,
        /// The response's.
        got: FunctionCode,
    },
    /// Another unit answered.
    #[error("unit {expected} was asked, {got} answered")]
    Unit {
        /// The request's.
        expected: UnitId,
        /// The response's.
        got: UnitId,
    },
    /// More data, or less, than was asked for.
    #[error("{expected} bytes of data were asked for, {got} came")]
    ByteCount {
        /// The length that the request's quantity needs.
        expected: u16,
        /// The length that the response carries.
        got: u16,
    },
    /// A field that the standard has repeated was not.
    #[error("the response does not repeat the request")]
    Echo,
}

/// Whether a response can be the answer to a request of the same function.
pub(crate) fn answers(request: &Body<'_>, response: &Body<'_>) -> Result<(), Mismatch> {
    let is_repeated = |(field, value): (Field, u16)| {
        let mut asked = request.fields().filter(|(other, _)| *other == field);
        asked.all(|(_, other)| other == value)
    };
    if !response.fields().all(is_repeated) {
        return Err(Mismatch::Echo);
    }
    // `Response::Other` has bytes, and no fields.
    if response.layout == Layout::OTHER {
        return Ok(());
    }
    let got = saturate(response.data.len());
    if let Some(expected) = data_len(request).filter(|expected| *expected != got) {
        return Err(Mismatch::ByteCount { expected, got });
    }
    #[cfg(feature = "extended-functions")]
    extended::answers(request, response)?;
    Ok(())
}

/// How many bytes of coils or registers the answer to a request carries, if it carries any.
pub(crate) fn data_len(request: &Body<'_>) -> Option<u16> {
    let answer = Layout::of(Direction::Response, request.function, None);
    let quantity = request.quantity()?;
    match answer.data() {
        Data::Counted(Field::Coils) => Some(saturate(coils_len(quantity))),
        Data::Counted(Field::Registers) => Some(quantity.wrapping_mul(2)),
        _ => None,
    }
}

/// How many bytes after the function code the answer repeats of the request, if it is nothing else.
pub(crate) fn repeated_len(function: FunctionCode) -> Option<usize> {
    let [request, response] = [Direction::Request, Direction::Response]
        .map(|direction| Layout::of(direction, function, None));
    let (asked, answered) = (request.items(), response.items());
    let is_same = asked.iter().zip(answered).all(|(asked, answered)| asked.field == answered.field);
    if response.data() != Data::None || !is_same || answered.len() > asked.len() {
        return None;
    }
    let len = answered.iter().fold(0_u16, |len, item| len.wrapping_add(item.len()));
    Some(len.into())
}
