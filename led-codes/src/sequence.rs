//! What becomes of a fault that is raised, acknowledged, cleared and reset: the annunciator sequences A, A-4, M and F2M-1.
//!
//! ```text
//!  sequence  state              process    button        next               light     horn
//!  all       Normal             abnormal   -             Alarm              flashing  on
//!  F2M-1     Normal, not first  abnormal   -             Subsequent         on        on
//!  A         Alarm              abnormal   acknowledge   Acknowledged       on        off
//!  A         Alarm              normal     acknowledge   Normal             off       off
//!  A         Acknowledged       normal     -             Normal             off       off
//!  A-4       Alarm              normal     -             Normal             off       off      (no lock-in)
//!  M         Alarm              either     acknowledge   Acknowledged       on        off
//!  M         Acknowledged       normal     reset         Normal             off       off
//!  F2M-1     Alarm              either     silence       Silenced           flashing  off
//!  F2M-1     Subsequent         either     silence       Acknowledged       on        off
//!  F2M-1     any of the three   either     acknowledge   Acknowledged       on        off      (first out is reset)
//!  F2M-1     Acknowledged       normal     reset         Normal             off       off
//! ```
//!
//! What is not in the table changes nothing. Spec: ANSI/ISA-18.1-1979 (R2004), sequences A, M and F2M-1, and option 4 of A.

/// How faults are acknowledged and go away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Sequence {
    /// Automatic reset: an acknowledged fault goes away when it is cleared. One that was cleared before stays until it is acknowledged.
    A,
    /// As A, without lock-in: a fault goes away when it is cleared, for a machine where nobody acknowledges.
    A4,
    /// Manual reset: an acknowledged fault that was cleared goes away when it is reset.
    M,
    /// As M, where only the first fault flashes, with a button that silences the horn.
    F2M1,
}

/// Where a fault is in its sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum State {
    /// There is nothing to say.
    Normal,
    /// The fault was raised, and nobody has acknowledged it. In F2M-1 it is the first one.
    Alarm,
    /// F2M-1: it was raised after another one.
    Subsequent,
    /// F2M-1: the first, whose horn was silenced.
    Silenced,
    /// Somebody has acknowledged it.
    Acknowledged,
}

/// What happens to a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Event {
    /// The fault is there.
    Raise,
    /// The fault is there no more.
    Clear,
    /// Somebody silenced the horn.
    Silence,
    /// Somebody acknowledged.
    Acknowledge,
    /// Somebody reset.
    Reset,
}

/// What a light of its own would show of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Visual {
    /// Dark.
    Off,
    /// Flashing.
    Flashing,
    /// Lit.
    On,
}

impl Sequence {
    /// The state after an event. `is_abnormal` says whether the fault is there after it, `is_first` whether no other fault waits to be
    /// acknowledged.
    #[must_use]
    pub const fn after(
        self,
        state: State,
        event: Event,
        is_abnormal: bool,
        is_first: bool,
    ) -> State {
        match (self, state, event) {
            (Self::F2M1, State::Normal, Event::Raise) if !is_first => State::Subsequent,
            (_, State::Normal, Event::Raise) => State::Alarm,
            (Self::A | Self::A4, State::Alarm, Event::Acknowledge) if !is_abnormal => State::Normal,
            (_, State::Alarm | State::Subsequent | State::Silenced, Event::Acknowledge) => {
                State::Acknowledged
            }
            (Self::A | Self::A4, State::Acknowledged, Event::Clear)
            | (Self::A4, State::Alarm, Event::Clear) => State::Normal,
            (Self::F2M1, State::Alarm, Event::Silence) => State::Silenced,
            (Self::F2M1, State::Subsequent, Event::Silence) => State::Acknowledged,
            (Self::M | Self::F2M1, State::Acknowledged, Event::Reset) if !is_abnormal => {
                State::Normal
            }
            _ => state,
        }
    }
}

impl State {
    /// What a light of its own would show.
    #[must_use]
    pub const fn visual(self) -> Visual {
        match self {
            Self::Normal => Visual::Off,
            Self::Alarm | Self::Silenced => Visual::Flashing,
            Self::Subsequent | Self::Acknowledged => Visual::On,
        }
    }

    /// Whether the horn sounds.
    #[must_use]
    pub const fn is_audible(self) -> bool {
        matches!(self, Self::Alarm | Self::Subsequent)
    }

    /// Whether it waits to be acknowledged.
    #[must_use]
    pub const fn is_unacknowledged(self) -> bool {
        matches!(self, Self::Alarm | Self::Subsequent | Self::Silenced)
    }
}
