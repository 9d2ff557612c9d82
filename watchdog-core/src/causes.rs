//! Why the chip was reset, as its register of flags says, and which of these causes are abnormal.
//!
//! ```text
//! cause       abnormal                                     memory is lost
//! POWER_ON    no                                           yes
//! BROWN_OUT   no                                           yes
//! PIN         no                                           no
//! WAKE        no                                           yes
//! SOFTWARE    unless it was announced                      no
//! WATCHDOG    yes                                          no
//! LOCKUP      yes                                          no
//! FAULT       yes                                          no
//! PANIC       yes                                          no
//! OTHER       no                                           no
//! UNKNOWN     where the last run was armed, unannounced    perhaps
//! ```

use bitflags::bitflags;

bitflags! {
    /// The causes of a reset: all flags that are set, since a chip sets several, and keeps them until they are cleared.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct ResetCauses: u16 {
        /// The power came.
        const POWER_ON = 1 << 0;
        /// The supply was too low.
        const BROWN_OUT = 1 << 1;
        /// The reset pin. Some chips set it at every reset.
        const PIN = 1 << 2;
        /// The end of a sleep that loses the memory.
        const WAKE = 1 << 3;
        /// The program itself, or a debugger.
        const SOFTWARE = 1 << 4;
        /// A watchdog.
        const WATCHDOG = 1 << 5;
        /// The processor was locked up: a fault in a fault handler.
        const LOCKUP = 1 << 6;
        /// A fault handler has recorded a fault in the run before.
        const FAULT = 1 << 7;
        /// A panic was recorded in the run before.
        const PANIC = 1 << 8;
        /// Another cause that the chip knows, and that is not abnormal.
        const OTHER = 1 << 9;
        /// The board cannot say. No flag at all is the same.
        const UNKNOWN = 1 << 15;
    }
}

impl ResetCauses {
    /// The causes that are abnormal by themselves.
    pub const ABNORMAL: Self =
        Self::WATCHDOG.union(Self::LOCKUP).union(Self::FAULT).union(Self::PANIC);
    /// The causes after which nothing can be expected in the memory.
    pub const MEMORY_LOST: Self = Self::POWER_ON.union(Self::BROWN_OUT).union(Self::WAKE);

    /// Those of a register that has none set are unknown.
    pub(crate) const fn or_unknown(self) -> Self {
        if self.is_empty() { Self::UNKNOWN } else { self }
    }

    /// Whether these causes are abnormal, after a run of this kind.
    pub(crate) const fn are_abnormal(self, was_armed: bool, was_announced: bool) -> bool {
        self.intersects(Self::ABNORMAL)
            || self.contains(Self::SOFTWARE) && !was_announced
            || self.contains(Self::UNKNOWN) && was_armed && !was_announced
    }

    /// Whether garbage in the memory is what these causes leave.
    pub(crate) const fn explain_garbage(self) -> bool {
        self.intersects(Self::MEMORY_LOST.union(Self::UNKNOWN))
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for ResetCauses {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=u16:#06x}", self.bits());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_abnormal_as_the_table_says() {
        for (cause, always, unannounced, armed_only, loses_memory) in [
            (ResetCauses::POWER_ON, false, false, false, true),
            (ResetCauses::BROWN_OUT, false, false, false, true),
            (ResetCauses::PIN, false, false, false, false),
            (ResetCauses::WAKE, false, false, false, true),
            (ResetCauses::SOFTWARE, false, true, false, false),
            (ResetCauses::WATCHDOG, true, true, false, false),
            (ResetCauses::LOCKUP, true, true, false, false),
            (ResetCauses::FAULT, true, true, false, false),
            (ResetCauses::PANIC, true, true, false, false),
            (ResetCauses::OTHER, false, false, false, false),
            (ResetCauses::UNKNOWN, false, true, true, true),
        ] {
            for (was_armed, was_announced) in
                [(false, false), (false, true), (true, false), (true, true)]
            {
                let expected =
                    always || unannounced && !was_announced && (was_armed || !armed_only);
                let causes = cause | ResetCauses::PIN;
                assert_eq!(causes.are_abnormal(was_armed, was_announced), expected, "{cause:?}");
            }
            assert_eq!(cause.explain_garbage(), loses_memory, "{cause:?}");
        }
    }

    #[test]
    fn no_flag_is_unknown() {
        assert_eq!(ResetCauses::empty().or_unknown(), ResetCauses::UNKNOWN);
        assert_eq!(ResetCauses::PIN.or_unknown(), ResetCauses::PIN);
    }
}
