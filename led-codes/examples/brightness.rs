//! A light as a camera saw it: samples of its brightness in, codes out. The dialect is known, the table is not.
//!
//! `cargo run -p led-codes --example led-brightness -- FILE`, where each line of the file is `microseconds,brightness`.
use std::io::BufRead;

use led_codes::digit_decoder::Seen;
use led_codes::samples::{Sampled, Samples};
use led_codes::{Dialect, DigitDecoder};

/// 30 frames a second.
const INTERVAL_US: u32 = 33_334;

fn main() -> std::io::Result<()> {
    let file = std::env::args().nth(1).unwrap_or_default();
    let mut samples = Samples::new(INTERVAL_US, 20);
    let mut decoder = DigitDecoder::new(&Dialect::HUMAN).sampled(INTERVAL_US, 50);
    for line in std::io::BufReader::new(std::fs::File::open(file)?).lines() {
        let line = line?;
        let Some((at_us, brightness)) = line.split_once(',') else { continue };
        let (Ok(at_us), Ok(brightness)) = (at_us.parse(), brightness.parse::<f32>()) else {
            continue; // the header
        };
        let seen = match samples.sample(brightness as u16, at_us) {
            Some(Sampled::Edge { level, at_us }) => decoder.edge(level, at_us),
            Some(Sampled::Flicker { level, at_us }) => {
                decoder.interrupt(); // the edges until now were not the light's
                decoder.edge(level, at_us)
            }
            Some(_) => {
                decoder.interrupt(); // frames were lost
                None
            }
            None => decoder.poll(at_us),
        };
        match seen {
            Some(Seen::Code { digits, mark, agree, .. }) => {
                println!("{:>3} s: {digits} {mark:?}, {agree} times", at_us / 1_000_000);
            }
            Some(seen) => println!("{:>3} s: {seen:?}", at_us / 1_000_000),
            None => {}
        }
    }
    Ok(())
}
