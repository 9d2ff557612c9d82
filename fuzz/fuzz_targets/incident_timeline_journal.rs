#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let log = fuzz::journals::log(bytes);
    assert!(incident_timeline::read_to_end(log.into_bytes(), &[]).is_some());
});
