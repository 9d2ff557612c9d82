//! The lights of a recording: each has a watcher of its own.

use std::collections::VecDeque;
use std::rc::Rc;

use led_codes::Level;
use led_codes::samples::{Sampled, Samples};

use super::ears::Look;
use super::tried::Tried;
use super::watcher::{Told, Watcher};
use crate::event::{Event, Lane};
use crate::place::{At, Place, Wire};

/// The lights of a recording, by their names.
pub(crate) struct Lights {
    source: Rc<str>,
    tried: Rc<Tried>,
    zero_us: i64,
    lights: Vec<Light>,
    is_thumb: bool,
    /// The number of the last row.
    row: u64,
}

/// A recording names more lights than are told apart.
#[derive(Debug)]
pub(crate) struct TooMany;

struct Light {
    wire: Rc<Wire>,
    /// Nothing before the first samples have told how far they are apart.
    watcher: Option<Watcher>,
    samples: Option<Samples>,
    /// The samples until then.
    first: Vec<(u16, u64, u64)>,
    /// The time of the decoders' 0, and their last instant.
    begin_us: i64,
    last_us: u64,
}

const LIGHTS_MAX: usize = 64;
/// So many samples tell how far they are apart.
const FIRST_MAX: usize = 32;

impl Lights {
    pub(crate) fn new(source: Rc<str>, tried: Tried, zero_us: i64) -> Self {
        let tried = Rc::new(tried);
        Self { source, tried, zero_us, lights: Vec::new(), is_thumb: false, row: 0 }
    }

    /// The same for edges that a person has tapped.
    pub(crate) fn tapped(self) -> Self {
        Self { is_thumb: true, ..self }
    }

    /// A light shows this level from now on.
    pub(crate) fn edge(
        &mut self,
        name: &str,
        level: Level,
        t_us: i64,
        row: u64,
        events: &mut VecDeque<Event>,
    ) -> Result<(), TooMany> {
        self.row = row;
        let look = if self.is_thumb { Look::Thumb } else { Look::Edges };
        let (source, zero_us) = (self.source.clone(), self.zero_us);
        let tried = self.tried.clone();
        let light = self.light(name, t_us)?;
        let at_us = light.at_us(t_us);
        let told = match &mut light.watcher {
            Some(watcher) => watcher.edge(level, at_us, row),
            None => {
                // The first row tells what the light shows when the recording begins.
                light.watcher.insert(Watcher::new(&tried, look)).join(level, at_us);
                Vec::new()
            }
        };
        light.tell(told, &source, zero_us, events);
        Ok(())
    }

    /// A light is so bright now.
    pub(crate) fn sample(
        &mut self,
        name: &str,
        brightness: u16,
        t_us: i64,
        row: u64,
        events: &mut VecDeque<Event>,
    ) -> Result<(), TooMany> {
        self.row = row;
        let (source, zero_us) = (self.source.clone(), self.zero_us);
        let tried = self.tried.clone();
        let light = self.light(name, t_us)?;
        let at_us = light.at_us(t_us);
        if light.watcher.is_none() {
            light.first.push((brightness, at_us, row));
            if light.first.len() < FIRST_MAX {
                return Ok(());
            }
            light.begin(&tried, &source, zero_us, events);
            return Ok(());
        }
        let told = light.look(brightness, at_us, row);
        light.tell(told, &source, zero_us, events);
        Ok(())
    }

    /// The recording is over.
    pub(crate) fn finish(&mut self, events: &mut VecDeque<Event>) {
        let begun = events.len();
        for light in &mut self.lights {
            if light.watcher.is_none() {
                light.begin(&self.tried, &self.source, self.zero_us, events);
            }
            let Some(watcher) = &mut light.watcher else { continue };
            let mut told = watcher.stays(light.last_us, self.row);
            told.extend(watcher.finish(self.row));
            light.tell(told, &self.source, self.zero_us, events);
        }
        // The lights are told one after the other.
        let last = events.make_contiguous().get_mut(begun..).unwrap_or_default();
        last.sort_by_key(|event| event.t_us);
    }

    fn light(&mut self, name: &str, t_us: i64) -> Result<&mut Light, TooMany> {
        let found = self.lights.iter().position(|light| light.wire.name() == name);
        let place = match found {
            Some(place) => place,
            None if self.lights.len() < LIGHTS_MAX => {
                self.lights.push(Light {
                    wire: Rc::new(Wire::named(name)),
                    watcher: None,
                    samples: None,
                    first: Vec::new(),
                    begin_us: t_us,
                    last_us: 0,
                });
                self.lights.len() - 1
            }
            None => return Err(TooMany),
        };
        self.lights.get_mut(place).ok_or(TooMany)
    }
}

impl Light {
    /// Since its first row. A time before the last one is taken for that one.
    fn at_us(&mut self, t_us: i64) -> u64 {
        let at_us = u64::try_from(t_us.saturating_sub(self.begin_us)).unwrap_or(0);
        self.last_us = self.last_us.max(at_us);
        self.last_us
    }

    /// The first samples tell how far they are apart: then they are looked at.
    fn begin(
        &mut self,
        tried: &Tried,
        source: &Rc<str>,
        zero_us: i64,
        events: &mut VecDeque<Event>,
    ) {
        let first = std::mem::take(&mut self.first);
        let times = first.iter().map(|(_, at_us, _)| *at_us);
        let mut apart: Vec<u64> =
            times.clone().zip(times.skip(1)).map(|(one, next)| next - one).collect();
        apart.sort_unstable();
        let Some(interval_us) = apart.get(apart.len() / 2).filter(|us| **us > 0) else { return };
        let interval_us = u32::try_from(*interval_us).unwrap_or(u32::MAX);
        // A camera exposes over a part of a frame; an ADC samples at an instant.
        let (moved_ms, smooth_us) = if interval_us >= CAMERA_US { (50, 0) } else { (5, 20_000) };
        self.samples = Some(Samples::new(interval_us, CONTRAST_MIN).smoothed(smooth_us));
        self.watcher = Some(Watcher::new(tried, Look::Samples { interval_us, moved_ms }));
        for (brightness, at_us, row) in first {
            let told = self.look(brightness, at_us, row);
            self.tell(told, source, zero_us, events);
        }
    }

    fn look(&mut self, brightness: u16, at_us: u64, row: u64) -> Vec<Told> {
        let (Some(samples), Some(watcher)) = (&mut self.samples, &mut self.watcher) else {
            return Vec::new();
        };
        match samples.sample(brightness, at_us) {
            Some(Sampled::Edge { level, at_us }) => watcher.edge(level, at_us, row),
            Some(Sampled::Flicker { level, at_us }) => {
                watcher.interrupt();
                watcher.edge(level, at_us, row)
            }
            Some(_) => {
                watcher.interrupt();
                Vec::new()
            }
            None => watcher.stays(at_us, row),
        }
    }

    fn tell(&self, told: Vec<Told>, source: &Rc<str>, zero_us: i64, events: &mut VecDeque<Event>) {
        for Told { at_us, row, mut event } in told {
            let begin_us = self.begin_us.saturating_add(zero_us);
            let absolute = |us: i64| us.saturating_add(begin_us);
            event.move_by(absolute(0));
            let place = Place {
                source: source.clone(),
                wire: self.wire.clone(),
                offset: 0,
                at: At::Row(row),
            };
            let t_us = Some(absolute(i64::try_from(at_us).unwrap_or(i64::MAX)));
            events.push_back(Event { t_us, place: Some(place), what: Lane::Led(event) });
        }
    }
}

/// Samples of a camera are so far apart at least, which is 250 frames a second.
const CAMERA_US: u32 = 4_000;

/// The light is so much brighter than its dark at least: of 256 in a video, of 4,096 in most converters.
const CONTRAST_MIN: u16 = 8;
