//! Rules that a toy gets wrong, each by its name; those of lengths, quantities and fields are in `vectors.rs`, those of a
//! stream in `stream.rs` and `ascii.rs`.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod line;

use line::closed;
use modbus_codec::pdu::{EncodeError, Error, Expected, Field};
use modbus_codec::{Address, Coils, Exception, ExceptionCode, FunctionCode, Quantity};
use modbus_codec::{Registers, Request, Response, UnitId, ascii, crc16, rtu, tcp};

#[test]
fn the_crc_goes_low_byte_first_and_all_else_big_endian() {
    let request = Request::ReadHoldingRegisters {
        starting_address: Address::new(0x0102),
        quantity: Quantity::new(3).unwrap(),
    };
    let mut buffer = [0xA5; 8];
    let frame = rtu::encode_request(UnitId::new(1).unwrap(), &request, &mut buffer).unwrap();
    assert_eq!(frame[..6], [1, 3, 1, 2, 0, 3]);
    let [low, high] = crc16(&frame[..6]).to_le_bytes();
    assert_eq!(frame[6..], [low, high]);
}

#[test]
fn the_lengths_of_the_standard_are_the_limits() {
    use modbus_codec::pdu::LEN_MAX;
    let limits = (LEN_MAX, rtu::ADU_LEN_MAX, tcp::ADU_LEN_MAX, ascii::ADU_LEN_MAX);
    assert_eq!(limits, (253, 256, 260, 513));
}

#[test]
fn starting_address_and_quantity_end_at_65_536() {
    for (address, quantity, fits) in
        [(0xFFFF, 1, true), (0xFFFF, 2, false), (0xFF83, 125, true), (0xFF84, 125, false)]
    {
        let request = Request::ReadHoldingRegisters {
            starting_address: Address::new(address),
            quantity: Quantity::new(quantity).unwrap(),
        };
        let mut pdu = vec![3];
        pdu.extend(address.to_be_bytes());
        pdu.extend(quantity.to_be_bytes());
        assert_eq!(Request::decode(&pdu).is_ok(), fits, "{address} {quantity}");
        assert_eq!(request.encode(&mut [0; 5]).is_ok(), fits, "{address} {quantity}");
    }
}

/// The error of an encoder is the decoder's of what would have been written.
#[test]
fn what_the_decoder_refuses_is_not_encoded() {
    let mut buffer = [0; 1024];
    let unit = UnitId::new(17).unwrap();
    let function = FunctionCode::new;
    let refused = |error| Err(EncodeError::Refused(error));
    let value = |field, offset, min, max, got| {
        let expected = Expected::Between { min, max };
        refused(Error::Value { field, offset, expected, got })
    };
    let data = [0; 600];
    let registers = |count: usize| Registers::from_be_bytes(&data[..2 * count]).unwrap();

    let starting_address = Address::ZERO;
    let many = Request::WriteMultipleRegisters { starting_address, registers: registers(124) };
    assert_eq!(many.encode(&mut buffer), value(Field::Quantity, 3, 1, 123, 124));
    let framed = rtu::encode_request(unit, &many, &mut buffer);
    assert_eq!(framed, value(Field::Quantity, 4, 1, 123, 124));
    #[cfg(feature = "extended-functions")]
    {
        // In a byte, the byte count of 258 is 2.
        let answer = Response::ReportServerId(&data[..258]);
        assert_eq!(answer.encode(&mut buffer), refused(Error::Trailing { offset: 4, len: 256 }));
    }
    let other = Request::Other { function: function(0x41), data: &data[..253] };
    assert_eq!(other.encode(&mut buffer), refused(Error::Trailing { offset: 253, len: 1 }));
    // Raw bytes of a function that has a type are held to its rules, and written as they are.
    for data in [&[2, 0, 7][..], &[4, 1, 2, 3, 4]] {
        let answer = Response::Other { function: function(0x03), data };
        assert_eq!(answer.encode(&mut buffer).unwrap(), [&[0x03], data].concat());
    }
    let short = Request::Other { function: function(0x03), data: &data[..3] };
    assert!(matches!(short.encode(&mut buffer), Err(EncodeError::Refused(Error::Short { .. }))));
    for (raw, data) in [(0x00, &data[..1]), (0x83, &data[..1]), (0xFF, &data[..4])] {
        let (request, response) = (
            Request::Other { function: function(raw), data },
            Response::Other { function: function(raw), data },
        );
        let error = value(Field::FunctionCode, 0, 1, 0x7F, raw.into());
        assert_eq!(request.encode(&mut buffer), error, "{raw:02X}");
        let error = match raw {
            0 => value(Field::FunctionCode, 0, 1, 0xFF, 0),
            _ => error,
        };
        assert_eq!(response.encode(&mut buffer), error, "{raw:02X}");
    }
    // A buffer that is too small is told before any other fault.
    let small = EncodeError::Buffer { required: 254, available: 8 };
    assert_eq!(many.encode(&mut buffer[..8]), Err(small));
}

#[test]
#[cfg(feature = "extended-functions")]
fn a_group_that_the_decoder_refuses_is_not_encoded() {
    use modbus_codec::file_record::FileRecord;

    let group = |file_number, record_number, record_length| {
        let record = FileRecord { file_number, record_number, record_length };
        record.encode(&mut [0xA5; 8]).map(|group| group.to_vec())
    };
    assert_eq!(group(1, 9999, 124), Ok(vec![6, 0, 1, 0x27, 0x0F, 0, 124]));
    let refused = |field, offset, min, max, got| {
        let expected = Expected::Between { min, max };
        Err(EncodeError::Refused(Error::Value { field, offset, expected, got }))
    };
    assert_eq!(group(0, 0, 1), refused(Field::FileNumber, 3, 1, 0xFFFF, 0));
    assert_eq!(group(1, 10_000, 1), refused(Field::RecordNumber, 5, 0, 9999, 10_000));
    assert_eq!(group(1, 0, 0), refused(Field::RecordLength, 7, 1, 124, 0));
    assert_eq!(group(1, 0, 125), refused(Field::RecordLength, 7, 1, 124, 125));
}

#[test]
fn padding_bits_are_ignored_on_receipt_and_zero_on_sending() {
    let received = Request::decode(&[0x0F, 0, 0, 0, 3, 1, 0xFD]).unwrap();
    let Request::WriteMultipleCoils { coils, .. } = received else { panic!("{received:?}") };
    assert!(coils.iter().eq([true, false, true]));
    assert_eq!(received.encode(&mut [0xA5; 7]).unwrap(), [0x0F, 0, 0, 0, 3, 1, 0x05]);
    let answered = Response::ReadCoils(Coils::from_bytes(&[0xFF, 0xFF], 9).unwrap());
    assert_eq!(answered.encode(&mut [0xA5; 4]).unwrap(), [0x01, 2, 0xFF, 0x01]);
}

#[test]
fn an_exception_known_or_not_is_never_a_success() {
    for function in 0x81..=0xFF_u8 {
        for code in 0..=u8::MAX {
            let refused = Exception {
                function: FunctionCode::new(function & 0x7F),
                code: ExceptionCode::new(code),
            };
            assert_eq!(Response::decode(&[function, code]), Ok(Err(refused)));
        }
        assert!(matches!(Response::decode(&[function, 2, 0]), Err(Error::Trailing { .. })));
        assert!(matches!(Response::decode(&[function]), Err(Error::Short { .. })));
    }
}

#[test]
fn the_crc_is_checked_before_anything_else() {
    // Everything is wrong with it, and only the CRC is told.
    let refused = rtu::decode_request(&[0, 0x83, 0xFF, 0, 0]);
    assert!(matches!(refused, Err(rtu::Error::Crc { offset: 3, .. })), "{refused:?}");
    assert!(matches!(
        rtu::decode_request(&closed(vec![0, 0x83, 0xFF])),
        Err(rtu::Error::Pdu(Error::Value { .. }))
    ));
}

#[test]
fn a_read_is_not_broadcast_and_nothing_answers_as_unit_0() {
    let read = Request::ReadCoils { starting_address: Address::ZERO, quantity: Quantity::ONE };
    let mut buffer = [0; 32];
    assert!(rtu::encode_request(UnitId::BROADCAST, &read, &mut buffer).is_err());
    assert!(ascii::encode_request(UnitId::BROADCAST, &read, ascii::LF, &mut buffer).is_err());
    let answer = Response::ReadHoldingRegisters(Registers::from_be_bytes(&[0, 1]).unwrap());
    assert!(rtu::encode_response(UnitId::BROADCAST, &answer, &mut buffer).is_err());
    // Over TCP unit 0 is the server itself.
    assert!(tcp::decode_request(&[0, 1, 0, 0, 0, 6, 0, 1, 0, 0, 0, 1]).is_ok());
}

#[test]
fn a_response_answers_its_request_and_no_other() {
    let read = |quantity| Request::ReadHoldingRegisters {
        starting_address: Address::ZERO,
        quantity: Quantity::new(quantity).unwrap(),
    };
    let answer = Response::ReadHoldingRegisters(Registers::from_be_bytes(&[0, 1, 0, 2]).unwrap());
    assert!(answer.answers(&read(2)).is_ok());
    assert!(answer.answers(&read(3)).is_err());
    let write = |value| Request::WriteSingleRegister {
        register_address: Address::ZERO,
        register_value: value,
    };
    let echo = Response::WriteSingleRegister { register_address: Address::ZERO, register_value: 7 };
    assert!(echo.answers(&write(7)).is_ok());
    assert!(echo.answers(&write(8)).is_err());
    assert!(echo.answers(&read(2)).is_err());
}

#[test]
#[cfg(feature = "extended-functions")]
fn individual_access_brings_exactly_one_object() {
    use modbus_codec::device_identification::{
        ConformityLevel, DeviceIdentification, ReadDeviceIdCode,
    };
    // Found by the differential target: an independent crate refused what this one took.
    let level = ConformityLevel::new(0x81).unwrap();
    let new = |more, objects| {
        DeviceIdentification::new(ReadDeviceIdCode::Individual, level, more, objects).is_ok()
    };
    assert!(new(None, &[7, 1, b'A']));
    assert!(!new(None, &[]) && !new(None, &[7, 1, b'A', 8, 0]) && !new(Some(8), &[7, 1, b'A']));
}
