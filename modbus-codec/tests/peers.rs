//! Client and server against a master and servers that nobody here wrote: pymodbus and libmodbus (by mbpoll), over TCP on
//! 127.0.0.1 and RTU on a pseudo terminal.
//!
//! Needs python3 with pymodbus and pyserial, and mbpoll. Without them the tests say that they were skipped; with `CI=true` they
//! fail.
#![cfg(all(unix, feature = "extended-functions"))]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

#[path = "../examples/host/mod.rs"]
mod host;

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use host::{Clock, Error, Master, Memory, ask_serial, within};
use modbus_codec::client::{Failure, Serial};
use modbus_codec::server::Server;
use modbus_codec::{
    Address, Coils, ExceptionCode, Quantity, Registers, Reply, Request, Response, UnitId,
};
use serialport::{SerialPort, TTYPort};

/// Each peer is asked, and asks, this often: the issue's ten thousand between them.
const COUNT: u32 = 10_000;

fn is_there() -> bool {
    let runs = |program: &str, arguments: &[&str]| {
        let status = Command::new(program)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    };
    let is_there = runs("python3", &["-c", "import pymodbus, serial"]) && runs("mbpoll", &["-V"]);
    if !is_there {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "pymodbus and mbpoll must be there");
        println!("skipped: python3 with pymodbus and pyserial, and mbpoll, are not there");
    }
    is_there
}

/// A peer that ends with the test.
struct Peer(Child);

impl Peer {
    fn server(kind: &str, place: &str) -> Self {
        let mut child = Command::new("python3")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/pymodbus_server.py"))
            .args([kind, place])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ready");
        Self(child)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a master against our server, which must be right every time.
fn run_master(kind: &str, place: &str, count: u32) {
    let output = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/pymodbus_master.py"))
        .args([kind, place, &count.to_string()])
        .output()
        .unwrap();
    let (text, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}\n{errors}");
    println!("pymodbus's master, {kind}: {}", text.trim());
}

fn mbpoll(arguments: &[&str]) -> String {
    let output = Command::new("mbpoll").args(["-1", "-q"]).args(arguments).output().unwrap();
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn at(raw: u16) -> Address {
    Address::new(raw)
}

/// Two ends of a line: one that a program opens by its name, and ours.
struct Terminals {
    name: String,
    ours: TTYPort,
    /// Keeps the terminal from hanging up while nobody has it open.
    _theirs: File,
}

impl Terminals {
    fn new() -> Self {
        let (mut ours, theirs) = TTYPort::pair().unwrap();
        ours.set_timeout(Duration::from_millis(2)).unwrap();
        let name = theirs.name().unwrap();
        // A plain file: the port would lock the terminal, and the peer could not.
        let file = OpenOptions::new().read(true).write(true).open(&name).unwrap();
        drop(theirs);
        Self { name, ours, _theirs: file }
    }
}

/// Sends a request, and fails unless the check says that its answer is right.
type Ask<'a> = dyn FnMut(&Request<'_>, &mut Check<'_>) + 'a;
type Check<'a> = dyn FnMut(Reply<'_>) -> bool + 'a;

/// Every type of request, each checked.
fn ask_everything(ask: &mut Ask<'_>) {
    let quantity = |raw| Quantity::new(raw).unwrap();
    ask(
        &Request::ReadCoils { starting_address: at(0), quantity: Quantity::new(19).unwrap() },
        &mut |reply| matches!(reply, Ok(Response::ReadCoils(coils)) if coils.first(19).iter().all(|coil| !coil)),
    );
    let inputs = Request::ReadDiscreteInputs {
        starting_address: at(3),
        quantity: Quantity::new(22).unwrap(),
    };
    ask(&inputs, &mut |reply| {
        let Ok(Response::ReadDiscreteInputs(inputs)) = reply else { return false };
        inputs.first(22).iter().eq((3..25).map(|index| index % 3 == 0))
    });
    ask(
        &Request::ReadHoldingRegisters { starting_address: at(100), quantity: quantity(125) },
        &mut |reply| matches!(reply, Ok(Response::ReadHoldingRegisters(registers)) if registers.iter().eq(100..225)),
    );
    ask(
        &Request::ReadInputRegisters { starting_address: at(7), quantity: quantity(2) },
        &mut |reply| matches!(reply, Ok(Response::ReadInputRegisters(registers)) if registers.iter().eq([10_007, 10_008])),
    );
    let coil = Request::WriteSingleCoil { output_address: at(5), output_value: true };
    ask(&coil, &mut |reply| reply.is_ok());
    let register = Request::WriteSingleRegister { register_address: at(7), register_value: 0xBEEF };
    ask(&register, &mut |reply| reply.is_ok());
    let coils = Request::WriteMultipleCoils {
        starting_address: at(20),
        coils: Coils::from_bytes(&[0xCD, 0x01], 10).unwrap(),
    };
    ask(&coils, &mut |reply| reply.is_ok());
    let registers = Request::WriteMultipleRegisters {
        starting_address: at(300),
        registers: Registers::from_be_bytes(&[0, 1, 0, 2, 0xFF, 0xFF]).unwrap(),
    };
    ask(&registers, &mut |reply| reply.is_ok());
    ask(
        &Request::ReadCoils { starting_address: at(20), quantity: Quantity::new(10).unwrap() },
        &mut |reply| matches!(reply, Ok(Response::ReadCoils(coils)) if coils.as_bytes() == [0xCD, 0x01]),
    );
    ask(
        &Request::ReadHoldingRegisters { starting_address: at(299), quantity: quantity(5) },
        &mut |reply| matches!(reply, Ok(Response::ReadHoldingRegisters(registers)) if registers.iter().eq([299, 1, 2, 0xFFFF, 303])),
    );
    let mask =
        Request::MaskWriteRegister { reference_address: at(7), and_mask: 0xF2, or_mask: 0x25 };
    ask(&mask, &mut |reply| reply.is_ok());
    ask(
        &Request::ReadHoldingRegisters { starting_address: at(7), quantity: quantity(1) },
        &mut |reply| {
            let masked = (0xBEEF & 0xF2) | (0x25 & !0xF2);
            matches!(reply, Ok(Response::ReadHoldingRegisters(registers)) if registers.get(0) == Some(masked))
        },
    );
    let both = Request::ReadWriteMultipleRegisters {
        read_starting_address: at(400),
        read_quantity: quantity(6),
        write_starting_address: at(402),
        registers: Registers::from_be_bytes(&[0, 7, 0, 8]).unwrap(),
    };
    ask(
        &both,
        &mut |reply| matches!(reply, Ok(Response::ReadWriteMultipleRegisters(registers)) if registers.iter().eq([400, 401, 7, 8, 404, 405])),
    );
    let identification = Request::ReadDeviceIdentification {
        code: modbus_codec::device_identification::ReadDeviceIdCode::Basic,
        object_id: 0,
    };
    ask(&identification, &mut |reply| {
        let Ok(Response::ReadDeviceIdentification(body)) = reply else { return false };
        body.objects().next().is_some_and(|object| object.value == b"pymodbus")
    });
    ask(
        &Request::ReadHoldingRegisters { starting_address: at(999), quantity: quantity(2) },
        &mut |reply| matches!(reply, Err(exception) if exception.code == ExceptionCode::ILLEGAL_DATA_ADDRESS),
    );
}

/// A request whose right answer depends on `index`, and the check of it.
fn one_of_many(index: u32, ask: &mut Ask<'_>) {
    let address = (500 + index % 400) as u16;
    if index % 3 == 0 {
        let value = (index * 7) as u16;
        let write =
            Request::WriteSingleRegister { register_address: at(address), register_value: value };
        ask(&write, &mut |reply| reply.is_ok());
        let read = Request::ReadHoldingRegisters {
            starting_address: at(address),
            quantity: Quantity::ONE,
        };
        ask(
            &read,
            &mut |reply| matches!(reply, Ok(Response::ReadHoldingRegisters(registers)) if registers.get(0) == Some(value)),
        );
    } else {
        let quantity = (1 + index % 40) as u16;
        let read = Request::ReadInputRegisters {
            starting_address: at(address),
            quantity: Quantity::new(quantity).unwrap(),
        };
        ask(&read, &mut |reply| {
            let expected = (10_000 + address)..(10_000 + address + quantity);
            matches!(reply, Ok(Response::ReadInputRegisters(registers)) if registers.iter().eq(expected))
        });
    }
}

#[test]
fn our_client_asks_pymodbus_over_tcp() {
    if !is_there() {
        return;
    }
    let address: SocketAddr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let port = address.port().to_string();
    let mut server = Peer::server("tcp", &port);
    let mut master = Master::new(address);
    let mut asked = 0;
    let mut ask = |request: &Request<'_>, check: &mut Check<'_>| {
        let budget = within(master.clock, 4_000, 1_000, 3);
        let is_right = master.ask(UnitId::TCP_SERVER, request, budget, &mut *check);
        assert!(is_right.unwrap_or_else(|error| panic!("{request:?}: {error}")), "{request:?}");
        asked += 1;
    };
    ask_everything(&mut ask);
    for index in 0..COUNT {
        one_of_many(index, &mut ask);
    }
    println!("our client, tcp: {asked} right");
    // The server goes away: a request is then unanswered at its deadline, and nothing is left of it.
    drop(server);
    let read = Request::ReadHoldingRegisters { starting_address: at(1), quantity: Quantity::ONE };
    let budget = within(master.clock, 500, 200, 9);
    let ended = master.ask(UnitId::TCP_SERVER, &read, budget, |_| ());
    let now_us = master.clock.now_us();
    assert!(matches!(ended, Err(Error::Unanswered { .. })), "{ended:?}");
    assert!(now_us < budget.deadline_us + 300_000, "{} us late", now_us - budget.deadline_us);
    // The server comes back: the client finds it by itself.
    server = Peer::server("tcp", &port);
    let budget = within(master.clock, 4_000, 1_000, 5);
    let value = master.ask(UnitId::TCP_SERVER, &read, budget, |reply| match reply {
        Ok(Response::ReadHoldingRegisters(registers)) => registers.get(0),
        _ => None,
    });
    assert_eq!(value.unwrap(), Some(1));
    drop(server);
}

#[test]
fn our_client_asks_pymodbus_over_rtu() {
    if !is_there() {
        return;
    }
    let Terminals { name, mut ours, _theirs } = Terminals::new();
    let mut server = Peer::server("rtu", &name);
    let mut client = Serial::without_timing();
    let clock = Clock::start();
    let unit = UnitId::new(1).unwrap();
    let mut asked = 0;
    let mut ask = |request: &Request<'_>, check: &mut Check<'_>| {
        let asking = (unit, request, within(clock, 4_000, 1_000, 3));
        let is_right = ask_serial(&mut ours, &mut client, clock, asking, &mut *check);
        let is_right = is_right.unwrap_or_else(|error| panic!("{request:?}: {error}"));
        assert_eq!(is_right, Some(true), "{request:?}");
        asked += 1;
    };
    ask_everything(&mut ask);
    for index in 0..COUNT {
        one_of_many(index, &mut ask);
    }
    println!("our client, rtu: {asked} right, {:?}", client.counters());
    assert_eq!(client.counters().discarded_bytes, 0);
    // Nobody is unit 9 there: pymodbus is silent on a serial line.
    let read = Request::ReadHoldingRegisters { starting_address: at(1), quantity: Quantity::ONE };
    drop(server);
    let nobody = (unit, &read, within(clock, 1_000, 100, 3));
    let ended = ask_serial(&mut ours, &mut client, clock, nobody, |_| ());
    let Err(Error::Unanswered { attempts: 3, failure: Failure::NoResponse }) = ended else {
        panic!("{ended:?}");
    };
    server = Peer::server("rtu", &name);
    let again = (unit, &read, within(clock, 4_000, 1_000, 3));
    let value = ask_serial(&mut ours, &mut client, clock, again, |reply| match reply {
        Ok(Response::ReadHoldingRegisters(registers)) => registers.get(0),
        _ => None,
    });
    assert_eq!(value.unwrap(), Some(Some(1)));
    drop(server);
}

#[test]
fn pymodbus_and_libmodbus_ask_our_server_over_tcp() {
    if !is_there() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let (memory, stop) = (Arc::new(Mutex::new(Memory::new())), Arc::new(AtomicBool::new(false)));
    let serving = {
        let (memory, stop) = (Arc::clone(&memory), Arc::clone(&stop));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let (memory, stop) = (Arc::clone(&memory), Arc::clone(&stop));
                let stream = stream.unwrap();
                stream.set_nodelay(true).unwrap();
                stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
                thread::spawn(move || host::serve_tcp(stream, &memory, &stop));
            }
        })
    };
    run_master("tcp", &port, COUNT);
    *memory.lock().unwrap() = Memory::new();
    let tcp = |arguments: &[&str]| {
        mbpoll(&[&["-m", "tcp", "-p", &port, "-a", "1", "-0"], arguments].concat())
    };
    libmodbus_is_right(&tcp, &["127.0.0.1"]);
    stop.store(true, Ordering::Relaxed);
    drop(std::net::TcpStream::connect(format!("127.0.0.1:{port}")));
    serving.join().unwrap();
}

#[test]
fn pymodbus_and_libmodbus_ask_our_server_over_rtu() {
    if !is_there() {
        return;
    }
    let Terminals { name, mut ours, _theirs } = Terminals::new();
    let (memory, stop) = (Arc::new(Mutex::new(Memory::new())), Arc::new(AtomicBool::new(false)));
    let serving = {
        let (memory, stop) = (Arc::clone(&memory), Arc::clone(&stop));
        thread::spawn(move || {
            let mut server = Server::point_to_point(UnitId::new(17).unwrap()).without_echo();
            host::serve_serial(&mut ours, &mut server, &memory, &stop).unwrap();
            *server.counters()
        })
    };
    run_master("rtu", &name, COUNT);
    *memory.lock().unwrap() = Memory::new();
    let rtu = |arguments: &[&str]| {
        mbpoll(
            &[&["-m", "rtu", "-b", "115200", "-P", "none", "-a", "17", "-0"], arguments].concat(),
        )
    };
    libmodbus_is_right(&rtu, &[&name]);
    // A unit that is not there is silent.
    let silent = mbpoll(&[
        "-m", "rtu", "-b", "115200", "-P", "none", "-a", "18", "-o", "0.2", "-t", "4", "-r", "1",
        &name,
    ]);
    assert!(silent.contains("timed out"), "{silent}");
    stop.store(true, Ordering::Relaxed);
    let counters = serving.join().unwrap();
    println!("our server, rtu: {counters:?}");
    assert_eq!(counters.bus_communication_error, 0);
}

/// mbpoll reads and writes each of the four tables.
fn libmodbus_is_right(mbpoll: &dyn Fn(&[&str]) -> String, place: &[&str]) {
    let ask = |arguments: &[&str], values: &[&str]| mbpoll(&[arguments, place, values].concat());
    let has = |text: &str, line: &str| {
        let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        assert!(lines.into_iter().any(|found| found == line), "{line} is not in: {text}");
    };
    has(&ask(&["-t", "4", "-r", "100", "-c", "3"], &[]), "[102]: 102");
    has(&ask(&["-t", "3", "-r", "7", "-c", "2"], &[]), "[8]: 10008");
    has(&ask(&["-t", "1", "-r", "3", "-c", "4"], &[]), "[6]: 1");
    has(&ask(&["-t", "0", "-r", "0", "-c", "9"], &[]), "[8]: 0");
    assert!(ask(&["-t", "4", "-r", "40"], &["11", "22", "33"]).contains("Written 3 references"));
    has(&ask(&["-t", "4", "-r", "41", "-c", "2"], &[]), "[42]: 33");
    assert!(ask(&["-t", "0", "-r", "5"], &["1", "1", "0"]).contains("Written 3 references"));
    has(&ask(&["-t", "0", "-r", "6", "-c", "1"], &[]), "[6]: 1");
    assert!(ask(&["-t", "4", "-r", "9"], &["77"]).contains("Written 1 references"));
    let refused = ask(&["-t", "4", "-r", "999", "-c", "2"], &[]);
    assert!(refused.contains("Illegal data address"), "{refused}");
}

#[test]
fn the_gateway_refuses_with_0a_and_0b_and_passes_the_rest_on() {
    let Terminals { name, mut ours, _theirs } = Terminals::new();
    let (memory, stop) = (Mutex::new(Memory::new()), AtomicBool::new(false));
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // Beside this test's own program: target/debug/examples.
    let mut program = std::env::current_exe().unwrap();
    program.pop();
    program.pop();
    program.push("examples/gateway");
    if !program.exists() {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "{} must be there",
            program.display()
        );
        println!("skipped: `cargo build -p modbus-codec --examples` builds the gateway");
        return;
    }
    let mut gateway = Command::new(program)
        .args([&address.to_string(), &name, "115200", "1-31"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(gateway.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let gateway = Peer(gateway);
    assert!(line.starts_with("listening"), "{line}");
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut server = Server::point_to_point(UnitId::new(17).unwrap()).without_echo();
            host::serve_serial(&mut ours, &mut server, &memory, &stop)
        });
        let mut master = Master::new(address);
        let mut ask = |unit: u8, request: Request<'_>| {
            let budget = within(master.clock, 5_000, 2_500, 1);
            let unit = UnitId::from_raw(unit);
            let answered = master.ask(unit, &request, budget, |reply| match reply {
                Ok(Response::ReadHoldingRegisters(registers)) => Ok(registers.get(0)),
                Ok(_) => Ok(None),
                Err(exception) => Err(exception.code.as_raw()),
            });
            answered.unwrap()
        };
        let read = |raw| Request::ReadHoldingRegisters {
            starting_address: at(raw),
            quantity: Quantity::ONE,
        };
        assert_eq!(ask(17, read(123)), Ok(Some(123)));
        assert_eq!(ask(32, read(123)), Err(0x0A), "no path to a unit outside the range");
        assert_eq!(ask(9, read(123)), Err(0x0B), "nobody is unit 9");
        assert_eq!(ask(17, read(1000)), Err(0x02), "the device's own exception");
        assert_eq!(ask(17, Request::ReportServerId), Err(0x01));
        let write = Request::WriteSingleRegister { register_address: at(5), register_value: 77 };
        assert_eq!(ask(17, write), Ok(None));
        assert_eq!(ask(17, read(5)), Ok(Some(77)));
        stop.store(true, Ordering::Relaxed);
    });
    drop(gateway);
}

#[test]
fn a_connection_that_carries_no_modbus_is_replaced_and_the_request_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let mut adu = [0; 12];
        let (mut first, _) = listener.accept().unwrap();
        first.read_exact(&mut adu).unwrap();
        first.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        let (mut second, _) = listener.accept().unwrap();
        second.read_exact(&mut adu).unwrap();
        let answer = [adu[0], adu[1], 0, 0, 0, 5, adu[6], 3, 2, 0, 7];
        second.write_all(&answer).unwrap();
        // Until the client has its answer.
        let _ = second.read(&mut adu);
    });
    let mut master = Master::new(address);
    let request =
        Request::ReadHoldingRegisters { starting_address: at(0), quantity: Quantity::ONE };
    // There is no time to wait for the timeout and then to ask again.
    let budget = within(master.clock, 6_000, 4_000, 3);
    let answer = master.ask(UnitId::from_raw(1), &request, budget, |reply| match reply {
        Ok(Response::ReadHoldingRegisters(registers)) => registers.get(0),
        _ => None,
    });
    assert_eq!(answer.unwrap(), Some(7));
    drop(master);
    server.join().unwrap();
}
