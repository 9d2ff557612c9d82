//! The event: one line of the timeline.

use crate::lane::LaneEvent;
use crate::lanes::led::event::LedEvent;
use crate::lanes::modbus::event::ModbusEvent;
use crate::lanes::state::event::StateEvent;
use crate::lanes::watchdog::event::WatchdogEvent;
use crate::place::Place;

/// One line of the timeline.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// Microseconds: since 1970 where the evidence has absolute times, else since its beginning; none of a single frame.
    pub(crate) t_us: Option<i64>,
    pub(crate) place: Option<Place>,
    pub(crate) what: Lane,
}

/// An event of one of the lanes.
#[derive(Clone, Debug)]
pub(crate) enum Lane {
    Led(LedEvent),
    Modbus(ModbusEvent),
    State(StateEvent),
    Watchdog(WatchdogEvent),
}

impl Lane {
    /// The event as every lane's.
    pub(crate) fn event(&self) -> &dyn LaneEvent {
        match self {
            Self::Led(event) => event,
            Self::Modbus(event) => event,
            Self::State(event) => event,
            Self::Watchdog(event) => event,
        }
    }

    pub(crate) fn as_led(&self) -> Option<&LedEvent> {
        match self {
            Self::Led(event) => Some(event),
            Self::Modbus(_) | Self::State(_) | Self::Watchdog(_) => None,
        }
    }

    pub(crate) fn as_modbus(&self) -> Option<&ModbusEvent> {
        match self {
            Self::Modbus(event) => Some(event),
            Self::Led(_) | Self::State(_) | Self::Watchdog(_) => None,
        }
    }

    pub(crate) fn as_state(&self) -> Option<&StateEvent> {
        match self {
            Self::State(event) => Some(event),
            Self::Led(_) | Self::Modbus(_) | Self::Watchdog(_) => None,
        }
    }

    pub(crate) fn as_watchdog(&self) -> Option<&WatchdogEvent> {
        match self {
            Self::Watchdog(event) => Some(event),
            Self::Led(_) | Self::Modbus(_) | Self::State(_) => None,
        }
    }
}

impl Event {
    /// When the thing happened that the event is about.
    pub(crate) fn happened_us(&self) -> i64 {
        self.what.event().since_us().or(self.t_us).unwrap_or(0)
    }
}
