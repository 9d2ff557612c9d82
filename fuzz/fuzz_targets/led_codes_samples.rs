#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz::led_codes::decoder::samples(bytes);
});
