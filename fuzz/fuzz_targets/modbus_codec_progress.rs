#![no_main]
use fuzz::property;
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    property::play(bytes, property::progress);
});
