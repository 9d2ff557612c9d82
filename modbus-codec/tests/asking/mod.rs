//! Requests for the tests of the clients, and short words for how they end.
#![allow(dead_code)] // Each test uses its own part.

use modbus_codec::client::{Budget, Event};
use modbus_codec::{Address, Quantity, Request, Response, UnitId};

pub(crate) const MS: u64 = 1_000;
pub(crate) const UNIT: u8 = 17;

pub(crate) fn unit(raw: u8) -> UnitId {
    UnitId::from_raw(raw)
}

pub(crate) fn read(starting_address: u16, quantity: u16) -> Request<'static> {
    Request::ReadHoldingRegisters {
        starting_address: Address::new(starting_address),
        quantity: Quantity::new(quantity).unwrap(),
    }
}

pub(crate) fn write(register_value: u16) -> Request<'static> {
    Request::WriteSingleRegister { register_address: Address::new(1), register_value }
}

/// 100 ms for an answer, three attempts, a second in all.
pub(crate) fn budget(now_us: u64) -> Budget {
    Budget { deadline_us: now_us + 1_000 * MS, response_timeout_us: 100_000, attempts: 3 }
}

/// An event in short words.
pub(crate) fn short(event: Option<Event<'_>>) -> String {
    match event {
        None => "nothing".into(),
        Some(Event::Answered { ticket, attempts, reply }) => {
            let reply = match reply {
                Ok(Response::ReadHoldingRegisters(registers)) => format!("{registers:?}"),
                Ok(response) => format!("{}", response.function()),
                Err(exception) => format!("{exception}"),
            };
            format!("{} answered after {attempts}: {reply}", ticket.as_raw())
        }
        Some(Event::Sent { ticket }) => format!("{} sent", ticket.as_raw()),
        Some(Event::Unanswered { ticket, attempts, failure }) => {
            format!("{} unanswered after {attempts}: {failure}", ticket.as_raw())
        }
        Some(event) => format!("{event:?}"),
    }
}
