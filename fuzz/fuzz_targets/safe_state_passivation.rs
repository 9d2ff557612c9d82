#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz::safe_state::passivation::passivation(bytes);
});
