//! The permit: the proof that everything supervised was judged, which alone feeds the watchdog.

use core::marker::PhantomData;

/// The proof that an evaluation found nothing that withholds the feed. It comes only from `evaluate`, is used up by the feed, and can
/// be neither copied nor cloned.
///
/// A permit of [`Supervisor`](crate::Supervisor) can be kept, so that [`Dog::feed`](crate::Dog::feed) checks its age, its supervisor
/// and its cycle. A permit that [`AnySupervisor`](crate::AnySupervisor) lends cannot be kept:
///
/// ```
/// # use watchdog_core::{AnyOutcome, AnySupervisor};
/// # fn feed(_permit: watchdog_core::Permit<'_>) {}
/// fn turn(supervisor: &mut AnySupervisor<1>, now_us: u64) {
///     if let AnyOutcome::Feed(permit, _) = supervisor.evaluate(now_us) {
///         feed(permit);
///     }
/// }
/// ```
///
/// ```compile_fail,E0499
/// # use watchdog_core::{AnyOutcome, AnySupervisor};
/// # fn feed(_permit: watchdog_core::Permit<'_>) {}
/// fn turn(supervisor: &mut AnySupervisor<1>, now_us: u64) {
///     let kept = supervisor.evaluate(now_us);
///     let _ = supervisor.evaluate(now_us + 10_000);
///     if let AnyOutcome::Feed(permit, _) = kept {
///         feed(permit);
///     }
/// }
/// ```
///
/// ```compile_fail,E0597
/// # use watchdog_core::{AnyOutcome, AnySupervisor};
/// # fn feed(_permit: watchdog_core::Permit<'_>) {}
/// fn turn(now_us: u64) {
///     let kept = {
///         let mut supervisor = AnySupervisor::<1>::Vacant;
///         supervisor.evaluate(now_us)
///     };
///     if let AnyOutcome::Feed(permit, _) = kept {
///         feed(permit);
///     }
/// }
/// ```
///
/// A permit feeds once, and cannot be copied:
///
/// ```compile_fail,E0382
/// # fn feed(_permit: watchdog_core::Permit<'_>) {}
/// fn twice(permit: watchdog_core::Permit<'static>) {
///     feed(permit);
///     feed(permit);
/// }
/// ```
///
/// ```compile_fail,E0277
/// fn copy<T: Clone>(original: &T) -> T {
///     original.clone()
/// }
/// fn twice(permit: &watchdog_core::Permit<'static>) {
///     copy(permit);
/// }
/// ```
#[derive(Debug)]
#[must_use = "a permit that is dropped does not feed the watchdog"]
pub struct Permit<'a> {
    /// Until when it feeds.
    pub(crate) until_us: u64,
    /// The address of the memory of its supervisor.
    pub(crate) supervisor: usize,
    pub(crate) cycle: u32,
    pub(crate) borrowed: PhantomData<&'a mut ()>,
}

impl Permit<'_> {
    /// Until when it feeds: the end of its cycle and what an evaluation may be late, in microseconds.
    #[must_use]
    pub const fn until_us(&self) -> u64 {
        self.until_us
    }

    /// The number of its cycle, wrapping.
    #[must_use]
    pub const fn cycle(&self) -> u32 {
        self.cycle
    }

    /// The same permit once more, for the second watchdog of a [`Both`](crate::Both).
    pub(crate) const fn split(&self) -> Self {
        Self {
            until_us: self.until_us,
            supervisor: self.supervisor,
            cycle: self.cycle,
            borrowed: PhantomData,
        }
    }
}
