//! Holds the public API of a crate to its snapshot, and finds the functions of it that the proof does not call:
//! `api CRATE RUSTDOC_JSON SNAPSHOT SOURCE...`. With `UPDATE_API=1` the snapshot is written.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::process::ExitCode;

use public_api::tokens::Token;
use public_api::{Builder, PublicItem};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("api CRATE RUSTDOC_JSON SNAPSHOT SOURCE...");
    let (name, json, snapshot) = (next()?, next()?, next()?);
    let mut source = String::new();
    for path in arguments {
        source.push_str(&fs::read_to_string(path)?);
    }
    let api = Builder::from_rustdoc_json(json)
        .omit_auto_trait_impls(true)
        .omit_blanket_impls(true)
        .build()?;
    let items: Vec<&PublicItem> = api.items().collect();
    let is_same = compare(&name, &items, &snapshot)?;
    let is_called = calls_all(&name, &items, &source);
    Ok(if is_same && is_called { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether the items are those of the snapshot.
fn compare(name: &str, items: &[&PublicItem], snapshot: &str) -> Result<bool, Box<dyn Error>> {
    let lines: BTreeSet<String> = items.iter().map(ToString::to_string).collect();
    if std::env::var("UPDATE_API").is_ok() {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(snapshot, text)?;
    }
    let text = fs::read_to_string(snapshot)?;
    let kept: BTreeSet<String> = text.lines().map(str::to_owned).collect();
    for line in lines.difference(&kept) {
        println!("{name}: public, and not in {snapshot}: {line}");
    }
    for line in kept.difference(&lines) {
        println!("{name}: in {snapshot}, and not public any more: {line}");
    }
    let differences = lines.symmetric_difference(&kept).count();
    println!("{name}: {} public items, {differences} not as in {snapshot}", lines.len());
    Ok(differences == 0)
}

/// Whether the source names each public function that is not of a trait: `Type::function`, with the module before it, or the crate, where
/// two types share a name, or `function`, with its module before it unless the crate's root exports it.
fn calls_all(name: &str, items: &[&PublicItem], source: &str) -> bool {
    let source = without_type_arguments(source);
    let by_id: BTreeMap<_, _> = items.iter().map(|item| (item.id().0, *item)).collect();
    let is_of_trait = |item: &PublicItem| {
        let parent = item.parent_id().and_then(|id| by_id.get(&id.0));
        parent.is_some_and(|parent| {
            parent.tokens().any(|token| match token {
                Token::Keyword(word) => word == "for",
                Token::Kind(kind) => kind == "trait",
                _ => false,
            })
        })
    };
    let functions =
        items.iter().filter(|item| !is_of_trait(item)).filter_map(|item| Function::of(item));
    let functions: Vec<Function> = functions.collect();
    // The macro of `bitflags` writes these types: their methods are that crate's.
    let flags: BTreeSet<&str> = functions
        .iter()
        .filter(|function| function.name == "from_bits_retain")
        .filter_map(|function| function.owner.as_deref())
        .collect();
    let own = functions
        .iter()
        .filter(|function| function.owner.as_deref().is_none_or(|owner| !flags.contains(owner)));
    let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for function in &functions {
        if let Some(owner) = &function.owner {
            owners.entry(owner).or_default().insert(&function.module);
        }
    }
    let (mut count, mut missing) = (0, 0);
    for function in own {
        let module = &function.module;
        let call = match &function.owner {
            Some(owner) if owners.get(owner.as_str()).is_some_and(|modules| modules.len() > 1) => {
                let root = name.replace('-', "_");
                let module = if module.is_empty() { &root } else { module };
                format!("{module}::{owner}::{}", function.name)
            }
            Some(owner) => format!("{owner}::{}", function.name),
            None if module.is_empty() => function.name.clone(),
            None => format!("{module}::{}", function.name),
        };
        count += 1;
        if !names(&source, &call) {
            missing += 1;
            println!("{name}: {call} is public and not called in the proof");
        }
    }
    println!("{name}: {count} public functions, {missing} not called");
    missing == 0 && count > 0
}

/// A public function: the last module before it, the type that owns it, and its name.
struct Function {
    module: String,
    owner: Option<String>,
    name: String,
}

impl Function {
    fn of(item: &PublicItem) -> Option<Self> {
        let is_kind = |token: &&Token| matches!(token, Token::Kind(kind) if kind == "fn");
        item.tokens().find(is_kind)?;
        let (mut modules, mut owner) = (Vec::new(), None);
        for token in item.tokens() {
            match token {
                // Identifiers and types after the owner are the arguments of its type.
                Token::Identifier(module) if owner.is_none() => modules.push(module.clone()),
                Token::Type(name) if owner.is_none() => owner = Some(name.clone()),
                Token::Function(name) => {
                    // The first module is the crate.
                    let module = modules.split_first().and_then(|(_, rest)| rest.last());
                    let module = module.cloned().unwrap_or_default();
                    return Some(Self { module, owner, name: name.clone() });
                }
                _ => {}
            }
        }
        None
    }
}

/// Whether a source names a path, as whole words.
fn names(source: &str, path: &str) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    source.match_indices(path).any(|(at, found)| {
        let (before, after) = (&source[..at], &source[at + found.len()..]);
        !before.ends_with(is_word) && !after.starts_with(is_word)
    })
}

/// A source without what stands in `::<` and `>`.
fn without_type_arguments(source: &str) -> String {
    let mut parts = source.split("::<");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('>').map_or(part, |(_, rest)| rest));
    }
    plain
}
