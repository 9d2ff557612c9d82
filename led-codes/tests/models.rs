//! Any tables, texts, events and times against plain models: the functions of `property`, which the fuzz targets call too.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod property;

use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn no_observation_of_a_line_of_a_legend_fits_another_one(bytes in vec(any::<u8>(), 0..300)) {
        property::legend::table(&bytes);
    }

    #[test]
    fn a_text_is_a_pattern_or_says_where_it_is_none(text in "(on|off|red|x|[0-9 ]){0,30}") {
        property::notation::text(text.as_bytes());
    }

    #[test]
    fn rows_have_a_text_that_is_read_back(bytes in vec(any::<u8>(), 0..100)) {
        property::notation::rows(&bytes);
    }

    #[test]
    fn a_pattern_is_right_at_any_polls(bytes in vec(any::<u8>(), 0..200)) {
        property::player::polls(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_code_is_read_only_if_its_steps_were_there(bytes in vec(any::<u8>(), 0..200)) {
        property::decoder::edges(&bytes);
    }

    #[test]
    fn edges_of_samples_alternate_and_lie_between_two_of_them(bytes in vec(any::<u8>(), 0..300)) {
        property::decoder::samples(&bytes);
    }

    #[test]
    fn no_other_code_is_read_than_a_light_has_shown(bytes in vec(any::<u8>(), 0..60)) {
        property::decoder::sent(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_signal_shows_the_same_however_often_it_is_polled(bytes in vec(any::<u8>(), 0..100)) {
        property::player::signals(&bytes);
    }

    #[test]
    fn a_board_tears_no_code_and_keeps_the_first_fault(bytes in vec(any::<u8>(), 0..120)) {
        property::board::people(&bytes);
    }

    #[test]
    fn a_board_of_canopen_tears_no_code_and_keeps_the_first_fault(bytes in vec(any::<u8>(), 0..120)) {
        property::board::canopen(&bytes);
    }

    #[test]
    fn a_board_of_odva_tears_no_code_and_keeps_the_first_fault(bytes in vec(any::<u8>(), 0..120)) {
        property::board::odva(&bytes);
    }
}
