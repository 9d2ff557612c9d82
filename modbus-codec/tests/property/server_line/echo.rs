//! An answer goes out, and its echo comes back: none, whole, cut, with a flipped byte, late, or in one chunk with the next request.

use arbitrary::Result;

use super::asked::Asked;
use super::device::closed;
use super::{Line, Mode, PATIENCE_US, UNIT, is_chance};

/// The last answer, and whether its echo was heard.
pub(super) struct LastAnswer {
    pub(super) adu: Vec<u8>,
    pub(super) sent_us: u64,
    /// Whether so much of it was heard again that the rest is no whole frame.
    pub(super) is_heard: bool,
}

impl Line<'_, '_, '_> {
    /// An answer is the one that was due, and may be heard again.
    pub(super) fn answered(&mut self, adu: Vec<u8>, now_us: u64) -> Result<()> {
        let Some(place) = self.due.iter().position(|due| *due == adu) else {
            self.is_over |= is_chance(&self.wire, &self.sent);
            assert!(self.is_over, "{:?}: nobody waits for {adu:02X?}", self.mode);
            return Ok(());
        };
        self.due.remove(place);
        self.sent.push(adu.clone());
        self.counts.answered += 1;
        self.now_us = now_us;
        let transmit_us = u64::from(self.rtu.characters_us(adu.len() as u32));
        let ends_us = now_us + transmit_us;
        let last = LastAnswer { adu: adu.clone(), sent_us: now_us, is_heard: false };
        self.last_answer = Some(last);
        if self.has_echo {
            self.echo(&adu, ends_us)?;
        }
        self.now_us = self.now_us.max(ends_us);
        Ok(())
    }

    fn echo(&mut self, adu: &[u8], ends_us: u64) -> Result<()> {
        let character_us = u64::from(self.rtu.characters_us(1));
        let at = self.u.int_in_range(0..=adu.len() - 1)?;
        let mut is_heard = true;
        match self.u.int_in_range(0..=6_u8)? {
            0 | 1 => {
                self.counts.echoes_whole += 1;
                self.transmit(adu)?;
            }
            2 => {
                self.counts.echoes_cut += 1;
                // Where the baud rate is not known, it must begin in 100 ms.
                let at = if self.mode == Mode::UnknownBaudRate { at.min(100) } else { at };
                self.now_us += character_us * at as u64;
                self.disturb(&adu[at..])?;
                // Of fewer than four bytes it cannot be told what they are.
                is_heard = at == 0 || adu.len() - at >= 4;
                self.is_in_step &= at == 0 || self.mode != Mode::NoClock;
            }
            3 => {
                self.counts.echoes_cut += 1;
                self.disturb(&adu[..at])?;
                is_heard = at >= 4;
                self.is_in_step &= self.mode != Mode::NoClock;
            }
            4 => {
                self.counts.echoes_flipped += 1;
                let mut flipped = adu.to_vec();
                flipped[at] ^= self.u.int_in_range(1..=255_u8)?;
                self.disturb(&flipped)?;
                self.is_in_step &= self.mode != Mode::NoClock;
            }
            5 => {
                self.counts.echoes_late += 1;
                let slack_us = match self.mode {
                    Mode::Strict | Mode::BaudRate => {
                        u64::from(self.rtu.t3_5_us()) + 4 * character_us
                    }
                    _ => 100_000_u64.saturating_sub(character_us * adu.len() as u64).max(1),
                };
                self.now_us = ends_us + self.u.int_in_range(0..=slack_us - 1)?;
                self.counts.frames += 1;
                self.turn(adu, self.now_us)?;
            }
            _ if self.mode == Mode::Strict || self.is_inside_frame => {
                self.counts.echoes_whole += 1;
                self.transmit(adu)?;
            }
            // The caller reads the echo and the next request at once.
            _ => {
                self.counts.echoes_with_a_request += 1;
                let asked = match &self.last_asked {
                    Some(asked) if self.u.arbitrary()? => asked.clone(),
                    _ => Asked::draw(self.u, self.mode, false)?,
                };
                let frame = asked.frame(UNIT);
                self.sent.push(frame.clone());
                let transmit_us = self.rtu.characters_us(frame.len() as u32);
                self.now_us = ends_us + self.silence_us() + u64::from(transmit_us);
                self.set_heard();
                let until_us =
                    if self.mode == Mode::NoClock { u64::MAX } else { self.now_us + 600_000 };
                self.open.push((asked.deed.clone(), until_us));
                self.due.push(closed([&[UNIT], &asked.answer[..]].concat()));
                self.counts.own_requests += 1;
                self.last_asked = Some(asked);
                let answered = self.counts.answered;
                let both = [adu, &frame].concat();
                self.turn(&both, self.now_us)?;
                if self.counts.answered == answered {
                    self.wait(PATIENCE_US)?;
                }
                assert!(self.is_over || self.counts.answered > answered, "{:?}", self.mode);
                self.beside += 1;
                return Ok(());
            }
        }
        if is_heard {
            self.set_heard();
        }
        Ok(())
    }

    pub(super) fn set_heard(&mut self) {
        if let Some(last) = &mut self.last_answer {
            last.is_heard = true;
        }
    }
}
