//! Any order of events against a plain model: the functions of `property`, which the fuzz targets call too.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod property;

use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn any_order_of_events_ends_as_the_model_says(bytes in vec(any::<u8>(), 0..400)) {
        property::model(&bytes, |cells| Box::leak(Box::new(cells)));
    }

    #[test]
    fn any_numbers_make_a_plan_or_a_contradiction(bytes in vec(any::<u8>(), 0..200)) {
        property::plans(&bytes);
    }

    #[test]
    fn any_words_are_judged(bytes in vec(any::<u8>(), 0..210)) {
        property::reset::record(&bytes);
    }

    #[test]
    fn any_words_are_judged_as_a_compact_record(bytes in vec(any::<u8>(), 0..20)) {
        property::reset::compact(&bytes);
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in vec(any::<u8>(), 0..120)) {
        property::reset::decode(&bytes);
    }

    #[test]
    fn any_order_of_sections_and_resets_ends_as_the_sets_say(bytes in vec(any::<u8>(), 0..200)) {
        property::reset::sections(&bytes);
    }
}
