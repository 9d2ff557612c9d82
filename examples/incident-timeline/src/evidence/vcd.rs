//! VCD, IEEE 1364: the changes of signals of one bit, as logic analysers and simulators write them.
//!
//! ```text
//!  $timescale 1 us $end
//!  $var wire 1 ! ERR $end
//!  $enddefinitions $end
//!  #1250000 1!
//! ```

use std::io::{BufRead, BufReader, Read};

use crate::input::Input;

/// A file of changes.
pub(crate) struct Vcd {
    input: BufReader<Input>,
    /// The number of the line, from 1, and the bytes of the lines before it.
    line: u64,
    offset: u64,
    text: Vec<u8>,
    /// How long a unit of time is, in femtoseconds.
    unit_fs: i128,
    now_ns: i64,
    signals: Vec<Signal>,
    /// The words of a `$keyword` that has not ended.
    open: Option<Vec<String>>,
}

struct Signal {
    id: String,
    name: String,
}

/// A signal has another value from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Nanoseconds since the file's 0.
    pub(crate) t_ns: i64,
    pub(crate) signal: String,
    /// Nothing where the value is not known.
    pub(crate) is_high: Option<bool>,
}

const LINE_LEN_MAX: u64 = 64 << 10;
const SIGNALS_MAX: usize = 1_024;

/// Whether a file that begins so is one of these.
pub(crate) fn is_vcd(head: &[u8]) -> bool {
    let first = head.split(u8::is_ascii_whitespace).find(|word| !word.is_empty());
    let keywords: [&[u8]; 6] =
        [b"$date", b"$version", b"$comment", b"$timescale", b"$scope", b"$var"];
    first.is_some_and(|first| keywords.contains(&first))
}

impl Vcd {
    pub(crate) fn new(input: Input) -> Self {
        Self {
            input: BufReader::with_capacity(input.buffer_len().min(64 << 10), input),
            line: 0,
            offset: 0,
            text: Vec::new(),
            unit_fs: 1_000_000,
            now_ns: 0,
            signals: Vec::new(),
            open: None,
        }
    }

    /// The changes of the next line; nothing at the end of the file.
    pub(crate) fn read(&mut self) -> Result<Option<Vec<Change>>, String> {
        self.offset += self.text.len() as u64;
        self.text.clear();
        let mut limited = (&mut self.input).take(LINE_LEN_MAX);
        let len = limited.read_until(b'\n', &mut self.text).map_err(|error| error.to_string())?;
        if len == 0 {
            return Ok(None);
        }
        if len as u64 == LINE_LEN_MAX {
            return Err(format!("expected a line of less than {LINE_LEN_MAX} bytes"));
        }
        self.line += 1;
        let text = String::from_utf8_lossy(&self.text).into_owned();
        let mut changes = Vec::new();
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            if let Some(mut open) = self.open.take() {
                if word == "$end" {
                    self.declare(&open)?;
                } else {
                    open.push(word.to_owned());
                    self.open = Some(open);
                }
                continue;
            }
            match word.split_at_checked(1) {
                Some(("$", "end" | "dumpvars" | "dumpall" | "dumpon" | "dumpoff")) => {}
                Some(("$", _)) => self.open = Some(vec![word.to_owned()]),
                Some(("#", time)) => self.now_ns = self.time_ns(time)?,
                Some((value @ ("0" | "1" | "x" | "X" | "z" | "Z"), id)) => {
                    changes.extend(self.change(value, id));
                }
                Some(("b" | "B" | "r" | "R" | "s" | "S", value)) => {
                    let id = words.next().ok_or("expected the signal of a value")?;
                    let bit = if value.len() == 1 { value } else { "" };
                    changes.extend(self.change(bit, id));
                }
                _ => return Err(format!("expected a change of a signal, got `{word}`")),
            }
        }
        Ok(Some(changes))
    }

    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The bytes before this line.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    fn change(&self, value: &str, id: &str) -> Option<Change> {
        let signal = self.signals.iter().find(|signal| signal.id == id)?;
        let is_high = match value {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        };
        Some(Change { t_ns: self.now_ns, signal: signal.name.clone(), is_high })
    }

    fn time_ns(&self, time: &str) -> Result<i64, String> {
        let time: i64 = time.parse().map_err(|_| format!("expected a time, got `#{time}`"))?;
        let ns = i128::from(time) * self.unit_fs / 1_000_000;
        i64::try_from(ns).map_err(|_| format!("#{time}: expected less than 292 years"))
    }

    /// A declaration that has ended.
    fn declare(&mut self, words: &[String]) -> Result<(), String> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["$timescale", unit @ ..] => self.unit_fs = unit_fs(&unit.concat())?,
            ["$var", _, "1", id, name, ..] if self.signals.len() < SIGNALS_MAX => {
                let (id, name) = ((*id).to_owned(), (*name).to_owned());
                self.signals.push(Signal { id, name });
            }
            _ => {}
        }
        Ok(())
    }
}

/// A unit of time, `1us` or `10ns`, in femtoseconds.
fn unit_fs(unit: &str) -> Result<i128, String> {
    let digits = unit.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(unit.len());
    let (number, name) = unit.split_at(digits);
    let one = match name {
        "s" => 1_000_000_000_000_000,
        "ms" => 1_000_000_000_000,
        "us" => 1_000_000_000,
        "ns" => 1_000_000,
        "ps" => 1_000,
        "fs" => 1,
        _ => return Err(format!("expected a timescale like `1 us`, got `{unit}`")),
    };
    match number {
        "1" => Ok(one),
        "10" => Ok(one * 10),
        "100" => Ok(one * 100),
        _ => Err(format!("expected 1, 10 or 100 before `{name}`, got `{unit}`")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn changes(text: &str) -> Result<Vec<Change>, String> {
        let mut vcd = Vcd::new(Input::of_bytes(text.as_bytes().to_vec()).unwrap());
        let mut all = Vec::new();
        while let Some(changes) = vcd.read()? {
            all.extend(changes);
        }
        Ok(all)
    }

    fn change(t_ns: i64, signal: &str, is_high: Option<bool>) -> Change {
        Change { t_ns, signal: signal.to_owned(), is_high }
    }

    #[test]
    fn changes_of_bits_are_read_with_their_times() {
        let text = "$date today $end $version a b\n$end\n$timescale 10 us $end\n$scope module top $end\n\
            $var wire 1 ! ERR $end $var reg 1 \"# RUN [0] $end\n$var wire 8 $ bus $end\n$upscope $end\n\
            $enddefinitions $end\n#0 $dumpvars 0! x\"#\nb0101 $ $end\n#125 1! 1\"# b0 !\n#130\nz!";
        let expected = [
            change(0, "ERR", Some(false)),
            change(0, "RUN", None),
            change(1_250_000, "ERR", Some(true)),
            change(1_250_000, "RUN", Some(true)),
            change(1_250_000, "ERR", Some(false)),
            change(1_300_000, "ERR", None),
        ];
        assert_eq!(changes(text).unwrap(), expected);
        assert!(is_vcd(text.as_bytes()) && is_vcd(b"  \n$timescale") && !is_vcd(b"$foo"));
    }

    #[test]
    fn units_are_those_of_the_standard() {
        for (unit, fs) in
            [("1fs", 1), ("100ps", 100_000), ("10ns", 10_000_000), ("1us", 1_000_000_000)]
        {
            assert_eq!(unit_fs(unit), Ok(fs));
        }
        assert_eq!(unit_fs("1ms").unwrap() * 1_000, unit_fs("1s").unwrap());
        assert!(unit_fs("2us").is_err() && unit_fs("1").is_err() && unit_fs("us").is_err());
    }

    #[test]
    fn damage_is_said() {
        for (text, said) in [
            ("$timescale 3 us $end", "expected 1, 10 or 100 before `us`, got `3us`"),
            ("#now", "expected a time, got `#now`"),
            ("hello", "expected a change of a signal, got `hello`"),
            ("b01", "expected the signal of a value"),
            (
                "$timescale 100 s $end #9223372036854775807",
                "#9223372036854775807: expected less than 292 years",
            ),
        ] {
            assert_eq!(changes(text).unwrap_err(), said);
        }
    }
}
