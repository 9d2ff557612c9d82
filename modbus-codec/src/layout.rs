//! The rows of [`crate::functions`] as a program carries them: four bytes a form and three an item, where the rows as they are
//! written have twelve and eight. They are packed when the crate is compiled, without the functions that a build leaves out.

use crate::FunctionCode;
use crate::adu::Direction;
use crate::data::coils_len;
use crate::error::saturate;
use crate::field::{Expected, Field};
use crate::functions::{
    Data, EXCEPTION, FUNCTIONS, Form, Function, Item, Kind, OTHER, PARTS, Part, SELECTED,
};

/// The layout of a PDU or of a structure in its data: the index of its row.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Layout(u8);

/// A form.
#[derive(Clone, Copy)]
struct Row {
    first_item: u8,
    count: u8,
    data: Data,
}

/// An item; its values are one of [`EXPECTED`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct PackedItem {
    pub(crate) field: Field,
    kind: Kind,
    expected: u8,
}

impl Layout {
    /// An exception.
    pub(crate) const EXCEPTION: Self = Self(0);
    /// Bytes as they are: a function that has no row.
    pub(crate) const OTHER: Self = Self(1);

    /// The layout of a PDU; `next` is the byte after the function code.
    pub(crate) fn of(direction: Direction, function: FunctionCode, next: Option<u8>) -> Self {
        let Some(row @ 1..) = INDEX.get(usize::from(function.as_raw())).copied() else {
            return if function.is_exception() { Self::EXCEPTION } else { Self::OTHER };
        };
        let (code, mei_type) = SELECTED;
        let is_next_row = function == code && next != Some(mei_type);
        let row = if is_next_row { row.wrapping_add(2) } else { row };
        Self(if direction == Direction::Request { row } else { row.wrapping_add(1) })
    }

    /// The layout of a structure inside data.
    #[cfg_attr(not(feature = "extended-functions"), allow(dead_code))]
    pub(crate) const fn of_part(part: Part) -> Self {
        Self(PARTS_AT.wrapping_add(part as u8))
    }

    pub(crate) fn items(self) -> &'static [PackedItem] {
        self.form().0
    }

    pub(crate) fn data(self) -> Data {
        self.form().1
    }

    /// The items, and the data after them.
    pub(crate) fn form(self) -> (&'static [PackedItem], Data) {
        let Row { first_item, count, data } = self.row();
        let (first, count) = (usize::from(first_item), usize::from(count));
        (ITEMS.get(first..first.wrapping_add(count)).unwrap_or_default(), data)
    }

    fn row(self) -> Row {
        // Each index is of a row that was packed.
        *ROWS.get(usize::from(self.0)).unwrap_or(&ROWS[0])
    }
}

/// The most that a function may ask for, whatever the address.
pub(crate) fn quantity_max(function: FunctionCode, field: Field) -> u16 {
    let layout = Layout::of(Direction::Request, function, None);
    let item = layout.items().iter().find(|item| item.field == field);
    match item.map(|item| item.expected()) {
        Some(Expected::Between { max, .. }) => max,
        _ => 0,
    }
}

impl PackedItem {
    /// 1 or 2.
    pub(crate) const fn len(&self) -> u16 {
        self.kind.len()
    }

    pub(crate) fn is_quantity(&self) -> bool {
        self.kind == Kind::Quantity
    }

    pub(crate) const fn is_byte_count(&self) -> bool {
        self.kind.is_byte_count()
    }

    /// The values that are allowed whatever precedes them.
    pub(crate) fn expected(&self) -> Expected {
        *EXPECTED.get(usize::from(self.expected)).unwrap_or(&EXPECTED[0])
    }

    /// The values that are allowed after an item with the value `before`.
    pub(crate) fn expected_after(&self, before: u16) -> Expected {
        let mut expected = self.expected();
        match (self.kind, &mut expected) {
            // From address 0 there is room for any quantity.
            (Kind::Quantity, Expected::Between { max, .. }) if before != 0 => {
                *max = (*max).min(before.wrapping_neg());
            }
            (Kind::RegistersByteCount, _) => expected = Expected::Exactly(before.wrapping_mul(2)),
            (Kind::CoilsByteCount, _) => expected = Expected::Exactly(saturate(coils_len(before))),
            _ => {}
        }
        expected
    }
}

/// The most fields that precede the data of a PDU.
pub(crate) const WORDS_MAX: usize = PACKED.words_max;

const PARTS_AT: u8 = PACKED.parts_at;

const NO_ROW: Row = Row { first_item: 0, count: 0, data: Data::None };
const PACKED: Packed = Packed::of(FUNCTIONS);
/// Where the rows of a function code are; 0 where there are none.
static INDEX: [u8; PACKED.code_count] = first(&PACKED.index);
static ROWS: [Row; PACKED.row_count] = first(&PACKED.rows);
static ITEMS: [PackedItem; PACKED.item_count] = first(&PACKED.items);
static EXPECTED: [Expected; PACKED.expected_count] = first(&PACKED.expected);

/// More rows, items and values than there are. The tables below are cut to the number that is used.
const ROOM: usize = 128;

struct Packed {
    rows: [Row; ROOM],
    row_count: usize,
    items: [PackedItem; ROOM],
    item_count: usize,
    expected: [Expected; ROOM],
    expected_count: usize,
    index: [u8; ROOM],
    code_count: usize,
    parts_at: u8,
    words_max: usize,
}

#[allow(clippy::indexing_slicing)] // Runs when the crate is compiled: an index out of bounds does not compile.
impl Packed {
    const fn of(functions: &[Function]) -> Self {
        let mut packed = Self {
            rows: [NO_ROW; ROOM],
            row_count: 0,
            items: [PackedItem { field: Field::Unit, kind: Kind::Byte, expected: 0 }; ROOM],
            item_count: 0,
            expected: [Expected::Exactly(0); ROOM],
            expected_count: 0,
            index: [0; ROOM],
            code_count: 0,
            parts_at: 0,
            words_max: 0,
        };
        packed.push(&EXCEPTION);
        packed.push(&OTHER);
        let mut at = 0;
        while at < functions.len() {
            if functions[at].is_basic || cfg!(feature = "extended-functions") {
                packed.push_function(&functions[at]);
            }
            at += 1;
        }
        packed.parts_at = packed.row_count as u8;
        let mut at = 0;
        while at < PARTS.len() && cfg!(feature = "extended-functions") {
            packed.push(&PARTS[at]);
            at += 1;
        }
        packed
    }

    const fn push_function(&mut self, function: &Function) {
        let code = function.code.as_raw();
        // The row without a MEI type follows the one with it.
        if self.index[code as usize] == 0 {
            self.index[code as usize] = self.row_count as u8;
            if code as usize >= self.code_count {
                self.code_count = code as usize + 1;
            }
        }
        self.push(&function.form(Direction::Request));
        self.push(&function.form(Direction::Response));
    }

    const fn push(&mut self, form: &Form) {
        if form.items.len() > self.words_max {
            self.words_max = form.items.len();
        }
        let mut first_item = 0;
        while !self.has_at(form.items, first_item) {
            first_item += 1;
        }
        let mut at = 0;
        while at < form.items.len() {
            let packed = self.pack(form.items[at]);
            self.items[first_item + at] = packed;
            at += 1;
        }
        if first_item + at > self.item_count {
            self.item_count = first_item + at;
        }
        let (first_item, count) = (first_item as u8, form.items.len() as u8);
        self.rows[self.row_count] = Row { first_item, count, data: form.data };
        self.row_count += 1;
    }

    /// Whether the items stand at an index already, or can: as far as there are any.
    const fn has_at(&mut self, items: &[Item], first: usize) -> bool {
        let mut at = 0;
        while at < items.len() && first + at < self.item_count {
            let there = self.items[first + at];
            let packed = self.pack(items[at]);
            let is_same = there.field as u8 == packed.field as u8
                && there.kind as u8 == packed.kind as u8
                && there.expected == packed.expected;
            if !is_same {
                return false;
            }
            at += 1;
        }
        true
    }

    const fn pack(&mut self, item: Item) -> PackedItem {
        let Item { field, kind, expected } = item;
        PackedItem { field, kind, expected: self.index_of(expected) }
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
