//! The space bar of a terminal, as edges of a light that somebody watches.
//!
//! ```text
//!  terminal knows when a key is let go:  space held     -> on    ... let go       -> off
//!  it does not:                          space pressed  -> on    ... pressed again -> off
//! ```
//!
//! The terminal says itself which one it is: by the keyboard protocol of kitty, which other terminals have, too.

use std::io::{self, IsTerminal, Read, Write};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

/// The terminal as it was.
static BEFORE: OnceLock<Termios> = OnceLock::new();

/// The header of the rows.
pub(crate) const HEADER: &str = "time_us,tapped\n";

/// A key that is held comes again sooner than anybody presses it.
const REPEAT: Duration = Duration::from_millis(70);
/// So long a terminal may take to say what it knows.
const ANSWER: Duration = Duration::from_millis(300);
/// Asks for the protocol, and for something that every terminal answers.
const ASK: &[u8] = b"\x1b[?u\x1b[c";
/// All keys with their presses and releases; and as before.
const BEGIN: &[u8] = b"\x1b[>11u";
const END: &[u8] = b"\x1b[<u";

/// Whether somebody sits at a terminal.
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// The terminal is as it was before. It can be called again.
pub(crate) fn restore() {
    if let Some(before) = BEFORE.get() {
        let mut terminal = io::stderr();
        // Nobody is left to be told that the terminal is gone.
        let _ = terminal.write_all(END).and_then(|()| terminal.flush());
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
    }
}

/// Keys come one by one and are not shown; Ctrl-C still interrupts.
pub(crate) fn begin() -> io::Result<()> {
    let before = tcgetattr(io::stdin())?;
    let mut modes = before.clone();
    modes.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
    // A read comes back after a tenth of a second.
    modes.special_codes[SpecialCodeIndex::VMIN] = 0;
    modes.special_codes[SpecialCodeIndex::VTIME] = 1;
    let _ = BEFORE.set(before);
    tcsetattr(io::stdin(), OptionalActions::Now, &modes)?;
    Ok(())
}

/// Sends a row for each edge until `q`, Ctrl-C or Ctrl-D, or until nobody takes them.
pub(crate) fn send_rows(
    send: impl Fn(Vec<u8>) -> bool,
    is_over: impl Fn() -> bool,
) -> io::Result<()> {
    let mut terminal = io::stderr();
    terminal.write_all(ASK)?;
    terminal.flush()?;
    let mut keys = Keys::new(is_kitty()?);
    let how = if keys.knows_releases {
        terminal.write_all(BEGIN)?;
        "Hold the space bar as long as the light is on; q ends."
    } else {
        "Press the space bar when the light goes on, and again when it goes off; q ends."
    };
    writeln!(terminal, "{how}")?;
    let begin = Instant::now();
    if !send(format!("{HEADER}0,off\n").into_bytes()) {
        return Ok(());
    }
    let mut buffer = [0; 64];
    while !is_over() {
        let len = io::stdin().lock().read(&mut buffer)?;
        let at = begin.elapsed();
        for byte in buffer.iter().take(len) {
            let level = match keys.take(*byte, at) {
                Some(Act::On) => "on",
                Some(Act::Off) => "off",
                Some(Act::End) => return Ok(()),
                None => continue,
            };
            if !send(format!("{},{level}\n", at.as_micros()).into_bytes()) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Whether the terminal says that it knows the protocol.
fn is_kitty() -> io::Result<bool> {
    let (mut answer, begin) = (Vec::new(), Instant::now());
    let mut buffer = [0; 64];
    while begin.elapsed() < ANSWER && !answer.ends_with(b"c") {
        let len = io::stdin().lock().read(&mut buffer)?;
        answer.extend(buffer.iter().take(len));
    }
    let text = String::from_utf8_lossy(&answer);
    let flags = text.split("\x1b[?").filter_map(|part| part.split_once('u'));
    Ok(flags
        .into_iter()
        .any(|(flags, _)| !flags.is_empty() && flags.bytes().all(|digit| digit.is_ascii_digit())))
}

/// The effect of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    On,
    Off,
    End,
}

/// The bytes of a terminal as keys.
struct Keys {
    knows_releases: bool,
    /// A sequence that has begun.
    sequence: Option<Vec<u8>>,
    is_on: bool,
    last: Option<Duration>,
}

impl Keys {
    fn new(knows_releases: bool) -> Self {
        Self { knows_releases, sequence: None, is_on: false, last: None }
    }

    fn take(&mut self, byte: u8, at: Duration) -> Option<Act> {
        match (&mut self.sequence, byte) {
            (None, 0x1B) => self.sequence = Some(Vec::new()),
            (None, b'q' | b'Q' | 0x04) => return Some(Act::End),
            (None, b' ') if !self.knows_releases => return self.press(at),
            (None, _) => {}
            // Of no sequence that is known; the next key is one of its own.
            (Some(sequence), _) if sequence.len() > 32 => self.sequence = None,
            (Some(sequence), b'0'..=b'9' | b';' | b':' | b'[' | b'?') => sequence.push(byte),
            (Some(_), _) => {
                let sequence = self.sequence.take().unwrap_or_default();
                if byte == b'u' {
                    return self.report(&String::from_utf8_lossy(&sequence));
                }
            }
        }
        None
    }

    /// The space bar where nobody knows when it is let go.
    fn press(&mut self, at: Duration) -> Option<Act> {
        let is_repeat = self.last.is_some_and(|last| at.saturating_sub(last) < REPEAT);
        self.last = Some(at);
        if is_repeat {
            return None;
        }
        self.is_on = !self.is_on;
        Some(if self.is_on { Act::On } else { Act::Off })
    }

    /// A key, its modifiers and what it did: `[32;1:3` is the space bar, which was let go.
    fn report(&mut self, sequence: &str) -> Option<Act> {
        let mut parts = sequence.trim_start_matches('[').split(';');
        let key = parts.next()?.split(':').next()?;
        let (modifiers, event) =
            match parts.next().map(|part| part.split_once(':').unwrap_or((part, "1"))) {
                Some((modifiers, event)) => (modifiers, event),
                None => ("1", "1"),
            };
        match (key, modifiers, event) {
            ("32", _, "1") => Some(Act::On),
            ("32", _, "3") => Some(Act::Off),
            ("113", _, "1") | ("99" | "100", "5", "1") => Some(Act::End),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Act::{End, Off, On};
    use super::*;

    fn acts(knows_releases: bool, bytes: &[(u64, &[u8])]) -> Vec<Act> {
        let mut keys = Keys::new(knows_releases);
        let each = |(ms, bytes): &(u64, &[u8])| {
            let at = Duration::from_millis(*ms);
            bytes.iter().map(|byte| (*byte, at)).collect::<Vec<_>>()
        };
        let bytes: Vec<(u8, Duration)> = bytes.iter().flat_map(each).collect();
        bytes.into_iter().filter_map(|(byte, at)| keys.take(byte, at)).collect()
    }

    #[test]
    fn a_key_that_is_pressed_and_let_go_is_a_flash() {
        let bytes: [(u64, &[u8]); 5] = [
            (0, b"\x1b[32u"),
            (30, b"\x1b[32;1:2u"),
            (250, b"\x1b[32;1:3u"),
            (600, b"\x1b[32;1:1u"),
            (900, b"\x1b[32;5:3u"),
        ];
        assert_eq!(acts(true, &bytes), [On, Off, On, Off]);
        assert_eq!(acts(true, &[(0, b"\x1b[113;1:1u")]), [End]);
        assert_eq!(acts(true, &[(0, b"\x1b[99;5:1u")]), [End]);
        // Arrows, other keys, and what is too long to be a key.
        assert_eq!(
            acts(
                true,
                &[
                    (0, b"\x1b[A x\x1b[97;1:1u"),
                    (1, b"\x1b[1111111111111111111111111111111111111u")
                ]
            ),
            []
        );
    }

    #[test]
    fn a_key_that_only_comes_is_an_edge_and_its_repeats_are_none() {
        assert_eq!(
            acts(false, &[(0, b" "), (250, b" "), (280, b" "), (310, b" "), (900, b" ")]),
            [On, Off, On]
        );
        assert_eq!(acts(false, &[(0, b" q")]), [On, End]);
        assert_eq!(acts(false, &[(0, b"\x04")]), [End]);
    }
}
