//! ADUs of each transport.

use modbus_codec::tcp::{self, Step};
use modbus_codec::{ascii, crc16, rtu};

/// A frame that decodes has a right CRC, and is as long as was predicted from its beginning.
pub fn rtu_adu(bytes: &[u8]) {
    use modbus_codec::pdu::Direction;
    use modbus_codec::rtu::FrameLen;
    for direction in [Direction::Request, Direction::Response] {
        let is_adu = match direction {
            Direction::Request => rtu::decode_request(bytes).is_ok(),
            Direction::Response => rtu::decode_response(bytes).is_ok(),
        };
        for len in 0..=bytes.len().min(rtu::ADU_LEN_MAX) {
            match rtu::frame_len(&bytes[..len], direction) {
                FrameLen::Known(known) => {
                    assert!((rtu::ADU_LEN_MIN..=rtu::ADU_LEN_MAX).contains(&known));
                    // 08 is predicted with one word.
                    assert!(!is_adu || known == bytes.len() || bytes[1] == 8, "{direction:?}");
                    break;
                }
                FrameLen::Unknown { required } => assert!(required > len),
                FrameLen::Impossible => {
                    assert!(!is_adu, "{direction:?}");
                    break;
                }
                FrameLen::Unpredictable => break,
            }
        }
    }
    match rtu::split(bytes) {
        Ok(adu) => {
            assert_eq!(crc16(bytes), 0);
            assert_eq!(adu.pdu.len() + 3, bytes.len());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    // The same bytes with a right CRC, so that what lies behind it is reached.
    let mut closed = bytes[..bytes.len().min(254)].to_vec();
    closed.extend(crc16(&closed).to_le_bytes());
    if let Ok(adu) = rtu::decode_request(&closed) {
        let mut buffer = [0; 256];
        let again = rtu::encode_request(adu.unit, &adu.pdu, &mut buffer).unwrap();
        assert_eq!(rtu::decode_request(again).unwrap(), adu);
    }
    if let Ok(adu) = rtu::decode_response(&closed) {
        let mut buffer = [0; 256];
        let again = match adu.pdu {
            Ok(response) => rtu::encode_response(adu.unit, &response, &mut buffer),
            Err(exception) => rtu::encode_exception(adu.unit, &exception, &mut buffer),
        };
        assert_eq!(again.unwrap(), closed);
    }
}

/// ASCII: what decodes encodes to the same text, hex in capitals; the decoder accounts for every character.
pub fn ascii_text(bytes: &[u8]) {
    let mut text = bytes.to_vec();
    if let Ok(adu) = ascii::decode_request(&mut text, ascii::LF) {
        let mut buffer = [0; 513];
        let again = ascii::encode_request(adu.unit, &adu.pdu, ascii::LF, &mut buffer).unwrap();
        assert_eq!(again.len(), bytes.len());
    }
    let _ = ascii::decode_response(&mut bytes.to_vec(), ascii::LF);
    let mut decoder = ascii::Decoder::new();
    let (mut accounted, mut rest) = (0, bytes);
    let drain = |decoder: &mut ascii::Decoder, accounted: &mut usize| {
        while let Some(item) = decoder.next() {
            *accounted += match item {
                ascii::Item::Frame { len, .. } => len,
                ascii::Item::Discarded(discarded) => discarded.bytes.len(),
            };
        }
    };
    while !rest.is_empty() {
        let later = decoder.push(rest, 0);
        drain(&mut decoder, &mut accounted);
        assert!(later.len() < rest.len(), "no progress");
        rest = later;
    }
    decoder.finish();
    drain(&mut decoder, &mut accounted);
    assert_eq!(accounted, bytes.len());
}

/// TCP: a step never takes more than there is, and asks for more than there is.
pub fn tcp_stream(bytes: &[u8]) {
    let mut rest = bytes;
    loop {
        match tcp::split_first(rest) {
            Step::Adu { adu, len } => {
                assert!(len <= rest.len() && adu.pdu.len() + tcp::HEADER_LEN == len);
                let whole = &rest[..len];
                if let Ok(decoded) = tcp::decode_request(whole) {
                    let mut buffer = [0; 260];
                    let again = tcp::encode_request(decoded.header, &decoded.pdu, &mut buffer);
                    assert_eq!(tcp::decode_request(again.unwrap()).unwrap(), decoded);
                }
                if let Ok(decoded) = tcp::decode_response(whole) {
                    assert_eq!(decoded.header, adu.header);
                }
                rest = &rest[len..];
            }
            Step::More { required } => {
                assert!(required > rest.len() && required <= tcp::ADU_LEN_MAX);
                return;
            }
            Step::Broken(error) => {
                assert!(!error.to_string().is_empty());
                return;
            }
        }
    }
}
