//! Question/answer watchdogs.

use core::convert::Infallible;

use embedded_hal::spi::{ErrorType, Operation, SpiDevice};
use proof::keep;
use watchdog_core::question::{self, FailCounter, Question};
use watchdog_core::spi::{Frames, Fs26, QuestionAnswer};
use watchdog_core::{BootGuard, Both, Cells, Dog, Outcome, Supervisor};

use crate::number;

struct Bus;

impl ErrorType for Bus {
    type Error = Infallible;
}

impl SpiDevice for Bus {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Infallible> {
        for operation in operations {
            if let Operation::TransferInPlace(frame) = operation {
                frame.fill(number(3) as u8);
            }
            keep(operation);
        }
        Ok(())
    }
}

pub fn values() {
    let byte = number(3) as u8;
    let question = Question::new(byte).unwrap_or(Question::from_low_bits(byte));
    keep((
        Question::as_raw(question),
        Question::answers(question),
        question::fs26_answer(number(5) as u16),
    ));
    let counter = FailCounter::new(byte).unwrap_or(FailCounter::ZERO);
    keep((FailCounter::as_raw(counter), FailCounter::after(counter, number(1) == 0)));
}

pub fn answered(cells: &'static mut Cells<3, 2, 1>) {
    let frames = Frames { ask: [1, 2], question: |[_, data]| Some(data), answer: |data| [3, data] };
    let tokens = Frames {
        ask: [1, 2],
        question: |token| (number(1) == 0).then_some(u16::from_be_bytes(token)),
        answer: u16::to_be_bytes,
    };
    let first = QuestionAnswer::new(Bus, frames, number(5) as u32, number(6) as u32);
    let mut dog = Dog::new(Both::new(first, Fs26::new(Bus, tokens, number(7) as u32)));
    let armed = Supervisor::new(cells, BootGuard::without_memory()).arm(&mut dog, number(0));
    let Ok((supervisor, _)) = armed else { return };
    if let Outcome::Feed(supervisor, permit, _) = supervisor.evaluate(number(1)) {
        keep(dog.feed(permit, number(2)).is_ok());
        keep(supervisor.poll_round(&mut dog, number(5)).is_ok());
    }
}
