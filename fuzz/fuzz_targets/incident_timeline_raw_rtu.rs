#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = incident_timeline::read_to_end(bytes.to_vec(), &["--baud", "19200"]);
});
