#![no_main]
libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let _ = incident_timeline::read_to_end([b"$timescale 1 us $end $var wire 1 ! ERR $end $var wire 1 \x22 RUN $end $enddefinitions $end\n", text].concat(), &[]);
});
