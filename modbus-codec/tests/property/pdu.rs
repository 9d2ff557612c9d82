//! PDUs: what decodes encodes to itself, and what is refused is refused where it is.

use modbus_codec::pdu::{self, Direction, Error, FieldValue, Value};
use modbus_codec::tcp::{self, MbapHeader, TransactionId};
use modbus_codec::{Request, Response, UnitId, ascii, crc16, rtu};

/// A PDU that decodes as a request encodes to itself, padding apart, and goes over every transport.
pub fn request(pdu: &[u8]) {
    fields(Direction::Request, pdu, Request::decode(pdu).is_ok());
    let request = match Request::decode(pdu) {
        Ok(request) => request,
        Err(error) => return refusal(&error, pdu),
    };
    let mut buffer = [0xA5; 253];
    let written = request.encode(&mut buffer).unwrap();
    assert_eq!(Request::decode(written).unwrap(), request);
    let is_padded = matches!(request, Request::WriteMultipleCoils { .. });
    assert!(is_padded || written == pdu, "{request:?}");
    assert_eq!(request.encoded_len(), pdu.len());
    let unit = UnitId::from_raw(1);
    let mut buffer = [0xA5; 256];
    let frame = rtu::encode_request(unit, &request, &mut buffer).unwrap();
    assert_eq!(crc16(frame), 0);
    assert_eq!(rtu::decode_request(frame).unwrap().pdu, request);
    let mut buffer = [0xA5; 513];
    let text = ascii::encode_request(unit, &request, ascii::LF, &mut buffer).unwrap();
    assert_eq!(ascii::decode_request(text, ascii::LF).unwrap().pdu, request);
    let header = MbapHeader { transaction: TransactionId::new(7), unit };
    let mut buffer = [0xA5; 260];
    let wire = tcp::encode_request(header, &request, &mut buffer).unwrap();
    assert_eq!(tcp::decode_request(wire).unwrap().pdu, request);
    walk_request(&request);
}

/// A PDU that decodes as a response encodes to itself.
pub fn response(pdu: &[u8]) {
    fields(Direction::Response, pdu, Response::decode(pdu).is_ok());
    let mut buffer = [0xA5; 253];
    match Response::decode(pdu) {
        Ok(Ok(response)) => {
            assert_eq!(&*response.encode(&mut buffer).unwrap(), pdu);
            assert_eq!(response.encoded_len(), pdu.len());
            walk_response(&response);
        }
        Ok(Err(exception)) => assert_eq!(&*exception.encode(&mut buffer).unwrap(), pdu),
        Err(error) => refusal(&error, pdu),
    }
}

/// Each field has the bytes from its offset to that of the next: of a PDU that is right, all of them.
fn fields(direction: Direction, pdu: &[u8], is_right: bool) {
    let mut at = 1;
    for FieldValue { field, offset, value, .. } in pdu::fields(direction, pdu) {
        assert_eq!(usize::from(offset), at, "{field} of {pdu:02X?}");
        let rest = &pdu[at..];
        let bytes = match value {
            Value::Bytes(bytes) => bytes,
            Value::Coils(coils) => coils.as_bytes(),
            Value::Registers(registers) => registers.as_bytes(),
            Value::Number(number) => {
                let is_one_byte = number <= 0xFF && number == u16::from(rest[0]);
                let is_two_bytes = rest.get(..2) == Some(&number.to_be_bytes()[..]);
                // A word whose high byte is that of its value alone cannot be told from a byte here; the next offset tells.
                assert!(is_one_byte || is_two_bytes, "{field} of {pdu:02X?}");
                let next = pdu::fields(direction, pdu).find(|next| next.offset > offset);
                let len = match next {
                    Some(next) => usize::from(next.offset - offset),
                    None if is_two_bytes => 2,
                    None => 1,
                };
                assert!(if len == 1 { is_one_byte } else { is_two_bytes && len == 2 }, "{field}");
                &rest[..len]
            }
        };
        assert!(rest.starts_with(bytes), "{field} of {pdu:02X?}");
        at += bytes.len();
    }
    assert!(at <= pdu.len().max(1) && (!is_right || at == pdu.len()), "{pdu:02X?} to {at}");
}

/// An error is somewhere in the input, and says what is there.
fn refusal(error: &Error, pdu: &[u8]) {
    let offset = usize::from(error.offset());
    match *error {
        Error::Short { required, available, .. } => {
            assert!(required > available, "{error}");
            // Where it ends is the end of the input, or of what a byte count counts.
            assert!(offset + usize::from(available) <= pdu.len(), "{error}");
        }
        Error::Trailing { len, .. } => assert!(offset + usize::from(len) <= pdu.len(), "{error}"),
        Error::Value { expected, got, .. } => {
            assert!(offset < pdu.len().max(1) && !expected.allows(got), "{error}");
        }
        _ => {}
    }
    assert!(!error.to_string().is_empty());
}

#[cfg(feature = "extended-functions")]
fn walk_request(request: &Request<'_>) {
    match request {
        Request::ReadFileRecord(records) => {
            assert_eq!(records.iter().count() * 7, records.as_bytes().len());
        }
        Request::WriteFileRecord(records) => {
            let len = |registers: modbus_codec::Registers<'_>| 7 + registers.as_bytes().len();
            let all: usize = records.iter().map(|(_, registers)| len(registers)).sum();
            assert_eq!(all, records.as_bytes().len());
        }
        _ => {}
    }
}

#[cfg(not(feature = "extended-functions"))]
fn walk_request(_request: &Request<'_>) {}

#[cfg(feature = "extended-functions")]
fn walk_response(response: &Response<'_>) {
    match response {
        Response::ReadDeviceIdentification(body) => {
            assert_eq!(body.objects().count(), usize::from(body.number_of_objects()));
        }
        Response::ReadFileRecord(data) => {
            let all: usize = data.iter().map(|registers| 2 + registers.as_bytes().len()).sum();
            assert_eq!(all, data.as_bytes().len());
        }
        Response::GetCommEventLog(log) => assert_eq!(log.events().len(), log.raw_events().len()),
        _ => {}
    }
}

#[cfg(not(feature = "extended-functions"))]
fn walk_response(_response: &Response<'_>) {}
