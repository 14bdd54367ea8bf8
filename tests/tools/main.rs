//! The tools around configurations: `fmt`, `diff`, `export`, `schema`, `migrate`.
#![cfg(test)]

#[path = "../support/mod.rs"]
mod support;

mod diff;
mod format;
mod migrate;
mod reference;
mod schema;

use std::fs;
use std::path::{Path, PathBuf};

use exabgp::configuration::{self, Lookup, Options, RouteParser};

/// The configurations of the repository, which are all that is said of the language in practice.
fn examples() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["etc/exabgp", "qa/demo", "qa/migrate"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "conf") {
                found.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(found.len() > 60, "{} examples found", found.len());
    found
}

/// The export of a text that stands for the file `path`; `None` where it is refused.
fn export_text(path: &Path, text: &str) -> Option<String> {
    let lookup = Lookup {
        directory: Path::new(env!("CARGO_MANIFEST_DIR")).into(),
        path: vec!["/usr/bin".into(), "/bin".into()],
        user: u32::MAX,
        ..Lookup::default()
    };
    let options = Options { lookup, ..Options::default() };
    let name = path.display().to_string();
    let read = configuration::parse(&name, text.as_bytes(), &options, &mut RouteParser::new());
    let mut json = Vec::new();
    configuration::export(&read.ok()?, &mut json);
    Some(String::from_utf8(json).unwrap())
}

fn export(path: &Path) -> Option<String> {
    export_text(path, &fs::read_to_string(path).unwrap())
}

/// Whether what is expected is to be written anew, and then read before it is kept.
#[expect(clippy::disallowed_methods, reason = "a test is told so by its environment")]
fn updates() -> bool {
    std::env::var_os("EXPECT").is_some_and(|value| value == "update")
}
