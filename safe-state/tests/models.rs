//! Any order of events against a plain model: the functions of `property`, which the fuzz targets call too.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod property;

use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_channel_does_what_the_model_says(bytes in vec(any::<u8>(), 0..200)) {
        property::channel::channel(&bytes);
    }

    #[test]
    fn an_axis_has_its_brake_on_whenever_its_torque_is_off(bytes in vec(any::<u8>(), 0..200)) {
        property::group::group(&bytes);
    }

    #[test]
    fn what_is_written_over_a_bus_is_fresh_and_keeps_the_lease(bytes in vec(any::<u8>(), 0..200)) {
        property::staged::staged(&bytes);
    }

    #[test]
    fn a_set_of_faults_is_what_the_lists_say(bytes in vec(any::<u8>(), 0..200)) {
        property::faults::faults(&bytes);
    }

    #[test]
    fn a_machine_does_what_its_table_says(bytes in vec(any::<u8>(), 0..200)) {
        property::machine::machine(&bytes);
    }

    #[test]
    fn sources_are_fresh_as_the_list_of_their_samples_says(bytes in vec(any::<u8>(), 0..200)) {
        property::sources::sources(&bytes);
    }

    #[test]
    fn backlogs_give_every_sample_once_and_name_every_hole(bytes in vec(any::<u8>(), 0..120)) {
        property::backlogs::backlogs(&bytes);
    }

    #[test]
    fn the_blocks_do_what_their_tables_say(bytes in vec(any::<u8>(), 0..300)) {
        property::blocks::blocks(&bytes);
    }

    #[test]
    fn no_channel_of_a_module_gives_its_value_without_its_acknowledgement(bytes in vec(any::<u8>(), 0..200)) {
        property::passivation::passivation(&bytes);
    }

    #[test]
    fn any_bytes_of_a_journal_are_a_run_without_gaps(bytes in vec(any::<u8>(), 0..200)) {
        property::journal::decode(&bytes);
    }

    #[test]
    fn what_was_pushed_last_is_read_back(bytes in vec(any::<u8>(), 0..260)) {
        property::journal::journal(&bytes);
    }
}
