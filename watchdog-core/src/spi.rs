//! A question/answer watchdog behind SPI. The frames are those of the chip's data sheet, which the caller gives.

use embedded_hal::spi::SpiDevice;

use crate::hardware::Hardware;
use crate::permit::Permit;
use crate::question::{Question, fs26_answer};
use crate::window::{State, Watchdog};

/// The SPI frames of a chip, each `L` bytes: what is sent to ask for the question, where it is in what comes back, and what is sent as
/// an answer. The check bits of the chip's frames are theirs to compute.
///
/// ```
/// use watchdog_core::spi::Frames;
///
/// /// A command byte and a data byte; the question is in the data byte that comes back.
/// const FRAMES: Frames<u8, u8, 2> = Frames {
///     ask: [0x36, 0x00],
///     question: |[_, data]| Some(data & 0x0F),
///     answer: |answer| [0xE1, answer],
/// };
/// assert_eq!((FRAMES.question)([0x00, 0xF3]), Some(3));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Frames<Q, A, const L: usize> {
    /// Asks for the question.
    pub ask: [u8; L],
    /// The question in the frame that comes back; `None` if its check bits are wrong.
    pub question: fn([u8; L]) -> Option<Q>,
    /// A frame with an answer.
    pub answer: fn(A) -> [u8; L],
}

/// Why a watchdog behind SPI was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// The bus.
    #[error("the bus failed")]
    Bus(E),
    /// The check bits of the frame with the question are wrong: a wrong answer would count as a bad round.
    #[error("the question came broken")]
    Question,
}

/// A watchdog of the TPS65313 family, which runs from power-on. A feed begins a round: its first three answers.
/// [`Supervisor::poll_round`](crate::Supervisor::poll_round) ends it in window 2 with the last one.
#[derive(Debug)]
pub struct QuestionAnswer<S, const L: usize> {
    spi: S,
    frames: Frames<u8, u8, L>,
    window_1_us: u32,
    timeout_us: u32,
    /// The last answer of the round that has begun.
    last: Option<u8>,
}

impl<S: SpiDevice, const L: usize> QuestionAnswer<S, L> {
    /// A watchdog with these frames, whose windows are so long in microseconds.
    #[must_use]
    pub const fn new(
        spi: S,
        frames: Frames<u8, u8, L>,
        window_1_us: u32,
        window_2_us: u32,
    ) -> Self {
        let timeout_us = window_1_us.saturating_add(window_2_us);
        Self { spi, frames, window_1_us, timeout_us, last: None }
    }
}

impl<S: SpiDevice, const L: usize> Watchdog for QuestionAnswer<S, L> {
    type Error = Error<S::Error>;

    fn state(&mut self) -> Result<State, Self::Error> {
        Ok(State::Running { timeout_us: self.timeout_us, is_locked: true })
    }

    fn arm(&mut self, _asked: Hardware) -> Result<u32, Self::Error> {
        Ok(self.timeout_us)
    }

    fn reload(&mut self, _permit: Permit<'_>) -> Result<(), Self::Error> {
        self.last = None;
        let question = ask(&mut self.spi, &self.frames)?;
        let [first, second, third, last] = Question::from_low_bits(question).answers();
        for answer in [first, second, third] {
            self.spi.write(&(self.frames.answer)(answer)).map_err(Error::Bus)?;
        }
        self.last = Some(last);
        Ok(())
    }

    fn finishes_after_us(&self) -> Option<u32> {
        self.last.map(|_| self.window_1_us)
    }

    fn finish(&mut self) -> Result<(), Self::Error> {
        let Some(last) = self.last else { return Ok(()) };
        self.spi.write(&(self.frames.answer)(last)).map_err(Error::Bus)?;
        self.last = None;
        Ok(())
    }
}

/// An FS26, which runs from power-on: a feed reads its token and answers with the complement.
#[derive(Debug)]
pub struct Fs26<S, const L: usize> {
    spi: S,
    frames: Frames<u16, u16, L>,
    timeout_us: u32,
}

impl<S: SpiDevice, const L: usize> Fs26<S, L> {
    /// A watchdog with these frames, and so long a period in microseconds.
    #[must_use]
    pub const fn new(spi: S, frames: Frames<u16, u16, L>, timeout_us: u32) -> Self {
        Self { spi, frames, timeout_us }
    }
}

impl<S: SpiDevice, const L: usize> Watchdog for Fs26<S, L> {
    type Error = Error<S::Error>;

    fn state(&mut self) -> Result<State, Self::Error> {
        Ok(State::Running { timeout_us: self.timeout_us, is_locked: true })
    }

    fn arm(&mut self, _asked: Hardware) -> Result<u32, Self::Error> {
        Ok(self.timeout_us)
    }

    fn reload(&mut self, _permit: Permit<'_>) -> Result<(), Self::Error> {
        let token = ask(&mut self.spi, &self.frames)?;
        self.spi.write(&(self.frames.answer)(fs26_answer(token))).map_err(Error::Bus)
    }
}

fn ask<S: SpiDevice, Q, A, const L: usize>(
    spi: &mut S,
    frames: &Frames<Q, A, L>,
) -> Result<Q, Error<S::Error>> {
    let mut frame = frames.ask;
    spi.transfer_in_place(&mut frame).map_err(Error::Bus)?;
    (frames.question)(frame).ok_or(Error::Question)
}
