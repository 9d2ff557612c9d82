//! The legend: one const table of what a light says. The encoder, the decoder, the sticker on the door and the chapter in the manual
//! are made from it, and a table in which two lines can be confused does not compile.
//!
//! ```text
//!  what the light shows     what it means                  what to do first
//!  healthy  slow blinking   running, no fault
//!  dark     dark            no power, or the program hangs ...
//!  solid    lit             the program hangs              ...
//!  1-1      flashes         "watchdog"                     ...
//!  1-2      flashes         "can-bus"                      ...
//! ```

mod check;
mod distinguish;
mod error;
mod markdown;
mod message;
mod sticker;
mod words;

pub use error::{Error, Text, Who};
pub use markdown::Markdown;
pub use sticker::Sticker;

use core::fmt;

use crate::code::Code;
use crate::dialect::Dialect;
use crate::entry::{Dark, Entry, Healthy, Id, Severity, Solid, entry};
use crate::level::Level;

/// One const table of `N` codes: see the [module](self).
///
/// ```
/// use led_codes::{code, dark, entry, healthy, solid, Dialect, Flash, Id, Legend, Severity};
/// static LEGEND: Legend<2> = Legend::new(
///     Dialect::HUMAN,
///     healthy(Flash::new(1_000, 1_000).once(), "Running, no fault"),
///     dark("No power, or the program hangs", "Measure 24 V at X1"),
///     solid("The program hangs", "Switch off and on; read the record"),
///     [
///         entry(code(1, 1), Severity::High, "watchdog", "The watchdog reset the controller", "Read the incident record"),
///         entry(code(1, 2), Severity::High, "can-bus", "No drive answers on CAN", "Check the plug at X4"),
///     ],
/// );
/// const CAN_BUS: Id<2> = LEGEND.id("can-bus");
/// assert_eq!(LEGEND.entry(CAN_BUS).first_action, "Check the plug at X4");
/// ```
///
/// Two faults with one code do not compile:
///
/// ```compile_fail,E0080
/// # use led_codes::{code, dark, entry, healthy, solid, Dialect, Flash, Id, Legend, Severity};
/// static LEGEND: Legend<2> = Legend::new(
///     Dialect::HUMAN,
///     healthy(Flash::new(1_000, 1_000).once(), "Running, no fault"),
///     dark("No power, or the program hangs", "Measure 24 V at X1"),
///     solid("The program hangs", "Switch off and on; read the record"),
///     [
///         entry(code(1, 2), Severity::High, "watchdog", "The watchdog reset the controller", "Read the incident record"),
///         entry(code(1, 2), Severity::High, "can-bus", "No drive answers on CAN", "Check the plug at X4"),
///     ],
/// );
/// ```
///
/// nor does a code that the dialect cannot carry, or that people cannot count:
///
/// ```compile_fail,E0080
/// # use led_codes::{code, dark, entry, healthy, solid, Dialect, Flash, Id, Legend, Severity};
/// static LEGEND: Legend<1> = Legend::new(
///     Dialect::HUMAN,
///     healthy(Flash::new(1_000, 1_000).once(), "Running, no fault"),
///     dark("No power, or the program hangs", "Measure 24 V at X1"),
///     solid("The program hangs", "Switch off and on; read the record"),
///     [entry(code(1, 6), Severity::High, "can-bus", "No drive answers on CAN", "Check the plug at X4")],
/// );
/// ```
///
/// nor does a missing text:
///
/// ```compile_fail,E0080
/// # use led_codes::{code, dark, entry, healthy, solid, Dialect, Flash, Id, Legend, Severity};
/// static LEGEND: Legend<1> = Legend::new(
///     Dialect::HUMAN,
///     healthy(Flash::new(1_000, 1_000).once(), "Running, no fault"),
///     dark("No power, or the program hangs", "Measure 24 V at X1"),
///     solid("The program hangs", "Switch off and on; read the record"),
///     [entry(code(1, 2), Severity::High, "can-bus", "No drive answers on CAN", "")],
/// );
/// ```
///
/// nor do two patterns that cannot be told apart: here one is the other, begun at its second row:
///
/// ```compile_fail,E0080
/// # use led_codes::{code, dark, entry, healthy, solid, Code, Dialect, Flash, Id, Legend, Pattern, Severity};
/// const SHORT: Flash = Flash::new(250, 250);
/// static ONE: Pattern = Pattern::new(&[SHORT.times(1, 1_000), SHORT.times(2, 1_000)]);
/// static OTHER: Pattern = Pattern::new(&[SHORT.times(2, 1_000), SHORT.times(1, 1_000)]);
/// static LEGEND: Legend<2> = Legend::new(
///     Dialect::HUMAN,
///     healthy(Flash::new(1_000, 1_000).once(), "Running, no fault"),
///     dark("No power, or the program hangs", "Measure 24 V at X1"),
///     solid("The program hangs", "Switch off and on; read the record"),
///     [
///         entry(Code::Pattern(&ONE), Severity::High, "watchdog", "The watchdog reset the controller", "Read the incident record"),
///         entry(Code::Pattern(&OTHER), Severity::High, "can-bus", "No drive answers on CAN", "Check the plug at X4"),
///     ],
/// );
/// ```
///
/// and there are as many entries as the type says:
///
/// ```compile_fail,E0308
/// # use led_codes::{code, dark, entry, healthy, solid, Dialect, Flash, Id, Legend, Severity};
/// static LEGEND: Legend<2> = Legend::new(
///     Dialect::HUMAN,
///     healthy(Flash::new(1_000, 1_000).once(), "Running, no fault"),
///     dark("No power, or the program hangs", "Measure 24 V at X1"),
///     solid("The program hangs", "Switch off and on; read the record"),
///     [entry(code(1, 2), Severity::High, "can-bus", "No drive answers on CAN", "Check the plug at X4")],
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Legend<const N: usize> {
    dialect: Dialect,
    healthy: Option<Healthy<'static>>,
    dark: Dark<'static>,
    solid: Option<Solid<'static>>,
    entries: [Entry<'static>; N],
    is_polarity_known: bool,
}

impl<const N: usize> Legend<N> {
    /// The legend of a light, with what it shows when there is no fault. It is made in a `static` or `const`.
    ///
    /// # Panics
    ///
    /// As [`View::new`] has errors; the message names the entries and the numbers.
    #[must_use]
    pub const fn new(
        dialect: Dialect,
        healthy: Healthy<'static>,
        dark: Dark<'static>,
        solid: Solid<'static>,
        entries: [Entry<'static>; N],
    ) -> Self {
        let (healthy, solid) = (Some(healthy), Some(solid));
        Self { dialect, healthy, dark, solid, entries, is_polarity_known: true }.checked()
    }

    /// The table of a standard, which is dark when there is nothing to show. Where an entry is a light that is solid, it says what solid
    /// means, and there is no other text for it.
    ///
    /// # Panics
    ///
    /// As [`View::standard`] has errors.
    #[must_use]
    pub const fn standard(
        dialect: Dialect,
        dark: Dark<'static>,
        solid: Option<Solid<'static>>,
        entries: [Entry<'static>; N],
    ) -> Self {
        Self { dialect, healthy: None, dark, solid, entries, is_polarity_known: true }.checked()
    }

    /// The same on a light of which nobody knows which level is lit: two entries of which one is the other one upside down are refused.
    ///
    /// ```compile_fail,E0080
    /// use led_codes::{dark, entry, solid, Code, Dialect, Flash, Legend, Pattern, Severity};
    /// static ON: Pattern = Pattern::new(&[Flash::new(1_500, 500).once()]);
    /// static OFF: Pattern = Pattern::new(&[Flash::new(500, 1_500).once()]);
    /// static LEGEND: Legend<2> = Legend::standard(
    ///     Dialect::free_running(Flash::new(500, 500)),
    ///     dark("No power", "Measure 24 V at X1"),
    ///     Some(solid("The program hangs", "Switch off and on")),
    ///     [
    ///         entry(Code::Pattern(&ON), Severity::Low, "charging", "The battery is charged", "Wait"),
    ///         entry(Code::Pattern(&OFF), Severity::High, "empty", "The battery is empty", "Charge it"),
    ///     ],
    /// )
    /// .polarity_unknown();
    /// ```
    ///
    /// ```
    /// # use led_codes::{dark, entry, solid, Code, Dialect, Flash, Legend, Pattern, Severity};
    /// # static ON: Pattern = Pattern::new(&[Flash::new(1_500, 500).once()]);
    /// # static OFF: Pattern = Pattern::new(&[Flash::new(500, 1_500).once()]);
    /// static LEGEND: Legend<2> = Legend::standard(
    ///     Dialect::free_running(Flash::new(500, 500)),
    ///     dark("No power", "Measure 24 V at X1"),
    ///     Some(solid("The program hangs", "Switch off and on")),
    ///     [
    ///         entry(Code::Pattern(&ON), Severity::Low, "charging", "The battery is charged", "Wait"),
    ///         entry(Code::Pattern(&OFF), Severity::High, "empty", "The battery is empty", "Charge it"),
    ///     ],
    /// );
    /// ```
    ///
    /// # Panics
    ///
    /// If two lines cannot be told apart then.
    #[must_use]
    pub const fn polarity_unknown(self) -> Self {
        Self { is_polarity_known: false, ..self }.checked()
    }

    #[allow(clippy::panic)] // A wrong table does not compile.
    const fn checked(self) -> Self {
        let view = self.view();
        if let Err(error) = check::check(&view) {
            panic!("{}", error.message(view.entries).as_str());
        }
        self
    }

    /// The entry of this name. A name that is not there does not compile in a constant:
    ///
    /// ```compile_fail,E0080
    /// use led_codes::{standard, Id};
    /// const MISSING: Id<19> = standard::raspberry_pi::ACT.id("motor");
    /// ```
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    #[allow(clippy::indexing_slicing)] // The place is below the length.
    #[allow(clippy::panic)] // A wrong name does not compile.
    pub const fn id(&self, name: &str) -> Id<N> {
        let mut place = 0;
        while place < N {
            if check::is_same(self.entries[place].name, name) {
                if let Some(id) = Id::new(place) {
                    return id;
                }
            }
            place = place.wrapping_add(1);
        }
        panic!("the legend has no entry of this name")
    }

    /// An entry.
    #[must_use]
    pub const fn entry(&self, id: Id<N>) -> &Entry<'static> {
        match self.entries.split_at_checked(id.index()) {
            Some((_, [entry, ..])) => entry,
            // An id of `N` is below `N`.
            _ => const { &entry(Code::Solid(Level::Off), Severity::Low, "", "", "") },
        }
    }

    /// The dialect of its codes.
    #[must_use]
    pub const fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// What is shown when there is no fault; `None` in the table of a standard.
    #[must_use]
    pub const fn healthy(&self) -> Option<Healthy<'static>> {
        self.healthy
    }

    /// The same table, with its length known at run time.
    #[must_use]
    pub const fn view(&self) -> View<'_> {
        View {
            dialect: &self.dialect,
            healthy: self.healthy,
            dark: self.dark,
            solid: self.solid,
            entries: &self.entries,
            is_polarity_known: self.is_polarity_known,
        }
    }
}

/// A legend of any length: of a [`Legend`], or made on a host at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct View<'a> {
    dialect: &'a Dialect,
    healthy: Option<Healthy<'a>>,
    dark: Dark<'a>,
    solid: Option<Solid<'a>>,
    entries: &'a [Entry<'a>],
    is_polarity_known: bool,
}

impl<'a> View<'a> {
    /// The most entries.
    pub const ENTRIES_MAX: usize = check::COUNT_MAX;

    /// A legend that is made at run time.
    ///
    /// # Errors
    ///
    /// A text is missing or a name is there twice; the dialect cannot carry a code, or people cannot read it; two lines can be taken
    /// for one another; there are no entries, or more than [`ENTRIES_MAX`](Self::ENTRIES_MAX).
    pub const fn new(
        dialect: &'a Dialect,
        healthy: Healthy<'a>,
        dark: Dark<'a>,
        solid: Solid<'a>,
        entries: &'a [Entry<'a>],
    ) -> Result<Self, Error> {
        let (healthy, solid) = (Some(healthy), Some(solid));
        Self { dialect, healthy, dark, solid, entries, is_polarity_known: true }.checked()
    }

    /// The table of a standard, made at run time: see [`Legend::standard`].
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub const fn standard(
        dialect: &'a Dialect,
        dark: Dark<'a>,
        solid: Option<Solid<'a>>,
        entries: &'a [Entry<'a>],
    ) -> Result<Self, Error> {
        Self { dialect, healthy: None, dark, solid, entries, is_polarity_known: true }.checked()
    }

    const fn checked(self) -> Result<Self, Error> {
        match check::check(&self) {
            Ok(()) => Ok(self),
            Err(error) => Err(error),
        }
    }

    /// The dialect of its codes.
    #[must_use]
    pub const fn dialect(&self) -> &'a Dialect {
        self.dialect
    }

    /// What is shown when there is no fault; `None` in the table of a standard.
    #[must_use]
    pub const fn healthy(&self) -> Option<Healthy<'a>> {
        self.healthy
    }

    /// What it means that the light stays dark.
    #[must_use]
    pub const fn dark(&self) -> Dark<'a> {
        self.dark
    }

    /// What it means that the light stays lit; `None` where entries say so.
    #[must_use]
    pub const fn solid(&self) -> Option<Solid<'a>> {
        self.solid
    }

    /// The codes.
    #[must_use]
    pub const fn entries(&self) -> &'a [Entry<'a>] {
        self.entries
    }

    /// Whether it is known which level of the light is lit.
    #[must_use]
    pub const fn is_polarity_known(&self) -> bool {
        self.is_polarity_known
    }

    /// The entry at this place.
    #[must_use]
    pub const fn entry(&self, place: u8) -> Option<&'a Entry<'a>> {
        match self.entries.split_at_checked(place as usize) {
            Some((_, [entry, ..])) => Some(entry),
            _ => None,
        }
    }

    /// The legend as a chapter of a manual, in Markdown. The title is that of the light or the machine.
    #[must_use]
    pub const fn markdown(&self, title: &'a str) -> Markdown<'a> {
        Markdown::new(*self, title)
    }

    /// The legend as a picture to print and to stick on a door, in SVG.
    #[must_use]
    pub const fn sticker(&self, title: &'a str) -> Sticker<'a> {
        Sticker::new(*self, title)
    }
}

/// An error of a table that is made at run time, with the names of its entries: see [`explain`].
#[derive(Clone, Copy, Debug)]
pub struct Explained<'a> {
    error: Error,
    entries: &'a [Entry<'a>],
}

/// An error of a table that is made at run time, with the names of its entries instead of their places.
///
/// ```
/// use led_codes::legend::{explain, View};
/// use led_codes::{code, dark, entry, healthy, solid, Dialect, Flash, Severity};
/// let entries = [
///     entry(code(2, 2), Severity::High, "fan", "The fan stands", "Clean it"),
///     entry(code(2, 2), Severity::Low, "filter", "The filter is full", "Change it"),
/// ];
/// let (dark, solid) = (dark("No power", "Measure 24 V"), Some(solid("The program hangs", "Switch off and on")));
/// let legend = View::standard(&Dialect::HUMAN, dark, solid, &entries);
/// assert_eq!(explain(legend.unwrap_err(), &entries).to_string(), "\"fan\" and \"filter\" have the same code");
/// ```
#[must_use]
pub const fn explain<'a>(error: Error, entries: &'a [Entry<'a>]) -> Explained<'a> {
    Explained { error, entries }
}

impl fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.error.message(self.entries).as_str())
    }
}
