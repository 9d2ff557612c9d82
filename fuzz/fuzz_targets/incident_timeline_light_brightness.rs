#![no_main]
libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let _ = incident_timeline::read_to_end([b"time_us,brightness\n", text].concat(), &[]);
});
