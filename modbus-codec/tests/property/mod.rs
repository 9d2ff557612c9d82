//! What holds for any bytes and any order of events. The tests call these functions with values of proptest, the fuzz targets
//! with what libFuzzer finds; each panics where it does not hold.
#![allow(dead_code, unreachable_pub)] // Each test and target uses its own part; the targets from outside.

use arbitrary::{Arbitrary, Result, Unstructured};
use modbus_codec::client::{Budget, Event, Serial, Tcp, Ticket};
use modbus_codec::pdu::Error;
use modbus_codec::server::{CoilsMut, Connection, RegistersMut, Server, Service, Table, answer};
use modbus_codec::stream::{Decoder, Item, Timing};
use modbus_codec::tcp::{self, MbapHeader, Step, TransactionId};
use modbus_codec::timing::Rtu;
use modbus_codec::{Address, Coils, ExceptionCode, FunctionCode, Quantity, Registers};
use modbus_codec::{Request, Response, UnitId, ascii, crc16, rtu};

/// What decodes as a request encodes to itself, padding apart, and goes over every transport.
pub fn request(pdu: &[u8]) {
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

/// What decodes as a response encodes to itself.
pub fn response(pdu: &[u8]) {
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
            let len = |registers: Registers<'_>| 7 + registers.as_bytes().len();
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
        match tcp::split(rest) {
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

/// How a stream decoder is set up.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Mode {
    pub direction: u8,
    pub is_lenient: bool,
    pub is_passive: bool,
    pub timing: u8,
}

/// The decoder hands out every byte that it was given, in order, once, as part of a frame or of a discard.
///
/// `step` makes the next item, so that a decoder that is not ours can be shown to fail.
pub fn stream(u: &mut Unstructured<'_>) -> Result<()> {
    let Mode { direction, is_lenient, is_passive, timing } = u.arbitrary()?;
    let mut decoder = match direction % 3 {
        0 => Decoder::requests(),
        1 => Decoder::responses(),
        _ => Decoder::both_directions(),
    };
    if is_lenient {
        decoder = decoder.lenient();
    }
    if is_passive {
        decoder = decoder.passive();
    }
    decoder = decoder.with_timing(match timing % 3 {
        0 => Timing::Off,
        1 => Timing::Content { character_us: 500, frame_us: 2_000, release_us: 9_000 },
        _ => Timing::Strict(Rtu::at_baud(19_200)),
    });
    let (mut pushed, mut accounted, mut frames, mut now_us) = (Vec::new(), 0, 0, 0_u64);
    while !u.is_empty() {
        let part = chunk(u)?;
        now_us = now_us.wrapping_add(u64::from(u.arbitrary::<u16>()?));
        let mut rest = &part[..];
        while !rest.is_empty() {
            let later = decoder.push(rest, now_us);
            let taken = rest.len() - later.len();
            pushed.extend(&rest[..taken]);
            let items = drain(&mut decoder, &pushed, &mut accounted, &mut frames);
            assert!(taken > 0 || items > 0, "no progress");
            rest = later;
        }
        if u.arbitrary()? {
            if let Some(us) = decoder.next_deadline_us() {
                decoder.elapse(us);
                now_us = now_us.max(us);
            }
            drain(&mut decoder, &pushed, &mut accounted, &mut frames);
        }
    }
    decoder.finish();
    drain(&mut decoder, &pushed, &mut accounted, &mut frames);
    assert_eq!(accounted, pushed.len(), "every byte is in a frame or in a discard");
    assert_eq!(decoder.undecided_len(), 0);
    Ok(())
}

/// Bytes, or a frame with a right CRC, whole or cut.
fn chunk(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let len = u.int_in_range(0..=40)?;
    let mut bytes = u.bytes(usize::min(len, u.len()))?.to_vec();
    match u.int_in_range(0..=5_u8)? {
        0 | 1 => {}
        2 => bytes.extend(crc16(&bytes).to_le_bytes()),
        kind => {
            let unit = UnitId::from_raw(u.int_in_range(1..=3)?);
            let mut buffer = [0; 256];
            let frame = if kind == 3 {
                rtu::encode_request(unit, &u.arbitrary()?, &mut buffer).map(|frame| frame.to_vec())
            } else {
                rtu::encode_response(unit, &u.arbitrary()?, &mut buffer).map(|frame| frame.to_vec())
            };
            bytes = frame.unwrap_or(bytes);
            if kind == 5 {
                bytes.truncate(usize::from(u.arbitrary::<u8>()?));
            }
        }
    }
    Ok(bytes)
}

fn drain(decoder: &mut Decoder, pushed: &[u8], accounted: &mut usize, frames: &mut usize) -> usize {
    let mut items = 0;
    while let Some(item) = decoder.next() {
        let (offset, part) = match item {
            Item::Frame(frame) => {
                assert_eq!(crc16(frame.bytes), 0);
                *frames += 1;
                (frame.offset, frame.bytes)
            }
            Item::Discarded(discarded) => (discarded.offset, discarded.bytes),
        };
        assert_eq!(offset, *accounted as u64);
        assert!(!part.is_empty());
        assert_eq!(part, &pushed[*accounted..*accounted + part.len()]);
        *accounted += part.len();
        items += 1;
    }
    items
}

/// A device whose answers are drawn, sensible or not.
pub struct Drawn<'u, 'a>(pub &'u mut Unstructured<'a>);

impl Drawn<'_, '_> {
    fn done(&mut self) -> core::result::Result<(), ExceptionCode> {
        match self.0.arbitrary::<u8>().unwrap_or(0) {
            code @ 200.. => Err(ExceptionCode::new(code)),
            _ => Ok(()),
        }
    }

    fn len(&mut self) -> core::result::Result<usize, ExceptionCode> {
        self.done()?;
        Ok(usize::from(self.0.arbitrary::<u16>().unwrap_or(0)) % 300)
    }
}

impl Service for Drawn<'_, '_> {
    fn supports(&self, function: FunctionCode) -> bool {
        function.as_raw() != 0x41
    }

    fn contains(&self, _table: Table, at: Address, quantity: u16) -> bool {
        assert!(usize::from(at.as_raw()) + usize::from(quantity) <= 0x1_0000);
        at.as_raw() < 0x8000
    }

    fn read_coils(
        &mut self,
        _at: Address,
        out: &mut CoilsMut<'_>,
    ) -> core::result::Result<(), ExceptionCode> {
        out.fill_with(|index| index % 3 == 0);
        self.done()
    }

    fn read_holding_registers(
        &mut self,
        _at: Address,
        out: &mut RegistersMut<'_>,
    ) -> core::result::Result<(), ExceptionCode> {
        out.fill_with(|index| index as u16);
        self.done()
    }

    fn write_coils(
        &mut self,
        _at: Address,
        coils: Coils<'_>,
    ) -> core::result::Result<(), ExceptionCode> {
        assert!((1..=1968).contains(&coils.quantity()));
        self.done()
    }

    fn write_registers(
        &mut self,
        _at: Address,
        registers: Registers<'_>,
    ) -> core::result::Result<(), ExceptionCode> {
        assert!((1..=123).contains(&registers.count()));
        self.done()
    }

    #[cfg(feature = "extended-functions")]
    fn report_server_id(
        &mut self,
        _out: &mut [u8; 251],
    ) -> core::result::Result<usize, ExceptionCode> {
        self.len()
    }

    #[cfg(feature = "extended-functions")]
    fn contains_record(&self, record: modbus_codec::file_record::FileRecord) -> bool {
        record.file_number < 0x8000
    }

    #[cfg(feature = "extended-functions")]
    fn read_record(
        &mut self,
        _record: modbus_codec::file_record::FileRecord,
        out: &mut RegistersMut<'_>,
    ) -> core::result::Result<(), ExceptionCode> {
        out.fill(0..);
        self.done()
    }

    #[cfg(feature = "extended-functions")]
    fn write_record(
        &mut self,
        _record: modbus_codec::file_record::FileRecord,
        _registers: Registers<'_>,
    ) -> core::result::Result<(), ExceptionCode> {
        self.done()
    }

    #[cfg(feature = "extended-functions")]
    fn read_fifo_queue(
        &mut self,
        _at: Address,
        _out: &mut RegistersMut<'_>,
    ) -> core::result::Result<usize, ExceptionCode> {
        self.len()
    }

    #[cfg(feature = "extended-functions")]
    fn identification(&self, object_id: u8) -> Option<&[u8]> {
        const LONG: &[u8] = &[b'x'; 300];
        match object_id {
            0..=2 | 0x80.. => Some(&LONG[..usize::from(object_id) + 7]),
            _ => None,
        }
    }

    #[cfg(feature = "extended-functions")]
    fn encapsulated_interface(
        &mut self,
        _mei_type: u8,
        _data: &[u8],
        _out: &mut [u8; 251],
    ) -> core::result::Result<usize, ExceptionCode> {
        self.len()
    }

    fn other(
        &mut self,
        _function: FunctionCode,
        _data: &[u8],
        _out: &mut [u8; 252],
    ) -> core::result::Result<usize, ExceptionCode> {
        self.len()
    }
}

/// Whatever is asked and whatever the device says, an answer is one that the codec decodes, and it fits the request.
pub fn server(u: &mut Unstructured<'_>) -> Result<()> {
    let unit = UnitId::from_raw(2);
    let mut serial = match u.int_in_range(0..=2_u8)? {
        0 => Server::point_to_point(unit),
        1 => Server::new(unit, Rtu::at_baud(19_200)),
        _ => Server::new(unit, Rtu::at_baud(19_200)).strict(Rtu::at_baud(19_200)),
    };
    let mut connection = Connection::new();
    let mut now_us = 0_u64;
    while !u.is_empty() {
        let mut bytes = chunk(u)?;
        bytes.truncate(253);
        // The PDU alone, if it is one.
        let mut response = [0xA5; 253];
        let answered = answer(&mut Drawn(u), &bytes, &mut response).map(<[u8]>::to_vec);
        match (answered, bytes.first()) {
            (None, first) => assert!(!matches!(first, Some(1..=0x7F))),
            (Some(answered), _) => fits(&bytes, &answered),
        }
        // The line.
        now_us = now_us.saturating_add(u.arbitrary::<u16>()?.into());
        let mut rest = &bytes[..];
        loop {
            rest = serial.receive(rest, now_us);
            let mut tx = [0xA5; 256];
            loop {
                if let Some(adu) = serial.poll(&mut Drawn(u), &mut tx, now_us) {
                    assert!(rtu::decode_response(adu).is_ok() || rtu::split(adu).is_ok());
                    assert_eq!(rtu::split(adu).map(|adu| adu.unit), Ok(unit));
                } else {
                    match serial.next_deadline_us() {
                        Some(us) if us > now_us => now_us = us,
                        _ => break,
                    }
                }
            }
            if rest.is_empty() {
                break;
            }
        }
        // The connection.
        let header = MbapHeader { transaction: TransactionId::new(7), unit };
        let mut adu = vec![0, 7, 0, 0, 0, bytes.len() as u8 + 1, header.unit.as_raw()];
        adu.extend(&bytes);
        let mut rest = &adu[..];
        while !rest.is_empty() {
            rest = connection.receive(rest);
            let mut tx = [0xA5; 260];
            loop {
                match connection.poll(&mut Drawn(u), &mut tx) {
                    Ok(Some(adu)) => assert!(tcp::whole(adu).is_ok()),
                    Ok(None) => break,
                    Err(_) => {
                        connection = Connection::new();
                        rest = &[];
                        break;
                    }
                }
            }
        }
    }
    Ok(())
}

/// Whether an answer is one that the request could have.
fn fits(request: &[u8], answered: &[u8]) {
    let reply = Response::decode(answered);
    let function = request.first().copied().unwrap_or(0);
    match (reply, Request::decode(request)) {
        (Ok(Err(exception)), _) => assert_eq!(exception.function.as_raw(), function),
        (Ok(Ok(response)), Ok(request)) => response.answers(&request).unwrap(),
        (reply, request) => panic!("{request:?} was answered {answered:02X?}: {reply:?}"),
    }
}

/// A request that can be asked of any device.
fn some_request(u: &mut Unstructured<'_>) -> Result<Request<'static>> {
    let (at, value) = (Address::new(u.int_in_range(0..=3)?), u.int_in_range(0..=2)?);
    Ok(match u.int_in_range(0..=2_u8)? {
        0 => Request::ReadHoldingRegisters { starting_address: at, quantity: Quantity::ONE },
        1 => Request::ReadInputRegisters { starting_address: at, quantity: Quantity::ONE },
        _ => Request::WriteSingleRegister { register_address: at, register_value: value },
    })
}

/// Requests that are under way: each ends once, and not after its deadline when the client is polled when it asks.
#[derive(Default)]
struct UnderWay(Vec<(Ticket, u64)>);

impl UnderWay {
    fn ended(&mut self, event: &Event<'_>, now_us: u64) {
        let ticket = match event {
            Event::Answered { ticket, attempts, .. } => {
                assert!(*attempts >= 1);
                *ticket
            }
            Event::Sent { ticket } => {
                self.0.retain(|(under_way, _)| under_way != ticket);
                return;
            }
            Event::Unanswered { ticket, .. } => *ticket,
            _ => return,
        };
        let index = self.0.iter().position(|(under_way, _)| *under_way == ticket);
        let (_, deadline_us) = self.0.remove(index.expect("a request ends once"));
        assert!(now_us <= deadline_us, "{} us after its deadline", now_us - deadline_us);
    }
}

fn some_budget(u: &mut Unstructured<'_>, now_us: u64) -> Result<Budget> {
    Ok(Budget {
        deadline_us: now_us + u64::from(u.arbitrary::<u16>()?) * 4,
        response_timeout_us: u.int_in_range(0..=50_000)?,
        attempts: u.int_in_range(0..=4)?,
    })
}

/// Any order of requests, answers, noise and time.
pub fn client_serial(u: &mut Unstructured<'_>) -> Result<()> {
    let mut client = match u.int_in_range(0..=2_u8)? {
        0 => Serial::without_timing(),
        1 => Serial::new(Rtu::at_baud(19_200)),
        _ => Serial::without_timing().with_echo(),
    };
    let (mut now_us, mut under_way) = (0_u64, UnderWay::default());
    let mut sent = Vec::new();
    while !u.is_empty() {
        match u.int_in_range(0..=5_u8)? {
            0 | 1 => {
                let unit = UnitId::from_raw(u.int_in_range(1..=2)?);
                let budget = some_budget(u, now_us)?;
                if let Ok(ticket) = client.request(unit, &some_request(u)?, budget, now_us) {
                    under_way.0.push((ticket, budget.deadline_us));
                }
            }
            // An answer to what was sent last, as it should be or not; or anything.
            2 => {
                let mut bytes = chunk(u)?;
                if u.arbitrary()? {
                    let device = answer_to(&sent, u.arbitrary()?);
                    bytes.extend(device);
                }
                let mut rest = &bytes[..];
                loop {
                    rest = client.receive(rest, now_us);
                    while let Some(event) = client.poll(now_us) {
                        under_way.ended(&event, now_us);
                    }
                    if rest.is_empty() {
                        break;
                    }
                }
            }
            3 => {
                if let Some(event) = client.cancel(now_us) {
                    under_way.ended(&event, now_us);
                }
            }
            // Time goes on, and the client is polled whenever it asks.
            _ => {
                let until_us = now_us + u64::from(u.arbitrary::<u16>()?);
                let mut turns = 0;
                while let Some(us) = client.next_deadline_us().filter(|us| *us <= until_us) {
                    now_us = now_us.max(us);
                    while let Some(event) = client.poll(now_us) {
                        under_way.ended(&event, now_us);
                    }
                    if let Some(frame) = client.poll_transmit(now_us) {
                        assert!(rtu::decode_request(frame).is_ok());
                        sent = frame.to_vec();
                    }
                    turns += 1;
                    assert!(turns < 10_000, "asks for {:?} at {now_us}", client.next_deadline_us());
                }
                now_us = until_us;
            }
        }
        let is_idle = client.is_idle();
        assert_eq!(is_idle, under_way.0.is_empty(), "one request at a time, and none is forgotten");
    }
    Ok(())
}

/// What a device would answer to a frame.
fn answer_to(frame: &[u8], value: u16) -> Vec<u8> {
    let Ok(adu) = rtu::decode_request(frame) else {
        return Vec::new();
    };
    let bytes = value.to_be_bytes();
    let registers = Registers::from_be_bytes(&bytes).unwrap();
    let response = match adu.pdu {
        Request::ReadHoldingRegisters { .. } => Response::ReadHoldingRegisters(registers),
        Request::ReadInputRegisters { .. } => Response::ReadInputRegisters(registers),
        Request::WriteSingleRegister { register_address, register_value } => {
            Response::WriteSingleRegister { register_address, register_value }
        }
        _ => return Vec::new(),
    };
    let mut buffer = [0; 256];
    rtu::encode_response(adu.unit, &response, &mut buffer).unwrap().to_vec()
}

/// The same over TCP, with several at a time.
pub fn client_tcp(u: &mut Unstructured<'_>) -> Result<()> {
    let mut client = Tcp::<4>::new();
    let (mut now_us, mut under_way) = (0_u64, UnderWay::default());
    let mut sent: Vec<Vec<u8>> = Vec::new();
    while !u.is_empty() {
        match u.int_in_range(0..=6_u8)? {
            0 | 1 => {
                let budget = some_budget(u, now_us)?;
                let request = some_request(u)?;
                if let Ok(ticket) = client.request(UnitId::from_raw(1), &request, budget, now_us) {
                    under_way.0.push((ticket, budget.deadline_us));
                }
            }
            2 => {
                let mut bytes = Vec::new();
                if u.arbitrary()? {
                    bytes.extend(chunk(u)?);
                } else if let Some(adu) = sent.get(usize::from(u.arbitrary::<u8>()?)) {
                    let header = tcp::decode_request(adu).unwrap().header;
                    let frame = [&[header.unit.as_raw()], &adu[7..]].concat();
                    let frame = [&frame[..], &crc16(&frame).to_le_bytes()].concat();
                    let frame = answer_to(&frame, u.arbitrary()?);
                    let pdu = &frame[1..frame.len() - 2];
                    let [high, low] = header.transaction.as_raw().to_be_bytes();
                    bytes.extend([high, low, 0, 0, 0, pdu.len() as u8 + 1, header.unit.as_raw()]);
                    bytes.extend(pdu);
                }
                let mut rest = &bytes[..];
                loop {
                    rest = client.receive(rest);
                    while let Some(event) = client.poll(now_us) {
                        under_way.ended(&event, now_us);
                    }
                    if rest.is_empty() {
                        break;
                    }
                }
            }
            3 => client.disconnected(now_us),
            4 => {
                let ticket = under_way.0.first().map(|(ticket, _)| *ticket);
                if let Some(event) = ticket.and_then(|ticket| client.cancel(ticket)) {
                    under_way.ended(&event, now_us);
                }
            }
            _ => {
                let until_us = now_us + u64::from(u.arbitrary::<u16>()?);
                let mut turns = 0;
                while let Some(us) = client.next_deadline_us().filter(|us| *us <= until_us) {
                    now_us = now_us.max(us);
                    while let Some(event) = client.poll(now_us) {
                        under_way.ended(&event, now_us);
                    }
                    while let Some(adu) = client.poll_transmit(now_us) {
                        sent.push(adu.to_vec());
                    }
                    turns += 1;
                    assert!(turns < 10_000, "asks for {:?} at {now_us}", client.next_deadline_us());
                }
                now_us = until_us;
            }
        }
        assert_eq!(client.under_way(), under_way.0.len());
    }
    Ok(())
}

/// Plays a script that is drawn from bytes; one that ends in the middle of an event ends before it.
pub fn play(bytes: &[u8], property: fn(&mut Unstructured<'_>) -> Result<()>) {
    let _ = property(&mut Unstructured::new(bytes));
}
