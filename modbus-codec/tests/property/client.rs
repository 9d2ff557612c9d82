//! Every request ends once, and in time.

use arbitrary::{Result, Unstructured};
use modbus_codec::client::{Budget, Event, Serial, Tcp, Ticket};
use modbus_codec::tcp;
use modbus_codec::timing::Rtu;
use modbus_codec::{Address, Quantity, Registers, Request, Response, UnitId, crc16, rtu};

use super::stream::chunk;

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

/// The answer of a device to a frame.
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
