//! Logs of controllers with journals, made by choices: what happens, resets, dumps, cut and flipped words.
#![allow(dead_code, unreachable_pub, clippy::indexing_slicing)]

use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use safe_state::journal::{Journal, Record, Ring, What};

const N: usize = 8;
static RING: Mutex<&'static Ring<N>> = Mutex::new(&WORDS);
static WORDS: Ring<N> = Ring::new();

/// The log of a controller to which these bytes happen.
#[must_use]
pub fn log(bytes: &[u8]) -> String {
    let ring = RING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut journal = Journal::open(&ring);
    let (mut log, mut t_us, mut now_us) = (String::from("t_us,record,name,value\n"), 0_i64, 0_u64);
    let mut bytes = bytes.iter().copied();
    let mut next = || bytes.next();
    while let Some(choice) = next() {
        let mut byte = || next().unwrap_or(0);
        t_us += i64::from(byte());
        match choice % 8 {
            0..5 => {
                now_us += u64::from(byte()) << (choice >> 3);
                let what = What::from_raw(if choice % 8 == 4 { byte() } else { byte() % 12 });
                let (from, to, cause) = (byte() % 14, byte() % 14, byte());
                let record = Record { what, from, to, cause, correlation: byte().into() };
                journal.push(record, now_us);
            }
            5 => now_us = 0,
            6 => {
                let names = ["fault", "channel", "step", "reset", "code"];
                let name = names[usize::from(byte()) % names.len()];
                let _ = writeln!(log, "{t_us},{name},name {},{}", byte(), byte());
            }
            _ => {
                let mut words: Vec<u32> = ring.words().collect();
                let (at, flip) = (usize::from(byte()), byte());
                if let Some(word) = words.get_mut(at) {
                    *word ^= 1_u32.wrapping_shl(flip.into());
                }
                words.truncate(if at < 192 { words.len() } else { at - 191 });
                let clock = if flip % 2 == 0 { String::new() } else { now_us.to_string() };
                let _ = write!(log, "{t_us},journal,{clock},");
                for byte in words.into_iter().flat_map(u32::to_le_bytes) {
                    let _ = write!(log, "{byte:02x}");
                }
                log.push('\n');
            }
        }
    }
    log
}
