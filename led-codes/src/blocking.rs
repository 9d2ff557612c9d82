//! Patterns that are played with a blocking delay, where there is no loop and no clock: a boot loader, a panic handler.

use embedded_hal::delay::DelayNs;

use crate::light::Light;
use crate::pattern::Pattern;

/// Shows a pattern so many times, and returns when its last dark has ended.
///
/// # Errors
///
/// The light could not be told.
pub fn play<L: Light>(
    light: &mut L,
    delay: &mut impl DelayNs,
    pattern: &Pattern,
    times: u32,
) -> Result<(), L::Error> {
    for _ in 0..times {
        for step in pattern.steps() {
            light.set(step.level())?;
            delay.delay_ms(u32::from(step.ms()));
        }
    }
    Ok(())
}
