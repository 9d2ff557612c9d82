//! The rows as a program carries them: four bytes a row and three an item, where the rows as they are written have twelve and
//! eight. Packed when the crate is compiled.

use super::Part;
use super::{Data, Item, PARTS, REQUESTS, RESPONSES, Row, Size};
use crate::FunctionCode;
use crate::data::coils_len;
use crate::kind::Kind;
use crate::pdu::{Direction, Expected, Field, saturate};

/// A row.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    first_item: u8,
    count: u8,
    pub(crate) data: Data,
}

/// An item; what it may be is one of [`EXPECTED`].
#[derive(Clone, Copy)]
pub(crate) struct PackedItem {
    pub(crate) field: Field,
    size: Size,
    expected: u8,
}

impl Layout {
    /// The row of a kind.
    pub(crate) fn of(direction: Direction, kind: Kind) -> Self {
        let start = match direction {
            Direction::Request => 0,
            Direction::Response => REQUESTS.len(),
        };
        Self::at(start.wrapping_add(kind as usize))
    }

    /// The row of what stands inside other data.
    pub(crate) fn of_part(part: Part) -> Self {
        Self::at(REQUESTS.len().wrapping_add(RESPONSES.len()).wrapping_add(part as usize))
    }

    pub(crate) fn items(self) -> &'static [PackedItem] {
        let (first, count) = (usize::from(self.first_item), usize::from(self.count));
        ITEMS.get(first..first.wrapping_add(count)).unwrap_or_default()
    }

    /// Whether the last item counts the data.
    pub(crate) fn is_counted(self) -> bool {
        matches!(self.data, Data::Counted(_) | Data::Groups(_))
    }

    fn at(index: usize) -> Self {
        // There is a row for each kind and part, which is asserted below.
        ROWS.get(index).copied().unwrap_or(Self { first_item: 0, count: 0, data: Data::None })
    }
}

/// The most that a function may ask for, whatever the address.
pub(crate) fn quantity_max(function: FunctionCode, field: Field) -> u16 {
    let layout = Layout::of(Direction::Request, Kind::of(function.as_raw(), None));
    let item = layout.items().iter().find(|item| item.field == field);
    match item.and_then(|item| EXPECTED.get(usize::from(item.expected))) {
        Some(Expected::Between { max, .. }) => *max,
        _ => 0,
    }
}

impl PackedItem {
    /// 1 or 2.
    pub(crate) const fn len(&self) -> u16 {
        if matches!(self.size, Size::Word | Size::Quantity) { 2 } else { 1 }
    }

    /// The values that are allowed after an item with the value `before`.
    pub(crate) fn expected_after(&self, before: u16) -> Expected {
        let expected = EXPECTED.get(usize::from(self.expected)).copied();
        match (self.size, expected.unwrap_or(Expected::Exactly(0))) {
            (Size::Quantity, Expected::Between { max, .. }) => {
                // From address 0 there is room for any quantity.
                let room = before.wrapping_neg();
                Expected::Between { min: 1, max: if room == 0 { max } else { room.min(max) } }
            }
            (Size::RegistersByteCount, _) => Expected::Exactly(before.wrapping_mul(2)),
            (Size::CoilsByteCount, _) => Expected::Exactly(saturate(coils_len(before))),
            (_, expected) => expected,
        }
    }
}

const ALL: [&[Row]; 3] = [&REQUESTS, &RESPONSES, &PARTS];
const PACKED: Packed = {
    assert!(are_in_order(&REQUESTS) && are_in_order(&RESPONSES));
    Packed::of(ALL)
};
static ROWS: [Layout; PACKED.row_count] = first(&PACKED.rows);
static ITEMS: [PackedItem; PACKED.item_count] = first(&PACKED.items);
static EXPECTED: [Expected; PACKED.expected_count] = first(&PACKED.expected);

/// More than there are of each; only what is used is kept.
const ROOM: usize = 96;

struct Packed {
    rows: [Layout; ROOM],
    row_count: usize,
    items: [PackedItem; ROOM],
    item_count: usize,
    expected: [Expected; ROOM],
    expected_count: usize,
}

#[allow(clippy::indexing_slicing)] // When the crate is compiled: an index out of bounds does not compile.
impl Packed {
    const fn of(all: [&[Row]; 3]) -> Self {
        let none = Expected::Exactly(0);
        let mut packed = Self {
            rows: [Layout { first_item: 0, count: 0, data: Data::None }; ROOM],
            row_count: 0,
            items: [PackedItem { field: Field::Unit, size: Size::Byte, expected: 0 }; ROOM],
            item_count: 0,
            expected: [none; ROOM],
            expected_count: 0,
        };
        let mut table = 0;
        while table < all.len() {
            let mut row = 0;
            while row < all[table].len() {
                packed.push(&all[table][row]);
                row += 1;
            }
            table += 1;
        }
        packed
    }

    const fn push(&mut self, row: &Row) {
        let (first_item, count) = (self.item_count as u8, row.items.len() as u8);
        self.rows[self.row_count] = Layout { first_item, count, data: row.data };
        self.row_count += 1;
        let mut at = 0;
        while at < row.items.len() {
            let Item { field, size, expected } = row.items[at];
            let expected = self.index_of(expected);
            self.items[self.item_count] = PackedItem { field, size, expected };
            self.item_count += 1;
            at += 1;
        }
    }

    const fn index_of(&mut self, expected: Expected) -> u8 {
        let mut at = 0;
        while at < self.expected_count {
            if self.expected[at].is_same(expected) {
                return at as u8;
            }
            at += 1;
        }
        self.expected[at] = expected;
        self.expected_count += 1;
        at as u8
    }
}

#[allow(clippy::indexing_slicing)]
const fn first<T: Copy, const N: usize>(all: &[T; ROOM]) -> [T; N] {
    let mut kept = [all[0]; N];
    let mut at = 0;
    while at < N {
        kept[at] = all[at];
        at += 1;
    }
    kept
}

/// A row is found by its kind.
#[allow(clippy::indexing_slicing)]
const fn are_in_order(rows: &[Row]) -> bool {
    let mut at = 0;
    while at < rows.len() {
        if rows[at].kind as usize != at {
            return false;
        }
        at += 1;
    }
    at == Kind::Exception as usize + 1
}
