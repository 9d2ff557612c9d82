//! An entry of a legend: a code, its name, what it means, what to do first.

use crate::code::Code;
use crate::flash::Flashes;

/// How bad a fault is. A board shows the worse ones first, after the one that came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Severity {
    /// It can wait for the next service.
    Low,
    /// The machine works with limits.
    Medium,
    /// The machine stands, or must be stopped.
    High,
}

impl Severity {
    /// Its word in a legend.
    #[must_use]
    pub const fn as_name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A code, and what a person needs to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Entry<'a> {
    /// What the light shows.
    pub code: Code<'a>,
    /// How bad it is.
    pub severity: Severity,
    /// Its short name, by which the program finds it: `can-bus`.
    pub name: &'a str,
    /// What it means, in a sentence.
    pub meaning: &'a str,
    /// What to do first.
    pub first_action: &'a str,
}

/// An entry of a legend. It needs all of its texts:
///
/// ```
/// use led_codes::{code, entry, Entry, Severity};
/// const CAN_BUS: Entry = entry(code(1, 2), Severity::High, "can-bus", "No drive answers on CAN", "Check the plug at X4");
/// ```
///
/// ```compile_fail,E0061
/// use led_codes::{code, entry, Entry, Severity};
/// const CAN_BUS: Entry = entry(code(1, 2), Severity::High, "can-bus", "No drive answers on CAN");
/// ```
#[must_use]
pub const fn entry<'a>(
    code: Code<'a>,
    severity: Severity,
    name: &'a str,
    meaning: &'a str,
    first_action: &'a str,
) -> Entry<'a> {
    Entry { code, severity, name, meaning, first_action }
}

/// What the light shows when there is no fault: flashes, so that it is neither dark nor solid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Healthy<'a> {
    /// What the light shows.
    pub flashes: Flashes,
    /// What it means.
    pub meaning: &'a str,
}

/// What the light shows when there is no fault.
#[must_use]
pub const fn healthy(flashes: Flashes, meaning: &str) -> Healthy<'_> {
    Healthy { flashes, meaning }
}

/// What it means that the light stays dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Dark<'a> {
    /// What it means.
    pub meaning: &'a str,
    /// What to do first.
    pub first_action: &'a str,
}

/// What it means that the light stays dark, and what to do first.
#[must_use]
pub const fn dark<'a>(meaning: &'a str, first_action: &'a str) -> Dark<'a> {
    Dark { meaning, first_action }
}

/// What it means that the light stays lit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Solid<'a> {
    /// What it means.
    pub meaning: &'a str,
    /// What to do first.
    pub first_action: &'a str,
}

/// What it means that the light stays lit, and what to do first.
#[must_use]
pub const fn solid<'a>(meaning: &'a str, first_action: &'a str) -> Solid<'a> {
    Solid { meaning, first_action }
}

/// An entry of a legend of `N`, by its place. [`Legend::id`](crate::Legend::id) finds it by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Id<const N: usize>(u8);

impl<const N: usize> Id<N> {
    /// The entry at this place, from 0; `None` from `N` on.
    #[must_use]
    pub const fn new(index: usize) -> Option<Self> {
        if index < N && index <= u8::MAX as usize { Some(Self(index as u8)) } else { None }
    }

    /// Its place in the table, from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_place_in_its_legend() {
        assert_eq!(Id::<3>::new(2).map(Id::index), Some(2));
        assert_eq!(Id::<3>::new(3), None);
        assert_eq!(Id::<300>::new(256), None);
    }

    #[test]
    fn severities_are_ordered() {
        assert!(Severity::Low < Severity::Medium && Severity::Medium < Severity::High);
    }
}
