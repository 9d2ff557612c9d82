//! The function blocks of PLCopen Safety as pure steps: inputs in, a state out, which is the diagnostic code of the block.
//!
//! ```text
//!  block            safe input                  output
//!  EmergencyStop    the stop is not pressed     on after a reset, if nothing else was asked for
//!  Espe             the field is free           the same
//!  Equivalent       two channels, both on       on while both are, and became so in time
//!  Antivalent       one on, the other off       the same
//!  EnableSwitch     position 1, 2 or 3          on in position 2, coming from 1
//!  SafetyRequest    the safe mode is wanted     the request, and whether it was acknowledged in time
//!  SafeStop1        the stop is not demanded    whether it was acknowledged in time
//! ```
//!
//! A block is called once a cycle. Its outputs follow from its state: each state says its diagnostic code, whether the block is ready,
//! and whether it is in an error. An output that is on belongs to `8000` alone. A block does not energise anything: its output is what
//! a program demands or acknowledges with.
//!
//! Spec: PLCopen Safety Software, Technical Specification Part 1, V1.0; the diagnostic codes are those of V1.0.

mod antivalent;
pub mod emergency_stop;
pub mod enable_switch;
mod equivalent;
mod espe;
pub mod monitored;
mod safe_stop_1;
mod safety_request;
pub mod two_channels;

pub use antivalent::Antivalent;
pub use emergency_stop::EmergencyStop;
pub use enable_switch::EnableSwitch;
pub use equivalent::Equivalent;
pub use espe::Espe;
pub use safe_stop_1::SafeStop1;
pub use safety_request::SafetyRequest;

/// The methods that every state has: what PLCopen says of all codes.
macro_rules! codes {
    ($state:ident) => {
        impl $state {
            /// Whether the block is activated (`Ready`).
            #[must_use]
            pub const fn is_ready(self) -> bool {
                self.diag_code() != 0
            }

            /// Whether the block is in an error (`Error`).
            #[must_use]
            pub const fn is_error(self) -> bool {
                self.diag_code() >= 0xC000
            }

            /// Whether the output of the block is on.
            #[must_use]
            pub const fn is_on(self) -> bool {
                self.diag_code() == 0x8000
            }
        }
    };
}
use codes;
