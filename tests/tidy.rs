//! The rules of the house that the compiler does not know: layers, purity, size, words.
//!
//! Each rule is a function from one file (or from the tree) to the faults it finds, and has a
//! test with a sample that it must refuse, so that no rule can rot into one that accepts all.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Layers from the bottom up; a layer imports from those before it only.
const LAYERS: &[&[&str]] = &[
    &["wire", "text", "json"],
    &["protocol"],
    &["bgp"],
    &["rib"],
    &["configuration"],
    &["reactor"],
    &["application"],
];

/// Importable from everywhere: no layer, and no state.
const COMMON: &[&str] = &["registry", "version"];

/// What stands beside the stack, and who may import it.
const BESIDE: &[(&str, &[&str])] =
    &[("environment", &["reactor", "application"]), ("logger", &["reactor", "application"])];

/// What the modules beside the stack may import themselves.
const BELOW_BESIDE: &[&str] = &["wire", "text", "json", "protocol"];

/// The layers that only compute.
const PURE: &[&str] = &["wire", "text", "json", "protocol", "bgp", "rib"];

/// What a layer that only computes never names. A star stands for the rest of a word.
const IMPURE: &[&str] = &[
    "mio",
    "socket2",
    "nix",
    "libc",
    "signal_hook",
    "std::net::Tcp*",
    "std::net::Udp*",
    "TcpStream",
    "TcpListener",
    "std::fs",
    "std::env",
    "std::io::std*",
    "std::process",
    "std::thread",
    "Instant::now",
    "SystemTime",
];

/// What `configuration`, which reads files, does not know.
const SOCKETS: &[&str] =
    &["mio", "socket2", "std::net::Tcp*", "TcpStream", "TcpListener", "Instant::now"];

const LINES_MAX: usize = 600;
const HEADER_LINES_MAX: usize = 10;
const HEADER_CHARACTERS_MIN: usize = 20;

const UNSAFE_FILE: &str = "src/reactor/network/sys.rs";
const WOULD_BLOCK_FILES: &[&str] = &["src/reactor/network/io.rs"];

/// Examples that need of the kernel, on both sides, what few machines have.
const UNPLAYED: &[&str] = &["etc/exabgp/conf-tcp-ao.conf"];

/// Words that stand for work not done. Spelled in two parts: this file is checked as well.
const FORBIDDEN: &[(&str, &str)] = &[
    ("to", "do!"),
    ("unimple", "mented!"),
    ("#[ig", "nore*"),
    ("should_", "panic"),
    ("FIX", "ME"),
    ("XX", "X"),
    ("HA", "CK"),
    ("thread::", "sleep"),
];

/// A file of the repository: its path from the root, with `/`, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// The first folder below `src`, or the module of a file directly in it.
    fn layer(&self) -> Option<&str> {
        let first = self.path.strip_prefix("src/")?.split('/').next()?;
        Some(first.strip_suffix(".rs").unwrap_or(first))
    }

    /// How many modules this file is below the root of the crate.
    fn depth(&self) -> usize {
        let below = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let parts = below.split('/').count();
        match below.rsplit('/').next() {
            Some("mod.rs" | "lib.rs" | "main.rs") => parts - 1,
            _ => parts,
        }
    }

    /// The text before the tests at the bottom.
    fn production(&self) -> &str {
        let mut at = 0;
        let mut attribute = None;
        for line in self.text.split_inclusive('\n') {
            let word = line.trim();
            if word == "#[cfg(test)]" {
                attribute = Some(at);
            } else if let Some(start) = attribute.filter(|_| !word.starts_with("#[")) {
                if word.contains("mod ") && word.ends_with('{') {
                    return self.text.get(..start).unwrap_or("");
                }
                attribute = None;
            }
            at += line.len();
        }
        &self.text
    }
}

/// `text` with comments and literals blanked, line by line the same.
fn code(text: &str) -> String {
    masked(text, ' ', true)
}

/// `text` with its literals, and perhaps its comments, overwritten; line ends stay.
fn masked(text: &str, with: char, comments: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = literal(rest);
        if length == 0 {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or("");
        } else {
            let (inside, after) = rest.split_at(length);
            let keep = !comments && first == '/';
            out.extend(inside.chars().map(|c| if keep || c == '\n' { c } else { with }));
            rest = after;
        }
    }
    out
}

/// The length of the comment or literal that `text` starts with, or 0.
fn literal(text: &str) -> usize {
    let end = |found: Option<usize>, more: usize| found.map_or(text.len(), |at| at + more);
    if text.starts_with("//") {
        end(text.find('\n'), 0)
    } else if text.starts_with("/*") {
        end(text.find("*/"), 2)
    } else if text.starts_with("r#\"") {
        end(text.find("\"#"), 2)
    } else if text.starts_with('"') {
        quoted(text)
    } else if text.starts_with("'\\") {
        end(text.get(3..).and_then(|after| after.find('\'')), 4)
    } else if text.starts_with('\'') && text.chars().nth(2) == Some('\'') {
        text.chars().take(3).map(char::len_utf8).sum()
    } else {
        0
    }
}

/// The length of the string that `text` starts with.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The lines, from 1, where `needle` stands and is not a part of a longer word.
fn lines_with(text: &str, needle: &str) -> Vec<usize> {
    let (needle, open) = match needle.strip_suffix('*') {
        Some(prefix) => (prefix, true),
        None => (needle, !needle.ends_with(is_word)),
    };
    let whole = |at: usize| {
        let before = text.get(..at).and_then(|left| left.chars().next_back());
        let after = text.get(at + needle.len()..).and_then(|right| right.chars().next());
        !before.is_some_and(is_word) && (open || !after.is_some_and(is_word))
    };
    text.match_indices(needle)
        .filter(|(at, _)| whole(*at))
        .map(|(at, _)| text.get(..at).map_or(1, |left| left.matches('\n').count() + 1))
        .collect()
}

/// The first name of a path, or of each path of a group in braces.
fn heads(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else { return vec![head(path)] };
    let mut depth = 0;
    let mut start = true;
    let mut found = Vec::new();
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if start && is_word(c) => {
                found.push(head(group.get(at..).unwrap_or("")));
                start = false;
            }
            _ => {}
        }
    }
    found
}

fn head(text: &str) -> String {
    text.chars().take_while(|c| is_word(*c)).collect()
}

/// The names directly behind each `crate::`.
fn crate_paths(text: &str) -> Vec<String> {
    text.match_indices("crate::")
        .filter(|(at, _)| !text.get(..*at).is_some_and(|left| left.ends_with(is_word)))
        .flat_map(|(at, found)| heads(text.get(at + found.len()..).unwrap_or("")))
        .collect()
}

/// The names behind chains of `super::` that climb to the root of the crate.
fn climbing_paths(text: &str, depth: usize) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("super::") {
        if text.get(..at).is_some_and(|left| left.ends_with("super::")) {
            continue;
        }
        let mut rest = text.get(at..).unwrap_or("");
        let mut climbed = 0;
        while let Some(next) = rest.strip_prefix("super::") {
            climbed += 1;
            rest = next;
        }
        if climbed == depth {
            found.extend(heads(rest));
        }
    }
    found
}

/// Whether a file of layer `from` may import from `to`.
fn may_import(from: &str, to: &str) -> bool {
    let rank = |layer: &str| LAYERS.iter().position(|row| row.contains(&layer));
    let beside = |layer: &str| BESIDE.iter().find(|(name, _)| *name == layer);
    if from == to || COMMON.contains(&to) {
        return true;
    }
    if let Some((_, importers)) = beside(to) {
        return importers.contains(&from);
    }
    if beside(from).is_some() {
        return BELOW_BESIDE.contains(&to);
    }
    matches!((rank(from), rank(to)), (Some(from), Some(to)) if to < from)
}

fn layering(source: &Source) -> Vec<String> {
    let Some(layer) = source.layer() else { return Vec::new() };
    if matches!(layer, "lib" | "main") {
        return Vec::new();
    }
    let text = code(source.production());
    crate_paths(&text)
        .into_iter()
        .chain(climbing_paths(&text, source.depth()))
        .filter(|target| !may_import(layer, target))
        .map(|target| format!("{}: {layer} must not import from {target}", source.path))
        .collect()
}

/// One fault for each place where one of `words` stands in `text`.
fn named<'a>(
    path: &str,
    text: &str,
    words: impl Iterator<Item = &'a str>,
    complaint: &str,
) -> Vec<String> {
    words
        .flat_map(|word| lines_with(text, word).into_iter().map(move |line| (line, word)))
        .map(|(line, word)| format!("{path}:{line}: `{word}` {complaint}"))
        .collect()
}

fn purity(source: &Source) -> Vec<String> {
    let refused = match source.layer() {
        Some(layer) if PURE.contains(&layer) => IMPURE,
        Some("configuration") => SOCKETS,
        _ => return Vec::new(),
    };
    let text = code(source.production());
    named(&source.path, &text, refused.iter().copied(), "does not belong in this layer")
}

fn size(source: &Source) -> Vec<String> {
    let lines = source.production().lines().count();
    if lines <= LINES_MAX {
        return Vec::new();
    }
    vec![format!("{}: {lines} lines before the tests, at most {LINES_MAX}", source.path)]
}

fn header(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.text.lines().map_while(|line| line.strip_prefix("//!")).collect();
    let characters: usize = lines.iter().map(|line| line.trim().len()).sum();
    if characters < HEADER_CHARACTERS_MIN {
        return vec![format!("{}: no `//!` header that says what the file owns", source.path)];
    }
    if lines.len() > HEADER_LINES_MAX {
        let count = lines.len();
        return vec![format!(
            "{}: {count} lines of header, at most {HEADER_LINES_MAX}",
            source.path
        )];
    }
    Vec::new()
}

fn forbidden(source: &Source) -> Vec<String> {
    let words: Vec<String> =
        FORBIDDEN.iter().map(|(left, right)| format!("{left}{right}")).collect();
    named(&source.path, &source.text, words.iter().map(String::as_str), "stands for work not done")
}

fn unsafety(source: &Source) -> Vec<String> {
    if source.path == UNSAFE_FILE {
        return Vec::new();
    }
    let complaint = format!("is only allowed in {UNSAFE_FILE}");
    named(&source.path, &code(&source.text), ["unsafe"].into_iter(), &complaint)
}

fn would_block(source: &Source) -> Vec<String> {
    if WOULD_BLOCK_FILES.contains(&source.path.as_str()) {
        return Vec::new();
    }
    let text = code(source.production());
    let complaint = format!("is only handled in {}", WOULD_BLOCK_FILES.join(" and "));
    named(&source.path, &text, ["WouldBlock"].into_iter(), &complaint)
}

fn blanks(source: &Source) -> Vec<String> {
    // What a program prints may end in a blank, so the text of a literal is free.
    let is_rust = source.path.ends_with(".rs");
    let text = if is_rust { masked(&source.text, 'x', false) } else { source.text.clone() };
    let mut faults: Vec<String> = text
        .split('\n')
        .enumerate()
        .filter(|(_, line)| line.contains('\t') || line.ends_with([' ', '\r']))
        .map(|(at, _)| format!("{}:{}: a tab, or a blank at the end", source.path, at + 1))
        .collect();
    if !source.text.is_empty() && !source.text.ends_with('\n') {
        faults.push(format!("{}: no newline at the end", source.path));
    }
    faults
}

/// The files where the modules that `source` declares may be, two for each.
fn declared(source: &Source) -> Vec<[String; 2]> {
    let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let own = source.path.strip_suffix(".rs").unwrap_or(&source.path);
    let is_root = matches!(own.rsplit('/').next(), Some("mod" | "lib" | "main"));
    let base = if is_root { folder } else { own };
    code(&source.text)
        .lines()
        .filter_map(|line| line.trim().strip_suffix(';'))
        .filter_map(|line| line.rsplit_once("mod ").map(|(before, name)| (before.trim(), name)))
        .filter(|(before, _)| before.is_empty() || before.starts_with("pub"))
        .map(|(_, name)| [format!("{base}/{name}.rs"), format!("{base}/{name}/mod.rs")])
        .collect()
}

/// Files that no `mod` reaches from `lib.rs` or `main.rs`.
fn dead_files(sources: &[Source]) -> Vec<String> {
    let find = |path: &str| sources.iter().find(|source| source.path == path);
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut waiting: Vec<&Source> =
        ["src/lib.rs", "src/main.rs"].into_iter().filter_map(find).collect();
    while let Some(source) = waiting.pop() {
        if reached.insert(&source.path) {
            waiting.extend(declared(source).iter().flatten().filter_map(|path| find(path)));
        }
    }
    sources
        .iter()
        .filter(|source| !reached.contains(source.path.as_str()))
        .map(|source| format!("{}: no `mod` reaches this file", source.path))
        .collect()
}

/// Example configurations without an expectation, and expectations without a configuration.
fn examples(configurations: &[String], expectations: &[Source]) -> Vec<String> {
    let played: BTreeSet<&str> = expectations
        .iter()
        .flat_map(|source| source.text.lines())
        .filter_map(|line| line.trim().strip_prefix("option:file:"))
        .collect();
    let present: BTreeSet<&str> = configurations.iter().map(String::as_str).collect();
    let silent = present.difference(&played).map(|name| format!("{name}: no .ci plays it"));
    let lost = played.difference(&present).map(|name| format!("{name}: played, but not there"));
    silent.chain(lost).collect()
}

/// Helper programs that no configuration runs and that no helper imports.
fn helpers(programs: &[String], users: &[Source]) -> Vec<String> {
    let used = |program: &String| {
        let run = format!("run/{program};");
        let import = format!("from {} import", program.trim_end_matches(".py"));
        users.iter().any(|user| user.text.contains(&run) || user.text.contains(&import))
    };
    programs
        .iter()
        .filter(|program| !used(program))
        .map(|program| format!("etc/exabgp/run/{program}: nothing runs it"))
        .collect()
}

// The tree.

/// The files below `folder` whose name ends so, in order.
fn walk(folder: &str, ending: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join(folder)];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
        .iter()
        .filter_map(|path| {
            let text = fs::read_to_string(path).ok()?;
            Some(Source::new(&path.strip_prefix(root).ok()?.to_string_lossy(), &text))
        })
        .collect()
}

/// All Rust of the program and of its tests.
fn rust() -> Vec<Source> {
    let mut sources = walk("src", ".rs");
    sources.extend(walk("tests", ".rs"));
    sources
}

fn names(sources: &[Source]) -> Vec<String> {
    sources.iter().filter_map(|s| s.path.rsplit('/').next().map(str::to_owned)).collect()
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Fails with every fault that a rule finds; to have found no file is a fault, too.
fn each(sources: &[Source], rule: fn(&Source) -> Vec<String>) {
    assert!(!sources.is_empty(), "no file found to check");
    none(&sources.iter().flat_map(rule).collect::<Vec<_>>());
}

#[test]
fn imports_go_downward() {
    each(&walk("src", ".rs"), layering);
}

#[test]
fn pure_layers_do_no_input_or_output() {
    each(&walk("src", ".rs"), purity);
}

#[test]
fn files_are_short() {
    each(&walk("src", ".rs"), size);
}

#[test]
fn files_say_what_they_own() {
    each(&rust(), header);
}

#[test]
fn nothing_is_left_undone() {
    each(&rust(), forbidden);
}

#[test]
fn unsafe_has_one_home() {
    each(&walk("src", ".rs"), unsafety);
}

#[test]
fn would_block_has_one_home() {
    each(&walk("src", ".rs"), would_block);
}

#[test]
fn lines_end_where_they_end() {
    let mut sources = rust();
    sources.extend(walk("etc", ""));
    sources.extend(walk("qa/encoding", ".ci"));
    each(&sources, blanks);
}

#[test]
fn every_file_is_compiled() {
    none(&dead_files(&walk("src", ".rs")));
}

#[test]
fn every_example_is_played() {
    let mut configurations = walk("etc/exabgp", ".conf");
    // The demonstration plays its own; what no scripted peer can play is validated alone.
    configurations.retain(|source| !source.path.starts_with("etc/exabgp/demo/"));
    configurations.retain(|source| !UNPLAYED.contains(&source.path.as_str()));
    let expectations = walk("qa/encoding", ".ci");
    assert!(!configurations.is_empty() && !expectations.is_empty(), "no file found to check");
    none(&examples(&names(&configurations), &expectations));
}

#[test]
fn every_helper_is_run() {
    let programs: Vec<Source> =
        walk("etc/exabgp/run", "").into_iter().filter(|s| !s.path.ends_with(".pyc")).collect();
    assert!(!programs.is_empty(), "no file found to check");
    let mut users = walk("etc/exabgp", ".conf");
    users.extend(walk("etc/exabgp/run", ".py"));
    none(&helpers(&names(&programs), &users));
}

// Each rule refuses something.

/// A rule accepts `good`, and finds `count` faults in `bad`.
#[track_caller]
fn refuses(rule: fn(&Source) -> Vec<String>, path: &str, good: &str, bad: &str, count: usize) {
    assert_eq!(rule(&Source::new(path, good)), Vec::<String>::new());
    let faults = rule(&Source::new(path, bad));
    assert_eq!(faults.len(), count, "{bad}\n{faults:?}");
}

#[test]
fn layering_refuses() {
    let good = "use crate::wire::Reader; // crate::reactor\nconst A: &str = \"crate::reactor\";";
    let group = "use crate::{wire::{Reader, Writer}, rib::Route, configuration};";
    let upward = |path: &str, good: &str, bad: &str| refuses(layering, path, good, bad, 1);
    upward("src/bgp/x.rs", good, "use crate::reactor::Peer;");
    refuses(layering, "src/bgp/x.rs", good, group, 2);
    upward("src/wire/x.rs", "use crate::wire::Hex;", "fn f() -> crate::text::Span {}");
    upward("src/rib/x.rs", "use crate::bgp::X;", "use crate::environment::Settings;");
    upward("src/reactor/x.rs", "use crate::environment::S;", "use crate::application::M;");
    upward("src/logger/mod.rs", "use crate::text::S;", "use crate::reactor::Clock;");
    upward("src/bgp/fsm/x.rs", "use super::super::nlri::N;", "use super::super::super::rib::R;");
}

#[test]
fn purity_refuses() {
    let good = "//! mio is not named here\nuse std::net::IpAddr;\nlet nixed = \"std::fs\";";
    refuses(purity, "src/bgp/x.rs", good, "use mio::Poll;\nuse std::fs::File;", 2);
    refuses(purity, "src/rib/x.rs", good, "let now = Instant::now();", 1);
    refuses(purity, "src/wire/x.rs", good, "use std::net::TcpStream;", 2);
    refuses(purity, "src/configuration/x.rs", "use std::fs;", "use socket2::Socket;", 1);
    let tests = "fn f() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
    refuses(purity, "src/text/x.rs", tests, &tests.replace("#[cfg(test)]\n", ""), 1);
}

#[test]
fn size_refuses() {
    let full = "fn f() {}\n".repeat(LINES_MAX);
    let tests = format!("#[cfg(test)]\n#[rustfmt::skip]\nmod tests {{\n{full}}}\n");
    refuses(size, "src/a.rs", &format!("{full}{tests}"), &format!("{full}\n{tests}"), 1);
}

#[test]
fn header_refuses() {
    let good = "//! What this file owns, in a sentence.\nfn f() {}\n";
    refuses(header, "src/a.rs", good, "fn f() {}\n", 1);
    refuses(header, "src/a.rs", good, "//! a\nfn f() {}\n", 1);
    let endless = "//! A line of a header that never ends.\n".repeat(HEADER_LINES_MAX + 1);
    refuses(header, "src/a.rs", good, &endless, 1);
}

#[test]
fn forbidden_refuses() {
    for (left, right) in FORBIDDEN {
        let bad = format!("{left}{right}\n").replace('*', "");
        refuses(forbidden, "src/a.rs", "let done = 1;\n", &bad, 1);
    }
}

#[test]
fn homes_refuse() {
    refuses(unsafety, "src/a.rs", "#![deny(unsafe_code)] // unsafe\n", "unsafe { f() }\n", 1);
    none(&unsafety(&Source::new(UNSAFE_FILE, "unsafe { f() }\n")));
    let good =
        "/// `WouldBlock`\nfn f() {}\n#[cfg(test)]\nmod tests {\n    use E::WouldBlock;\n}\n";
    refuses(would_block, "src/reactor/a.rs", good, "Err(e) if e == WouldBlock => {}\n", 1);
    for home in WOULD_BLOCK_FILES {
        none(&would_block(&Source::new(home, "WouldBlock\n")));
    }
}

#[test]
fn blanks_refuse() {
    refuses(blanks, "src/a.rs", "a\n\n\"b \nc\"\n", "a \n\tb // \nc\r\nd // \ne", 5);
    refuses(blanks, "etc/a.conf", "a\n", "\"a \n\"\n", 1);
}

#[test]
fn dead_files_refuses() {
    let mut sources = vec![
        Source::new("src/lib.rs", "pub mod a;\npub(crate) mod b;\n// mod c;\n"),
        Source::new("src/a.rs", "mod deep;\n"),
        Source::new("src/a/deep.rs", ""),
        Source::new("src/b/mod.rs", "mod near;\n"),
        Source::new("src/b/near.rs", ""),
    ];
    none(&dead_files(&sources));
    sources.push(Source::new("src/c.rs", ""));
    assert_eq!(dead_files(&sources), ["src/c.rs: no `mod` reaches this file"]);
}

#[test]
fn examples_and_helpers_refuse() {
    let played = [Source::new("qa/encoding/a.ci", "option:file:a.conf\nA1:raw:00\n")];
    none(&examples(&["a.conf".to_owned()], &played));
    assert_eq!(examples(&["a.conf".to_owned(), "b.conf".to_owned()], &played).len(), 1);
    assert_eq!(examples(&[], &played).len(), 1);
    let users = [
        Source::new("etc/exabgp/a.conf", "process p {\n    run ./run/a.py;\n}\n"),
        Source::new("etc/exabgp/run/a.py", "from shared import Speaker\n"),
    ];
    none(&helpers(&["a.py".to_owned(), "shared.py".to_owned()], &users));
    assert_eq!(helpers(&["b.sh".to_owned()], &users), ["etc/exabgp/run/b.sh: nothing runs it"]);
}

#[test]
fn code_blanks_comments_and_literals() {
    let text = "a // b\n\"c\\\"d\" e /* f\n */ 'g' '\\n' r#\"h\"# &'i j";
    let blanked = code(text);
    let words: Vec<&str> = blanked.split_whitespace().collect();
    assert_eq!(words, ["a", "e", "&'i", "j"]);
    assert_eq!(blanked.lines().count(), text.lines().count());
}
