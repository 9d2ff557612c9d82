#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let file = [b"SSJOURNL", &1_u64.to_le_bytes()[..], bytes].concat();
    let _ = incident_timeline::read_to_end(file, &[]);
});
