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
    assert!(named.len() > 20, "{}", named.len());
    for (file, name) in named {
        let source = std::fs::read_to_string(tests.join(file).with_extension("rs")).expect(file);
        assert!(source.contains(&format!("fn {name}(")), "{file}::{name}");
    }
}

#[test]
fn every_row_of_the_report_has_a_test() {
    let named = named();
    for row in 1..=9 {
        let is_of = |name: &str| name.starts_with(&format!("l{row}_"));
        assert!(named.iter().any(|(_, name)| is_of(name)), "L{row}");
        assert!(README.contains(&format!("| L{row} |")), "L{row}");
    }
}

/// The fences of examples that do not compile, and of those the ones with the code of their error.
fn not_compiling(path: &Path) -> (usize, usize) {
    if path.is_dir() {
        let entries =
            std::fs::read_dir(path).unwrap().map(|entry| not_compiling(&entry.unwrap().path()));
        return entries
            .fold((0, 0), |(all, coded), (more, more_coded)| (all + more, coded + more_coded));
    }
    let source = std::fs::read_to_string(path).unwrap();
    (source.matches("```compile_fail").count(), source.matches("```compile_fail,E").count())
}

#[test]
fn what_does_not_compile_is_counted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (sources, readme) =
        (not_compiling(&root.join("src")), not_compiling(&root.join("README.md")));
    let (all, coded) = (sources.0 + readme.0, sources.1 + readme.1);
    let sentence = format!("stands as {all} examples beside those that do, {coded} with the code");
    assert!(README.replace('\n', " ").contains(&sentence), "{sentence}");
}

#[test]
fn the_minimal_example_is_short() {
    let minimal = include_str!("../examples/minimal.rs");
    assert!(minimal.lines().count() <= 30);
}
