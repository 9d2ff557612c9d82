#![no_main]
libfuzzer_sys::fuzz_target!(|pdu: &[u8]| {
    fuzz::differential(pdu);
});
