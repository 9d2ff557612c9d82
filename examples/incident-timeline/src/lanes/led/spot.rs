//! Finds the spots of a picture that blink.
//!
//! ```text
//!  brightness of a cell, the brightest of those around it, for the hand shakes
//!   hi  __|‾‾|__|‾‾|_______    two values, each held for a while: a light
//!   lo  ../\_.-'‾'-._/‾\/\..   anything between: what moves in the background
//! ```

/// The picture is looked at in so many cells.
pub(super) const COLUMNS: usize = 80;
pub(super) const ROWS: usize = 60;
pub(super) const CELLS: usize = COLUMNS * ROWS;

/// The hand moves a spot by up to so many cells.
const SHAKE: usize = 2;
/// The light is brighter than its dark by so much of 255 at least.
const CONTRAST_MIN: u32 = 30;
/// So many of 100 pictures show the light lit or dark, and nothing between.
const CLEAR_PERCENT: u32 = 75;
const CHANGES_MIN: u32 = 4;
const SPOTS_MAX: usize = 4;
/// Two spots that are alike in so many of 100 pictures are one light and its reflection.
const ALIKE_PERCENT: usize = 90;

/// A spot that blinks, by its cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) column: usize,
    pub(super) row: usize,
}

/// A cell that blinks.
struct Blinking {
    cell: usize,
    score: u32,
    is_lit: Vec<bool>,
}

/// The pictures of a while, each the brightness of its cells, row by row.
#[derive(Default)]
pub(super) struct Pictures {
    /// The brightest cell around each.
    dilated: Vec<Vec<u8>>,
}

impl Pictures {
    pub(super) fn push(&mut self, cells: &[u8]) {
        let of_rows: Vec<u8> = (0..CELLS)
            .map(|cell| {
                let (row, column) = (cell / COLUMNS, cell % COLUMNS);
                let columns = column.saturating_sub(SHAKE)..(column + SHAKE + 1).min(COLUMNS);
                let around = cells.get(row * COLUMNS + columns.start..row * COLUMNS + columns.end);
                around.unwrap_or_default().iter().copied().max().unwrap_or(0)
            })
            .collect();
        let dilated = (0..CELLS)
            .map(|cell| {
                let (row, column) = (cell / COLUMNS, cell % COLUMNS);
                let rows = row.saturating_sub(SHAKE)..(row + SHAKE + 1).min(ROWS);
                rows.filter_map(|row| of_rows.get(row * COLUMNS + column))
                    .copied()
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        self.dilated.push(dilated);
    }

    pub(super) fn len(&self) -> usize {
        self.dilated.len()
    }

    /// The spots that blink, the clearest first.
    pub(super) fn spots(&self) -> Vec<Spot> {
        let mut blinking: Vec<Blinking> =
            (0..CELLS).filter_map(|cell| self.blinking(cell)).collect();
        blinking.sort_by_key(|blinking| std::cmp::Reverse(blinking.score));
        let mut spots: Vec<(Spot, &Blinking)> = Vec::new();
        let best = blinking.first().map_or(0, |blinking| blinking.score);
        for one in &blinking {
            let is_known = spots.iter().any(|(_, known)| one.is_like(known));
            if spots.len() < SPOTS_MAX && !is_known && one.score * 5 >= best * 4 {
                spots.push((one.middle(&blinking), one));
            }
        }
        spots.into_iter().map(|(spot, _)| spot).collect()
    }

    /// Whether a cell blinks, and how clearly.
    fn blinking(&self, cell: usize) -> Option<Blinking> {
        let values: Vec<u8> =
            self.dilated.iter().filter_map(|picture| picture.get(cell)).copied().collect();
        let mut sorted = values.clone();
        sorted.sort_unstable();
        let percentile =
            |percent: usize| sorted.get(sorted.len() * percent / 100).copied().map(u32::from);
        let (low, high) = (percentile(3)?, percentile(97)?);
        let contrast = high.checked_sub(low).filter(|contrast| *contrast >= CONTRAST_MIN)?;
        let (mut is_lit, mut clear, mut changes, mut lit) = (Vec::new(), 0, 0, false);
        for value in values.iter().copied().map(u32::from) {
            let above = value.saturating_sub(low);
            clear += u32::from(above * 4 <= contrast || above * 4 >= contrast * 3);
            let was_lit = lit;
            lit = if was_lit { above * 8 >= contrast * 3 } else { above * 8 >= contrast * 5 };
            changes += u32::from(lit != was_lit);
            is_lit.push(lit);
        }
        let count = u32::try_from(values.len()).ok()?;
        let percent = clear * 100 / count.max(1);
        let is_blinking =
            percent >= CLEAR_PERCENT && changes >= CHANGES_MIN && changes <= count / 3;
        let score = contrast * percent.saturating_sub(50);
        is_blinking.then_some(Blinking { cell, score, is_lit })
    }
}

impl Blinking {
    /// Whether both show the same light, or one shows the other's reflection.
    fn is_like(&self, other: &Self) -> bool {
        let alike =
            self.is_lit.iter().zip(&other.is_lit).filter(|(one, other)| one == other).count();
        let is_alike = |count: usize| count * 100 >= self.is_lit.len() * ALIKE_PERCENT;
        let (row, column) = (self.cell / COLUMNS, self.cell % COLUMNS);
        let is_near = row.abs_diff(other.cell / COLUMNS) <= 4 * SHAKE
            && column.abs_diff(other.cell % COLUMNS) <= 4 * SHAKE;
        is_near || is_alike(alike)
    }

    /// The middle of the cells around this one that show the same.
    fn middle(&self, all: &[Self]) -> Spot {
        let (row, column) = (self.cell / COLUMNS, self.cell % COLUMNS);
        let (mut rows, mut columns, mut count) = (0, 0, 0);
        for other in all {
            let (other_row, other_column) = (other.cell / COLUMNS, other.cell % COLUMNS);
            let is_near =
                row.abs_diff(other_row) <= 3 * SHAKE && column.abs_diff(other_column) <= 3 * SHAKE;
            if is_near && other.score * 10 >= self.score * 9 {
                (rows, columns, count) = (rows + other_row, columns + other_column, count + 1);
            }
        }
        Spot { column: columns / count.max(1), row: rows / count.max(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A light at a cell, in front of something bright that moves, seen by a hand that shakes.
    fn pictures(light: Option<(usize, usize)>, is_lit: impl Fn(usize) -> bool) -> Pictures {
        let mut pictures = Pictures::default();
        for time in 0..300_usize {
            let mut cells = vec![0; CELLS];
            for (cell, value) in cells.iter_mut().enumerate() {
                let (row, column) = (cell / COLUMNS, cell % COLUMNS);
                let wave = (column * 7 + row * 3 + time * 2) % 160;
                *value = 20 + u8::try_from(wave.min(160 - wave)).unwrap_or(0);
            }
            if let Some((column, row)) = light.filter(|_| is_lit(time)) {
                let (dx, dy) = (time * 7 % 3, time * 5 % 3);
                if let Some(cell) = cells.get_mut((row + dy - 1) * COLUMNS + column + dx - 1) {
                    *cell = 250;
                }
            }
            pictures.push(&cells);
        }
        pictures
    }

    #[test]
    fn a_light_is_found_before_what_moves() {
        for (column, row) in [(40, 30), (4, 4), (75, 55)] {
            let spots = pictures(Some((column, row)), |time| time / 8 % 4 == 0).spots();
            let [spot] = spots.as_slice() else { panic!("{spots:?}") };
            assert!(spot.column.abs_diff(column) <= 1 && spot.row.abs_diff(row) <= 1, "{spot:?}");
        }
    }

    #[test]
    fn what_moves_or_stays_is_no_light() {
        assert_eq!(pictures(None, |_| false).spots(), []);
        assert_eq!(pictures(Some((40, 30)), |_| true).spots(), []);
        // Switched on once.
        assert_eq!(pictures(Some((40, 30)), |time| time > 100).spots(), []);
        assert_eq!(Pictures::default().spots(), []);
    }
}
