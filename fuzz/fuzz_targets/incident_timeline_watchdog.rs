#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let csv = [b"t_us,record,name,value\n", bytes].concat();
    let _ = incident_timeline::read_to_end(csv, &[]);
});
