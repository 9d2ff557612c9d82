//! modbus-codec and its peers: what the design names.

#[path = "modbus_codec/libmodbus.rs"]
mod libmodbus;
#[path = "modbus_codec/resync.rs"]
mod resync;

use std::hint::black_box;

use async_modbus::zerocopy::{IntoBytes, big_endian::U16};
use async_modbus::{Frame, FrameView, pdu as async_pdu};
use modbus_codec::{Address, Quantity, Registers, Request, Response, UnitId, rtu};
use modbus_core::rtu as core_rtu;
use rmodbus::ModbusProto;
use rmodbus::server::ModbusFrame;
use rustmod_core::encoding::{Reader, Writer};
use rusty_modbus_codec::request::Encode;

use bench::contestant::{Contestant, contestant};
use bench::line::Line;
use bench::rounds::{Against, measure};
use libmodbus::Libmodbus;

const UNIT: u8 = 0x11;
const REQUEST: [u8; 8] = [0x11, 0x03, 0x00, 0x6B, 0x00, 0x03, 0x76, 0x87];
const TABLE: &str = if cfg!(feature = "large") { "8 KiB table" } else { "512 byte table" };

fn main() -> std::process::ExitCode {
    // The CRC of long frames by a table of 512 bytes.
    bench::main("modbus-codec", run, Some(""))
}

fn run(only_crc: bool) -> Vec<Line> {
    let values: [u16; 125] = std::array::from_fn(|index| (index as u16).wrapping_mul(40_503));
    let mut lines = decode_registers(&values);
    lines.extend(encode_registers(&values));
    if !only_crc {
        lines.extend(decode_request());
        lines.extend(encode_request());
        lines.extend(request_pdu());
        lines.extend(resync::run());
    }
    lines
}

/// The share of libmodbus's time that the design allows.
fn of_libmodbus() -> Option<f64> {
    Some(if cfg!(feature = "large") { 0.30 } else { 1.10 })
}

fn frame_of(values: &[u16; 125]) -> Vec<u8> {
    let (mut data, mut frame) = ([0; 250], [0; 256]);
    let response = Response::ReadHoldingRegisters(Registers::encode(values, &mut data).unwrap());
    rtu::encode_response(UnitId::from_raw(UNIT), &response, &mut frame).unwrap().to_vec()
}

fn decode_registers(values: &[u16; 125]) -> Vec<Line> {
    let frame = frame_of(values);
    let sum: u32 = values.iter().map(|value| u32::from(*value)).sum();
    let request = rmodbus::client::ModbusRequest {
        tr_id: 1,
        unit_id: UNIT,
        func: rmodbus::consts::ModbusFunction::GetHoldings,
        reg: 0,
        count: 125,
        proto: ModbusProto::Rtu,
    };
    let contestants: Vec<Contestant<'_>> = vec![
        checked("modbus-codec", sum, || {
            let adu = rtu::decode_response(black_box(&frame)).unwrap();
            let Ok(Response::ReadHoldingRegisters(registers)) = adu.pdu else { unreachable!() };
            registers.iter().map(u32::from).sum()
        }),
        {
            let mut libmodbus = Libmodbus::new(values);
            libmodbus.load(&frame);
            checked("libmodbus", sum, move || libmodbus.decode_registers())
        },
        checked("rustmod-core", sum, || {
            let (_, pdu) = rustmod_core::frame::rtu::decode_frame(black_box(&frame)).unwrap();
            let response = rustmod_core::pdu::Response::decode(&mut Reader::new(pdu)).unwrap();
            let rustmod_core::pdu::Response::ReadHoldingRegisters(registers) = response else {
                unreachable!()
            };
            let register = |index| u32::from(registers.register(index).unwrap());
            (0..registers.register_count()).map(register).sum()
        }),
        checked("modbus-core", sum, || {
            let adu = core_rtu::client::decode_response(black_box(&frame)).unwrap().unwrap();
            let Ok(modbus_core::Response::ReadHoldingRegisters(data)) = adu.pdu.0 else {
                unreachable!()
            };
            data.into_iter().map(u32::from).sum()
        }),
        checked("mbrtu", sum, || {
            let response = mbrtu::decode_response(black_box(&frame)).unwrap();
            let mbrtu::ModbusResponse::ReadHoldingRegisters(read) = response else {
                unreachable!()
            };
            read.registers[..usize::from(read.count)].iter().map(|value| u32::from(*value)).sum()
        }),
        checked("async-modbus", sum, || {
            let pdu = FrameView::try_from_bytes(black_box(&frame)).unwrap().pdu().unwrap();
            let read = pdu.parse::<async_pdu::response::ReadHoldings<125>>().unwrap();
            read.data().iter().map(|value| u32::from(value.get())).sum()
        }),
        checked("rmodbus", sum, || {
            let bytes = request.parse_slice(black_box(&frame)).unwrap();
            let pairs = bytes[bytes.len() - 250..].chunks_exact(2);
            pairs.map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum()
        }),
    ];
    let operation = format!("decode an RTU response of 125 registers and sum it, {TABLE}");
    measure(&operation, contestants, Against::Peer("libmodbus"), of_libmodbus())
}

/// A contestant that is right, every time. `run` is called at one place only, so that it is inlined there for all alike: a second
/// one would make the compiler keep the longer ones apart.
fn checked<'a>(
    name: &'static str,
    expected: u32,
    mut run: impl FnMut() -> u32 + 'a,
) -> Contestant<'a> {
    contestant(name, move || assert_eq!(black_box(run()), expected, "{name}"))
}

fn encode_registers(values: &[u16; 125]) -> Vec<Line> {
    let expected = frame_of(values);
    let request = {
        let mut buffer = [0; 256];
        let request = Request::ReadHoldingRegisters {
            starting_address: Address::ZERO,
            quantity: Quantity::new(125).unwrap(),
        };
        rtu::encode_request(UnitId::from_raw(UNIT), &request, &mut buffer).unwrap().to_vec()
    };
    let mut buffers = [[0_u8; 256]; 7];
    let [ours, of_rustmod, of_core, of_mbrtu, ..] = &mut buffers;
    let contestants = vec![
        writing(
            "modbus-codec",
            &expected,
            |out| {
                let mut data = [0; 250];
                let registers = Registers::encode(black_box(values), &mut data).unwrap();
                let response = Response::ReadHoldingRegisters(registers);
                rtu::encode_response(UnitId::from_raw(UNIT), &response, out).unwrap().len()
            },
            ours,
        ),
        {
            let mut libmodbus = Libmodbus::new(values);
            libmodbus.encode_registers(&request);
            assert_eq!(libmodbus.sent(), expected);
            contestant("libmodbus", move || libmodbus.encode_registers(black_box(&request)))
        },
        writing(
            "rustmod-core",
            &expected,
            |out| {
                let mut data = [0; 250];
                for (place, value) in data.chunks_exact_mut(2).zip(black_box(values)) {
                    place.copy_from_slice(&value.to_be_bytes());
                }
                let mut pdu = [0; 253];
                let mut writer = Writer::new(&mut pdu);
                let read = rustmod_core::pdu::ReadHoldingRegistersResponse { data: &data };
                rustmod_core::pdu::Response::ReadHoldingRegisters(read)
                    .encode(&mut writer)
                    .unwrap();
                let mut frame = Writer::new(out);
                let unit = rustmod_core::UnitId::new(UNIT);
                rustmod_core::frame::rtu::encode_frame(&mut frame, unit, writer.as_written())
                    .unwrap();
                frame.position()
            },
            of_rustmod,
        ),
        writing(
            "modbus-core",
            &expected,
            |out| {
                let mut data = [0; 250];
                let data = modbus_core::Data::from_words(black_box(values), &mut data).unwrap();
                let pdu =
                    modbus_core::ResponsePdu(Ok(modbus_core::Response::ReadHoldingRegisters(data)));
                let hdr = core_rtu::Header { slave: UNIT };
                core_rtu::server::encode_response(core_rtu::ResponseAdu { hdr, pdu }, out).unwrap()
            },
            of_core,
        ),
        writing(
            "mbrtu",
            &expected,
            |out| {
                let read = mbrtu::message::ReadHoldingRegistersResponse {
                    count: 125,
                    registers: *black_box(values),
                };
                let response = mbrtu::ModbusResponse::ReadHoldingRegisters(read);
                mbrtu::encode_response(UNIT, &response, out).unwrap()
            },
            of_mbrtu,
        ),
        {
            let encode = || {
                let data = black_box(values).map(U16::new);
                let pdu = async_pdu::response::ReadHoldings::<125>::new().with_data(data);
                Frame::new(UNIT, pdu)
            };
            assert_eq!(encode().as_bytes(), expected);
            contestant("async-modbus", move || {
                black_box(encode());
            })
        },
    ];
    let operation = format!("encode an RTU response of 125 registers, {TABLE}");
    measure(&operation, contestants, Against::Peer("libmodbus"), of_libmodbus())
}

/// A contestant that writes what is expected, which its first run shows; as [`checked`], `run` is called at one place only.
fn writing<'a>(
    name: &'static str,
    expected: &'a [u8],
    mut run: impl FnMut(&mut [u8; 256]) -> usize + 'a,
    out: &'a mut [u8; 256],
) -> Contestant<'a> {
    let mut is_checked = false;
    contestant(name, move || {
        let len = run(&mut *out);
        black_box((len, &*out));
        if !is_checked {
            assert_eq!(&out[..len], expected, "{name}");
            is_checked = true;
        }
    })
}

fn decode_request() -> Vec<Line> {
    let bytes = REQUEST;
    let expected = 0x6B * 1000 + 3;
    let contestants = vec![
        checked("modbus-codec", expected, || {
            let adu = rtu::decode_request(black_box(&bytes)).unwrap();
            let Request::ReadHoldingRegisters { starting_address, quantity } = adu.pdu else {
                unreachable!()
            };
            u32::from(starting_address.as_raw()) * 1000 + u32::from(quantity.as_raw())
        }),
        checked("rustmod-core", expected, || {
            let (_, pdu) = rustmod_core::frame::rtu::decode_frame(black_box(&bytes)).unwrap();
            let request = rustmod_core::pdu::DecodedRequest::decode(&mut Reader::new(pdu)).unwrap();
            let rustmod_core::pdu::DecodedRequest::ReadHoldingRegisters(read) = request else {
                unreachable!()
            };
            u32::from(read.start_address) * 1000 + u32::from(read.quantity)
        }),
        checked("modbus-core", expected, || {
            let adu = core_rtu::server::decode_request(black_box(&bytes)).unwrap().unwrap();
            let modbus_core::Request::ReadHoldingRegisters(at, quantity) = adu.pdu.0 else {
                unreachable!()
            };
            u32::from(at) * 1000 + u32::from(quantity)
        }),
        checked("mbrtu", expected, || {
            let request = mbrtu::decode_request(black_box(&bytes)).unwrap();
            let mbrtu::ModbusRequest::ReadHoldingRegisters(read) = request else { unreachable!() };
            u32::from(read.starting_address) * 1000 + u32::from(read.quantity)
        }),
        checked("async-modbus", expected, || {
            let pdu = FrameView::try_from_bytes(black_box(&bytes)).unwrap().pdu().unwrap();
            let read = pdu.parse::<async_pdu::request::ReadHoldings>().unwrap();
            u32::from(read.starting_register().get()) * 1000 + u32::from(read.n_registers().get())
        }),
        checked("rmodbus", expected, || {
            let mut out = Vec::new();
            let mut frame = ModbusFrame::new(UNIT, black_box(&bytes), ModbusProto::Rtu, &mut out);
            frame.parse().unwrap();
            u32::from(frame.reg) * 1000 + u32::from(frame.count)
        }),
        {
            let mut libmodbus = Libmodbus::new(&[0; 125]);
            libmodbus.load(&bytes);
            checked("libmodbus", expected, move || libmodbus.decode_request())
        },
    ];
    measure("decode an RTU request of 03", contestants, Against::Best, Some(1.10))
}

fn encode_request() -> Vec<Line> {
    let quantity = Quantity::new(3).unwrap();
    let (mut ours, mut of_core, mut of_mbrtu, mut of_rustmod) =
        ([0; 256], [0; 256], [0; 256], [0; 256]);
    let contestants = vec![
        writing(
            "modbus-codec",
            &REQUEST,
            |out| {
                let request = Request::ReadHoldingRegisters {
                    starting_address: Address::new(black_box(0x6B)),
                    quantity: black_box(quantity),
                };
                rtu::encode_request(UnitId::from_raw(UNIT), &request, out).unwrap().len()
            },
            &mut ours,
        ),
        writing(
            "rustmod-core",
            &REQUEST,
            |out| {
                let mut pdu = [0; 253];
                let mut writer = Writer::new(&mut pdu);
                let read = rustmod_core::pdu::ReadHoldingRegistersRequest {
                    start_address: black_box(0x6B),
                    quantity: black_box(3),
                };
                rustmod_core::pdu::Request::ReadHoldingRegisters(read).encode(&mut writer).unwrap();
                let mut frame = Writer::new(out);
                let unit = rustmod_core::UnitId::new(UNIT);
                rustmod_core::frame::rtu::encode_frame(&mut frame, unit, writer.as_written())
                    .unwrap();
                frame.position()
            },
            &mut of_rustmod,
        ),
        writing(
            "modbus-core",
            &REQUEST,
            |out| {
                let request = {
                    let (at, quantity) = black_box((0x6B, 3));
                    modbus_core::Request::ReadHoldingRegisters(at, quantity)
                };
                let hdr = core_rtu::Header { slave: UNIT };
                let adu = core_rtu::RequestAdu { hdr, pdu: modbus_core::RequestPdu(request) };
                core_rtu::client::encode_request(adu, out).unwrap()
            },
            &mut of_core,
        ),
        writing(
            "mbrtu",
            &REQUEST,
            |out| {
                let read = mbrtu::message::ReadHoldingRegistersRequest {
                    starting_address: black_box(0x6B),
                    quantity: black_box(3),
                };
                let request = mbrtu::ModbusRequest::ReadHoldingRegisters(read);
                mbrtu::encode_request(UNIT, &request, out).unwrap()
            },
            &mut of_mbrtu,
        ),
        {
            let encode = || {
                let (at, quantity) = black_box((0x6B, 3));
                let request = async_pdu::request::ReadHoldings::new()
                    .with_starting_register(at)
                    .with_n_registers(quantity);
                Frame::new(UNIT, request)
            };
            assert_eq!(encode().as_bytes(), REQUEST);
            contestant("async-modbus", move || {
                black_box(encode());
            })
        },
        {
            let mut libmodbus = Libmodbus::new(&[0; 125]);
            contestant("libmodbus", move || libmodbus.encode_request(black_box(&REQUEST[..6])))
        },
    ];
    measure("encode an RTU request of 03", contestants, Against::Best, Some(1.10))
}

/// The PDU alone, for the peer that has no transport.
fn request_pdu() -> Vec<Line> {
    let pdu: [u8; 5] = [0x03, 0x00, 0x6B, 0x00, 0x03];
    let expected = 0x6B * 1000 + 3;
    let decode = vec![
        checked("modbus-codec", expected, || {
            let request = Request::decode(black_box(&pdu)).unwrap();
            let Request::ReadHoldingRegisters { starting_address, quantity } = request else {
                unreachable!()
            };
            u32::from(starting_address.as_raw()) * 1000 + u32::from(quantity.as_raw())
        }),
        checked("rusty-modbus-codec", expected, || {
            let request = rusty_modbus_codec::decode_request(black_box(&pdu)).unwrap();
            let rusty_modbus_codec::RequestPdu::ReadHoldingRegisters(read) = request else {
                unreachable!()
            };
            u32::from(read.address.0) * 1000 + u32::from(read.quantity.0)
        }),
    ];
    let mut lines = measure("decode the PDU of a request of 03", decode, Against::Best, None);
    let (mut ours, mut theirs) = ([0; 256], [0; 256]);
    let quantity = Quantity::new(3).unwrap();
    let encode = vec![
        writing(
            "modbus-codec",
            &pdu,
            |out| {
                let request = Request::ReadHoldingRegisters {
                    starting_address: Address::new(black_box(0x6B)),
                    quantity: black_box(quantity),
                };
                request.encode(out).unwrap().len()
            },
            &mut ours,
        ),
        writing(
            "rusty-modbus-codec",
            &pdu,
            |out| {
                let (address, quantity) =
                    black_box((rusty_modbus_types::Address(0x6B), rusty_modbus_types::Quantity(3)));
                let read =
                    rusty_modbus_codec::request::ReadHoldingRegistersRequest { address, quantity };
                read.encode_into(out).unwrap()
            },
            &mut theirs,
        ),
    ];
    lines.extend(measure("encode the PDU of a request of 03", encode, Against::Best, None));
    lines
}
