//! `legend`: tables of standards, and one of a file, as a manual and as a sticker; and what is said of a table that is none.
#![allow(clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Ran, Temporary, run};

const PRESS: &str = r#"
title = "Press 3 <axis Y>"
healthy = { flashes = "on 1000 off 1000", means = "Running, no fault" }
dark = { means = "No power, or the program hangs", do_first = "Measure 24 V at X1" }
solid = { means = "The program hangs", do_first = "Switch off and on" }

[[code]]
code = "1-1"
severity = "high"
name = "watchdog"
means = "The watchdog reset it"
do_first = "Read the record"

[[code]]
code = "1-2"
severity = "low"
name = "fan"
means = "The fan stands"
do_first = "Clean it"
"#;

fn legend(table: &str, more: &[&str]) -> Ran {
    let folder = Temporary::new();
    let file = folder.file("legend.toml", table.as_bytes());
    run([&["legend", "--legend", &file][..], more].concat())
}

#[test]
fn a_table_of_a_file_is_a_chapter_and_a_sticker() {
    let output = legend(PRESS, &[]);
    let markdown = output.stdout.as_str();
    assert!(output.code == Some(0), "{}", output.stderr.as_str());
    assert!(markdown.starts_with("# Press 3 \\<axis Y\\>\n"), "{markdown}");
    assert!(
        markdown
            .contains("| **1-2**: 1 flash, a pause, 2 flashes | low | The fan stands | Clean it |")
    );
    assert_eq!(legend(PRESS, &["--markdown"]).stdout, output.stdout);
    let svg = legend(PRESS, &["--svg", "--title", "Door 7"]);
    let svg = svg.stdout.as_str();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
    assert!(svg.contains("Door 7") && !svg.contains("Press 3") && svg.contains("Clean it"));
}

#[test]
fn every_table_of_a_standard_is_printed() {
    for (name, view) in led_codes::standard::LEGENDS {
        let markdown = run(["legend", "--standard", name]);
        assert_eq!(markdown.stdout, view.markdown(name).to_string(), "{name}");
        let svg = run(["legend", "--standard", name, "--svg"]);
        assert_eq!(svg.stdout.as_str(), view.sticker(name).to_string(), "{name}");
    }
}

#[test]
fn what_is_wrong_with_a_table_is_said_with_its_names() {
    for (from, to, said) in [
        ("code = \"1-2\"", "code = \"1-1\"", "\"watchdog\" and \"fan\" have the same code"),
        ("code = \"1-2\"", "code = \"1-7\"", "\"fan\": digit 1 is 7, and the dialect has 1 to 5"),
        ("code = \"1-2\"", "code = \"one\"", "1 to 5 digits, each at most 63, as 2-3"),
        (
            "code = \"1-2\"",
            "pattern = \"on 68 off 68 x3 off 2500\"",
            "\"fan\" has a step of 68 ms; people need 225 ms at least",
        ),
        ("code = \"1-2\"", "pattern = \"on 250 of\"", "expected at byte 7"),
        ("code = \"1-2\"", "", "\"fan\" needs a code or a pattern"),
        (
            "\"on 1000 off 1000\"",
            "\"on 400 off 400 red 400 off 900\"",
            "healthy is one row of flashes",
        ),
        (
            "title =",
            "dialect = \"morse\"\ntitle =",
            "\"morse\" is no dialect: human, CiA 303-3 blinking",
        ),
        ("title =", "flashes_max = 64\ntitle =", "flashes_max is 64, and may be 1 to 63"),
        ("means = \"The fan stands\"", "", "missing field `means`"),
        ("severity = \"low\"", "severity = \"bad\"", "unknown variant `bad`"),
    ] {
        let output = legend(&PRESS.replacen(from, to, 1), &[]);
        assert_eq!(output.code, Some(2), "{to}");
        let stderr = output.stderr.as_str();
        assert!(stderr.contains(said), "{to}: {stderr}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(run(["legend"]).code, Some(2));
    assert_eq!(run(["legend", "--standard", "none"]).code, Some(2));
    assert_eq!(run(["legend", "--legend", "/no/such/file"]).code, Some(2));
}

#[test]
fn codes_beyond_people_are_an_opt_in() {
    let table = PRESS.replacen("code = \"1-2\"", "code = \"1-6\"", 1);
    let more = table.replacen("title =", "flashes_max = 6\ntitle =", 1);
    assert!(legend(&more, &[]).stderr.contains("6 flashes in a row; people count 5 at most"));
    let opted = more.replacen("title =", "beyond_people = true\ntitle =", 1);
    assert!(legend(&opted, &[]).code == Some(0));
    let other = PRESS.replacen("title =", "dialect = \"OBD-I GM, Isuzu\"\ntitle =", 1);
    assert!(legend(&other, &[]).code == Some(0), "{}", legend(&other, &[]).stderr);
}
