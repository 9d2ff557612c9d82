#![no_main]
use fuzz::watchdog_core;
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    watchdog_core::plans(bytes);
});
