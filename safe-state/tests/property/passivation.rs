//! An I/O module under any inputs: a channel gives its value only where nothing was wrong, or everything was acknowledged.

use safe_state::passivation::{Inputs, Module, State, Voltage};

use super::Choices;

/// Two bytes a cycle.
pub fn passivation(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let mut module = Module::new();
    // Channels that owe an acknowledgement, and whether the module does.
    let (mut now_us, mut owed, mut is_lost) = (0_u64, 0_u32, false);
    let mut before =
        (module, Inputs { acknowledge: true, acknowledge_channels: u32::MAX, ..Inputs::GOOD });
    while !choices.is_empty() {
        let (byte, channels) = (choices.byte(), choices.byte());
        now_us += u64::from(byte & 7) * 100_000;
        let inputs = Inputs {
            is_started: byte != 0x80,
            is_fatal: byte == 0xFF,
            is_connected: byte & 0x38 != 0x38,
            voltage: match byte & 0x1F {
                3 => Voltage::Outside,
                4 => Voltage::Shutdown,
                _ => Voltage::Normal,
            },
            activate_fv: byte & 0x70 == 0x10,
            acknowledge: byte & 0x81 == 0x81,
            channel_errors: u32::from(channels & channels >> 4 & 3),
            acknowledge_channels: u32::from(channels >> 6),
        };
        let state = module.step(&inputs, now_us);
        owed |= inputs.channel_errors;
        is_lost |= !inputs.is_connected;
        let edges = inputs.acknowledge_channels & !before.1.acknowledge_channels;
        // A channel that came back had its edge, and no error.
        for channel in 0..2_u8 {
            let is_back = owed >> channel & 1 == 1 && !module.is_passivated(channel);
            if is_back {
                let is_acknowledged = (edges & !inputs.channel_errors) >> channel & 1 == 1;
                assert!(is_acknowledged, "channel {channel}");
                owed &= !(1 << channel);
            }
        }
        let is_edge = inputs.acknowledge && !before.1.acknowledge;
        if is_lost && !module.is_passivated(31) {
            assert!(is_edge && before.0.is_acknowledgement_requested(), "{:?}", before.0);
            is_lost = false;
        }
        // An edge that was asked for is remembered while the program wants substitutes.
        if is_edge
            && before.0.is_acknowledgement_requested()
            && !module.is_acknowledgement_requested()
        {
            is_lost &= state == State::RunModulePassivation;
        }
        let is_running = matches!(state, State::RunOk | State::RunChannelPassivation);
        for channel in 0..2 {
            let may = is_running && owed >> channel & 1 == 0 && !is_lost;
            assert!(module.is_passivated(channel) || may, "{state:?}, channel {channel}");
        }
        assert!(
            !is_running
                || inputs.is_connected && inputs.voltage == Voltage::Normal && !inputs.activate_fv
        );
        assert!(before.0.state() != State::SafeStop || state == State::SafeStop);
        assert!(!inputs.is_fatal || state == State::SafeStop);
        assert_eq!(module.requests() & inputs.channel_errors, 0);
        before = (module, inputs);
    }
}
