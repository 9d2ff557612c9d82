//! What a channel keeps to, known before it runs: it lives in a `static`.

use crate::command::{Command, Gradual};
use crate::lease::{Lease, Span};
use crate::loss::OnLoss;
use crate::stop::{SafeStop1, SafeStop2};

/// What a channel keeps to.
///
/// ```
/// use safe_state::{lease_us, over_us, Config, OnLoss, SafeStop1};
///
/// static MOTOR: Config<u16> = Config::new(lease_us(20_000), OnLoss::ramp(0, over_us(200_000)))
///     .mismatch_limit(over_us(20_000))
///     .come_back(1_000) // units a second
///     .stop_1(SafeStop1::timed(0, over_us(300_000)));
/// # let _ = &MOTOR;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config<C> {
    pub(crate) lease: Lease,
    pub(crate) on_loss: OnLoss<C>,
    pub(crate) mismatch_us: u32,
    /// Units in 2^32 microseconds by which an output may leave its safe value after a start; 0 for no limit.
    pub(crate) come_back: u32,
    pub(crate) stop_1: Option<SafeStop1<C>>,
    pub(crate) stop_2: Option<SafeStop2<C>>,
}

impl<C: Command> Config<C> {
    /// How long the read back may differ where nothing else is said, in microseconds.
    pub const MISMATCH_US: u32 = 20_000;

    /// A channel that is held by one `put` for this lease, and does this when it has ended. Its read back may differ for
    /// [`MISMATCH_US`](Self::MISMATCH_US).
    #[must_use]
    pub const fn new(lease: Lease, on_loss: OnLoss<C>) -> Self {
        Self {
            lease,
            on_loss,
            mismatch_us: Self::MISMATCH_US,
            come_back: 0,
            stop_1: None,
            stop_2: None,
        }
    }

    /// How long the read back may differ from what was told, the time of the actuator included.
    #[must_use]
    pub const fn mismatch_limit(mut self, span: Span) -> Self {
        self.mismatch_us = span.as_us();
        self
    }

    /// What a demand of category 1 does.
    #[must_use]
    pub const fn stop_1(mut self, stop: SafeStop1<C>) -> Self {
        self.stop_1 = Some(stop);
        self
    }

    /// What a demand of category 2 does.
    #[must_use]
    pub const fn stop_2(mut self, stop: SafeStop2<C>) -> Self {
        self.stop_2 = Some(stop);
        self
    }
}

impl<C: Gradual> Config<C> {
    /// After a start the output leaves its safe value by at most so many units a second: 1 to 999,999.
    ///
    /// # Panics
    ///
    /// If it is 0 or more; in a constant it does not compile.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // Less than 2^32 for less than a unit a microsecond.
    pub const fn come_back(mut self, units_per_s: u32) -> Self {
        assert!(units_per_s > 0, "with 0 units a second nothing comes back");
        assert!(units_per_s < 1_000_000, "a ramp of a unit a microsecond is none");
        self.come_back = (((units_per_s as u64) << 32).div_ceil(1_000_000)) as u32;
        self
    }
}
