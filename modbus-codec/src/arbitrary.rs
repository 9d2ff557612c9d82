//! Structured values for fuzzing: every value that comes out can be encoded.

use arbitrary::{Arbitrary, Result, Unstructured};

use crate::{Address, Coils, Exception, ExceptionCode, FunctionCode};
use crate::{Quantity, Registers, Request, Response, UnitId};

impl<'a> Arbitrary<'a> for UnitId {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary().map(Self::from_raw)
    }
}

impl<'a> Arbitrary<'a> for Address {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary().map(Self::new)
    }
}

impl<'a> Arbitrary<'a> for FunctionCode {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary().map(Self::new)
    }
}

impl<'a, const MAX: u16> Arbitrary<'a> for Quantity<MAX> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self::wrap(u.int_in_range(1..=MAX)?))
    }
}

impl<'a> Arbitrary<'a> for Exception {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let function = FunctionCode::new(u.int_in_range(1..=0x7F)?);
        Ok(Self { function, code: ExceptionCode::new(u.arbitrary()?) })
    }
}

/// A span that ends at 65,535 at the latest.
fn span<const MAX: u16>(u: &mut Unstructured<'_>) -> Result<(Address, Quantity<MAX>)> {
    let quantity = Quantity::<MAX>::arbitrary(u)?;
    let last = u16::MAX.wrapping_sub(quantity.as_raw().wrapping_sub(1));
    Ok((Address::new(u.int_in_range(0..=last)?), quantity))
}

fn registers<'a, const MAX: u16>(
    u: &mut Unstructured<'a>,
) -> Result<(Address, Quantity<MAX>, Registers<'a>)> {
    let (address, quantity) = span(u)?;
    let bytes = u.bytes(usize::from(quantity.as_raw()).wrapping_mul(2))?;
    Ok((address, quantity, Registers::wrap(bytes)))
}

fn coils<'a, const MAX: u16>(u: &mut Unstructured<'a>) -> Result<(Address, Coils<'a>)> {
    let (address, quantity) = span::<MAX>(u)?;
    let bytes = u.bytes(crate::data::coils_len(quantity.as_raw()))?;
    Ok((address, Coils::wrap(bytes, quantity.as_raw())))
}

/// The PDU that the rest of the bytes is, if it decodes; else the fallback.
macro_rules! drawn {
    ($kind:ident, $u:ident, $fallback:expr) => {{
        let len = $u.len().min(crate::pdu::LEN_MAX);
        let bytes = $u.bytes(len)?;
        drawn!(@decode $kind, bytes).unwrap_or($fallback)
    }};
    (@decode Request, $bytes:ident) => { Request::decode($bytes).ok() };
    (@decode Response, $bytes:ident) => { Response::decode($bytes).ok().and_then(Result::ok) };
}

impl<'a> Arbitrary<'a> for Request<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match u.int_in_range(0..=8_u8)? {
            0 => {
                let (starting_address, quantity) = span(u)?;
                Self::ReadCoils { starting_address, quantity }
            }
            1 => {
                let (starting_address, quantity) = span(u)?;
                Self::ReadDiscreteInputs { starting_address, quantity }
            }
            2 => {
                let (starting_address, quantity) = span(u)?;
                Self::ReadHoldingRegisters { starting_address, quantity }
            }
            3 => {
                let (starting_address, quantity) = span(u)?;
                Self::ReadInputRegisters { starting_address, quantity }
            }
            4 => Self::WriteSingleCoil {
                output_address: u.arbitrary()?,
                output_value: u.arbitrary()?,
            },
            5 => Self::WriteSingleRegister {
                register_address: u.arbitrary()?,
                register_value: u.arbitrary()?,
            },
            6 => {
                let (starting_address, coils) = coils::<1968>(u)?;
                Self::WriteMultipleCoils { starting_address, coils }
            }
            7 => {
                let (starting_address, _, registers) = registers::<123>(u)?;
                Self::WriteMultipleRegisters { starting_address, registers }
            }
            _ => {
                let (starting_address, quantity) = span(u)?;
                drawn!(Request, u, Self::ReadInputRegisters { starting_address, quantity })
            }
        })
    }
}

impl<'a> Arbitrary<'a> for Response<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match u.int_in_range(0..=8_u8)? {
            0 => Self::ReadCoils(whole_bytes(coils::<2000>(u)?.1)),
            1 => Self::ReadDiscreteInputs(whole_bytes(coils::<2000>(u)?.1)),
            2 => Self::ReadHoldingRegisters(registers::<125>(u)?.2),
            3 => Self::ReadInputRegisters(registers::<125>(u)?.2),
            4 => Self::WriteSingleCoil {
                output_address: u.arbitrary()?,
                output_value: u.arbitrary()?,
            },
            5 => Self::WriteSingleRegister {
                register_address: u.arbitrary()?,
                register_value: u.arbitrary()?,
            },
            6 => {
                let (starting_address, quantity) = span(u)?;
                Self::WriteMultipleCoils { starting_address, quantity }
            }
            7 => {
                let (starting_address, quantity) = span(u)?;
                Self::WriteMultipleRegisters { starting_address, quantity }
            }
            _ => {
                let (starting_address, quantity) = span(u)?;
                drawn!(Response, u, Self::WriteMultipleRegisters { starting_address, quantity })
            }
        })
    }
}

/// A response does not say its quantity: it decodes as whole bytes.
fn whole_bytes(coils: Coils<'_>) -> Coils<'_> {
    let bytes = coils.as_bytes();
    Coils::wrap(bytes, crate::error::saturate(bytes.len()).wrapping_mul(8))
}
