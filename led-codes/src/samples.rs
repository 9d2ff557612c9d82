//! Brightness samples to edges: of a camera's frames, or of an ADC behind a photodiode.
//!
//! ```text
//!  high  ........__......__.....   the brightest of late, which fades towards what is seen
//!  lit above  --/--\----/--\----   5/8 of the way up
//!  dark below -/----\--/----\---   3/8 of the way up
//!  low   _____/......\/......\__   the darkest of late
//! ```
//!
//! The threshold follows the scene. When the light is found to be much brighter than all that was taken for it before, the edges from before
//! were those of a flicker, and that is said. A flicker of the mains, at 100 or 120 Hz, changes nothing while it is less than a quarter of the
//! contrast; where an ADC samples faster than a flicker, [`Samples::smoothed`] takes means over it.

use crate::level::Level;

/// Finds the edges of a light in samples of its brightness. A decoder is [interrupted](crate::Decoder::interrupt) by a
/// gap and by a flicker.
///
/// ```
/// use led_codes::samples::{Sampled, Samples};
/// use led_codes::Level;
/// let mut samples = Samples::new(33_333, 20);
/// let mut edges = Vec::new();
/// for (frame, brightness) in [12, 11, 90, 88, 13].into_iter().enumerate() {
///     if let Some(Sampled::Edge { level, at_us }) = samples.sample(brightness, frame as u64 * 33_333) {
///         edges.push((level, at_us));
///     }
/// }
/// assert_eq!(edges, [(Level::On, 49_999), (Level::Off, 116_665)]);
/// ```
#[derive(Clone, Debug)]
pub struct Samples {
    interval_us: u32,
    contrast_min: u16,
    smooth_us: u32,
    /// When the last sample was; `None` before the first one.
    last_us: Option<u64>,
    /// The mean of the samples of late, times 256.
    mean: u32,
    /// The darkest and the brightest of late, times 256.
    low: u32,
    high: u32,
    /// How far these were apart at the last edge, times 256.
    contrast: u32,
    is_lit: Option<bool>,
}

/// The thing that a sample shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Sampled {
    /// The light changed between the last sample and this one.
    Edge {
        /// The level that it shows now.
        level: Level,
        /// The middle between both samples.
        at_us: u64,
    },
    /// So many samples were lost before this one that a step may be, too.
    Gap {
        /// When the last sample was.
        from_us: u64,
        /// When this one is.
        until_us: u64,
    },
    /// The light changed by half as much again as what was taken for it until now: this is an edge, and those before were a flicker's. A
    /// decoder is [interrupted](crate::Decoder::interrupt), and then takes the edge.
    Flicker {
        /// The level that it shows now.
        level: Level,
        /// The middle between both samples.
        at_us: u64,
    },
}

impl Samples {
    /// Samples so many microseconds apart, of a light that is brighter than its dark by at least this much.
    #[must_use]
    pub const fn new(interval_us: u32, contrast_min: u16) -> Self {
        Self {
            interval_us,
            contrast_min,
            smooth_us: 0,
            last_us: None,
            mean: 0,
            low: 0,
            high: 0,
            contrast: 0,
            is_lit: None,
        }
    }

    /// These samples, each a mean of those of about so many microseconds before it. 50,000 us have whole periods of 100 Hz and of
    /// 120 Hz.
    #[must_use]
    pub const fn smoothed(self, over_us: u32) -> Self {
        Self { smooth_us: over_us, ..self }
    }

    /// One sample. An instant that is not after the last one is taken for no sample.
    pub fn sample(&mut self, brightness: u16, at_us: u64) -> Option<Sampled> {
        let value = u32::from(brightness).wrapping_mul(256);
        let Some(last_us) = self.last_us else {
            self.begin(value, at_us);
            return None;
        };
        let elapsed_us = at_us.checked_sub(last_us).filter(|us| *us > 0)?;
        // Two may be lost; in three a flash may be.
        if elapsed_us > u64::from(self.interval_us).saturating_mul(7) / 2 {
            self.last_us = Some(at_us);
            self.follow(value, self.interval_us);
            self.is_lit = self.is_lit_now();
            return Some(Sampled::Gap { from_us: last_us, until_us: at_us });
        }
        let elapsed_us = elapsed_us as u32;
        self.last_us = Some(at_us);
        self.follow(value, elapsed_us);
        let is_lit = self.is_lit_now()?;
        if self.is_lit == Some(is_lit) {
            return None;
        }
        let contrast = self.high.saturating_sub(self.low);
        let is_other_light =
            self.is_lit.is_some() && contrast > self.contrast.saturating_add(self.contrast / 2);
        (self.is_lit, self.contrast) = (Some(is_lit), contrast);
        let level = if is_lit { Level::On } else { Level::Off };
        let at_us = last_us.wrapping_add(u64::from(elapsed_us / 2));
        Some(if is_other_light {
            Sampled::Flicker { level, at_us }
        } else {
            Sampled::Edge { level, at_us }
        })
    }

    fn begin(&mut self, value: u32, at_us: u64) {
        self.last_us = Some(at_us);
        (self.mean, self.low, self.high) = (value, value, value);
    }

    /// Takes a sample into the mean, and the mean into the darkest and the brightest, which fade towards it in about 17 s.
    fn follow(&mut self, value: u32, elapsed_us: u32) {
        let elapsed_us = elapsed_us.min(Self::ELAPSED_US_MAX);
        let window_us = self.smooth_us.min(Self::ELAPSED_US_MAX).wrapping_add(elapsed_us).max(1);
        let part = elapsed_us.wrapping_mul(256) / window_us;
        self.mean = towards(self.mean, value, |by| (by / 256).wrapping_mul(part));
        let fade =
            |by: u32| (u64::from(by).wrapping_mul(u64::from(elapsed_us)) / Self::FADE) as u32;
        self.low = towards(self.low, self.mean, fade).min(self.mean);
        self.high = towards(self.high, self.mean, fade).max(self.mean);
    }

    /// Whether the light is lit; `None` while nobody can tell lit from dark.
    fn is_lit_now(&self) -> Option<bool> {
        let contrast = self.high.saturating_sub(self.low);
        if contrast < u32::from(self.contrast_min).wrapping_mul(256).max(1) {
            return None;
        }
        let above = self.mean.saturating_sub(self.low);
        let eighth = contrast / 8;
        if above >= eighth.wrapping_mul(5) {
            Some(true)
        } else if above <= eighth.wrapping_mul(3) {
            Some(false)
        } else {
            self.is_lit
        }
    }

    const ELAPSED_US_MAX: u32 = 10_000_000;

    /// A power of two, so that the division is a shift.
    const FADE: u64 = 1 << 24;
}

/// A value that goes towards another one, by a part of what is between them.
fn towards(from: u32, to: u32, part: impl Fn(u32) -> u32) -> u32 {
    if to >= from {
        from.saturating_add(part(to.wrapping_sub(from)))
    } else {
        from.saturating_sub(part(from.wrapping_sub(to)))
    }
}
