//! A light with its player: what every main loop would write again.

use crate::level::Level;
use crate::light::Light;
use crate::player::{Player, Source};

/// A light that a player drives. It is told only what is new.
///
/// Call [`poll`](Self::poll) where the loop proves that it lives: a light that a timer interrupt drives goes on when the program hangs,
/// and a light that only the loop drives stays at its last level, dark or lit, which is what the legend's `dark` and `solid` say.
#[derive(Debug)]
pub struct Driver<L> {
    light: L,
    player: Player,
    told: Level,
}

/// Why a light does not begin to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum StartError<E> {
    /// The light lacks a colour that it would have to show.
    #[error("the light cannot be {}", level.as_name())]
    Colour {
        /// The colour that the light lacks.
        level: Level,
    },
    /// The light could not be told.
    #[error("the light could not be told")]
    Light(E),
}

impl<L: Light> Driver<L> {
    /// Begins to show what the source says. All of its colours must be those of the light.
    ///
    /// # Errors
    ///
    /// The light lacks a colour, or could not be told.
    pub fn start<S: Source>(
        light: L,
        source: &mut S,
        now_us: u64,
    ) -> Result<Self, StartError<L::Error>> {
        if let Some(level) = source.lacks(|level| light.shows(level)) {
            return Err(StartError::Colour { level });
        }
        let player = Player::new().start(source, now_us);
        let mut driver = Self { light, player, told: Level::Off };
        driver.light.set(Level::Off).map_err(StartError::Light)?;
        driver.poll(source, now_us).map_err(StartError::Light)?;
        Ok(driver)
    }

    /// Shows what is due now; when to come again, if that is known: see [`Player::poll`].
    ///
    /// # Errors
    ///
    /// The light could not be told. The next call tells it again.
    pub fn poll<S: Source>(
        &mut self,
        source: &mut S,
        now_us: u64,
    ) -> Result<Option<u64>, L::Error> {
        let (level, next_us) = self.player.poll(source, now_us);
        if level != self.told {
            self.light.set(level)?;
            self.told = level;
        }
        Ok(next_us)
    }

    /// The light, to be used otherwise.
    #[must_use]
    pub fn into_light(self) -> L {
        self.light
    }
}
