#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let csv = [b"start_us,end_us,byte_hex,line\n", bytes].concat();
    let _ = incident_timeline::read_to_end(csv, &[]);
});
