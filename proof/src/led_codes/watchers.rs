//! Decoders: of a legend, of a dialect without a table, of several dialects at once; edges from samples.

use core::hint::black_box;

use led_codes::auto::{Auto, Fit};
use led_codes::decoder::Seen;
use led_codes::samples::{Sampled, Samples};
use led_codes::standard::{dell, obd_1, philips, raspberry_pi};
use led_codes::{Decoder, Dialect, DigitDecoder, Level, digit_decoder};
use proof::keep;

use super::tables::LEGEND;
use crate::number;

const BY_EDGES: Decoder<'static, 2> = Decoder::moved_by(Decoder::new(&LEGEND), 25);
const BY_CAMERA: Decoder<'static, 2> = Decoder::sampled(Decoder::new(&LEGEND), 33_334, 50);
static DIALECTS: [&Dialect; 3] = [&Dialect::HUMAN, &obd_1::FORD, &dell::DIALECT];
const SEVERAL: Auto<'static, 3> = Auto::clock_within(Auto::new(&DIALECTS), 50, 200);

pub fn all(numbers: &[u64]) {
    for decoder in [BY_EDGES, BY_CAMERA] {
        legend(black_box(decoder), numbers);
    }
    if let Some(decoder) = Decoder::<24>::of(&black_box(raspberry_pi::ACT.view())) {
        legend(decoder, numbers);
    }
    for dialect in
        [&Dialect::HUMAN, &obd_1::FORD, &obd_1::MITSUBISHI, &philips::SDM, &dell::DIALECT]
    {
        let dialect = black_box(dialect);
        digits(DigitDecoder::moved_by(DigitDecoder::new(dialect), 25), numbers);
        digits(DigitDecoder::sampled(DigitDecoder::new(dialect), 33_334, 50), numbers);
    }
    several(black_box(Auto::moved_by(SEVERAL, 25)), numbers);
    several(black_box(Auto::sampled(SEVERAL, 33_334, 50)), numbers);
    if let Some(auto) = Auto::<8>::of(black_box(&DIALECTS)) {
        several(auto, numbers);
    }
    let mut samples = black_box(Samples::smoothed(Samples::new(33_334, 20), 50_000));
    for place in 0..8 {
        let brightness = number(numbers, place) as u16;
        if let Some(sampled) = Samples::sample(&mut samples, brightness, number(numbers, place)) {
            keep::<Sampled>(sampled);
        }
    }
}

fn level(number: u64) -> Level {
    match number % 3 {
        0 => Level::Off,
        1 => Level::On,
        _ => Level::Amber,
    }
}

fn legend<const N: usize>(mut decoder: Decoder<'_, N>, numbers: &[u64]) {
    Decoder::join(&mut decoder, Level::Off, number(numbers, 0));
    for place in 0..8 {
        let at_us = number(numbers, place);
        keep::<Option<Seen<'_>>>(Decoder::edge(&mut decoder, level(at_us), at_us));
        keep(Decoder::poll(&mut decoder, number(numbers, place + 1)));
        keep(Decoder::next_deadline_us(&decoder));
        keep(Decoder::steady_after_ms(&decoder, level(at_us)));
    }
    Decoder::interrupt(&mut decoder);
    keep(decoder);
}

fn digits(mut decoder: DigitDecoder<'_>, numbers: &[u64]) {
    DigitDecoder::join(&mut decoder, Level::Off, number(numbers, 0));
    for place in 0..8 {
        let at_us = number(numbers, place);
        keep::<Option<digit_decoder::Seen>>(DigitDecoder::edge(&mut decoder, level(at_us), at_us));
        keep(DigitDecoder::poll(&mut decoder, number(numbers, place + 1)));
        keep(DigitDecoder::next_deadline_us(&decoder));
        keep(DigitDecoder::steady_after_ms(&decoder, level(at_us)));
    }
    DigitDecoder::interrupt(&mut decoder);
    keep(decoder);
}

fn several<const N: usize>(mut auto: Auto<'_, N>, numbers: &[u64]) {
    Auto::join(&mut auto, Level::Off, number(numbers, 0));
    for place in 0..8 {
        let at_us = number(numbers, place);
        keep(Auto::edge(&mut auto, level(at_us), at_us));
        keep(Auto::poll(&mut auto, number(numbers, place + 1)));
        keep(Auto::next_deadline_us(&auto));
        keep(Auto::steady_after_ms(&auto));
        keep::<Option<Fit>>(Auto::best(&auto));
        Auto::fits(&auto).for_each(keep::<Fit>);
    }
    Auto::interrupt(&mut auto);
    keep(auto);
}
