#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz::watchdog_core::reset::record(bytes);
});
