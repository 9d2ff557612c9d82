//! Guarded sections: which part of the retained memory was being changed when the reset came.
//!
//! ```text
//!             enter                    finish
//! not held ----------> held by owner ----------> not held
//!                        |      |
//!                   drop |      | reset
//!                        v      v
//!                  abandoned    torn at the boot          torn until it is revalidated
//! ```
//!
//! An owner (a task, an interrupt, a core) has two words: the sections that it holds, and those that it has abandoned. There is no stack:
//! two owners leave their sections in any order.

use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;

use crate::kept::{Kept, pair, unpair};

/// A guarded section, 0 to 15. The plan numbers and names them: [`Builder::sections`](crate::plan::Builder::sections).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SectionId(u8);

impl SectionId {
    /// The highest.
    pub const MAX: Self = Self(15);

    /// A section that is known when the program is compiled.
    #[must_use]
    pub const fn of<const RAW: u8>() -> Self {
        const { assert!(RAW <= Self::MAX.0, "a section is 0 to 15") };
        Self(RAW)
    }

    /// The section with this number; `None` above 15.
    #[must_use]
    pub const fn new(raw: u8) -> Option<Self> {
        if raw <= Self::MAX.0 { Some(Self(raw)) } else { None }
    }

    /// Its number.
    #[must_use]
    pub const fn as_raw(self) -> u8 {
        self.0
    }

    /// Its place, from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A set of guarded sections.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sections(u16);

impl Sections {
    /// No section.
    pub const NONE: Self = Self(0);
    /// Every section.
    pub const ALL: Self = Self(u16::MAX);

    /// The set of the sections whose bits are set.
    #[must_use]
    pub const fn from_raw(bits: u16) -> Self {
        Self(bits)
    }

    /// A bit a section.
    #[must_use]
    pub const fn as_raw(self) -> u16 {
        self.0
    }

    /// Whether there is none in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this section is in it.
    #[must_use]
    pub const fn contains(self, section: SectionId) -> bool {
        self.0 >> (section.0 & 0xF) & 1 != 0
    }

    /// The set, and this section.
    #[must_use]
    pub const fn with(self, section: SectionId) -> Self {
        Self(self.0 | 1 << (section.0 & 0xF))
    }

    /// The set without this section.
    #[must_use]
    pub const fn without(self, section: SectionId) -> Self {
        Self(self.0 & !(1 << (section.0 & 0xF)))
    }

    /// The sections of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The sections, from the lowest.
    pub fn iter(self) -> impl Iterator<Item = SectionId> {
        (0..=SectionId::MAX.0).map(SectionId).filter(move |section| self.contains(*section))
    }
}

impl fmt::Debug for Sections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(SectionId::as_raw)).finish()
    }
}

/// Where an owner's two sets are kept.
pub(crate) trait Marks: Sync {
    fn held(&self) -> Sections;
    fn set_held(&self, sections: Sections);
    fn abandoned(&self) -> Sections;
    fn set_abandoned(&self, sections: Sections);
}

/// The two words of an owner in retained memory.
#[derive(Debug)]
pub(crate) struct OwnerCell {
    held: Kept,
    abandoned: Kept,
}

impl OwnerCell {
    const_unless_loom! {
        pub(crate) fn new() -> Self {
            Self { held: Kept::new(), abandoned: Kept::new() }
        }
    }

    pub(crate) const fn words(&self) -> [&Kept; 2] {
        [&self.held, &self.abandoned]
    }
}

/// A word that is not whole says that everything is torn.
fn sections(word: &Kept) -> Sections {
    unpair(word.load()).map_or(Sections::ALL, Sections)
}

impl Marks for OwnerCell {
    fn held(&self) -> Sections {
        sections(&self.held)
    }

    fn set_held(&self, sections: Sections) {
        self.held.store(pair(sections.0));
    }

    fn abandoned(&self) -> Sections {
        sections(&self.abandoned)
    }

    fn set_abandoned(&self, sections: Sections) {
        self.abandoned.store(pair(sections.0));
    }
}

/// The handle of one owner of guarded sections: a task, an interrupt or a core. [`Boot::start`](crate::boot::Boot::start) gives one for
/// each, to be sent there; it can be neither copied nor shared.
///
/// ```compile_fail,E0277
/// fn share(owner: &'static watchdog_core::Owner) {
///     std::thread::spawn(move || owner.torn());
/// }
/// ```
pub struct Owner {
    marks: &'static dyn Marks,
    /// `Send`, and not `Sync`: every word has one writer.
    is_not_sync: PhantomData<Cell<()>>,
}

impl Owner {
    pub(crate) const fn new(marks: &'static dyn Marks) -> Self {
        Self { marks, is_not_sync: PhantomData }
    }

    /// Enters a section: from now on it is torn if the reset comes. It ends by [`Section::finish`]. A section that this owner holds
    /// already is entered once more, and ends with the first one.
    ///
    /// ```
    /// use watchdog_core::{Owner, SectionId};
    ///
    /// const CURRENT_LIMITS: SectionId = SectionId::of::<0>();
    ///
    /// fn change(owner: &Owner) {
    ///     let section = owner.enter(CURRENT_LIMITS);
    ///     // The limits are changed.
    ///     section.finish();
    /// }
    /// ```
    ///
    /// A section that is dropped is abandoned, so that it must not be forgotten:
    ///
    /// ```compile_fail
    /// # #![deny(unused_must_use)]
    /// # use watchdog_core::{Owner, SectionId};
    /// fn change(owner: &Owner) {
    ///     owner.enter(SectionId::of::<0>());
    /// }
    /// ```
    #[must_use = "a section that is dropped is abandoned, and torn: end it by `finish`"]
    pub fn enter(&self, section: SectionId) -> Section<'_> {
        let held = self.marks.held();
        let is_outer = !held.contains(section);
        if is_outer {
            self.marks.set_held(held.with(section));
        }
        Section { owner: self, section, is_outer }
    }

    /// The sections that this owner holds.
    #[must_use]
    pub fn held(&self) -> Sections {
        self.marks.held()
    }

    /// The sections that this owner left torn, in this run or in one before it, and that have not been revalidated since.
    #[must_use]
    pub fn torn(&self) -> Sections {
        self.marks.abandoned()
    }

    /// Revalidates a section that this owner has abandoned: if the check says that its data are good, it is no longer torn. Entering a
    /// section and finishing it does not heal it.
    ///
    /// # Errors
    ///
    /// The error of the check: the section stays torn.
    pub fn revalidate<T, E>(
        &self,
        section: SectionId,
        check: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let value = check()?;
        self.marks.set_abandoned(self.marks.abandoned().without(section));
        Ok(value)
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owner").field("held", &self.held()).field("torn", &self.torn()).finish()
    }
}

/// A guarded section that is held. It ends by [`Section::finish`]; dropped without it, in a future that is cancelled or by `?`, it is
/// abandoned, and its data are torn until they are revalidated. Forgotten it stays held.
#[derive(Debug)]
#[must_use = "a section that is dropped is abandoned, and torn: end it by `finish`"]
pub struct Section<'a> {
    owner: &'a Owner,
    section: SectionId,
    /// Whether the owner did not hold it before.
    is_outer: bool,
}

impl Section<'_> {
    /// Which section it is.
    #[must_use]
    pub const fn id(&self) -> SectionId {
        self.section
    }

    /// The data of the section are whole again.
    pub fn finish(self) {
        self.leave();
        core::mem::forget(self);
    }

    fn leave(&self) {
        if self.is_outer {
            let marks = self.owner.marks;
            marks.set_held(marks.held().without(self.section));
        }
    }
}

impl Drop for Section<'_> {
    fn drop(&mut self) {
        let marks = self.owner.marks;
        marks.set_abandoned(marks.abandoned().with(self.section));
        self.leave();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::boxed::Box;
    use std::vec::Vec;

    use super::*;

    const A: SectionId = SectionId::of::<0>();
    const B: SectionId = SectionId::of::<15>();

    fn owner() -> (Owner, &'static OwnerCell) {
        let cell = Box::leak(Box::new(OwnerCell::new()));
        cell.set_held(Sections::NONE);
        cell.set_abandoned(Sections::NONE);
        (Owner::new(cell), cell)
    }

    #[test]
    fn sections_are_left_in_any_order() {
        let (owner, cell) = owner();
        let (a, b) = (owner.enter(A), owner.enter(B));
        assert_eq!(owner.held().iter().collect::<Vec<_>>(), [A, B]);
        a.finish();
        assert_eq!(owner.held(), Sections::NONE.with(B));
        drop(b);
        assert_eq!((owner.held(), owner.torn()), (Sections::NONE, Sections::NONE.with(B)));
        assert_eq!(cell.words().map(Kept::load), [0xFFFF_0000, 0x7FFF_8000]);
    }

    #[test]
    fn a_section_that_is_entered_twice_ends_with_the_first_one() {
        let (owner, _) = owner();
        let outer = owner.enter(A);
        owner.enter(A).finish();
        assert_eq!(owner.held(), Sections::NONE.with(A));
        drop(owner.enter(A));
        assert_eq!(owner.held(), Sections::NONE.with(A));
        assert_eq!(owner.torn(), Sections::NONE.with(A));
        outer.finish();
        assert_eq!((owner.held(), owner.torn()), (Sections::NONE, Sections::NONE.with(A)));
    }

    #[test]
    fn only_a_check_heals() {
        let (owner, _) = owner();
        drop(owner.enter(A));
        owner.enter(A).finish();
        assert_eq!(owner.torn(), Sections::NONE.with(A));
        assert_eq!(owner.revalidate(A, || Err::<(), _>("bad")), Err("bad"));
        assert_eq!(owner.torn(), Sections::NONE.with(A));
        assert_eq!(owner.revalidate(A, || Ok::<_, ()>(7)), Ok(7));
        assert_eq!(owner.torn(), Sections::NONE);
    }

    #[test]
    fn one_that_is_forgotten_stays_held() {
        let (owner, _) = owner();
        core::mem::forget(owner.enter(B));
        assert_eq!(owner.held(), Sections::NONE.with(B));
    }

    #[test]
    fn a_word_that_is_not_whole_holds_every_section() {
        let (owner, cell) = owner();
        for word in cell.words() {
            word.store(0);
        }
        assert_eq!((owner.held(), owner.torn()), (Sections::ALL, Sections::ALL));
        assert_eq!(std::format!("{:?}", Sections::NONE.with(A).with(B)), "{0, 15}");
    }
}
