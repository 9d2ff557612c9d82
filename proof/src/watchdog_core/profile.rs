//! Timing profiles.

use core::hint::black_box;

use proof::keep;
use watchdog_core::EntityId;
use watchdog_core::profile::{Profile, Profiles};

use crate::{PLAN, number};

pub static PROFILES: Profiles<3> = Profiles::new(&PLAN, 900);

pub fn compared() {
    keep(Profiles::new(black_box(&PLAN), number(5) as u16));
    let entity = EntityId::new(number(1) as u8);
    let Some(profile) = Profiles::profile(&PROFILES, entity) else { return };
    keep((Profile::mean_us(&profile), Profile::jitter_us(&profile)));
    keep((Profile::margin_permille(&profile), Profile::bucket_us(number(2) as u8)));
    let mut bytes = Profile::encode(&profile);
    keep(&mut bytes);
    match Profile::decode(black_box(&bytes)) {
        Ok(field) => keep(Profile::compare(&profile, &field)),
        Err(error) => keep(error),
    }
    keep(Profile::suggest(&profile, number(6) as u32));
}
