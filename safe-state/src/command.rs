//! The command of an actuator: what it is told, and which commands lie in between.

/// What an actuator is told: a level, a duty, a speed.
///
/// ```
/// use safe_state::Command;
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq)]
/// enum Valve { Closed, Half, Open }
/// impl Command for Valve {}
///
/// assert_eq!(Valve::Open.toward(Valve::Closed, 0x8000), Valve::Open); // nothing in between
/// assert_eq!(Valve::Open.toward(Valve::Closed, 0x1_0000), Valve::Closed);
/// assert_eq!(1_000_i32.toward(-1_000, 0x4000), 500);
/// ```
pub trait Command: Copy + PartialEq + 'static {
    /// The command at a part of the way from this one to another, in 65,536ths; the whole way from 65,536 on. A command with
    /// nothing in between stays as it is until the way is whole.
    #[must_use]
    fn toward(self, to: Self, part: u32) -> Self {
        if part < WHOLE { self } else { to }
    }

    /// This command, or where it is farther than `distance` units from `origin`, the one on the way to it that is so far. A command
    /// with nothing in between is not limited.
    #[must_use]
    fn within(self, origin: Self, distance: u32) -> Self {
        let _ = (origin, distance);
        self
    }

    /// Whether this, which was read, is at most `tolerance` units farther from `to` than `told`, which was told on the way to it. A
    /// command with nothing in between is one of the two.
    #[must_use]
    fn has_followed(self, told: Self, to: Self, tolerance: u32) -> bool {
        let _ = tolerance;
        self == told || self == to
    }
}

/// A command that has others in between, so that an output can be ramped.
///
/// ```compile_fail,E0277
/// use safe_state::{over_us, OnLoss, Switch};
/// let on_loss: OnLoss<Switch> = OnLoss::ramp(Switch::Off, over_us(200_000));
/// ```
///
/// ```
/// use safe_state::{over_us, OnLoss};
/// let on_loss: OnLoss<u16> = OnLoss::ramp(0, over_us(200_000));
/// # let _ = on_loss;
/// ```
pub trait Gradual: Command {}

/// The whole of a way, in its parts.
pub(crate) const WHOLE: u32 = 1 << 16;

/// The part of a way of `over_us` that is done after `elapsed_us`.
pub(crate) const fn part_of(elapsed_us: u32, over_us: u32) -> u32 {
    if elapsed_us >= over_us {
        return WHOLE;
    }
    // Of a long way the lowest bits are left out, so that the part has 32 bits before it is divided.
    let shift = 16_u32.saturating_sub(over_us.leading_zeros());
    let (elapsed, over) = (elapsed_us.wrapping_shr(shift), over_us.wrapping_shr(shift));
    match elapsed.wrapping_shl(16).checked_div(over) {
        Some(part) if part < WHOLE => part,
        _ => WHOLE - 1,
    }
}

/// An integer at a part of the way, never beyond an end.
fn between(from: i64, to: i64, part: u32) -> i64 {
    if part >= WHOLE {
        return to;
    }
    from.wrapping_add(to.wrapping_sub(from).wrapping_mul(i64::from(part)) >> 16)
}

/// An integer at most so far from another.
fn limited(wanted: i64, origin: i64, distance: u32) -> i64 {
    let distance = i64::from(distance);
    wanted.max(origin.wrapping_sub(distance)).min(origin.wrapping_add(distance))
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl Command for $integer {
            // Between two values of the type, or one of the two.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            fn toward(self, to: Self, part: u32) -> Self {
                between(i64::from(self), i64::from(to), part) as Self
            }

            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            fn within(self, origin: Self, distance: u32) -> Self {
                limited(i64::from(self), i64::from(origin), distance) as Self
            }

            fn has_followed(self, told: Self, to: Self, tolerance: u32) -> bool {
                let [read, told, to] = [self, told, to].map(i64::from);
                read.abs_diff(to) <= told.abs_diff(to).saturating_add(u64::from(tolerance))
            }
        }

        impl Gradual for $integer {}
    )*};
}

integers!(i8, u8, i16, u16, i32, u32);

macro_rules! tuples {
    ($(($($name:ident $index:tt),*)),*) => {$(
        impl<$($name: Command),*> Command for ($($name,)*) {
            fn toward(self, to: Self, part: u32) -> Self {
                ($(self.$index.toward(to.$index, part),)*)
            }

            fn within(self, origin: Self, distance: u32) -> Self {
                ($(self.$index.within(origin.$index, distance),)*)
            }

            fn has_followed(self, told: Self, to: Self, tolerance: u32) -> bool {
                $(self.$index.has_followed(told.$index, to.$index, tolerance))&&*
            }
        }

        impl<$($name: Gradual),*> Gradual for ($($name,)*) {}
    )*};
}

tuples!((A 0, B 1), (A 0, B 1, C 2), (A 0, B 1, C 2, D 3));

/// A command that is on or off. Off takes the energy away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Switch {
    /// Without energy.
    Off,
    /// With energy.
    On,
}

impl Command for Switch {}

/// A share of the whole, 0 to 1000 permille: the duty of a PWM channel, the speed of a fan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Duty(u16);

impl Duty {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// All.
    pub const MAX: Self = Self(1_000);

    /// A duty in permille; `None` above 1000.
    #[must_use]
    pub const fn new(permille: u16) -> Option<Self> {
        if permille <= Self::MAX.0 { Some(Self(permille)) } else { None }
    }

    /// A duty that is known at compile time, in percent.
    ///
    /// ```
    /// use safe_state::Duty;
    /// assert_eq!(Duty::percent::<40>().as_permille(), 400);
    /// ```
    ///
    /// ```compile_fail,E0080
    /// use safe_state::Duty;
    /// let duty = Duty::percent::<101>();
    /// ```
    #[must_use]
    pub const fn percent<const PERCENT: u16>() -> Self {
        const { assert!(PERCENT <= 100, "a duty is at most 100 %") };
        Self(PERCENT.wrapping_mul(10))
    }

    /// Its share in permille, 0 to 1000.
    #[must_use]
    pub const fn as_permille(self) -> u16 {
        self.0
    }
}

impl Command for Duty {
    fn toward(self, to: Self, part: u32) -> Self {
        Self(self.0.toward(to.0, part))
    }

    fn within(self, origin: Self, distance: u32) -> Self {
        Self(self.0.within(origin.0, distance))
    }

    fn has_followed(self, told: Self, to: Self, tolerance: u32) -> bool {
        self.0.has_followed(told.0, to.0, tolerance)
    }
}

impl Gradual for Duty {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_begins_where_it_begins_and_ends_where_it_ends() {
        for (from, to) in [(0_i32, 1_000), (1_000, 0), (i32::MIN, i32::MAX), (i32::MAX, i32::MIN)] {
            assert_eq!(from.toward(to, 0), from);
            assert_eq!(from.toward(to, WHOLE), to);
            assert_eq!(from.toward(to, u32::MAX), to);
            let mut last = from;
            for part in (0..WHOLE).step_by(61) {
                let next = from.toward(to, part);
                assert!((next >= last) == (to > from) || next == last, "{from} to {to}: {part}");
                last = next;
            }
        }
        assert_eq!(10_u8.toward(0, WHOLE / 2), 5);
        assert_eq!(u32::MAX.toward(0, 1), u32::MAX - 65_536);
        assert_eq!((0_i16, 100_u8).toward((1_000, 0), WHOLE / 4), (250, 75));
    }

    #[test]
    fn a_limit_is_a_distance_in_both_directions() {
        assert_eq!(1_000_i32.within(0, 10), 10);
        assert_eq!((-1_000_i32).within(0, 10), -10);
        assert_eq!(7_i32.within(0, 10), 7);
        assert_eq!(0_u16.within(1_000, 10), 990);
        assert_eq!(u32::MAX.within(0, 0), 0);
        assert_eq!(i32::MIN.within(i32::MAX, u32::MAX), i32::MIN);
        assert_eq!(Duty(900).within(Duty::ZERO, 10), Duty(10));
        assert_eq!((50_u8, Switch::On).within((0, Switch::Off), 10), (10, Switch::On));
    }

    #[test]
    fn what_has_followed_is_not_farther_from_the_end() {
        assert!(Duty(510).has_followed(Duty(500), Duty::ZERO, 10));
        assert!(!Duty(511).has_followed(Duty(500), Duty::ZERO, 10));
        assert!(!511_i32.has_followed(500, 0, 10) && 0_i32.has_followed(500, 0, 10));
        // Beyond the end it is as far as on this side.
        assert!((-510_i32).has_followed(500, 0, 10) && !(-511_i32).has_followed(500, 0, 10));
        // A command with nothing in between is what was told, or the end.
        let has_followed = |read: Switch, told, to| read.has_followed(told, to, 10);
        assert!(has_followed(Switch::On, Switch::On, Switch::Off));
        assert!(has_followed(Switch::Off, Switch::On, Switch::Off));
        assert!(!has_followed(Switch::On, Switch::Off, Switch::Off));
        assert!((510_i32, Switch::On).has_followed((500, Switch::On), (0, Switch::Off), 10));
        assert!(!(510_i32, Switch::On).has_followed((500, Switch::Off), (0, Switch::Off), 10));
    }

    #[test]
    fn a_part_is_whole_at_its_end_only() {
        for over_us in [1, 2, 1_000, 65_535, 65_536, 200_000, 1 << 31, u32::MAX] {
            assert_eq!(part_of(0, over_us), 0, "{over_us}");
            assert_eq!(part_of(over_us, over_us), WHOLE, "{over_us}");
            assert_eq!(part_of(u32::MAX, over_us), WHOLE, "{over_us}");
            assert!(part_of(over_us - 1, over_us) < WHOLE, "{over_us}");
            let half = part_of(over_us / 2, over_us);
            assert!(
                over_us < 4 || half.abs_diff(WHOLE / 2) <= WHOLE / 2 / 1_000,
                "{over_us} {half}"
            );
        }
        assert_eq!(part_of(0, 0), WHOLE);
    }

    #[test]
    fn a_duty_is_at_most_the_whole() {
        assert_eq!(Duty::new(1_000), Some(Duty::MAX));
        assert_eq!(Duty::new(1_001), None);
        assert_eq!(Duty::percent::<0>(), Duty::ZERO);
        assert_eq!(Duty::percent::<100>(), Duty::MAX);
        assert_eq!(Duty::MAX.toward(Duty::ZERO, WHOLE / 2), Duty(500));
    }

    #[test]
    fn a_switch_has_nothing_in_between() {
        assert_eq!(Switch::On.toward(Switch::Off, WHOLE - 1), Switch::On);
        assert_eq!(Switch::On.toward(Switch::Off, WHOLE), Switch::Off);
        assert_eq!(Switch::On.within(Switch::Off, 0), Switch::On);
    }
}
