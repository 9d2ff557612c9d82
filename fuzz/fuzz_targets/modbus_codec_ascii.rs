#![no_main]
use fuzz::property;
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    property::ascii_text(bytes);
});
