//! The diagram of the machine, generated from the table of its transitions: in the README as Mermaid, beside it as SVG. With
//! `UPDATE_DIAGRAM=1` both are written.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use safe_state::machine::{Event, State};

/// From, to, and the events between them, which are not self-loops.
fn edges() -> Vec<(State, State, Vec<Event>)> {
    let mut edges: Vec<(State, State, Vec<Event>)> = Vec::new();
    for from in State::ALL {
        for event in Event::ALL {
            let Some(to) = from.after(event).filter(|to| *to != from) else { continue };
            match edges.iter_mut().find(|(a, b, _)| (*a, *b) == (from, to)) {
                Some((.., events)) => events.push(event),
                None => edges.push((from, to, vec![event])),
            }
        }
    }
    edges
}

fn label(events: &[Event]) -> String {
    events.iter().map(|event| format!("{event:?}")).collect::<Vec<_>>().join(", ")
}

fn mermaid() -> String {
    let mut text = String::from("stateDiagram-v2\n    [*] --> Startup\n");
    for (from, to, events) in edges() {
        writeln!(text, "    {from:?} --> {to:?}: {}", label(&events)).unwrap();
    }
    text
}

/// The middle of a state.
const fn place(state: State) -> (i32, i32) {
    match state {
        State::Startup => (110, 60),
        State::Recovering => (110, 300),
        State::Safe => (430, 180),
        State::Operational => (790, 60),
        State::Degraded => (790, 300),
        State::Lockout => (430, 480),
    }
}

const WIDTH: i32 = 130;
const HEIGHT: i32 = 40;

/// Where the line from the middle of a state towards a point leaves its box.
fn border((x, y): (i32, i32), towards: (f64, f64)) -> (f64, f64) {
    let (x, y) = (f64::from(x), f64::from(y));
    let (dx, dy) = (towards.0 - x, towards.1 - y);
    let horizontal = f64::from(WIDTH) / 2.0 / dx.abs().max(1e-9);
    let vertical = f64::from(HEIGHT) / 2.0 / dy.abs().max(1e-9);
    let part = horizontal.min(vertical);
    (x + dx * part, y + dy * part)
}

fn svg() -> String {
    let mut text = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 900 520\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <defs><marker id=\"to\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">\
         <path d=\"M0 0L10 5L0 10z\" fill=\"#444\"/></marker></defs>\n\
         <rect width=\"900\" height=\"520\" fill=\"#fff\"/>\n",
    );
    let mut labels = String::new();
    for (from, to, events) in edges() {
        let ((ax, ay), (bx, by)) = (place(from), place(to));
        let (dx, dy) = (f64::from(bx - ax), f64::from(by - ay));
        let len = dx.hypot(dy);
        // Beside the straight line, so that there and back are two lines.
        let (mx, my) = (
            f64::from(ax + bx) / 2.0 - dy / len * 70.0,
            f64::from(ay + by) / 2.0 + dx / len * 70.0,
        );
        let ((sx, sy), (ex, ey)) = (border((ax, ay), (mx, my)), border((bx, by), (mx, my)));
        let (lx, ly) =
            (f64::midpoint(f64::midpoint(sx, ex), mx), f64::midpoint(f64::midpoint(sy, ey), my));
        let label = label(&events);
        writeln!(
            text,
            "<path d=\"M{sx:.0} {sy:.0}Q{mx:.0} {my:.0} {ex:.0} {ey:.0}\" fill=\"none\" stroke=\"#444\" marker-end=\"url(#to)\"/>"
        )
        .unwrap();
        // A label has a white edge, drawn first: not every program knows `paint-order`.
        writeln!(
            labels,
            "<text x=\"{lx:.0}\" y=\"{ly:.0}\" text-anchor=\"middle\" stroke=\"#fff\" stroke-width=\"4\">{label}</text>\n\
             <text x=\"{lx:.0}\" y=\"{ly:.0}\" text-anchor=\"middle\">{label}</text>",
        )
        .unwrap();
    }
    text.push_str(&labels);
    for state in State::ALL {
        let (x, y) = place(state);
        let fill = if state.may_energise() { "#ffe2b8" } else { "#d7ead9" };
        writeln!(
            text,
            "<rect x=\"{}\" y=\"{}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"8\" fill=\"{fill}\" stroke=\"#444\"/>\n\
             <text x=\"{x}\" y=\"{}\" text-anchor=\"middle\" font-weight=\"bold\">{state:?}</text>",
            x - WIDTH / 2,
            y - HEIGHT / 2,
            y + 5
        )
        .unwrap();
    }
    text.push_str("</svg>\n");
    text
}

/// Compares a file with what was generated, or writes it.
fn keep(path: &Path, text: &str) {
    if std::env::var_os("UPDATE_DIAGRAM").is_some() {
        std::fs::write(path, text).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == text, "{} is not that of the table: UPDATE_DIAGRAM=1", path.display());
}

#[test]
fn the_diagrams_are_those_of_the_table() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    keep(&folder.join("machine.svg"), &svg());
    let path = folder.join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once("```mermaid\n").expect("the README has a diagram");
    let (_, after) = rest.split_once("```\n").expect("it ends");
    keep(&path, &format!("{before}```mermaid\n{}```\n{after}", mermaid()));
}
