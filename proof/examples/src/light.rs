//! The two lights of the board as outputs. Their register can be read, and every change of a light is recorded.

use core::cell::RefCell;
use core::convert::Infallible;

use critical_section::Mutex;
use embedded_hal::digital::{ErrorType, InputPin, OutputPin};

use crate::{now_us, read, write};

/// A light by its number, 0 or 1: high is on.
#[derive(Debug)]
pub struct Light<const N: u32>;

/// A light that was switched on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub light: u32,
    pub is_on: bool,
    pub at_us: u64,
}

const REGISTER: usize = 0x4002_8000;
const COUNT: usize = 32;

static CHANGES: Mutex<RefCell<([Option<Change>; COUNT], usize)>> =
    Mutex::new(RefCell::new(([None; COUNT], 0)));

/// The changes of both lights, in their order; the first 32.
pub fn changes() -> impl Iterator<Item = Change> {
    critical_section::with(|cs| CHANGES.borrow_ref(cs).0).into_iter().flatten()
}

impl<const N: u32> Light<N> {
    pub fn is_on() -> bool {
        read(REGISTER) >> N & 1 == 1
    }

    fn set(is_on: bool) {
        critical_section::with(|cs| {
            if Self::is_on() == is_on {
                return;
            }
            write(REGISTER, read(REGISTER) ^ 1 << N);
            let (changes, count) = &mut *CHANGES.borrow_ref_mut(cs);
            if let Some(place) = changes.get_mut(*count) {
                *place = Some(Change { light: N, is_on, at_us: now_us() });
                *count += 1;
            }
        });
    }
}

impl<const N: u32> ErrorType for Light<N> {
    type Error = Infallible;
}

impl<const N: u32> OutputPin for Light<N> {
    fn set_low(&mut self) -> Result<(), Infallible> {
        Self::set(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        Self::set(true);
        Ok(())
    }
}

impl<const N: u32> InputPin for Light<N> {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(Self::is_on())
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(!Self::is_on())
    }
}
