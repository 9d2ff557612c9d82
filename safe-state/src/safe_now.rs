//! The last way to the safe state: for a panic handler, a fault handler, an NMI, and the first thing at boot.

/// What is safe without any instance, lock or clock: a list of functions that each put one output to its safe value, in this order.
///
/// A panic does not run `Drop` on a target that aborts. Its handler calls [`drive`](Self::drive), and so does the boot after it.
///
/// ```
/// use safe_state::SafeNow;
///
/// fn brake_on() { /* writes the register */ }
/// fn torque_off() { /* writes the register */ }
///
/// static SAFE_NOW: SafeNow<2> = SafeNow::new([brake_on, torque_off]);
/// SAFE_NOW.drive();
/// ```
///
/// ```compile_fail,E0080
/// use safe_state::SafeNow;
/// static SAFE_NOW: SafeNow<0> = SafeNow::new([]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SafeNow<const N: usize>([fn(); N]);

impl<const N: usize> SafeNow<N> {
    /// These functions, in this order.
    ///
    /// # Panics
    ///
    /// If there is none; in a constant it does not compile.
    #[must_use]
    pub const fn new(outputs: [fn(); N]) -> Self {
        assert!(N > 0, "a list of no output makes nothing safe");
        Self(outputs)
    }

    /// Calls them all.
    pub fn drive(&self) {
        for output in &self.0 {
            output();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    static CALLS: Mutex<std::vec::Vec<u8>> = Mutex::new(std::vec::Vec::new());

    fn call<const N: u8>() {
        CALLS.lock().unwrap().push(N);
    }

    #[test]
    fn calls_all_in_their_order() {
        static SAFE_NOW: SafeNow<3> = SafeNow::new([call::<3>, call::<1>, call::<2>]);
        SAFE_NOW.drive();
        SAFE_NOW.drive();
        assert_eq!(*CALLS.lock().unwrap(), [3, 1, 2, 3, 1, 2]);
    }

    #[test]
    #[should_panic(expected = "a list of no output makes nothing safe")]
    fn refuses_an_empty_list() {
        let _ = SafeNow::new([]);
    }
}
