//! Events for the tests of detectors.

use modbus_codec::pdu::Direction;

use crate::event::{Event, Lane};
use crate::finding::{Detector, Finding};
use crate::lanes::modbus::event::{Adu, Answer, Envelope, ModbusEvent, Transport};
use crate::place::{Address, At, Place, Wire};

/// A device, and a client.
pub(super) const DEVICE: u8 = 1;
pub(super) const CLIENT: u8 = 100;

pub(super) fn address(host: u8) -> Address {
    Address { ip: [10, 0, 0, host].into(), port: 502 }
}

/// A place on the way from one host to another.
pub(super) fn between(from: u8, to: u8) -> Place {
    let wire = Wire::between(address(from), address(to)).into();
    Place { source: "capture".into(), wire, offset: 0, at: At::Packet(1) }
}

/// A place on a serial line.
pub(super) fn on_line(source: &str) -> Place {
    Place { source: source.into(), wire: Wire::named("bus").into(), offset: 0, at: At::Row(1) }
}

pub(super) fn event(what: ModbusEvent, place: Place, t_us: i64) -> Event {
    Event { t_us: Some(t_us), place: Some(place), what: Lane::Modbus(what) }
}

/// An ADU of unit 1.
pub(super) fn adu(direction: Direction, pdu: &[u8]) -> Adu {
    let envelope = Envelope { transport: Transport::Tcp, transaction: Some(1), unit: 1 };
    Adu::decode(direction, envelope, pdu)
}

/// An answer of the device.
pub(super) fn answer(pdu: &[u8], answer: Answer, address: Option<u16>, t_us: i64) -> Event {
    let mut adu = adu(Direction::Response, pdu);
    (adu.answer, adu.address) = (Some(answer), address);
    event(ModbusEvent::Adu(Box::new(adu)), between(DEVICE, CLIENT), t_us)
}

/// A request to the device.
pub(super) fn request(pdu: &[u8], client: u8, t_us: i64) -> Event {
    let adu = adu(Direction::Request, pdu);
    event(ModbusEvent::Adu(Box::new(adu)), between(client, DEVICE), t_us)
}

/// The findings of a detector that has taken these events in.
pub(super) fn findings<'a>(
    detector: &mut dyn Detector,
    events: impl IntoIterator<Item = &'a Event>,
) -> Vec<Finding> {
    events.into_iter().for_each(|event| detector.take(event));
    detector.findings()
}
