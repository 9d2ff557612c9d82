//! The order in which outputs go safe and come back, and the group that owns them.
//!
//! ```text
//!  a vertical axis          going safe                  coming back
//!  brake, torque            brake     at 0              torque    at 0, until it is seen
//!                           torque    60 ms after it    brake     40 ms after it
//! ```

use crate::actuator::Actuator;
use crate::command::Command;
use crate::lease::Span;
use crate::outputs::{Outputs, Progress, Seen};

/// A step of an order: a member of the group, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    member: u8,
    after_us: u32,
    seen_within_us: u32,
}

impl Step {
    /// The member is told together with the one before it.
    #[must_use]
    pub const fn of(member: u8) -> Self {
        Self { member, after_us: 0, seen_within_us: 0 }
    }

    /// The member is told so long after the one before it.
    #[must_use]
    pub const fn after(mut self, span: Span) -> Self {
        self.after_us = span.as_us();
        self
    }

    /// The next step waits until this member is read back as it was told, at most for so long. Only where members come back: going
    /// safe waits for nobody.
    #[must_use]
    pub const fn until_seen(mut self, within: Span) -> Self {
        self.seen_within_us = within.as_us();
        self
    }
}

/// In which order the members of a group go safe, and come back.
///
/// ```
/// use safe_state::{over_us, Sequence, Step};
///
/// const BRAKE: u8 = 0;
/// const TORQUE: u8 = 1;
/// static AXIS: Sequence<2> = Sequence::new(
///     [Step::of(BRAKE), Step::of(TORQUE).after(over_us(60_000))],
///     [Step::of(TORQUE).until_seen(over_us(30_000)), Step::of(BRAKE).after(over_us(40_000))],
/// );
/// # let _ = &AXIS;
/// ```
///
/// A member that is named twice, or not at all, does not compile:
///
/// ```compile_fail,E0080
/// use safe_state::{Sequence, Step};
/// static AXIS: Sequence<2> = Sequence::new([Step::of(0), Step::of(0)], [Step::of(1), Step::of(0)]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence<const N: usize> {
    safe: [Step; N],
    back: [Step; N],
}

impl<const N: usize> Sequence<N> {
    /// The order in which the members go safe, and the one in which they come back.
    ///
    /// # Panics
    ///
    /// If a member is named twice or not at all, or going safe waits for a feedback; in a constant it does not compile.
    #[must_use]
    pub const fn new(safe: [Step; N], back: [Step; N]) -> Self {
        assert!(is_each_once(&safe), "each member goes safe once");
        assert!(is_each_once(&back), "each member comes back once");
        let mut index = 0_usize;
        #[allow(clippy::indexing_slicing)] // Below the length.
        while index < N {
            assert!(safe[index].seen_within_us == 0, "going safe waits for nobody");
            index = index.wrapping_add(1);
        }
        Self { safe, back }
    }
}

/// Whether the steps name each member once.
#[allow(clippy::indexing_slicing)] // Below the length.
const fn is_each_once<const N: usize>(steps: &[Step; N]) -> bool {
    let mut member = 0_usize;
    while member < N {
        let (mut index, mut count) = (0_usize, 0_usize);
        while index < N {
            if steps[index].member as usize == member {
                count = count.wrapping_add(1);
            }
            index = index.wrapping_add(1);
        }
        if count != 1 {
            return false;
        }
        member = member.wrapping_add(1);
    }
    true
}

/// The members of a group: a tuple of two to four actuators.
pub trait Members<const N: usize> {
    /// What all of them are told.
    type Command: Command;
    /// What is safe for each of them.
    const SAFE: Self::Command;

    /// Tells one member its part of a command.
    ///
    /// # Errors
    ///
    /// The member was not told: its place.
    fn tell_one(&mut self, member: u8, command: Self::Command) -> Result<(), MemberFailed>;

    /// Whether the part of a command for this member is its safe value.
    fn is_safe(&self, member: u8, command: Self::Command) -> bool;

    /// Whether two commands say the same to this member.
    fn is_same(&self, member: u8, one: Self::Command, other: Self::Command) -> bool;

    /// Compares what one member does with its part of a command.
    fn look_at(&mut self, member: u8, command: Self::Command) -> Seen;

    /// What all of them do, if all can be read.
    fn read_all(&mut self) -> Option<Self::Command>;
}

/// A member that was not told, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("member {member} was not told")]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MemberFailed {
    /// Its place.
    pub member: u8,
}

macro_rules! members {
    ($count:literal: $($name:ident $value:ident $index:tt),*) => {
        impl<$($name: Actuator),*> Members<$count> for ($($name,)*) {
            type Command = ($($name::Command,)*);

            const SAFE: Self::Command = ($($name::SAFE,)*);

            fn tell_one(&mut self, member: u8, command: Self::Command) -> Result<(), MemberFailed> {
                let told = match member {
                    $($index if command.$index == $name::SAFE => self.$index.drive_safe().is_ok(),
                    $index => self.$index.drive(command.$index).is_ok(),)*
                    _ => false,
                };
                if told { Ok(()) } else { Err(MemberFailed { member }) }
            }

            fn is_safe(&self, member: u8, command: Self::Command) -> bool {
                self.is_same(member, command, Self::SAFE)
            }

            fn is_same(&self, member: u8, one: Self::Command, other: Self::Command) -> bool {
                match member {
                    $($index => one.$index == other.$index,)*
                    _ => false,
                }
            }

            fn look_at(&mut self, member: u8, command: Self::Command) -> Seen {
                match member {
                    $($index => Outputs::look(&mut self.$index, command.$index),)*
                    _ => Seen::Differs,
                }
            }

            fn read_all(&mut self) -> Option<Self::Command> {
                // All of them are read, whatever the first says.
                let ($($value,)*) = ($(Outputs::read(&mut self.$index),)*);
                Some(($($value?,)*))
            }
        }
    };
}

members!(2: A a 0, B b 1);
members!(3: A a 0, B b 1, C c 2);
members!(4: A a 0, B b 1, C c 2, D d 3);

/// Outputs whose order matters. A group is armed, put and stopped as one channel; a channel that is dropped drives the members of its
/// group in their order, without delays, whatever was declared first.
///
/// In a channel a stop of category 1 goes safe with the delays; one of category 0 is without them. The members come back to `up`, one
/// after the other, before the first command is put.
#[derive(Debug)]
pub struct Group<M: Members<N>, const N: usize> {
    members: M,
    sequence: &'static Sequence<N>,
    up: M::Command,
    told: M::Command,
    /// The step that is next, of the order that was begun, and when the one before it was told.
    next: u8,
    since_us: u32,
    is_told: bool,
}

impl<M: Members<N>, const N: usize> Group<M, N> {
    /// These members, in this order; `up` is what they come back to.
    pub const fn new(members: M, sequence: &'static Sequence<N>, up: M::Command) -> Self {
        Self { members, sequence, up, told: M::SAFE, next: 0, since_us: 0, is_told: false }
    }

    /// The steps of an order that are due so long after its begin.
    fn go(
        &mut self,
        steps: &[Step; N],
        command: M::Command,
        elapsed_us: u32,
    ) -> Result<Progress, MemberFailed> {
        while let Some(step) = steps.get(usize::from(self.next)) {
            if !self.is_told {
                if elapsed_us.saturating_sub(self.since_us) < step.after_us {
                    return Ok(Progress::Waiting);
                }
                self.members.tell_one(step.member, command)?;
                self.is_told = true;
                // The delay of the next step counts from here: a brake that is told late is given its time.
                self.since_us = elapsed_us;
            }
            if step.seen_within_us != 0
                && self.members.look_at(step.member, command) != Seen::Agrees
            {
                let waited_us = elapsed_us.saturating_sub(self.since_us);
                let is_over = waited_us >= step.seen_within_us;
                return Ok(if is_over { Progress::Missing } else { Progress::Waiting });
            }
            self.next = self.next.wrapping_add(1);
            self.is_told = false;
        }
        Ok(Progress::Done)
    }
}

impl<M: Members<N>, const N: usize> Outputs for Group<M, N> {
    type Command = M::Command;
    type Error = MemberFailed;

    const SAFE: M::Command = M::SAFE;

    /// What is safe first, in the order of going safe; then the others, in that of coming back.
    fn tell(&mut self, command: M::Command) -> Result<(), MemberFailed> {
        self.told = command;
        for step in &self.sequence.safe {
            if self.members.is_safe(step.member, command) {
                self.members.tell_one(step.member, command)?;
            }
        }
        for step in &self.sequence.back {
            if !self.members.is_safe(step.member, command) {
                self.members.tell_one(step.member, command)?;
            }
        }
        Ok(())
    }

    fn tell_safe(&mut self) -> Result<(), MemberFailed> {
        let mut told = Ok(());
        for step in &self.sequence.safe {
            let next = self.members.tell_one(step.member, M::SAFE);
            told = told.and(next);
        }
        told
    }

    fn read(&mut self) -> Option<M::Command> {
        self.members.read_all()
    }

    fn look(&mut self, told: M::Command) -> Seen {
        let mut seen = Seen::Agrees;
        for step in &self.sequence.safe {
            match self.members.look_at(step.member, told) {
                Seen::Differs => return Seen::Differs,
                Seen::Unsupported => seen = Seen::Unsupported,
                Seen::Agrees => {}
            }
        }
        seen
    }

    fn begin(&mut self) {
        (self.next, self.since_us, self.is_told) = (0, 0, false);
    }

    fn go_safe(&mut self, elapsed_us: u32) -> Result<Progress, MemberFailed> {
        self.go(&self.sequence.safe, M::SAFE, elapsed_us)
    }

    fn come_back(&mut self, elapsed_us: u32) -> Result<Progress, MemberFailed> {
        self.told = self.up;
        self.go(&self.sequence.back, self.up, elapsed_us)
    }

    fn came_back_to(&self) -> M::Command {
        self.up
    }

    /// Every member that was waited for is looked at, as long as it is told what it came back to.
    fn is_fed_back(&mut self) -> bool {
        let mut place = 0_u8;
        for step in &self.sequence.back {
            let is_watched = place < self.next
                && step.seen_within_us != 0
                && self.members.is_same(step.member, self.told, self.up);
            if is_watched && self.members.look_at(step.member, self.up) != Seen::Agrees {
                return false;
            }
            place = place.wrapping_add(1);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::over_us;

    #[test]
    fn takes_every_order_of_its_members() {
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        for order in orders.map(|order| order.map(Step::of)) {
            let _ = Sequence::new(order, order);
        }
    }

    #[test]
    #[should_panic(expected = "each member goes safe once")]
    fn refuses_a_member_that_goes_safe_twice() {
        let _ = Sequence::new([0, 1, 1].map(Step::of), [0, 1, 2].map(Step::of));
    }

    #[test]
    #[should_panic(expected = "each member comes back once")]
    fn refuses_a_member_that_does_not_come_back() {
        let _ = Sequence::new([0, 1].map(Step::of), [0, 0].map(Step::of));
    }

    #[test]
    #[should_panic(expected = "each member goes safe once")]
    fn refuses_a_member_that_is_not_there() {
        let _ = Sequence::new([0, 2].map(Step::of), [0, 1].map(Step::of));
    }

    #[test]
    #[should_panic(expected = "going safe waits for nobody")]
    fn refuses_to_wait_for_a_feedback_on_the_way_to_what_is_safe() {
        let waits = Step::of(1).until_seen(over_us(1));
        let _ = Sequence::new([Step::of(0), waits], [0, 1].map(Step::of));
    }
}
