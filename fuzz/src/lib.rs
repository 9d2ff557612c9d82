//! Shared by the targets: the properties that the crate's tests hold too, and those that only make sense here.

#[path = "../../examples/incident-timeline/tests/journals/mod.rs"]
pub mod journals;
#[path = "../../led-codes/tests/property/mod.rs"]
pub mod led_codes;
#[path = "../../modbus-codec/tests/property/mod.rs"]
pub mod property;
#[path = "../../safe-state/tests/property/mod.rs"]
pub mod safe_state;
#[path = "../../watchdog-core/tests/property/mod.rs"]
pub mod watchdog_core;

use arbitrary::{Result, Unstructured};
use modbus_codec::diagnostics::Diagnostics;
use modbus_codec::file_record::FileRecord;
use modbus_codec::{Request, Response, WordOrder};
use rusty_modbus_codec::{RequestPdu, ResponsePdu, decode_request, decode_response};

/// Every value that `arbitrary` makes can be encoded, and decodes to itself.
pub fn values(u: &mut Unstructured<'_>) -> Result<()> {
    while !u.is_empty() {
        let mut buffer = [0xA5; 253];
        let request: Request<'_> = u.arbitrary()?;
        let pdu = request.encode(&mut buffer).unwrap();
        assert_eq!(Request::decode(pdu), Ok(request));
        let mut buffer = [0xA5; 253];
        let response: Response<'_> = u.arbitrary()?;
        let pdu = response.encode(&mut buffer).unwrap();
        assert_eq!(Response::decode(pdu), Ok(Ok(response)));
        if let Response::ReadHoldingRegisters(registers) = response {
            for order in WordOrder::ALL {
                assert_eq!(registers.u32(order).len(), registers.count() / 2);
                let _ = registers.f64(order).map(f64::to_bits).fold(0, u64::wrapping_add);
            }
        }
    }
    Ok(())
}

/// An independent crate decodes every PDU that this one decodes, to the same values. This crate is stricter: the converse does
/// not hold.
pub fn differential(pdu: &[u8]) {
    if let Ok(request) = Request::decode(pdu) {
        same_request(&request, &decode_request(pdu));
    }
    match Response::decode(pdu) {
        Ok(Ok(response)) => same_response(&response, &decode_response(pdu)),
        Ok(Err(exception)) => match decode_response(pdu) {
            Ok(ResponsePdu::Exception(other)) => {
                assert_eq!(exception.function.as_raw(), pdu[0] & 0x7F, "{other:?}");
            }
            // rusty-modbus-codec knows no vendor's codes.
            other => assert!(exception.code.name().is_none(), "{exception} is {other:?}"),
        },
        Err(_) => {}
    }
}

fn same_request(
    ours: &Request<'_>,
    theirs: &core::result::Result<RequestPdu<'_>, impl core::fmt::Debug>,
) {
    let same = match (ours, theirs) {
        (Request::ReadCoils { starting_address, quantity }, Ok(RequestPdu::ReadCoils(other))) => {
            (starting_address.as_raw(), quantity.as_raw()) == (other.address.0, other.quantity.0)
        }
        (
            Request::ReadHoldingRegisters { starting_address, quantity },
            Ok(RequestPdu::ReadHoldingRegisters(other)),
        ) => (starting_address.as_raw(), quantity.as_raw()) == (other.address.0, other.quantity.0),
        (
            Request::ReadInputRegisters { starting_address, quantity },
            Ok(RequestPdu::ReadInputRegisters(other)),
        ) => (starting_address.as_raw(), quantity.as_raw()) == (other.address.0, other.quantity.0),
        (Request::Other { .. } | Request::EncapsulatedInterface { .. }, _) => true,
        // A record that ends past 9999 is refused by it; here that is the device's to refuse, with exception 02.
        (Request::ReadFileRecord(records), Err(_)) => records.iter().any(ends_past_9999),
        (Request::WriteFileRecord(records), Err(_)) => {
            records.iter().any(|(record, _)| ends_past_9999(record))
        }
        // rusty-modbus-codec knows the public sub-functions with one word.
        (Request::Diagnostics(asked), Err(_)) => is_unusual(asked),
        (_, Ok(_)) => true,
        (_, Err(_)) => false,
    };
    assert!(same, "{ours:?} is {}", if theirs.is_ok() { "another request" } else { "refused" });
}

fn ends_past_9999(record: FileRecord) -> bool {
    record.record_number + record.record_length > 10_000
}

fn is_unusual(diagnostics: &Diagnostics<'_>) -> bool {
    !diagnostics.sub_function().is_public() || diagnostics.data().len() != 2
}

fn same_response(
    ours: &Response<'_>,
    theirs: &core::result::Result<ResponsePdu<'_>, impl core::fmt::Debug>,
) {
    let same = match (ours, theirs) {
        (
            Response::ReadHoldingRegisters(registers),
            Ok(ResponsePdu::ReadHoldingRegisters(other)),
        ) => registers.iter().eq(other.registers()),
        (Response::ReadInputRegisters(registers), Ok(ResponsePdu::ReadInputRegisters(other))) => {
            registers.iter().eq(other.registers())
        }
        (Response::Other { .. } | Response::EncapsulatedInterface { .. }, _) => true,
        (Response::WriteFileRecord(records), Err(_)) => {
            records.iter().any(|(record, _)| ends_past_9999(record))
        }
        (Response::Diagnostics(answered), Err(_)) => is_unusual(answered),
        (_, Ok(_)) => true,
        (_, Err(_)) => false,
    };
    assert!(same, "{ours:?} is {}", if theirs.is_ok() { "another response" } else { "refused" });
}

/// The model of `watchdog_core`, with cells that are given back: a `static` has one supervisor, and a fuzzer makes millions.
pub fn watchdog_model(bytes: &[u8]) {
    let mut place = std::ptr::null_mut();
    watchdog_core::model(bytes, |cells| {
        place = Box::into_raw(Box::new(cells));
        // SAFETY: it came from a box, and nothing else refers to it.
        unsafe { &mut *place }
    });
    // SAFETY: the supervisor and the handles of these cells are gone with `model`.
    drop(unsafe { Box::from_raw(place) });
}
