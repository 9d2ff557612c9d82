//! The README names a test for what it says: each of them is there, and each row of the report has one.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::path::Path;

const README: &str = include_str!("../README.md");

/// `file::name` in backquotes, where the name is one of a function.
fn named() -> Vec<(&'static str, &'static str)> {
    let is_word =
        |word: &str| word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let quoted = README.split('`').skip(1).step_by(2);
    let pairs = quoted.filter_map(|quoted| quoted.split_once("::"));
    pairs.filter(|(file, name)| is_word(file) && is_word(name) && name.len() > 12).collect()
}

#[test]
fn every_test_that_is_named_is_there() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let named = named();
    assert!(named.len() > 30, "{}", named.len());
    for (file, name) in named {
        let source = std::fs::read_to_string(tests.join(file).with_extension("rs")).expect(file);
        assert!(source.contains(&format!("fn {name}(")), "{file}::{name}");
    }
}

#[test]
fn every_row_of_the_report_has_a_test() {
    let named = named();
    for row in 1..=11 {
        let is_of = |name: &str| name.starts_with(&format!("s{row}_"));
        assert!(named.iter().any(|(file, name)| *file == "field" && is_of(name)), "S{row}");
        assert!(README.contains(&format!("| S{row} |")), "S{row}");
    }
}

/// The fences of examples that do not compile, in all sources; and of those the ones with the code of their error.
fn not_compiling(folder: &Path) -> (usize, usize) {
    let (mut all, mut with_code) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let (more, more_with_code) = not_compiling(&path);
            (all, with_code) = (all + more, with_code + more_with_code);
        } else {
            let source = std::fs::read_to_string(&path).unwrap();
            all += source.matches("```compile_fail").count();
            with_code += source.matches("```compile_fail,E").count();
        }
    }
    (all, with_code)
}

#[test]
fn what_does_not_compile_is_counted() {
    let (all, with_code) = not_compiling(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let sentence =
        format!("stands as {all} examples beside those that do, {with_code} with the code");
    assert!(README.replace('\n', " ").contains(&sentence), "{sentence}");
}
