//! The run: sources merged by time, filtered, told.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::cli::{Format, Options};
use crate::event::Event;
use crate::evidence::{self, Evidence, Opened};
use crate::failure::Failure;
use crate::findings::Findings;
use crate::input;
use crate::output::Output;

/// Reads all evidence and writes the timeline.
pub(crate) fn run(options: &Options, files: &[PathBuf]) -> Result<(), Failure> {
    input::end_on_interrupt();
    let mut sources = Vec::new();
    let mut failure = None;
    for file in files {
        match open(file, options) {
            Ok(source) => sources.push(source),
            Err(error) => keep_first(&mut failure, error),
        }
    }
    if sources.is_empty() {
        return Err(failure.unwrap_or_else(|| Failure::Refused("no evidence".to_owned())));
    }
    let is_live = sources.iter().any(|source| source.is_live);
    let mut run = Run {
        options,
        findings: Findings::default(),
        output: Output::new(options, is_live)?,
        first_us: None,
    };
    // Sources of absolute times are one lane; each of the others begins at 0 for itself.
    let (mut absolute, relative): (Vec<_>, Vec<_>) =
        sources.into_iter().partition(|source| source.is_absolute);
    let has_one_clock = usize::from(!absolute.is_empty()) + relative.len() == 1;
    if !absolute.is_empty() {
        run.tell(&mut absolute, &mut failure)?;
    }
    for source in relative {
        run.first_us = None;
        run.output.begin_relative(&source.source)?;
        run.tell(&mut [source], &mut failure)?;
    }
    run.output.finish(&run.findings.finish(has_one_clock))?;
    match failure {
        Some(failure) => Err(failure),
        None if input::is_interrupted() => Err(Failure::Interrupted),
        None => Ok(()),
    }
}

fn open(file: &Path, options: &Options) -> Result<Source, Failure> {
    let Opened { evidence, source, is_absolute, is_live } = evidence::open(file, options)?;
    Ok(Source { evidence, source, is_absolute, is_live, events: VecDeque::new(), is_over: false })
}

/// A file and its events that were not told yet.
struct Source {
    evidence: Box<dyn Evidence>,
    source: Rc<str>,
    is_absolute: bool,
    is_live: bool,
    events: VecDeque<Event>,
    is_over: bool,
}

impl Source {
    /// Reads until there is an event or the end.
    fn fill(&mut self) -> Result<(), Failure> {
        while self.events.is_empty() && !self.is_over {
            match self.evidence.read(&mut self.events) {
                Ok(more) => self.is_over = !more,
                Err(failure) => {
                    self.is_over = true;
                    return Err(failure);
                }
            }
        }
        Ok(())
    }
}

struct Run<'a> {
    options: &'a Options,
    findings: Findings,
    output: Output,
    first_us: Option<i64>,
}

impl Run<'_> {
    /// Tells the events of sources whose times can be compared, the earliest first.
    fn tell(
        &mut self,
        sources: &mut [Source],
        failure: &mut Option<Failure>,
    ) -> Result<(), Failure> {
        loop {
            for source in sources.iter_mut() {
                if let Err(error) = source.fill() {
                    // One damaged file does not end the others; what was read of it is told.
                    keep_first(failure, error);
                }
            }
            let time = |source: &Source| source.events.front().and_then(|event| event.t_us);
            let earliest = sources
                .iter_mut()
                .filter(|source| !source.events.is_empty())
                .min_by_key(|source| time(source));
            let Some(event) = earliest.and_then(|source| source.events.pop_front()) else {
                return Ok(());
            };
            self.take(&event)?;
        }
    }

    fn take(&mut self, event: &Event) -> Result<(), Failure> {
        if !is_wanted(event, self.options) {
            return Ok(());
        }
        let first_us = *self.first_us.get_or_insert(event.t_us.unwrap_or(0));
        self.findings.take(event);
        self.output.event(event, first_us)
    }
}

fn is_wanted(event: &Event, options: &Options) -> bool {
    let t_us = event.t_us.unwrap_or(0);
    let is_in_time =
        options.from.is_none_or(|from| t_us >= from) && options.to.is_none_or(|to| t_us < to);
    // Bytes of no ADU have no unit, so none that was asked for.
    let is_of_unit =
        options.units.is_empty() || event.unit().is_some_and(|unit| options.units.contains(&unit));
    is_in_time && is_of_unit
}

/// The first failure is told at the end; later ones at once.
fn keep_first(failure: &mut Option<Failure>, error: Failure) {
    if failure.is_none() {
        *failure = Some(error);
    } else if let Some(message) = error.message() {
        eprintln!("incident-timeline: {message}");
    }
}

/// Text is told findings first, so it waits until they are known; live, it is told at once.
pub(crate) fn tells_findings_first(format: Format, is_live: bool) -> bool {
    format == Format::Text && !is_live
}
