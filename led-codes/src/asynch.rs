//! Patterns that are played with an asynchronous delay. Pins block in `embedded-hal-async` 1.0, too: the delay alone is awaited.

use embedded_hal_async::delay::DelayNs;

use crate::light::Light;
use crate::pattern::Pattern;

/// Shows a pattern so many times, and returns when its last dark has ended. Dropped, it leaves the light as it is.
///
/// # Errors
///
/// The light could not be told.
pub async fn play<L: Light>(
    light: &mut L,
    delay: &mut impl DelayNs,
    pattern: &Pattern,
    times: u32,
) -> Result<(), L::Error> {
    for _ in 0..times {
        for step in pattern.steps() {
            light.set(step.level())?;
            delay.delay_ms(u32::from(step.ms())).await;
        }
    }
    Ok(())
}
