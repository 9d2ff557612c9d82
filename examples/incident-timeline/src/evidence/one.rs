//! One whole frame on the command line.

use crate::event::Lane;
use crate::failure::Failure;
use crate::input::Given;
use crate::options::Options;

/// A kind of frame that `decode` takes.
#[derive(Debug)]
pub(crate) struct OneKind {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    /// Lines of `--help`.
    pub(crate) examples: &'static str,
    pub(crate) decode: Decode,
}

/// How a kind is decoded.
#[derive(Debug)]
pub(crate) enum Decode {
    /// One whole frame, told once for each direction that it fits.
    Frame(fn(&str) -> Result<Vec<Lane>, Failure>),
    /// Recordings, which are told as evidence is: the ones that the arguments and the options name.
    Recordings(fn(&[String], &Options) -> Result<Vec<Given>, Failure>),
}

/// The bytes of a text in hex; blanks, `:`, `-`, `_` and `0x` do not matter.
pub(crate) fn hexadecimal(text: &str) -> Result<Vec<u8>, Failure> {
    let text = text.replace("0x", "").replace("0X", "");
    let is_filler = |character: &char| character.is_whitespace() || ":-_".contains(*character);
    let digits: Vec<char> = text.chars().filter(|character| !is_filler(character)).collect();
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        let count = digits.len();
        return Err(Failure::Refused(format!(
            "expected pairs of hexadecimal digits, got {count} digits"
        )));
    }
    let digit = |character: &char| {
        let value = character.to_digit(16).and_then(|value| u8::try_from(value).ok());
        value.ok_or_else(|| {
            Failure::Refused(format!("expected a hexadecimal digit, got `{character}`"))
        })
    };
    digits
        .chunks_exact(2)
        .map(|pair| {
            let mut pair = pair.iter().map(digit);
            let mut next = || pair.next().unwrap_or(Ok(0));
            Ok(next()? << 4 | next()?)
        })
        .collect()
}
