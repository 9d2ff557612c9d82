//! Lights on the channels of a logic analyser.

use std::collections::VecDeque;
use std::rc::Rc;

use led_codes::Level;

use super::lights::Lights;
use super::tried::Tried;
use crate::event::Event;
use crate::evidence::vcd::Vcd;
use crate::evidence::{Evidence, Opening};
use crate::failure::Failure;
use crate::input::is_interrupted;

pub(crate) struct LightsVcd {
    vcd: Vcd,
    source: Rc<str>,
    lights: Lights,
    /// The signals that are asked for; all if there are none.
    signals: Vec<String>,
}

impl LightsVcd {
    pub(crate) fn new(opening: Opening<'_>) -> Result<Self, Failure> {
        let Opening { input, source, zero_us, options } = opening;
        let lights = Lights::new(source.clone(), Tried::new(options)?, zero_us);
        Ok(Self { vcd: Vcd::new(input), source, lights, signals: options.signals.clone() })
    }

    fn read_line(&mut self, events: &mut VecDeque<Event>) -> Result<bool, String> {
        let Some(changes) = self.vcd.read()? else { return Ok(false) };
        let row = self.vcd.line();
        for change in changes {
            let is_wanted = self.signals.is_empty() || self.signals.contains(&change.signal);
            let Some(is_high) = change.is_high.filter(|_| is_wanted) else { continue };
            let level = if is_high { Level::On } else { Level::Off };
            let t_us = change.t_ns.div_euclid(1_000);
            let taken = self.lights.edge(&change.signal, level, t_us, row, events);
            taken.map_err(|_| "expected at most 64 signals; --signal takes one".to_owned())?;
        }
        Ok(true)
    }
}

impl Evidence for LightsVcd {
    fn read(&mut self, events: &mut VecDeque<Event>) -> Result<bool, Failure> {
        match self.read_line(events) {
            Ok(true) => Ok(true),
            Err(message) if !is_interrupted() => {
                self.lights.finish(events);
                let (line, offset) = (self.vcd.line(), self.vcd.offset());
                let source = &self.source;
                Err(Failure::Damaged(format!("{source}: row {line}, byte {offset}: {message}")))
            }
            Ok(false) | Err(_) => {
                self.lights.finish(events);
                Ok(false)
            }
        }
    }
}
