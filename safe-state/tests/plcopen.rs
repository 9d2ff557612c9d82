//! The blocks of PLCopen Safety: recorded cycles of another implementation, and the whole space of their states.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;

use safe_state::blocks::{
    Antivalent, EmergencyStop, EnableSwitch, Equivalent, Espe, SafeStop1, SafetyRequest,
    emergency_stop, enable_switch, monitored, two_channels,
};
use safe_state::{Span, over_us};
use serde_json::Value;

/// A block that takes a cycle of a recording: its inputs in their order, and the outputs in theirs.
type Cycle = Box<dyn FnMut(&[bool], u64) -> Vec<u64>>;

/// Bits in the order of the inputs of a block.
fn bits(inputs: &[bool], order: &[u8]) -> u8 {
    inputs.iter().zip(order).filter(|(is, _)| **is).fold(0, |bits, (_, bit)| bits | bit)
}

/// Ready, the output, Error, DiagCode: the outputs of every block but one.
macro_rules! outputs {
    ($state:expr) => {{
        let state = $state;
        let flags = [state.is_ready(), state.is_on(), state.is_error()].map(u64::from);
        flags.into_iter().chain([state.diag_code().into()]).collect()
    }};
}

/// The block of a recording.
fn block(name: &str, time: Span) -> Cycle {
    match name {
        "SF_EmergencyStop" => {
            let mut block = EmergencyStop::new();
            Box::new(move |inputs, _| {
                let inputs = bits(inputs, &[1, 2, 4, 8, 16]);
                outputs!(block.step(emergency_stop::Inputs::from_bits_retain(inputs)))
            })
        }
        "SF_ESPE" => {
            let mut block = Espe::new();
            Box::new(move |inputs, _| {
                let inputs = bits(inputs, &[1, 2, 4, 8, 16]);
                outputs!(block.step(emergency_stop::Inputs::from_bits_retain(inputs)))
            })
        }
        "SF_Equivalent" => {
            let mut block = Equivalent::new(time);
            Box::new(move |inputs, now_us| {
                let inputs = bits(inputs, &[1, 2, 4]);
                outputs!(block.step(two_channels::Inputs::from_bits_retain(inputs), now_us))
            })
        }
        "SF_Antivalent" => {
            let mut block = Antivalent::new(time);
            Box::new(move |inputs, now_us| {
                let inputs = bits(inputs, &[1, 2, 4]);
                outputs!(block.step(two_channels::Inputs::from_bits_retain(inputs), now_us))
            })
        }
        "SF_EnableSwitch" => {
            let mut block = EnableSwitch::new();
            Box::new(move |inputs, _| {
                let inputs = bits(inputs, &[1, 2, 4, 8, 16, 32]);
                outputs!(block.step(enable_switch::Inputs::from_bits_retain(inputs)))
            })
        }
        "SF_SafeStop1" => {
            let mut block = SafeStop1::new(time);
            Box::new(move |inputs, now_us| {
                // Activate, S_StopIn, Reset, Acknowledge.
                let inputs = bits(inputs, &[1, 2, 8, 4]);
                outputs!(block.step(monitored::Inputs::from_bits_retain(inputs), now_us))
            })
        }
        "SF_SafetyRequest" => {
            let mut block = SafetyRequest::new(time);
            Box::new(move |inputs, now_us| {
                // Activate, S_OpMode, S_Acknowledge, Reset.
                let inputs = bits(inputs, &[1, 2, 4, 8]);
                let state = block.step(monitored::Inputs::from_bits_retain(inputs), now_us);
                let mut outputs: Vec<u64> = outputs!(state);
                outputs.insert(2, block.is_released().into());
                outputs
            })
        }
        other => panic!("no block {other}"),
    }
}

/// The time of a recording; one that has none gets any.
fn time(trace: &Value) -> Span {
    let times = trace["time_inputs_ms"].as_object().unwrap();
    let ms = times.values().next().map_or(1, |ms| ms.as_u64().unwrap());
    over_us(u32::try_from(ms * 1_000).unwrap())
}

/// How many cycles of a trace there are, and how many differ.
fn play(trace: &Value) -> (u64, u64) {
    let mut cycle = block(trace["fb"].as_str().unwrap(), time(trace));
    let cycle_us = trace["cycle_ms"].as_u64().unwrap() * 1_000;
    let (mut count, mut differences) = (0, 0);
    for step in trace["steps"].as_array().unwrap() {
        let numbers =
            |side: usize| step[side].as_array().unwrap().iter().map(|n| n.as_u64().unwrap());
        let inputs: Vec<bool> = numbers(0).map(|number| number != 0).collect();
        count += 1;
        let outputs = cycle(&inputs, count * cycle_us);
        if !numbers(1).eq(outputs.iter().copied()) {
            differences += 1;
            println!("cycle {count}: {inputs:?} gives {outputs:?}, not {}", step[1]);
        }
    }
    (count, differences)
}

#[test]
fn every_recorded_cycle_has_its_outputs() {
    let Some(folder) = std::env::var_os("PLCOPEN_TRACES") else {
        return println!("skipped: PLCOPEN_TRACES is not set");
    };
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the folder in PLCOPEN_TRACES")
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.starts_with("plcopen_SF_") && name.ends_with(".jsonl")
        })
        .collect();
    files.sort();
    let (mut all, mut wrong) = (0, 0);
    for path in files {
        let (mut count, mut differences) = (0, 0);
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let (cycles, differing) = play(&serde_json::from_str(line).unwrap());
            (count, differences) = (count + cycles, differences + differing);
        }
        let name = path.file_name().unwrap().to_string_lossy();
        println!("{name}: {count} cycles, {differences} differences");
        (all, wrong) = (all + count, wrong + differences);
    }
    assert!(all > 0, "no cycle in {}", folder.display());
    assert_eq!(wrong, 0);
}

/// Every state that is reached in so many cycles, with what each cycle did.
fn explore<B: Copy + Eq + std::hash::Hash + std::fmt::Debug>(
    new: B,
    inputs: u8,
    depth: u32,
    mut cycle: impl FnMut(B, u8, u32) -> B,
) -> Vec<B> {
    let mut seen = std::collections::HashSet::from([new]);
    let mut last = vec![new];
    for at in 0..depth {
        let mut next = Vec::new();
        for block in last {
            for input in 0..inputs {
                let after = cycle(block, input, at);
                if seen.insert(after) {
                    next.push(after);
                }
            }
        }
        last = next;
    }
    seen.into_iter().collect()
}

#[test]
fn the_whole_space_of_the_emergency_stop() {
    use emergency_stop::Inputs;
    let mut codes = BTreeSet::new();
    let new = (EmergencyStop::new(), false);
    let blocks = explore(new, 32, 20, |(block, was_reset), input, _| {
        let (mut after, inputs) = (block, Inputs::from_bits_retain(input));
        let state = after.step(inputs);
        codes.insert(state.diag_code());
        assert_eq!(state.is_ready(), inputs.contains(Inputs::ACTIVATE));
        assert!(!state.is_error() || state.is_ready());
        assert!(
            !state.is_on() || inputs.contains(Inputs::ACTIVATE | Inputs::IN),
            "{block:?} {input}"
        );
        let is_reset = inputs.contains(Inputs::RESET);
        if state.is_on() && !block.state().is_on() {
            let is_allowed = inputs.intersects(Inputs::START_RESET | Inputs::AUTO_RESET);
            assert!(is_allowed || is_reset && !was_reset, "{block:?} {input}");
        }
        (after, is_reset)
    });
    // Nine states, with both memories of the edge but where the state says it.
    assert_eq!(codes.len(), 9);
    assert_eq!(blocks.len(), 16);
}

#[test]
fn two_channels_are_on_only_when_both_are_and_became_so_in_time() {
    use two_channels::Inputs;
    for is_antivalent in [false, true] {
        // The block, and since when the channels differ, in cycles of half of their time.
        let new = (Equivalent::new(over_us(2)), Antivalent::new(over_us(2)), 0_u64);
        explore(new, 8, 6, |(mut equivalent, mut antivalent, now_us), input, _| {
            let inputs = Inputs::from_bits_retain(input);
            let before = if is_antivalent { antivalent.state() } else { equivalent.state() };
            let state = if is_antivalent {
                antivalent.step(inputs, now_us)
            } else {
                equivalent.step(inputs, now_us)
            };
            let both = if is_antivalent { Inputs::A } else { Inputs::A | Inputs::B };
            let is_both = inputs & (Inputs::A | Inputs::B) == both;
            assert!(!state.is_on() || is_both && inputs.contains(Inputs::ACTIVATE));
            assert!(!(state.is_on() && before.is_error()), "an error is left by both being off");
            (equivalent, antivalent, now_us + 1)
        });
    }
}

#[test]
fn an_enable_switch_is_on_in_position_2_and_never_comes_there_from_3() {
    use enable_switch::{Inputs, State};
    let blocks = explore(EnableSwitch::new(), 64, 6, |mut block, input, _| {
        let (before, inputs) = (block.state(), Inputs::from_bits_retain(input));
        let state = block.step(inputs);
        let needed =
            Inputs::ACTIVATE | Inputs::SAFETY_ACTIVE | Inputs::CHANNEL_1 | Inputs::CHANNEL_2;
        assert!(!state.is_on() || inputs.contains(needed));
        assert!(!state.is_on() || matches!(before, State::Position1 | State::Position2));
        block
    });
    assert!(blocks.len() >= 20, "{}", blocks.len());
}

#[test]
fn what_is_demanded_is_on_only_while_it_is_acknowledged() {
    use monitored::Inputs;
    let new = (SafetyRequest::new(over_us(2)), SafeStop1::new(over_us(2)), 0_u64);
    explore(new, 16, 6, |(mut request, mut stop, now_us), input, _| {
        let inputs = Inputs::from_bits_retain(input);
        let before = [request.state(), stop.state()];
        let states = [request.step(inputs, now_us), stop.step(inputs, now_us)];
        for (before, state) in before.into_iter().zip(states) {
            assert!(!state.is_on() || inputs.contains(Inputs::ACTIVATE | Inputs::ACKNOWLEDGE));
            let is_back = before.is_error() && !state.is_error() && state.is_ready();
            let is_reset = inputs.contains(Inputs::RESET);
            assert!(!is_back || is_reset && state == monitored::State::WaitForIn, "{before:?}");
        }
        assert!(!(states[0].is_on() && request.is_released()));
        (request, stop, now_us + 1)
    });
}
