//! The run: sources merged by time, filtered, told.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::path::Path;
use std::rc::Rc;

use crate::counts::AllCounts;
use crate::elsewhere::Elsewhere;
use crate::event::Event;
use crate::evidence::unread::Unread;
use crate::evidence::{Evidence, Kind, Opening};
use crate::failure::{Failure, warn};
use crate::finding::Findings;
use crate::input::{self, Given, Input};
use crate::lanes::{self, KINDS, LANES};
use crate::options::Options;
use crate::output::{self, Sink};
use crate::twice::Twice;

/// Up to so many files are open from the beginning. With more, each is opened when its time comes.
const OPEN_MAX: usize = 32;

/// Reads all evidence and writes the timeline.
pub(crate) fn run(options: &Options, given: Vec<Given>) -> Result<(), Failure> {
    input::end_on_interrupt();
    for (file, _) in &options.align {
        if given.iter().all(|given| given.path() != file) {
            let file = file.display();
            return Err(Failure::Refused(format!("--align: {file} is not among the evidence")));
        }
    }
    let is_crowded = given.len() > OPEN_MAX;
    let mut failure = None;
    let mut sources = Vec::new();
    for given in given {
        match Source::new(given, options, is_crowded) {
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
        findings: lanes::findings(),
        counts: AllCounts::new(LANES.iter().map(|lane| (lane.name, (lane.counts)()))),
        output: output::open(options, is_live).map_err(|error| Failure::from_output(&error))?,
        twice: None,
        elsewhere: Elsewhere::default(),
        unread: Vec::new(),
        failure,
    };
    // Sources of absolute times are told together; each of the others begins at 0 for itself.
    let (absolute, relative): (Vec<_>, Vec<_>) =
        sources.into_iter().partition(|source| source.is_absolute);
    let has_one_clock = usize::from(!absolute.is_empty()) + relative.len() == 1;
    run.twice = (absolute.len() > 1).then(Twice::default);
    run.tell(absolute)?;
    let again = run.twice.take().map_or(0, |twice| twice.count);
    for source in relative {
        if !options.summary {
            let begun = run.output.begin_relative(&source.source);
            begun.map_err(|error| Failure::from_output(&error))?;
        }
        run.tell(vec![source])?;
    }
    let findings = run.findings.finish(has_one_clock);
    let elsewhere = run.elsewhere.count;
    let again =
        (again > 0).then(|| format!("{again} events are in more than one capture, and count once"));
    let elsewhere = (elsewhere > 0).then(|| {
        format!("{elsewhere} events are recorded at two places on their way, and count once")
    });
    let mut lines = run.counts.lines().chain(again).chain(elsewhere);
    let finished = run.output.finish(&run.unread, &findings, &mut lines);
    finished.map_err(|error| Failure::from_output(&error))?;
    match run.failure {
        Some(failure) => Err(failure),
        None if input::is_interrupted() => Err(Failure::Interrupted),
        None => Ok(()),
    }
}

/// The kind of a file that begins so.
pub(crate) fn recognise(input: &Input, options: &Options) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| (kind.is)(input.head(), options))
}

/// A file, and its events that were not told yet.
struct Source {
    given: Given,
    source: Rc<str>,
    kind: &'static Kind,
    is_absolute: bool,
    is_live: bool,
    is_crowded: bool,
    reading: Reading,
    events: VecDeque<Event>,
    /// What was not read, when the file is over.
    unread: Vec<Unread>,
}

/// The state of a file.
enum Reading {
    /// The file is opened again when the time of its first event has come.
    Later {
        first_us: Option<i64>,
    },
    Open(Box<dyn Evidence>),
    Over,
}

impl Source {
    /// Opens a file and recognises it by its content.
    fn new(given: Given, options: &Options, is_crowded: bool) -> Result<Self, Failure> {
        let input = given.open(is_crowded)?;
        let source: Rc<str> = given.path().display().to_string().into();
        let Some(kind) = recognise(&input, options) else {
            let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
            let understood = names.join(", ");
            return Err(Failure::Refused(format!(
                "{source}: not recognised; understood are {understood}"
            )));
        };
        let is_aligned = alignment(given.path(), options).is_some();
        if is_aligned && kind.is_absolute {
            return Err(Failure::Refused(format!("--align: {source} has times of its own")));
        }
        let mut source = Self {
            given,
            source,
            kind,
            is_absolute: kind.is_absolute || is_aligned,
            is_live: input.is_live(),
            is_crowded,
            reading: Reading::Over,
            events: VecDeque::new(),
            unread: Vec::new(),
        };
        source.open(input, options)?;
        if is_crowded && !source.is_live {
            source.put_off()?;
        }
        Ok(source)
    }

    fn open(&mut self, input: Input, options: &Options) -> Result<(), Failure> {
        let opening = Opening {
            input,
            source: self.source.clone(),
            zero_us: alignment(self.given.path(), options).unwrap_or(0),
            options,
        };
        self.reading = Reading::Open((self.kind.open)(opening)?);
        Ok(())
    }

    /// Closes the file until the time of its first event. A file of absolute times is read up to there; each other has its turn.
    fn put_off(&mut self) -> Result<(), Failure> {
        let result = if self.is_absolute { self.fill() } else { Ok(()) };
        if self.is_absolute && self.events.is_empty() {
            return result;
        }
        // A failure after the first event comes again, in its turn.
        self.reading = Reading::Later { first_us: self.time_us() };
        self.events = VecDeque::new();
        Ok(())
    }

    /// Opens the file, if its time has come only now, and reads until there is an event or the end.
    fn advance(&mut self, options: &Options) -> Result<(), Failure> {
        if let Reading::Later { .. } = self.reading {
            self.reading = Reading::Over;
            let input = self.given.open(self.is_crowded)?;
            self.open(input, options)?;
        }
        self.fill()
    }

    /// Reads until there is an event or the end.
    fn fill(&mut self) -> Result<(), Failure> {
        if self.is_crowded && self.events.is_empty() {
            // Its capacity counts where there are many.
            self.events = VecDeque::new();
        }
        while let (true, Reading::Open(evidence)) = (self.events.is_empty(), &mut self.reading) {
            let read = evidence.read(&mut self.events);
            if !matches!(read, Ok(true)) {
                self.unread = evidence.unread();
                self.reading = Reading::Over;
            }
            read?;
        }
        Ok(())
    }

    /// The time of the next event.
    fn time_us(&self) -> Option<i64> {
        match self.reading {
            Reading::Later { first_us } => first_us,
            Reading::Open(_) | Reading::Over => self.events.front().and_then(|event| event.t_us),
        }
    }

    fn is_later(&self) -> bool {
        matches!(self.reading, Reading::Later { .. })
    }
}

struct Run<'a> {
    options: &'a Options,
    findings: Findings,
    counts: AllCounts,
    output: Box<dyn Sink>,
    /// Where there is more than one capture.
    twice: Option<Twice>,
    elsewhere: Elsewhere,
    unread: Vec<Unread>,
    failure: Option<Failure>,
}

impl Run<'_> {
    /// Tells the events of sources whose times can be compared, the earliest first.
    fn tell(&mut self, mut sources: Vec<Source>) -> Result<(), Failure> {
        let mut queue = BinaryHeap::new();
        for (index, source) in sources.iter_mut().enumerate() {
            if !source.is_later() {
                self.advance(source);
            }
            if source.is_later() || !source.events.is_empty() {
                queue.push(Reverse((source.time_us(), index)));
            }
        }
        while let Some(Reverse((_, index))) = queue.pop() {
            let Some(source) = sources.get_mut(index) else {
                continue;
            };
            if source.is_later() {
                self.advance(source);
            }
            if let Some(event) = source.events.pop_front() {
                self.take(&event)?;
            }
            if source.events.is_empty() {
                self.advance(source);
            }
            if !source.events.is_empty() {
                queue.push(Reverse((source.time_us(), index)));
            }
        }
        Ok(())
    }

    /// Reads on. One damaged file does not end the others, and the events that could be read of it are told.
    fn advance(&mut self, source: &mut Source) {
        if let Err(error) = source.advance(self.options) {
            keep_first(&mut self.failure, error);
        }
        self.unread.append(&mut source.unread);
    }

    fn take(&mut self, event: &Event) -> Result<(), Failure> {
        if !is_wanted(event, self.options) {
            return Ok(());
        }
        let is_again = self.twice.as_mut().is_some_and(|twice| twice.is_again(event));
        if !is_again && !self.elsewhere.has(event) {
            self.findings.take(event);
            self.counts.take(event);
        }
        if self.options.summary {
            return Ok(());
        }
        self.output.event(event).map_err(|error| Failure::from_output(&error))
    }
}

fn alignment(path: &Path, options: &Options) -> Option<i64> {
    options.align.iter().find(|(file, _)| file == path).map(|(_, us)| *us)
}

fn is_wanted(event: &Event, options: &Options) -> bool {
    let t_us = event.happened_us();
    let is_in_time =
        options.from.is_none_or(|from| t_us >= from) && options.to.is_none_or(|to| t_us < to);
    is_in_time && event.what.event().is_wanted(options)
}

/// The first failure is told at the end; later ones at once.
fn keep_first(failure: &mut Option<Failure>, error: Failure) {
    match failure {
        None => *failure = Some(error),
        Some(_) => warn(&error),
    }
}
