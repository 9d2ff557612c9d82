//! The verdict of a boot: what the run before it ended with.

use core::fmt;

use crate::causes::ResetCauses;
use crate::culprit::{Brief, Culprit};
use crate::last_checkpoint::LastCheckpoint;
use crate::level::Level;
use crate::section::Sections;

/// What a boot finds in the retained memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Verdict<const N: usize, const O: usize = 1> {
    /// The fingerprint of the plan of this boot.
    pub fingerprint: u32,
    /// What the memory held.
    pub found: Found,
    /// Every cause of the reset, and a panic and a fault that were recorded.
    pub causes: ResetCauses,
    /// Those of the causes that may be flags of an earlier reset: they were set at the boot before, and nobody has cleared them since.
    pub may_be_old: ResetCauses,
    /// Whether the reset counts as abnormal; a flag that may be old counts all the same.
    pub is_abnormal: bool,
    /// The abnormal boots of the window, this one included: at most 5.
    pub abnormal_count: u8,
    /// What this boot may do.
    pub level: Level,
    /// Who was it.
    pub blame: Blame,
    /// The last culprit of an earlier run.
    pub earlier: Option<Earlier>,
    /// Whether a recovery had begun in the run before, and had not ended.
    pub is_recovery_interrupted: bool,
    /// The sections that each owner left torn.
    pub owners: [Torn; O],
    /// The last checkpoint of each entity in the run before, if a supervisor was armed in it.
    pub last_checkpoints: [Option<LastCheckpoint>; N],
    /// The uptime of the run before, from its boot on, in microseconds, to [`UPTIME_GRAIN_US`](crate::UPTIME_GRAIN_US); `None` if
    /// it is not known.
    pub uptime_us: Option<u64>,
}

impl<const N: usize, const O: usize> Verdict<N, O> {
    /// The sections that are torn, by whichever owner.
    #[must_use]
    pub fn torn(&self) -> Sections {
        self.owners.iter().fold(Sections::NONE, |torn, owner| torn.union(owner.torn()))
    }

    /// The sections that were held when the reset came, by whichever owner.
    #[must_use]
    pub fn held(&self) -> Sections {
        self.owners.iter().fold(Sections::NONE, |held, owner| held.union(owner.held))
    }
}

/// What the retained memory held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Found {
    /// Nothing, as after the power came.
    ColdStart,
    /// Nothing, although the causes say that the memory should have survived: nothing is known, and every section is torn.
    Lost,
    /// The record of another plan: its entities and sections are not decoded, and every section is torn. Its abnormal boots count.
    OtherPlan {
        /// The fingerprint of that plan.
        fingerprint: u32,
    },
    /// The record of the run before.
    Record,
}

/// Who was it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Blame {
    /// The reset was normal, and no culprit was recorded.
    None,
    /// The reset was abnormal, and nobody recorded a culprit: the last checkpoints and the held sections are what is known.
    Unrecorded,
    /// There is no record that could say it.
    Unknown,
    /// The first culprit of the run.
    Culprit(Culprit),
    /// The first culprit of the run, as a compact record keeps it.
    Brief(Brief),
}

/// The culprit of an earlier run than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Earlier {
    /// The culprit.
    pub culprit: Culprit,
    /// How many runs there have been since the one that ended with it, wrapping.
    pub runs_ago: u16,
}

/// The sections that an owner left torn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Torn {
    /// Held when the reset came.
    pub held: Sections,
    /// Abandoned, in the run before or earlier, and not revalidated.
    pub abandoned: Sections,
}

impl Torn {
    pub(super) const NONE: Self = Self { held: Sections::NONE, abandoned: Sections::NONE };

    /// Either.
    #[must_use]
    pub const fn torn(self) -> Sections {
        self.held.union(self.abandoned)
    }
}

impl<const N: usize, const O: usize> fmt::Display for Verdict<N, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.found {
            Found::ColdStart => f.write_str("cold start")?,
            Found::Lost => f.write_str("record lost")?,
            Found::OtherPlan { fingerprint } => write!(f, "record of plan {fingerprint:#010X}")?,
            Found::Record => f.write_str("record")?,
        }
        write!(f, "; {:?}", self.causes)?;
        if !self.may_be_old.is_empty() {
            write!(f, ", of these perhaps old: {:?}", self.may_be_old)?;
        }
        match self.blame {
            Blame::None => {}
            Blame::Unrecorded => f.write_str("; nobody recorded a culprit")?,
            Blame::Unknown => f.write_str("; culprit unknown")?,
            Blame::Culprit(culprit) => write!(f, "; {culprit}")?,
            Blame::Brief(brief) => write!(f, "; {brief}")?,
        }
        for (owner, torn) in
            self.owners.iter().enumerate().filter(|(_, torn)| !torn.torn().is_empty())
        {
            write!(f, "; owner {owner} held {:?}, abandoned {:?}", torn.held, torn.abandoned)?;
        }
        if self.is_recovery_interrupted {
            f.write_str("; a recovery was interrupted")?;
        }
        write!(f, "; abnormal boots: {}; {:?}", self.abnormal_count, self.level)
    }
}
