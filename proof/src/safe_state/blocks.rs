//! The blocks of PLCopen Safety.

use core::hint::black_box;

use proof::keep;
use safe_state::blocks::{
    self, Antivalent, EmergencyStop, EnableSwitch, Equivalent, Espe, SafetyRequest, emergency_stop,
    enable_switch, monitored, two_channels,
};
use safe_state::{Span, over_us};

use crate::number;

const TIME: Span = over_us(100_000);

pub fn all() {
    let inputs = emergency_stop::Inputs::from_bits_retain(number(0) as u8);
    let mut stop = black_box(EmergencyStop::new());
    keep(EmergencyStop::step(&mut stop, inputs));
    let state = black_box(EmergencyStop::step(&mut stop, inputs));
    keep((emergency_stop::State::diag_code(state), emergency_stop::State::is_ready(state)));
    keep((emergency_stop::State::is_error(state), emergency_stop::State::is_on(state)));
    keep(EmergencyStop::state(&stop));
    let mut espe = black_box(Espe::new());
    keep((Espe::step(&mut espe, inputs), Espe::state(&espe)));
    let inputs = two_channels::Inputs::from_bits_retain(number(1) as u8);
    let mut equivalent = black_box(Equivalent::new(TIME));
    keep(Equivalent::step(&mut equivalent, inputs, number(2)));
    let state = black_box(Equivalent::state(&equivalent));
    keep((two_channels::State::diag_code(state), two_channels::State::is_ready(state)));
    keep((two_channels::State::is_error(state), two_channels::State::is_on(state)));
    let mut antivalent = black_box(Antivalent::new(TIME));
    keep((Antivalent::step(&mut antivalent, inputs, number(3)), Antivalent::state(&antivalent)));
    let inputs = enable_switch::Inputs::from_bits_retain(number(4) as u8);
    let mut switch = black_box(EnableSwitch::new());
    keep(EnableSwitch::step(&mut switch, inputs));
    let state = black_box(EnableSwitch::state(&switch));
    keep((enable_switch::State::diag_code(state), enable_switch::State::is_ready(state)));
    keep((enable_switch::State::is_error(state), enable_switch::State::is_on(state)));
    let inputs = monitored::Inputs::from_bits_retain(number(5) as u8);
    let mut request = black_box(SafetyRequest::new(TIME));
    keep(SafetyRequest::step(&mut request, inputs, number(6)));
    let state = black_box(SafetyRequest::state(&request));
    keep((monitored::State::diag_code(state), monitored::State::is_ready(state)));
    keep((monitored::State::is_error(state), monitored::State::is_on(state)));
    keep(SafetyRequest::is_released(&request));
    let mut stop = black_box(blocks::SafeStop1::new(TIME));
    keep((blocks::SafeStop1::step(&mut stop, inputs, number(7)), blocks::SafeStop1::state(&stop)));
}
