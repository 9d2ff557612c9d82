//! Input: a file or standard input, with a look ahead, a progress bar, and an end on Ctrl-C and the like.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};

use crate::failure::Failure;
#[cfg(unix)]
use crate::keys;

static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);
static STANDARD_INPUT: OnceLock<SyncSender<Chunk>> = OnceLock::new();

/// A message from the thread that reads standard input, or from the handler of signals.
enum Chunk {
    Bytes(Vec<u8>),
    Failed(io::Error),
    End,
}

/// Shorter files are read before anyone looks at a progress bar.
const BAR_FROM_LEN: u64 = 64 << 20;
const HEAD_LEN: usize = 4096;
/// Holds the largest packet that capture programs write by default, twice.
const BUFFER_LEN: usize = 512 << 10;
/// Ten thousand of these fit in memory.
const CROWDED_BUFFER_LEN: usize = 512;

/// Ends reading on Ctrl-C, SIGTERM and SIGHUP, so that the findings can still be told. A second one ends at once.
pub(crate) fn end_on_interrupt() {
    // Without a handler the signals still end the process: nothing to tell the user.
    let _ = ctrlc::set_handler(|| {
        if IS_INTERRUPTED.swap(true, Ordering::SeqCst) {
            #[cfg(unix)]
            keys::restore();
            std::process::exit(130);
        }
        if let Some(sender) = STANDARD_INPUT.get() {
            let _ = sender.try_send(Chunk::End);
        }
    });
}

pub(crate) fn is_interrupted() -> bool {
    IS_INTERRUPTED.load(Ordering::SeqCst)
}

/// An evidence as the command line gives it.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    /// A file; `-` is standard input.
    File(PathBuf),
    /// The text itself, and how its source is called.
    Text { name: &'static str, bytes: Vec<u8> },
    /// The space bar of the terminal.
    Keys,
}

impl Given {
    /// The path of a file, or the name.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Text { name, .. } => Path::new(name),
            Self::Keys => Path::new("keys"),
        }
    }

    /// Opens it and looks at its head. With many others open, it takes little memory.
    pub(crate) fn open(&self, is_crowded: bool) -> Result<Input, Failure> {
        match self {
            Self::File(path) => Input::open(path, is_crowded),
            Self::Text { bytes, .. } => {
                Input::of_bytes(bytes.clone()).map_err(|error| refused(self.path(), &error))
            }
            Self::Keys => Input::of_keys().map_err(|error| refused(self.path(), &error)),
        }
    }
}

/// One evidence, open.
pub(crate) struct Input {
    from: From,
    /// The first bytes, by which the kind is recognised.
    head: Vec<u8>,
    head_taken: usize,
    bar: Option<ProgressBar>,
    buffer_len: usize,
}

enum From {
    File(File),
    /// A file that is opened for each read: a process can have only so many open.
    Crowded {
        path: Rc<Path>,
        position: u64,
    },
    Bytes(Cursor<Vec<u8>>),
    StandardInput {
        receiver: Receiver<Chunk>,
        chunk: Vec<u8>,
        taken: usize,
        is_over: bool,
    },
    /// Rows of a thread that reads the keys of the terminal.
    Keys(Box<From>),
}

impl Input {
    /// Opens a file, or standard input for `-`, and looks at its head. With many others open, it takes little memory.
    fn open(path: &Path, is_crowded: bool) -> Result<Self, Failure> {
        let name = path.display();
        let mut input = if path == Path::new("-") {
            Self::new(read_standard_input(), BUFFER_LEN)
        } else {
            let file = File::open(path)
                .map_err(|error| Failure::Refused(format!("{name}: {}", reason(&error))))?;
            let facts = file.metadata().map_err(|error| refused(path, &error))?;
            if facts.is_dir() {
                return Err(Failure::Refused(format!("{name}: is a directory, expected a file")));
            }
            if is_crowded && facts.is_file() {
                let path = path.into();
                Self::new(From::Crowded { path, position: 0 }, CROWDED_BUFFER_LEN)
            } else {
                let mut input = Self::new(From::File(file), BUFFER_LEN);
                input.bar = (facts.len() >= BAR_FROM_LEN).then(|| bar(facts.len()));
                input
            }
        };
        input.look().map_err(|error| refused(path, &error))?;
        if input.head.is_empty() {
            return Err(Failure::Refused(format!("{name}: is empty")));
        }
        Ok(input)
    }

    /// Bytes in memory.
    pub(crate) fn of_bytes(bytes: Vec<u8>) -> io::Result<Self> {
        let mut input = Self::new(From::Bytes(Cursor::new(bytes)), BUFFER_LEN);
        input.look()?;
        Ok(input)
    }

    /// Edges of the space bar, as rows of text.
    fn of_keys() -> io::Result<Self> {
        let mut input = Self::new(From::Keys(Box::new(read_keys()?)), BUFFER_LEN);
        input.look()?;
        Ok(input)
    }

    /// The first bytes, enough to recognise the kind.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    pub(crate) fn is_live(&self) -> bool {
        matches!(self.from, From::StandardInput { .. } | From::Keys(_))
    }

    /// Whether another program can open it by its path.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.from, From::File(_) | From::Crowded { .. })
    }

    /// How large a buffer its reader may have.
    pub(crate) fn buffer_len(&self) -> usize {
        self.buffer_len
    }

    fn new(from: From, buffer_len: usize) -> Self {
        Self { from, head: Vec::new(), head_taken: 0, bar: None, buffer_len }
    }

    /// Reads until the kind can be told: a line of text, or the length of any header.
    fn look(&mut self) -> io::Result<()> {
        let mut buffer = [0; HEAD_LEN];
        let (buffer, _) = buffer.split_at_mut(HEAD_LEN.min(self.buffer_len / 2));
        loop {
            let len = self.from.read(buffer)?;
            self.head.extend(buffer.iter().take(len));
            let is_text = self.head.first().is_some_and(|byte| byte.is_ascii_graphic());
            let is_line = is_text && self.head.contains(&b'\n');
            if len == 0 || is_line || self.head.len() >= 64 {
                return Ok(());
            }
        }
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ahead = self.head.get(self.head_taken..).unwrap_or_default();
        let len = if ahead.is_empty() {
            self.from.read(buffer)?
        } else {
            let len = (&mut &*ahead).read(buffer)?;
            self.head_taken += len;
            len
        };
        if self.head_taken == self.head.len() {
            (self.head, self.head_taken) = (Vec::new(), 0);
        }
        if let Some(bar) = &self.bar {
            bar.inc(len as u64);
        }
        Ok(len)
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        #[cfg(unix)]
        if let From::Keys(_) = self.from {
            keys::restore();
        }
    }
}

impl Read for From {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if is_interrupted() {
            return Ok(0);
        }
        match self {
            Self::File(file) => file.read(buffer),
            Self::Crowded { path, position } => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(*position))?;
                let len = file.read(buffer)?;
                *position += len as u64;
                Ok(len)
            }
            Self::Bytes(bytes) => bytes.read(buffer),
            Self::Keys(rows) => rows.read(buffer),
            Self::StandardInput { receiver, chunk, taken, is_over } => {
                if *taken == chunk.len() && !*is_over {
                    *taken = 0;
                    chunk.clear();
                    match receiver.recv() {
                        Ok(Chunk::Bytes(bytes)) => *chunk = bytes,
                        Ok(Chunk::Failed(error)) => return Err(error),
                        Ok(Chunk::End) | Err(_) => *is_over = true,
                    }
                }
                let len = chunk.get(*taken..).unwrap_or_default().read(buffer)?;
                *taken += len;
                Ok(len)
            }
        }
    }
}

/// Standard input is read by a thread of its own: a read that waits cannot be interrupted, a channel can.
fn read_standard_input() -> From {
    let (sender, receiver) = sync_channel(4);
    let _ = STANDARD_INPUT.set(sender.clone());
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        loop {
            let mut buffer = vec![0; 64 << 10];
            let chunk = match input.read(&mut buffer) {
                Ok(0) => Chunk::End,
                Ok(len) => {
                    buffer.truncate(len);
                    Chunk::Bytes(buffer)
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Chunk::Failed(error),
            };
            let is_last = !matches!(chunk, Chunk::Bytes(_));
            if sender.send(chunk).is_err() || is_last {
                return;
            }
        }
    });
    From::StandardInput { receiver, chunk: Vec::new(), taken: 0, is_over: false }
}

/// The keys are read by a thread of its own, as standard input is.
#[cfg(unix)]
fn read_keys() -> io::Result<From> {
    let (sender, receiver) = sync_channel(4);
    let _ = STANDARD_INPUT.set(sender.clone());
    keys::begin()?;
    thread::spawn(move || {
        let send = |row| sender.send(Chunk::Bytes(row)).is_ok();
        let last = match keys::send_rows(send, is_interrupted) {
            Ok(()) => Chunk::End,
            Err(error) => Chunk::Failed(error),
        };
        // Nobody may be there to take it.
        let _ = sender.send(last);
    });
    Ok(From::StandardInput { receiver, chunk: Vec::new(), taken: 0, is_over: false })
}

#[cfg(not(unix))]
fn read_keys() -> io::Result<From> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

fn refused(path: &Path, error: &io::Error) -> Failure {
    Failure::Refused(format!("{}: {}", path.display(), reason(error)))
}

/// The reason of a failure, without the number of the error.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "is not there".to_owned(),
        io::ErrorKind::PermissionDenied => "may not be read".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory, expected a file".to_owned(),
        _ => error.to_string(),
    }
}

fn bar(len: u64) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    let bar = ProgressBar::new(len);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
