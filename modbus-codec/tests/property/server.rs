//! A server with any requests and any device.

use arbitrary::{Result, Unstructured};
use modbus_codec::server::{CoilsMut, Connection, RegistersMut, Server, Service, Table, answer};
use modbus_codec::tcp::{self, MbapHeader, TransactionId};
use modbus_codec::timing::Rtu;
use modbus_codec::{Address, Coils, ExceptionCode, FunctionCode, Registers};
use modbus_codec::{Request, Response, UnitId, rtu};

use super::stream::chunk;

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

/// With any requests and any device, the codec decodes each answer, and the answer fits the request.
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
                    Ok(Some(adu)) => assert!(tcp::split(adu).is_ok()),
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
