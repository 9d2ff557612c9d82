//! The lane of lights through the binary: edges, samples, VCD, taps and a video, with a table and without one; and what is no code.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use common::{Ran, Temporary, jsonl, own, run, run_with, text};
use led_codes::standard::{DIALECTS, LEGENDS};
use led_codes::{Code, Digits, Level, Pattern};
use serde_json::Value;

/// The edges of a pattern that goes on, as CSV, at a clock in thousandths.
fn csv(pattern: &Pattern, times: usize, permille: u64) -> String {
    let mut text = "time_us,level\n".to_owned();
    let mut at_us = 0;
    for step in pattern.steps().collect::<Vec<_>>().repeat(times) {
        writeln!(text, "{at_us},{}", step.level().as_name()).unwrap();
        at_us += u64::from(step.ms()) * permille;
    }
    text
}

/// The events of the lane in a text, with these options.
fn events(content: &str, options: &[&str]) -> Vec<Value> {
    let folder = Temporary::new();
    let file = folder.file("light", content.as_bytes());
    jsonl(&[options, &[&file]].concat())
}

fn codes(events: &[Value]) -> Vec<&Value> {
    events.iter().filter(|event| event["lane"] == "led" && event["event"] == "code").collect()
}

fn findings(events: &[Value]) -> Vec<&Value> {
    events.iter().filter(|event| event["lane"] == "finding").collect()
}

fn pattern(text: &str) -> Pattern {
    text.parse().unwrap()
}

#[test]
fn every_code_of_every_table_is_told_in_words() {
    let mut count = 0;
    for (name, legend) in LEGENDS {
        for entry in legend.entries() {
            let content = match entry.code {
                Code::Solid(level) => {
                    format!("time_us,level\n0,{0}\n30000000,{0}\n", level.as_name())
                }
                _ => csv(&legend.dialect().pattern(&entry.code).unwrap(), 12, 1_070),
            };
            let events = events(&content, &["--standard", name]);
            let said = events.iter().find(|event| event["lane"] == "led").unwrap();
            assert_eq!(said["meaning"], entry.meaning, "{name} {}: {events:?}", entry.name);
            assert_eq!(said["first_action"], entry.first_action, "{name} {}", entry.name);
            for event in events.iter().filter(|event| event["lane"] == "led") {
                assert!(["code", "solid", "dark"].contains(&text(event, "event")), "{event}");
                assert_eq!(event["meaning"], entry.meaning, "{name} {}: {event}", entry.name);
            }
            count += 1;
        }
    }
    assert!(count >= 55 + 20, "{count}");
}

#[test]
fn every_dialect_is_read_without_a_table() {
    for named in &DIALECTS {
        let word = named.name.to_lowercase().replace(", ", "-").replace(' ', "-");
        let (len, _) = named.dialect.len_range();
        let (min, max) = named.dialect.value_range();
        let digits = Digits::new(&vec![max.min(min + 1); usize::from(len)]).unwrap();
        let pattern = named.dialect.pattern(&Code::Digits(digits)).unwrap();
        let events = events(&csv(&pattern, 5, 930), &["--standard", &word]);
        let codes = codes(&events);
        assert!(!codes.is_empty(), "{word}: {events:?}");
        assert!(codes.iter().all(|code| code["code"] == digits.to_string()), "{word}: {codes:?}");
    }
}

#[test]
fn a_camera_that_loses_frames_gives_the_codes_in_words() {
    for (file, fps) in [("camera25.csv", 25), ("camera30.csv", 30), ("camera60.csv", 60)] {
        let (file, table) = (own(file), own("press.toml"));
        let (file, table) = (file.to_str().unwrap(), table.to_str().unwrap());
        let events = jsonl(&["--legend", table, file]);
        let told = codes(&events);
        let names: Vec<_> = told.iter().map(|code| (text(code, "name"), &code["mark"])).collect();
        assert!(names.len() >= 8, "{fps}: {names:?}");
        for (name, mark) in &names {
            let first_out = *name == "can-bus";
            assert!(first_out || *name == "fan", "{fps}: {name}");
            assert_eq!(mark.as_str(), first_out.then_some("first_out"), "{fps}");
        }
        let found = findings(&events);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((text(found[0], "event"), text(found[0], "severity")), ("led_code", "fault"));
        assert!(text(found[0], "text").contains("first out: 1-2 can-bus: No drive answers on CAN"));
        assert_eq!(found[0]["check"], "Check the plug at X4 and the 120 ohm ends");
        assert!(text(found[1], "text").contains("2-3 fan: The fan stands"));
    }
}

#[test]
fn dialects_that_look_the_same_are_all_shown_with_how_well_they_fit() {
    let events = events(&csv(&pattern("on 500 off 500"), 12, 1_040), &[]);
    let codes = codes(&events);
    let readings = codes[0]["readings"].as_array().unwrap();
    let names: Vec<_> = readings.iter().map(|reading| text(reading, "dialect")).collect();
    assert_eq!(names, ["profinet-sf", "odva-ms"]);
    // The meaning is that of a dialect, and nobody knows which one it is.
    assert!(codes[0].get("meaning").is_none() && readings[0]["meaning"].is_string());
    assert_eq!(readings[0]["clock_permille"], 1_040);
    let found = findings(&events);
    assert_eq!((found.len(), text(found[0], "event")), (1, "led_code"));
    assert!(text(found[0], "check").contains("which device it is"), "{found:?}");
    assert!(text(found[0], "text").contains("clock +4.0 %"), "{found:?}");
}

#[test]
fn a_clock_that_is_far_off_is_learnt_where_the_dialect_is_known() {
    let four = LEGENDS.iter().find(|(name, _)| *name == "raspberry-pi").unwrap().1;
    let entry = four.entries().iter().find(|entry| entry.name == "rp1").unwrap();
    let content = csv(&four.dialect().pattern(&entry.code).unwrap(), 5, 1_600);
    let told = events(&content, &["--standard", "raspberry-pi"]);
    let told = codes(&told);
    assert_eq!((text(told[0], "name"), &told[0]["clock_permille"]), ("rp1", &Value::from(1_600)));
}

#[test]
fn a_light_upside_down_is_named_and_gives_no_code() {
    let upright = csv(&pattern("on 200 off 200 x3 off 1000"), 6, 1_000);
    let inverted = upright.replace(",on", ",?").replace(",off", ",on").replace(",?", ",off");
    for options in [&[][..], &["--standard", "cia-303-3-err"]] {
        let events = events(&inverted, options);
        assert!(codes(&events).iter().all(|code| code["inverted"] == 1), "{events:?}");
        let found = findings(&events);
        assert!(found.iter().any(|finding| finding["event"] == "led_inverted"), "{found:?}");
        assert!(found.iter().all(|finding| finding["event"] != "led_code"), "{found:?}");
    }
    // Its twin.
    let events = events(&upright, &["--standard", "cia-303-3-err"]);
    assert_eq!(findings(&events).len(), 1);
    assert!(codes(&events).iter().all(|code| code.get("inverted").is_none()));
}

#[test]
fn dark_and_solid_are_answers_and_a_recording_that_ends_is_none() {
    let table = own("press.toml");
    let table = ["--legend", table.to_str().unwrap()];
    let blinks = csv(&pattern("on 1000 off 1000"), 6, 1_000);
    for (more, event, action) in [
        ("12000000,off\n20000000,off\n", "dark", "Measure 24 V at X1"),
        ("12000000,on\n20000000,on\n", "solid", "Switch off and on; read the record"),
    ] {
        let events = events(&format!("{blinks}{more}"), &table);
        let said = events.iter().find(|said| said["event"] == event).unwrap();
        assert_eq!(said["first_action"], action);
        let found = findings(&events);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0]["event"], format!("led_{event}"));
        assert_eq!(found[0]["check"], action);
    }
    // Healthy, to the end of the recording.
    let healthy = events(&blinks, &table);
    assert!(findings(&healthy).is_empty(), "{healthy:?}");
    assert!(healthy.iter().any(|event| event["event"] == "healthy"));
    assert!(healthy.iter().all(|event| event["event"] != "dark" && event["event"] != "solid"));
}

/// Lit without a flash is a fault in red and none in green: of a light whose colour nobody has seen neither is told.
#[test]
fn a_colour_that_nobody_has_seen_is_not_guessed() {
    let solid = |level: &str| {
        let content = format!("time_us,level\n0,{level}\n30000000,{level}\n");
        let told = events(&content, &["--standard", "odva-ms"]);
        told.into_iter().find(|event| event["event"] == "solid").unwrap()
    };
    assert!(solid("on").get("meaning").is_none(), "{}", solid("on"));
    assert!(solid("red")["meaning"].is_string() && solid("green")["meaning"].is_string());
    assert_ne!(solid("red")["meaning"], solid("green")["meaning"]);
}

#[test]
fn samples_that_are_too_far_apart_are_said() {
    // 50 ms lit, 50 ms dark, in samples of a camera of 30 frames a second.
    let mut content = "time_us,brightness\n".to_owned();
    for frame in 0..600_u64 {
        let at_us = frame * 33_333;
        let brightness = if at_us / 50_000 % 2 == 0 { 200 } else { 20 };
        writeln!(content, "{at_us},{brightness}").unwrap();
    }
    let events = events(&content, &["--standard", "cia-303-3-flickering"]);
    assert!(codes(&events).is_empty());
    let found = findings(&events);
    assert_eq!((found.len(), text(found[0], "event")), (1, "led_too_fast"));
    assert!(text(found[0], "text").contains("cia-303-3-flickering"), "{found:?}");
}

#[test]
fn a_rhythm_of_no_dialect_is_unread_and_its_steps_are_told() {
    let events = events(&csv(&pattern("on 90 off 310 x2 off 90 on 610 off 1730"), 6, 1_000), &[]);
    assert!(codes(&events).is_empty(), "{events:?}");
    let found = findings(&events);
    assert_eq!((found.len(), text(found[0], "event")), (1, "led_unread"));
    let unread = events.iter().find(|event| event["event"] == "unread").unwrap();
    assert!(text(unread, "steps").contains("on 610 off 1730 on 90 off 310"), "{unread}");
}

#[test]
fn lights_in_one_file_are_told_apart() {
    let mut rows: Vec<(u64, String)> = Vec::new();
    for (name, of) in [("ERR", "on 200 off 200 x2 off 1000"), ("RUN", "on 200 off 1000")] {
        for row in csv(&pattern(of), 8, 1_000).lines().skip(1) {
            let at_us: u64 = row.split(',').next().unwrap().parse().unwrap();
            rows.push((at_us, format!("{row},{name}\n")));
        }
    }
    rows.sort_by_key(|(at_us, _)| *at_us);
    let rows: String = rows.into_iter().map(|(_, row)| row).collect();
    let told = events(&format!("time_us,level,light\n{rows}"), &["--standard", "cia-303-3-err"]);
    for code in codes(&told) {
        let expected = if code["wire"] == "ERR" { "2" } else { "1" };
        assert_eq!(code["code"], expected, "{code}");
    }
    let wires: Vec<_> = codes(&told).iter().map(|code| text(code, "wire").to_owned()).collect();
    assert!(wires.contains(&"ERR".to_owned()) && wires.contains(&"RUN".to_owned()));
    let times: Vec<_> = told.iter().filter_map(|event| event["t_us"].as_i64()).collect();
    assert!(times.is_sorted() || findings(&told).len() > 1, "{times:?}");
}

/// The changes of two signals as a VCD, the second one with the other polarity.
fn vcd(pattern: &Pattern, times: usize) -> String {
    let mut text = "$timescale 1 us $end\n$var wire 1 ! ERR $end\n$var wire 1 \" nERR $end\n\
        $enddefinitions $end\n"
        .to_owned();
    let mut at_us = 0;
    for step in pattern.steps().collect::<Vec<_>>().repeat(times) {
        let (value, other) = if step.level() == Level::Off { (0, 1) } else { (1, 0) };
        writeln!(text, "#{at_us} {value}! {other}\"").unwrap();
        at_us += u64::from(step.ms()) * 1_000;
    }
    text
}

#[test]
fn a_channel_of_a_logic_analyser_is_a_light() {
    let content = vcd(&pattern("on 200 off 200 x3 off 1000"), 8);
    let told = events(&content, &["--signal", "ERR", "--standard", "cia-303-3-err"]);
    assert!(codes(&told).len() >= 6);
    assert!(codes(&told).iter().all(|code| code["wire"] == "ERR" && code["name"] == "sync"));
    let both = events(&content, &["--standard", "cia-303-3-err"]);
    let upside_down = codes(&both).into_iter().filter(|code| code["wire"] == "nERR");
    assert!(upside_down.clone().count() > 0);
    assert!(upside_down.into_iter().all(|code| code["inverted"] == 1));
}

#[test]
fn flashes_that_somebody_has_counted_are_read() {
    for (taps, standard, meaning) in [
        ("....", "raspberry-pi", "start*.elf was not found"),
        ("-- ...", "raspberry-pi", "The partition is not FAT"),
        ("aa www", "dell", "No memory was found"),
        (
            "on 200 off 200 x3 off 1000",
            "cia-303-3-err",
            "The SYNC message did not come in its time",
        ),
        (
            "190 210 230 180 205 990 180 220 210 190 220 1010 190 190 220 210 200 1020 210",
            "cia-303-3-err",
            "The SYNC message did not come in its time",
        ),
    ] {
        let told = jsonl(&["decode", "led", "--standard", standard, "--taps", taps]);
        let codes = codes(&told);
        let expected = if taps == "-- ..." { "not-fat-2" } else { meaning };
        let is_right = codes.iter().all(|code| code["meaning"] == meaning || taps == "-- ...");
        assert!(!codes.is_empty() && is_right, "{taps} {expected}: {told:?}");
    }
    let several = jsonl(&["decode", "led", "--taps", ".. ..."]);
    let names: Vec<_> = codes(&several)[0]["readings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(one, "dialect"))
        .collect();
    assert_eq!(names, ["human", "obd-i-gm-isuzu"]);
    // No code is like this, and this is no line of taps.
    let none = jsonl(&["decode", "led", "--standard", "human", "--taps", "......"]);
    assert_eq!((text(&none[0], "event"), codes(&none).len()), ("unread", 0));
    let wrong = run(["decode", "led", "--taps", ".. x"]);
    assert_eq!(wrong.code, Some(1));
    assert!(
        wrong.stderr.contains("tap 4: expected . - / r g y b w or a blank, got `x`"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn what_is_missing_or_wrong_is_said() {
    let refused = |ran: Ran, said: &str| {
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    };
    refused(run(["decode", "led"]), "expected a file of a light, --taps, or a terminal");
    refused(run(["decode", "rtu", "--taps", "."]), "--taps: expected decode led, got rtu");
    let line = own("line.csv");
    refused(run(["--taps", ".", line.to_str().unwrap()]), "--taps: expected decode led");
    refused(run(["decode", "rtu"]), "expected Modbus RTU, CRC included");
    refused(run(["decode", "led", "--legend", "nowhere.toml", "--taps", "."]), "nowhere.toml");
    let folder = Temporary::new();
    for (content, said) in [
        ("time_us,level\n0,off\n1,loud\n", "row 3, byte 20: level: expected 0, 1, off, on, red"),
        ("time_us,level\n0\n", "level is missing"),
        ("time_us,level\n0,on,a,b\n", "got more columns"),
        ("time_us,brightness\n0,70000\n", "brightness: expected 0 to 65535, got `70000`"),
        ("time_us,brightness\n0,dark\n", "brightness: expected 0 to 65535, got `dark`"),
        ("$timescale 3 us $end\n", "row 1, byte 0: expected 1, 10 or 100 before `us`"),
    ] {
        let file = folder.file("light", content.as_bytes());
        let ran = run([file.as_str()]);
        assert_eq!(ran.code, Some(1), "{content}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{content}: {}", ran.stderr);
    }
}

#[test]
fn a_recording_that_ends_within_a_code_is_a_part_of_one() {
    let content = csv(&pattern("on 1000 off 250 x2 off 1000 on 250 off 250 x3 off 2000"), 1, 1_000);
    let dark = "time_us,level\n0,on\n250000,off\n2250000,on\n";
    let rows: Vec<&str> = content.lines().skip(1).collect();
    let begun: String = rows[1..6]
        .iter()
        .map(|row| {
            let (at_us, level) = row.split_once(',').unwrap();
            format!("{},{level}\n", at_us.parse::<u64>().unwrap() + 2_250_000)
        })
        .collect();
    let told = events(&format!("{dark}{begun}"), &["--standard", "raspberry-pi"]);
    let partial = told.iter().find(|event| event["event"] == "partial").unwrap();
    // Two long flashes and a short one: four codes begin like that.
    assert_eq!((partial["lines"].as_u64(), codes(&told).len()), (Some(4), 0), "{told:?}");
    assert!(findings(&told).is_empty());
}

#[test]
fn what_was_read_before_the_damage_is_told() {
    let content = csv(&pattern("on 200 off 200 x3 off 1000"), 6, 1_000) + "12345678,loud\n";
    let folder = Temporary::new();
    let file = folder.file("light", content.as_bytes());
    let ran = run(["--format", "jsonl", "--standard", "cia-303-3-err", &file]);
    assert_eq!(ran.code, Some(1));
    assert!(codes(&ran.events()).len() >= 4 && ran.stderr.contains("loud"), "{}", ran.stderr);
}

#[test]
fn standard_input_is_a_light_too() {
    let content = csv(&pattern("on 200 off 200 x3 off 1000"), 6, 1_000);
    let ran =
        run_with(["--format", "jsonl", "--standard", "cia-303-3-err", "-"], content.as_bytes());
    assert!(codes(&ran.events()).len() >= 4, "{}", ran.stderr);
}

/// A spot before a background that moves, held by a hand that shakes: `evidence/film.py` makes the video with ffmpeg.
#[test]
fn a_video_of_a_light_gives_its_codes_in_words() {
    if Command::new("ffmpeg").arg("-version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "ffmpeg is not there");
        println!("skipped: ffmpeg is not installed");
        return;
    }
    let folder = Temporary::new();
    let video = folder.file("light.mp4", b"");
    let film = Path::new(env!("CARGO_MANIFEST_DIR")).join("evidence/film.py");
    let edges = own("edges.csv");
    for fps in ["25", "30", "60"] {
        let filmed = Command::new("python3")
            .arg(&film)
            .args(["video", fps, "7", edges.to_str().unwrap(), &video])
            .output()
            .unwrap();
        assert!(filmed.status.success(), "{}", String::from_utf8_lossy(&filmed.stderr));
        let table = own("press.toml");
        let told = jsonl(&["decode", "led", &video, "--legend", table.to_str().unwrap()]);
        let looked = told.iter().find(|event| event["event"] == "looked").unwrap();
        let spots = text(looked, "spots");
        let numbers: Vec<i32> = spots.split(' ').filter_map(|word| word.parse().ok()).collect();
        // The light is at 210 of 320 and 80 of 240 pixels.
        let is_near = (numbers[0] - 66).abs() <= 5 && (numbers[1] - 33).abs() <= 5;
        assert!(numbers.len() == 2 && is_near, "{fps}: {spots}");
        let names: Vec<_> =
            codes(&told).iter().map(|code| (text(code, "name"), code["mark"].as_str())).collect();
        assert!(names.len() >= 8, "{fps}: {names:?}");
        for name in names {
            assert!(
                [("can-bus", Some("first_out")), ("fan", None)].contains(&name),
                "{fps}: {name:?}"
            );
        }
    }
    // Nothing blinks in a video that is no video.
    let broken = folder.file(
        "broken.mp4",
        b"\0\0\0\x20ftypisom and nothing else of a video, really nothing, to the very end",
    );
    let ran = run(["decode", "led", &broken]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("no picture could be read"), "{}", ran.stderr);
}

/// Somebody at a terminal, who taps a code of people three times. Of a terminal that knows when a key is let go the space bar is held.
#[cfg(unix)]
fn tapped(knows_releases: bool) -> Vec<Value> {
    use std::fs::{File, OpenOptions};
    use std::io::{Read, Write};
    use std::process::Stdio;
    use std::time::Duration;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let terminal = || OpenOptions::new().read(true).write(true).open(&name).unwrap();
    let child = Command::new(common::BINARY)
        .args(["decode", "led", "--standard", "human", "--format", "jsonl"])
        .stdin(Stdio::from(terminal()))
        .stderr(Stdio::from(terminal()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut master = File::from(master);
    let wait_for = |master: &mut File, text: &str| {
        let mut heard = String::new();
        while !heard.contains(text) {
            let mut buffer = [0; 256];
            let len = master.read(&mut buffer).unwrap();
            heard.push_str(&String::from_utf8_lossy(&buffer[..len]));
        }
    };
    wait_for(&mut master, "\x1b[?u\x1b[c");
    let (answer, how) = match knows_releases {
        true => ("\x1b[?0u\x1b[?62c", "Hold the space bar"),
        false => ("\x1b[?62c", "Press the space bar"),
    };
    master.write_all(answer.as_bytes()).unwrap();
    wait_for(&mut master, how);
    let (press, release) = if knows_releases { ("\x1b[32u", "\x1b[32;1:3u") } else { (" ", " ") };
    for (on_ms, off_ms) in [(250, 1_000), (250, 2_500)].repeat(3) {
        master.write_all(press.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(on_ms));
        master.write_all(release.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(off_ms));
    }
    master.write_all(press.as_bytes()).unwrap();
    let quit = if knows_releases { "\x1b[113u" } else { "q" };
    master.write_all(quit.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[cfg(unix)]
#[test]
fn a_terminal_on_which_somebody_taps_gives_the_code() {
    let both = [true, false].map(|knows| (knows, std::thread::spawn(move || tapped(knows))));
    for (knows_releases, told) in both {
        let told = told.join().unwrap();
        let codes = codes(&told);
        assert!(!codes.is_empty(), "{knows_releases}: {told:?}");
        assert!(codes.iter().all(|code| code["code"] == "1-1"), "{knows_releases}: {codes:?}");
    }
}
