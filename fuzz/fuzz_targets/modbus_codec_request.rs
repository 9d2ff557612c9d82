#![no_main]
use fuzz::property;
libfuzzer_sys::fuzz_target!(|pdu: &[u8]| {
    property::request(pdu);
});
