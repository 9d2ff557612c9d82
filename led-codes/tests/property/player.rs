//! A player at any poll times: a signal that is set to patterns, against `level_at` and against a poll each millisecond.

use led_codes::signal::Shown;
use led_codes::{Level, Pattern, Player, Signal};

use super::Choices;
use super::notation::row;

/// Any polls of a pattern give the level that is due, and the next edge is the next change.
pub fn polls(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let rows: Vec<_> = (0..1 + choices.below(4)).map(|_| row(&mut choices)).collect();
    let Ok(pattern) = Pattern::try_new(&rows) else { return };
    let begin_us = u64::from(choices.below(60_000));
    let mut signal = Signal::new(Shown::Pattern(&pattern));
    let mut player = Player::new().start(&mut signal, begin_us);
    let (mut now_us, mut latest_us) = (begin_us, begin_us);
    let mut last = None;
    let due = |us: u64| pattern.level_at((us / 1_000) as u32);
    while !choices.is_empty() {
        let step = choices.byte();
        let us = u64::from(choices.below(65_536));
        now_us = match step % 8 {
            0 => now_us.saturating_sub(us),
            1 => now_us.saturating_add(us << 40),
            2 => now_us.saturating_add(us * 1_000),
            3 | 4 => last.and_then(|(_, next)| next).unwrap_or(now_us),
            _ => now_us.saturating_add(us),
        };
        now_us = now_us.min(u64::MAX - 1);
        let (level, next_us) = player.poll(&mut signal, now_us);
        if now_us < latest_us {
            let shown = last.unwrap_or((due(0), next_us));
            assert_eq!((level, next_us), shown, "an instant before the last one");
            continue;
        }
        (latest_us, last) = (now_us, Some((level, next_us)));
        let phase_us = (now_us - begin_us) % (u64::from(pattern.period_ms()) * 1_000);
        assert_eq!(level, due(phase_us), "{pattern} at {now_us}");
        let next_us = next_us.expect("an edge");
        if next_us == u64::MAX {
            continue;
        }
        assert!(next_us > now_us, "{pattern} at {now_us}");
        let next_phase_us = phase_us + (next_us - now_us);
        assert_ne!(due(next_phase_us), level, "{pattern} at {now_us}");
        assert_eq!(due(next_phase_us - 1), level, "{pattern} at {now_us}");
    }
}

/// A signal that is set to other patterns: polled seldom it shows what it shows polled at each millisecond, and each pattern is whole.
pub fn signals(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let patterns: Vec<Pattern> = (0..3)
        .filter_map(|_| {
            let rows: Vec<_> = (0..1 + choices.below(2)).map(|_| short(&mut choices)).collect();
            Pattern::try_new(&rows).ok()
        })
        .collect();
    let shown = |choice: u8| match (choice % 5, patterns.get(usize::from(choice % 5))) {
        (_, Some(pattern)) => Shown::Pattern(pattern),
        (4, None) => Shown::Steady(Level::On),
        (_, None) => Shown::Steady(Level::Off),
    };
    let first = shown(choices.byte());
    let (mut often, mut seldom) = (Signal::new(first), Signal::new(first));
    let mut each_ms = Player::new().start(&mut often, 0);
    let mut at_times = Player::new().start(&mut seldom, 0);
    let mut now_ms = 0_u64;
    while !choices.is_empty() {
        let until_ms = now_ms + u64::from(choices.below(3_000));
        while now_ms < until_ms {
            now_ms += 1;
            let _ = each_ms.poll(&mut often, now_ms * 1_000);
        }
        let choice = choices.byte();
        if choice % 3 == 0 {
            often.set(shown(choice / 3), now_ms * 1_000);
            seldom.set(shown(choice / 3), now_ms * 1_000);
        }
        let levels =
            (each_ms.poll(&mut often, now_ms * 1_000), at_times.poll(&mut seldom, now_ms * 1_000));
        assert_eq!(levels.0, levels.1, "at {now_ms} ms");
    }
}

fn short(choices: &mut Choices<'_>) -> led_codes::Flashes {
    let flash = led_codes::Flash::new(1 + choices.below(60) as u16, 1 + choices.below(60) as u16);
    flash.times(1 + choices.byte() % 3, 1 + choices.below(300) as u16)
}
