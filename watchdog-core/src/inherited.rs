//! What a guarded section guards, across a reset: evidence, not state, until it is revalidated.

use core::fmt;

use crate::kept::Kept;
use crate::section::{Owner, Section, SectionId};

/// `W` words of retained memory that the guarded section `SECTION` guards. They are changed only in the section, and after a reset they
/// are read only as [`Inherited`]. They live in a `static` that the start-up code does not initialise.
///
/// ```
/// use watchdog_core::{Guarded, Owner};
///
/// static CURRENT_LIMITS: Guarded<0, 2> = Guarded::new();
///
/// fn change(owner: &Owner, peak: u32, continuous: u32) {
///     let update = CURRENT_LIMITS.enter(owner);
///     update.set(0, peak);
///     update.set(1, continuous);
///     update.finish();
/// }
/// ```
///
/// There is no way to read them but through [`Recovery::inherit`](crate::boot::Recovery::inherit):
///
/// ```compile_fail,E0624
/// # use watchdog_core::Guarded;
/// # static CURRENT_LIMITS: Guarded<0, 2> = Guarded::new();
/// let [peak, continuous] = CURRENT_LIMITS.load();
/// ```
#[derive(Debug)]
pub struct Guarded<const SECTION: u8, const W: usize> {
    words: [Kept; W],
}

impl<const SECTION: u8, const W: usize> Guarded<SECTION, W> {
    const_unless_loom! {
        /// Words that are guarded by this section. A section above 15 does not compile.
        #[must_use]
        #[allow(clippy::new_without_default)] // It lives in a `static`.
        pub fn new() -> Self {
            const { assert!(SECTION <= SectionId::MAX.as_raw(), "a section is 0 to 15") };
            Self { words: cells!(Kept, W) }
        }
    }

    /// The section.
    #[must_use]
    pub const fn section() -> SectionId {
        SectionId::of::<SECTION>()
    }

    /// Enters the section, to change the words.
    #[must_use = "an update that is dropped leaves the section torn: end it by `finish`"]
    pub fn enter<'a>(&'a self, owner: &'a Owner) -> Update<'a, W> {
        Update { section: owner.enter(Self::section()), words: &self.words }
    }

    pub(crate) fn load(&self) -> [u32; W] {
        self.words.each_ref().map(Kept::load)
    }
}

/// A change of guarded words, in their section. It ends by [`Update::finish`]; dropped without it, the section is torn.
#[derive(Debug)]
#[must_use = "an update that is dropped leaves the section torn: end it by `finish`"]
pub struct Update<'a, const W: usize> {
    section: Section<'a>,
    words: &'a [Kept; W],
}

impl<const W: usize> Update<'_, W> {
    /// Changes a word; one past the last is ignored.
    pub fn set(&self, index: usize, value: u32) {
        if let Some(word) = self.words.get(index) {
            word.store(value);
        }
    }

    /// The words are whole again.
    pub fn finish(self) {
        self.section.finish();
    }
}

/// Where the marks of a section are taken away that has been revalidated. Not `Debug`: a program would have the code for it.
pub(crate) trait Healer {
    fn heal(&self, section: SectionId);
}

/// A value from before the reset. It can be looked at, and comes out only by [`Inherited::revalidate`], even where nothing was torn:
/// retained memory is evidence, not state.
///
/// ```
/// # use watchdog_core::Inherited;
/// fn limits(inherited: Inherited<'_, [u32; 2]>) -> [u32; 2] {
///     let whole = inherited.revalidate(|[peak, continuous]| {
///         if continuous <= peak && peak <= 40_000 { Ok([peak, continuous]) } else { Err("implausible") }
///     });
///     whole.unwrap_or([0, 0])
/// }
/// ```
///
/// ```compile_fail,E0308
/// # use watchdog_core::Inherited;
/// fn limits(inherited: Inherited<'_, [u32; 2]>) -> [u32; 2] {
///     inherited
/// }
/// ```
#[must_use = "it comes out by `revalidate`"]
pub struct Inherited<'a, T> {
    value: T,
    section: SectionId,
    is_torn: bool,
    healer: &'a dyn Healer,
}

impl<'a, T> Inherited<'a, T> {
    pub(crate) const fn new(
        value: T,
        section: SectionId,
        is_torn: bool,
        healer: &'a dyn Healer,
    ) -> Self {
        Self { value, section, is_torn, healer }
    }

    /// The section that guards it.
    #[must_use]
    pub const fn section(&self) -> SectionId {
        self.section
    }

    /// Whether the section was held when the reset came, or has been abandoned since it was revalidated last, or whether that is not
    /// known.
    #[must_use]
    pub const fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// The value, to be looked at.
    #[must_use]
    pub const fn inspect(&self) -> &T {
        &self.value
    }

    /// The value, if the check says that it is good, as it is or repaired. The section is no longer torn then.
    ///
    /// # Errors
    ///
    /// The error of the check. The section stays torn.
    pub fn revalidate<U, E>(self, check: impl FnOnce(T) -> Result<U, E>) -> Result<U, E> {
        let value = check(self.value)?;
        self.healer.heal(self.section);
        Ok(value)
    }
}

impl<T: fmt::Debug> fmt::Debug for Inherited<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inherited")
            .field("value", &self.value)
            .field("section", &self.section)
            .field("is_torn", &self.is_torn)
            .finish_non_exhaustive()
    }
}
