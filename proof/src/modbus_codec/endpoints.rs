//! The server and the clients, with a device and a line that the compiler knows nothing of.

use core::hint::black_box;

use modbus_codec::client::{Budget, Serial, Tcp, Ticket};
use modbus_codec::server::{
    self, CharacterError, CoilsMut, Connection, RegistersMut, Server, Service, Table,
};
use modbus_codec::timing::Rtu;
use modbus_codec::{Address, Coils, ExceptionCode, FunctionCode, Registers, Request, UnitId};

use proof::keep;

/// A device that does what it is told, with the default methods of the trait for the rest.
struct Told<'a>(&'a [u8]);

impl Told<'_> {
    fn done(&self) -> Result<(), ExceptionCode> {
        black_box(self.0).first().map_or(Ok(()), |raw| Err(ExceptionCode::new(*raw)))
    }

    fn len(&self) -> Result<usize, ExceptionCode> {
        self.done().map(|()| black_box(self.0.len()))
    }
}

impl Service for Told<'_> {
    fn supports(&self, function: FunctionCode) -> bool {
        black_box(function).as_raw() != 0x41
    }

    fn contains(&self, table: Table, at: Address, quantity: u16) -> bool {
        keep((table, at, quantity));
        black_box(true)
    }

    fn read_coils(&mut self, at: Address, out: &mut CoilsMut<'_>) -> Result<(), ExceptionCode> {
        keep(CoilsMut::quantity(out));
        CoilsMut::fill(out, self.0.iter().map(|byte| *byte == 1));
        CoilsMut::fill_with(out, |index| index == at.as_raw());
        self.done()
    }

    fn read_holding_registers(
        &mut self,
        at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        RegistersMut::fill(out, self.0.iter().map(|byte| u16::from(*byte)));
        RegistersMut::fill_with(out, |index| index as u16 ^ at.as_raw());
        keep((RegistersMut::count(out), RegistersMut::get(out, at.as_raw().into())));
        self.done()
    }

    fn write_coils(&mut self, at: Address, coils: Coils<'_>) -> Result<(), ExceptionCode> {
        keep((at, coils));
        self.done()
    }

    fn write_registers(
        &mut self,
        at: Address,
        registers: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        keep((at, registers));
        self.done()
    }

    fn report_server_id(&mut self, _out: &mut [u8; 251]) -> Result<usize, ExceptionCode> {
        self.len()
    }

    fn contains_record(&self, record: modbus_codec::file_record::FileRecord) -> bool {
        keep(record);
        black_box(true)
    }

    fn read_fifo_queue(
        &mut self,
        _at: Address,
        _out: &mut RegistersMut<'_>,
    ) -> Result<usize, ExceptionCode> {
        self.len()
    }

    fn identification(&self, object_id: u8) -> Option<&[u8]> {
        (black_box(object_id) & 1 == 0).then_some(self.0)
    }

    fn encapsulated_interface(
        &mut self,
        _mei_type: u8,
        _data: &[u8],
        _out: &mut [u8; 251],
    ) -> Result<usize, ExceptionCode> {
        self.len()
    }

    fn other(
        &mut self,
        _function: FunctionCode,
        _data: &[u8],
        _out: &mut [u8; 252],
    ) -> Result<usize, ExceptionCode> {
        self.len()
    }
}

pub(crate) fn servers(input: &[u8], now_us: u64, byte: u8, us: u32) {
    let (unit, line) = (UnitId::from_raw(byte), Rtu::at_baud(us));
    let servers = [
        Server::with_release(Server::new(unit, line), us),
        Server::point_to_point(unit),
        Server::strict(Server::new(unit, line), line),
        Server::without_echo(Server::new(unit, line)),
        Server::with_echo_within(Server::point_to_point(unit), us),
    ];
    let mut told = black_box(Told(input));
    for mut server in black_box(servers) {
        let mut tx = [0; 256];
        for now_us in [now_us, black_box(now_us)] {
            keep(Server::receive(&mut server, input, now_us));
            keep(&Server::poll(&mut server, &mut told, &mut tx, now_us));
        }
        Server::character_error(&mut server, black_box(CharacterError::Overrun));
        while let Some(adu) = Server::poll(&mut server, &mut told, &mut tx, black_box(now_us)) {
            keep(adu);
        }
        keep((Server::next_deadline_us(&server), Server::counters(&server)));
        keep((Server::is_listen_only(&server), Server::ascii_delimiter(&server)));
        Server::events(&server).for_each(keep);
    }
    let mut connection = black_box(Connection::new());
    let mut tx = [0; 260];
    keep(Connection::receive(&mut connection, input));
    keep(&Connection::poll(&mut connection, &mut told, &mut tx));
    keep(&Connection::next(&mut connection));
    let mut response = [0; 253];
    keep(server::answer(&mut told, input, &mut response));
    if let Err(error) = Request::decode(input) {
        keep(server::exception_for(FunctionCode::new(byte), &error));
    }
}

pub(crate) fn clients(input: &[u8], now_us: u64, byte: u8, us: u32) {
    let unit = UnitId::from_raw(byte);
    let budget = Budget { deadline_us: black_box(now_us), response_timeout_us: us, attempts: byte };
    let Ok(request) = Request::decode(input) else {
        return;
    };
    let clients = [
        Serial::with_echo(Serial::new(Rtu::at_baud(us))),
        Serial::with_late_answers(Serial::with_turnaround(Serial::without_timing(), us), us),
        Serial::with_release(Serial::without_timing(), us),
    ];
    for mut client in black_box(clients) {
        keep(Serial::request(&mut client, unit, &request, budget, now_us).map(Ticket::as_raw).ok());
        keep(Serial::poll_transmit(&mut client, black_box(now_us)));
        keep(Serial::receive(&mut client, input, black_box(now_us)));
        while let Some(event) = Serial::poll(&mut client, black_box(now_us)) {
            keep(event);
        }
        keep(Serial::cancel(&mut client, now_us));
        keep((Serial::next_deadline_us(&client), Serial::is_idle(&client)));
        keep(Serial::counters(&client));
    }
    let mut client = black_box(Tcp::<4>::new());
    for _ in 0..black_box(5) {
        if let Ok(ticket) = Tcp::request(&mut client, unit, &request, budget, black_box(now_us)) {
            keep(Tcp::cancel(&mut client, black_box(ticket)));
        }
    }
    keep(Tcp::poll_transmit(&mut client, black_box(now_us)));
    keep(Tcp::receive(&mut client, input));
    while let Some(event) = Tcp::poll(&mut client, black_box(now_us)) {
        keep(event);
    }
    Tcp::disconnected(&mut client, black_box(now_us));
    keep((Tcp::next_deadline_us(&client), Tcp::under_way(&client), Tcp::counters(&client)));
}
