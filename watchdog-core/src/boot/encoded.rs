//! A verdict in bytes, for a log or a host.
//!
//! ```text
//! word      what, the lowest byte first
//! 0         version (8), entities (8), owners (8), found (8)
//! 1         causes (16), those that may be old (16)
//! 2         marks (8), level (8), abnormal boots (8), blame (8)
//! 3         fingerprint of the plan of this boot
//! 4         fingerprint of the record, if it is of another plan
//! 5, 6      uptime in microseconds
//! 7 - 12    the culprit; of a brief one its bits in word 7
//! 13 - 18   the culprit of an earlier run
//! 19        runs ago (16), 0 (16)
//! 20 ...    for each owner: held (16), abandoned (16)
//!           for each entity: step as a shift (8), checkpoint (8), is there (8), 0 (8); instant (32)
//! last      CRC-32 of the words before it
//! ```

use super::verdict::{Blame, Earlier, Found, Torn, Verdict};
use crate::causes::ResetCauses;
use crate::checkpoint::Checkpoint;
use crate::crc::crc_of;
use crate::culprit::{Brief, CULPRIT_WORDS, Culprit};
use crate::decode_error::DecodeError;
use crate::halves;
use crate::last_checkpoint::LastCheckpoint;
use crate::level::Level;
use crate::section::Sections;

const VERSION: u8 = 1;
const HEAD: usize = 20;

const ABNORMAL: u8 = 1 << 0;
const RECOVERY_INTERRUPTED: u8 = 1 << 1;
const UPTIME: u8 = 1 << 2;
const EARLIER: u8 = 1 << 3;
const MARKS: u8 = 0b1111;

impl<const N: usize, const O: usize> Verdict<N, O> {
    /// How many bytes it has.
    pub const ENCODED_LEN: usize = 4 * (HEAD + O + 2 * N + 1);

    /// Writes the verdict to the front of a buffer, and returns what it has written; [`BootRecord`] reads it.
    ///
    /// # Errors
    ///
    /// [`EncodeError`]: the buffer is shorter than [`Self::ENCODED_LEN`].
    pub fn encode<'a>(&self, buffer: &'a mut [u8]) -> Result<&'a [u8], EncodeError> {
        const { assert!(N < 255 && O < 255, "a count is a byte") };
        let error = EncodeError { needed: Self::ENCODED_LEN, available: buffer.len() };
        let (bytes, _) = buffer.split_at_mut_checked(Self::ENCODED_LEN).ok_or(error)?;
        let mut places = bytes.chunks_exact_mut(4);
        let mut put = |word: u32| {
            if let Some(place) = places.next().and_then(<[u8]>::first_chunk_mut) {
                *place = word.to_le_bytes();
            }
        };
        self.head().into_iter().for_each(&mut put);
        for Torn { held, abandoned } in self.owners {
            put(halves::word(held.as_raw(), abandoned.as_raw()));
        }
        for last in self.last_checkpoints {
            let (first, second) = last.map_or((0, 0), |last| {
                let LastCheckpoint { checkpoint, stamp_us, step_us } = last;
                let shift = step_us.trailing_zeros() as u8;
                (u32::from_le_bytes([shift, checkpoint.as_raw(), 1, 0]), stamp_us)
            });
            put(first);
            put(second);
        }
        if let Some((content, place)) = bytes.split_last_chunk_mut() {
            *place = crc_of(&mut words(content)).to_le_bytes();
        }
        Ok(bytes)
    }

    #[allow(clippy::cast_possible_truncation)] // Counts that are asserted to be bytes, and two halves.
    fn head(&self) -> [u32; HEAD] {
        let (found, other_plan) = match self.found {
            Found::ColdStart => (0, 0),
            Found::Lost => (1, 0),
            Found::OtherPlan { fingerprint } => (2, fingerprint),
            Found::Record => (3, 0),
        };
        let mark = |is_set: bool, mark| if is_set { mark } else { 0 };
        let marks = [
            mark(self.is_abnormal, ABNORMAL),
            mark(self.is_recovery_interrupted, RECOVERY_INTERRUPTED),
            mark(self.uptime_us.is_some(), UPTIME),
            mark(self.earlier.is_some(), EARLIER),
        ];
        let marks = marks.into_iter().fold(0, u8::wrapping_add);
        let (blame, [a, b, c, d, e, f]) = match self.blame {
            Blame::None => (0, [0; CULPRIT_WORDS]),
            Blame::Unrecorded => (1, [0; CULPRIT_WORDS]),
            Blame::Unknown => (2, [0; CULPRIT_WORDS]),
            Blame::Culprit(culprit) => (3, culprit.to_words()),
            Blame::Brief(brief) => (4, [brief.to_bits(), 0, 0, 0, 0, 0]),
        };
        let earlier = self.earlier.map(|earlier| (earlier.culprit.to_words(), earlier.runs_ago));
        let ([g, h, i, j, k, l], runs_ago) = earlier.unwrap_or_default();
        let [up_low, up_high] = halves::of_number(self.uptime_us.unwrap_or(0));
        [
            u32::from_le_bytes([VERSION, N as u8, O as u8, found]),
            halves::word(self.causes.bits(), self.may_be_old.bits()),
            u32::from_le_bytes([marks, self.level.bits() as u8, self.abnormal_count, blame]),
            self.fingerprint,
            other_plan,
            up_low,
            up_high,
            a,
            b,
            c,
            d,
            e,
            f,
            g,
            h,
            i,
            j,
            k,
            l,
            runs_ago.into(),
        ]
    }
}

/// The buffer is too short for a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{needed} bytes needed, {available} are there")]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct EncodeError {
    /// The length of the verdict.
    pub needed: usize,
    /// That of the buffer.
    pub available: usize,
}

/// A verdict that was encoded, with any number of owners and entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BootRecord<'a> {
    /// All of it but its owners and entities.
    pub verdict: Verdict<0, 0>,
    owners: &'a [u8],
    entities: &'a [u8],
}

impl<'a> BootRecord<'a> {
    /// The record in these bytes.
    ///
    /// ```
    /// # use watchdog_core::plan::{alive, cycle_us, hardware, per_cycle, process_safety_time_us, reset_to_safe_us, timeout_us, tolerance};
    /// # use watchdog_core::{Checkpoint, Plan};
    /// use watchdog_core::boot::{self, BootRecord, Found, Verdict};
    /// use watchdog_core::{ResetCauses, Retained};
    ///
    /// # static PLAN: Plan<1> = Plan::builder(
    /// #     cycle_us(10_000), hardware(timeout_us(80_000..=100_000)), process_safety_time_us(500_000), reset_to_safe_us(30_000),
    /// # )
    /// # .entity("control", alive(Checkpoint::of::<0>(), per_cycle(10), -1, 1), tolerance(1))
    /// # .build();
    /// static RETAINED: Retained<1> = Retained::new();
    ///
    /// let boot = boot::judge(&RETAINED, &PLAN, ResetCauses::POWER_ON, 0);
    /// let mut buffer = [0; Verdict::<1>::ENCODED_LEN];
    /// let bytes = boot.verdict().encode(&mut buffer).unwrap();
    /// assert_eq!(BootRecord::decode(bytes).unwrap().verdict.found, Found::ColdStart);
    /// ```
    ///
    /// # Errors
    ///
    /// [`DecodeError`]: they are not as long, of another version, broken, or no verdict.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let len = |entities: u8, owners: u8| {
            4 * (HEAD + usize::from(owners) + 2 * usize::from(entities) + 1)
        };
        let wrong_len = |expected| DecodeError::Len { expected, got: bytes.len() };
        let Some(([version, entities, owners, found], _)) = bytes.split_first_chunk() else {
            return Err(wrong_len(len(0, 0)));
        };
        if *version != VERSION {
            return Err(DecodeError::Version { expected: VERSION, got: *version });
        }
        let expected = len(*entities, *owners);
        if bytes.len() != expected {
            return Err(wrong_len(expected));
        }
        let (content, said) = bytes.split_last_chunk().ok_or(wrong_len(expected))?;
        let (got, crc) = (u32::from_le_bytes(*said), crc_of(&mut words(content)));
        if got != crc {
            return Err(DecodeError::Crc { expected: crc, got });
        }
        let (head, rest) = content.split_at_checked(4 * HEAD).ok_or(wrong_len(expected))?;
        let (owner_bytes, entity_bytes) =
            rest.split_at_checked(4 * usize::from(*owners)).ok_or(wrong_len(expected))?;
        let mut next = words(head);
        let mut head = [0; HEAD];
        for place in &mut head {
            *place = next.next().unwrap_or(0);
        }
        let verdict = verdict_of(&head, *found)?;
        let record = Self { verdict, owners: owner_bytes, entities: entity_bytes };
        record.check_entities(4 * (HEAD + usize::from(*owners)))?;
        Ok(record)
    }

    /// Whether each entity has a checkpoint and an instant of its steps, or neither.
    fn check_entities(&self, offset: usize) -> Result<(), DecodeError> {
        let mut offset = offset;
        let mut words = words(self.entities);
        while let (Some(first), Some(stamp_us)) = (words.next(), words.next()) {
            let is_right = match first.to_le_bytes() {
                [0, 0, 0, 0] => stamp_us == 0,
                [shift @ 0..=20, 0..=15, 1, 0] => {
                    let mask = 0xFFF_u32.wrapping_shl(shift.into());
                    stamp_us & !mask == 0
                }
                _ => false,
            };
            if !is_right {
                return Err(DecodeError::Value { offset, got: first });
            }
            offset = offset.wrapping_add(8);
        }
        Ok(())
    }

    /// The sections that each owner left torn.
    pub fn owners(&self) -> impl Iterator<Item = Torn> + use<'a> {
        words(self.owners).map(|word| {
            let [held, abandoned] = halves::of_word(word).map(Sections::from_raw);
            Torn { held, abandoned }
        })
    }

    /// The last checkpoint of each entity.
    pub fn last_checkpoints(&self) -> impl Iterator<Item = Option<LastCheckpoint>> + use<'a> {
        let mut words = words(self.entities);
        core::iter::from_fn(move || {
            let (first, stamp_us) = (words.next()?, words.next()?);
            let [shift, checkpoint, is_there, _] = first.to_le_bytes();
            Some((is_there == 1).then(|| LastCheckpoint {
                checkpoint: Checkpoint::from_low_bits(checkpoint.into()),
                stamp_us,
                step_us: 1_u32.wrapping_shl(shift.into()),
            }))
        })
    }
}

/// The words before those of the owners and entities.
#[allow(clippy::cast_possible_truncation)] // Two halves.
fn verdict_of(head: &[u32; HEAD], found: u8) -> Result<Verdict<0, 0>, DecodeError> {
    let [first, causes, marks_word, fingerprint, other_plan, up_low, up_high, culprits @ .., ago] =
        *head;
    let [a, b, c, d, e, f, earlier @ ..] = culprits;
    let value = |index: usize, got| DecodeError::Value { offset: 4 * index, got };
    let found = match (found, other_plan) {
        (0, 0) => Found::ColdStart,
        (1, 0) => Found::Lost,
        (2, fingerprint) => Found::OtherPlan { fingerprint },
        (3, 0) => Found::Record,
        (0 | 1 | 3, got) => return Err(value(4, got)),
        _ => return Err(value(0, first)),
    };
    let [marks, level, abnormal_count, blame] = marks_word.to_le_bytes();
    if marks & !MARKS != 0 || level > 2 || abnormal_count > crate::level::SAFE_ONLY_AT {
        return Err(value(2, marks_word));
    }
    let culprit = [a, b, c, d, e, f];
    let blame = match (blame, culprit) {
        (0, [0, 0, 0, 0, 0, 0]) => Blame::None,
        (1, [0, 0, 0, 0, 0, 0]) => Blame::Unrecorded,
        (2, [0, 0, 0, 0, 0, 0]) => Blame::Unknown,
        (3, words) => Blame::Culprit(Culprit::from_words(words).ok_or(value(7, a))?),
        (4, [bits, 0, 0, 0, 0, 0]) => {
            let brief = Brief::from_bits(bits).filter(|brief| brief.to_bits() == bits);
            Blame::Brief(brief.ok_or(value(7, a))?)
        }
        (0..=4, _) => return Err(value(7, a)),
        _ => return Err(value(2, marks_word)),
    };
    let is_earlier = marks & EARLIER != 0;
    if ago > u32::from(u16::MAX) || !is_earlier && (ago != 0 || earlier != [0; CULPRIT_WORDS]) {
        return Err(value(HEAD - 1, ago));
    }
    let earlier = match (is_earlier, Culprit::from_words(earlier)) {
        (false, _) => None,
        (true, Some(culprit)) => Some(Earlier { culprit, runs_ago: ago as u16 }),
        (true, None) => {
            let [got, ..] = earlier;
            return Err(value(13, got));
        }
    };
    let uptime_us = halves::number(up_low, up_high);
    let is_uptime = marks & UPTIME != 0;
    if !is_uptime && uptime_us != 0 {
        return Err(value(5, up_low));
    }
    let [causes, may_be_old] = halves::of_word(causes).map(ResetCauses::from_bits_retain);
    Ok(Verdict {
        fingerprint,
        found,
        causes,
        may_be_old,
        is_abnormal: marks & ABNORMAL != 0,
        abnormal_count,
        level: Level::from_bits(level.into()),
        blame,
        earlier,
        is_recovery_interrupted: marks & RECOVERY_INTERRUPTED != 0,
        uptime_us: is_uptime.then_some(uptime_us),
        owners: [],
        last_checkpoints: [],
    })
}

/// The words of bytes; what is left of them is none.
fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + use<'_> {
    let mut rest = bytes;
    core::iter::from_fn(move || {
        let (word, after) = rest.split_first_chunk()?;
        rest = after;
        Some(u32::from_le_bytes(*word))
    })
}
