//! A culprit in few bits: what a compact record has room for.

use core::fmt;

use super::{Cause, Culprit};
use crate::checkpoint::Checkpoint;
use crate::entity_id::EntityId;

/// What a compact record keeps of a culprit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Brief {
    /// What failed.
    pub kind: Kind,
    /// The entity, if there is one. Of a record of 2 words or 1 the entity 14 stands for all that follow.
    pub entity: Option<EntityId>,
    /// The checkpoint at which it failed: the one that is counted, the start of a deadline, the one that is out of order. In a
    /// record of 4 words.
    pub checkpoint: Option<Checkpoint>,
    /// The line of a panic, up to 65,535, in a record of 4 words.
    pub line: Option<u16>,
}

/// What failed; see [`Cause`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Kind {
    /// [`Cause::Alive`].
    Alive = 1,
    /// [`Cause::Deadline`].
    Deadline,
    /// [`Cause::Logical`].
    Logical,
    /// [`Cause::Late`].
    Late,
    /// [`Cause::Overrun`].
    Overrun,
    /// [`Cause::NotRunning`].
    NotRunning,
    /// [`Cause::Pretimeout`].
    Pretimeout,
    /// [`Cause::Panic`].
    Panic,
    /// [`Cause::Fault`].
    Fault,
}

const KINDS: [Kind; 9] = [
    Kind::Alive,
    Kind::Deadline,
    Kind::Logical,
    Kind::Late,
    Kind::Overrun,
    Kind::NotRunning,
    Kind::Pretimeout,
    Kind::Panic,
    Kind::Fault,
];

const KIND_SHIFT: u32 = 16;
const NO_ENTITY: u32 = 0xFF;
/// In a byte, the place of an entity and 1 is at most this.
const ENTITY_MAX: u32 = 15;

impl Brief {
    pub(crate) const fn of(kind: Kind) -> Self {
        Self { kind, entity: None, checkpoint: None, line: None }
    }

    /// In 20 bits: the kind (4), then the entity (8) and the checkpoint and 1 (8), or the line of a panic (16).
    pub(crate) fn to_bits(self) -> u32 {
        let entity = self.entity.map_or(NO_ENTITY, place);
        let checkpoint = self.checkpoint.map_or(0, |point| u32::from(point.as_raw()) + 1);
        let detail = match self.kind {
            Kind::Panic => self.line.unwrap_or(0).into(),
            _ => entity << 8 | checkpoint,
        };
        (self.kind as u32) << KIND_SHIFT | detail
    }

    /// `None` if there is no culprit in these bits.
    pub(crate) fn from_bits(bits: u32) -> Option<Self> {
        let brief = Self::of(kind(bits >> KIND_SHIFT)?);
        let [checkpoint, entity, ..] = bits.to_le_bytes();
        if brief.kind == Kind::Panic {
            let line = u16::from_le_bytes([checkpoint, entity]);
            return Some(Self { line: (line != 0).then_some(line), ..brief });
        }
        let checkpoint = checkpoint.checked_sub(1).and_then(Checkpoint::new);
        let entity = (u32::from(entity) != NO_ENTITY).then_some(EntityId::new(entity));
        Some(Self { entity, checkpoint, ..brief })
    }

    /// In a byte: the kind (4), the entity and 1 (4).
    pub(crate) fn to_byte(self) -> u32 {
        let entity = self.entity.map_or(0, |entity| (place(entity) + 1).min(ENTITY_MAX));
        (self.kind as u32) << 4 | entity
    }

    /// `None` if there is no culprit in this byte.
    pub(crate) fn from_byte(byte: u32) -> Option<Self> {
        let entity = (byte & 0xF) as u8;
        let entity = entity.checked_sub(1).map(EntityId::new);
        Some(Self { entity, ..Self::of(kind(byte >> 4 & 0xF)?) })
    }
}

impl From<&Culprit> for Brief {
    fn from(culprit: &Culprit) -> Self {
        let entity = culprit.entity();
        let (kind, checkpoint) = match culprit.cause {
            Cause::Alive { checkpoint, .. } => (Kind::Alive, Some(checkpoint)),
            Cause::Deadline { start, .. } => (Kind::Deadline, Some(start)),
            Cause::Logical { checkpoint, .. } => (Kind::Logical, Some(checkpoint)),
            Cause::Late { .. } => (Kind::Late, None),
            Cause::Overrun { .. } => (Kind::Overrun, None),
            Cause::NotRunning { .. } => (Kind::NotRunning, None),
            Cause::Pretimeout { checkpoint, .. } => (Kind::Pretimeout, checkpoint),
            Cause::Panic { .. } => (Kind::Panic, None),
            Cause::Fault { .. } => (Kind::Fault, None),
        };
        let line = match culprit.cause {
            Cause::Panic { line, .. } => Some(u16::try_from(line).unwrap_or(u16::MAX)),
            _ => None,
        };
        Self { kind, entity, checkpoint, line }
    }
}

impl fmt::Display for Brief {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entity) = self.entity {
            write!(f, "entity {}: ", entity.index())?;
        }
        f.write_str(match self.kind {
            Kind::Alive => "alive",
            Kind::Deadline => "deadline",
            Kind::Logical => "logical",
            Kind::Late => "evaluated late",
            Kind::Overrun => "mode overrun",
            Kind::NotRunning => "watchdog not running",
            Kind::Pretimeout => "pretimeout",
            Kind::Panic => "panic",
            Kind::Fault => "fault",
        })?;
        if let Some(checkpoint) = self.checkpoint {
            write!(f, ", checkpoint {}", checkpoint.as_raw())?;
        }
        if let Some(line) = self.line {
            write!(f, " in line {line}")?;
        }
        Ok(())
    }
}

/// The kind of this number, from 1.
fn kind(number: u32) -> Option<Kind> {
    let place = usize::try_from(number).ok()?.checked_sub(1)?;
    KINDS.get(place).copied()
}

#[allow(clippy::cast_possible_truncation)] // A place in the plan is a byte.
const fn place(entity: EntityId) -> u32 {
    entity.index() as u32
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::every_kind;
    use super::*;

    #[test]
    fn every_kind_round_trips() {
        for (place, kind) in (1..).zip(KINDS) {
            assert_eq!((kind as u32, super::kind(place)), (place, Some(kind)));
        }
        assert_eq!((kind(0), kind(10)), (None, None));
        for culprit in every_kind() {
            let brief = Brief::from(&culprit);
            assert_eq!(Brief::from_bits(brief.to_bits()), Some(brief));
            let line = match culprit.cause {
                Cause::Panic { line, .. } => Some(line),
                _ => None,
            };
            assert_eq!(brief.line.map(u32::from), line);
            let short = Brief::from_byte(brief.to_byte());
            let entity = brief.entity.map(|entity| EntityId::new(entity.index().min(14) as u8));
            assert_eq!(short, Some(Brief { entity, ..Brief::of(brief.kind) }));
        }
        let entity = Some(EntityId::new(13));
        let brief = Brief { entity, ..Brief::of(Kind::Alive) };
        assert_eq!(Brief::from_byte(brief.to_byte()), Some(brief));
    }

    #[test]
    fn no_bits_are_nobody() {
        assert_eq!((Brief::from_bits(0), Brief::from_byte(0)), (None, None));
        assert_eq!((Brief::from_bits(0xA_0000), Brief::from_byte(0xF0)), (None, None));
    }
}
