//! A lane: the events of one protocol or device.

use crate::describe::Describe;
use crate::elsewhere::Token;
use crate::options::Options;
use crate::severity::Severity;

/// The parts of an event that its lane knows; the time and the place are the same in every lane.
pub(crate) trait LaneEvent: Describe {
    /// The lane's name.
    fn lane(&self) -> &'static str;

    /// The event's name.
    fn name(&self) -> &'static str;

    /// How the text marks the event's name.
    fn severity(&self) -> Option<Severity>;

    /// Whether neither the event nor the thing that it is about is damaged or against its standard.
    fn is_good(&self) -> bool;

    /// How many bytes of its wire the event accounts for; nothing for an event that is about other events.
    fn bytes_len(&self) -> Option<u64>;

    /// When the thing happened that the event is about, if that was before the event itself.
    fn since_us(&self) -> Option<i64>;

    /// The mark by which the event is known again at another place of its way; nothing if it has none.
    fn token(&self) -> Option<Token> {
        None
    }

    /// Whether the options ask for events like this one; `--from` and `--to` are looked at elsewhere.
    fn is_wanted(&self, options: &Options) -> bool;
}
