//! Texts that went wrong: every example of the repository, mutated by a seeded generator.
//!
//! Whatever comes of it is read or refused, never slowly and never without a place. An input is a
//! function of its number alone, so that a failure names all that is needed to see it again:
//! `FUZZ_FIRST=number FUZZ_INPUTS=1`. `make fuzz` runs a million.

#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "a test reads the environment and the clock")]

mod vectors;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use exabgp::configuration::{
    Configuration, Error, Intent, Lookup, Options, RouteParser, needs_restart, parse, render,
};
use exabgp::json::Dialect;
use exabgp::text::{Source, Tokens};

/// How many inputs a plain run of the tests tries.
const INPUTS: u64 = 50_000;

/// How long one input may take, whatever it says.
const SLOW: Duration = Duration::from_secs(5);

/// How long nothing may be heard of the inputs before one of them counts as endless.
const ENDLESS: Duration = Duration::from_secs(60);

/// Texts of more routes than these are let be: `split` makes a million of one line.
const SHOWN_MAX: usize = 100;

/// The generator: splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below `end`, 0 when there is none.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap()
    }

    fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// What is mutated, and the pieces that are put in.
struct Corpus {
    texts: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
}

/// Pieces that no example has, or none in a place that hurts.
const PIECES: &[&[u8]] = &[
    b"{",
    b"}",
    b";",
    b"\n",
    b"\r\n",
    b"\t",
    b"[",
    b"]",
    b"(",
    b")",
    b",",
    b"\"",
    b"'",
    b"#",
    b"\\",
    b"\\\n",
    b"\\u00",
    b"\\u000a",
    b"\\u0022",
    b"\\n",
    b"%",
    b"%lo",
    b"/",
    b"/0",
    b"/33",
    b"/129",
    b":",
    b"::",
    b"-",
    b"-1",
    b"+1",
    b"0",
    b"1",
    b"2",
    b"255",
    b"256",
    b"4095",
    b"65535",
    b"65536",
    b"4294967295",
    b"4294967296",
    b"18446744073709551615",
    b"18446744073709551616",
    b"99999999999999999999999999",
    b"0x",
    b"0xff",
    b"0xFFFFFFFFFFFFFFFF",
    b"1.5",
    b"1.2.3.4.5",
    b"0.0.0.0/0",
    b"::/0",
    b"fe80::1%lo",
    b"::ffff:1.2.3.4",
    b"self",
    b"auto",
    b"all",
    b"disable",
    b"\xc3\xa9",
    b"\xf0\x9f\x90\x8d",
    b"\xe2\x80\xa8",
    b"\xef\xbb\xbf",
    b"\0",
    b"\x80",
    b"\xff",
    b"split /32",
    b"split /128",
    b"inherit",
    b"withdraw",
    b"route",
    b"neighbor",
    b"template",
];

impl Corpus {
    /// Every example of the repository, and every line of the acceptance of the language.
    fn gather() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut texts = Vec::new();
        for folder in ["etc/exabgp", "qa/parsing", "qa/parsing-invalid", "qa/encoding"] {
            let Ok(entries) = std::fs::read_dir(root.join(folder)) else { continue };
            let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
            files.sort();
            let files = files.iter().filter(|file| file.is_file());
            texts.extend(files.map(|file| std::fs::read(file).unwrap()));
        }
        let frames = root.join("qa/acceptance/configuration-frames.json");
        let frames: serde_json::Value =
            serde_json::from_slice(&std::fs::read(frames).unwrap()).unwrap();
        for vector in vectors::read("configuration.json") {
            let frame = vectors::text(&frames[vectors::text(&vector["frame"])]);
            texts.push(frame.replace("TEXT", vectors::text(&vector["text"])).into_bytes());
        }
        let separator = |byte: &u8| byte.is_ascii_whitespace() || b";{}[]".contains(byte);
        let words: BTreeSet<Vec<u8>> = texts
            .iter()
            .flat_map(|text| text.split(separator))
            .filter(|word| !word.is_empty() && word.len() < 40)
            .map(<[u8]>::to_vec)
            .collect();
        assert!(texts.len() > 700 && words.len() > 1000, "the examples are not found");
        Self { texts, words: words.into_iter().collect() }
    }

    /// The input of this number.
    fn input(&self, number: u64) -> Vec<u8> {
        let mut random = Random(number.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let mut text = random.one(&self.texts).clone();
        for _ in 0..=random.below(6) {
            self.mutate(&mut text, &mut random);
        }
        text
    }

    fn mutate(&self, text: &mut Vec<u8>, random: &mut Random) {
        let start = random.below(text.len() + 1);
        let end = (start + random.below(24)).min(text.len());
        let word = word_at(text, start);
        match random.below(12) {
            0 => drop(text.drain(start..end)),
            1 => {
                let piece = text[start..end].to_vec();
                let at = random.below(text.len() + 1);
                drop(text.splice(at..at, piece));
            }
            2 => drop(text.splice(start..end, random.one(PIECES).iter().copied())),
            3 | 4 => drop(text.splice(start..start, random.one(PIECES).iter().copied())),
            5 | 6 => drop(text.splice(word, random.one(&self.words).iter().copied())),
            7 => drop(text.drain(word)),
            8 => drop(text.splice(start..start, random.one(&self.words).iter().copied())),
            9 => {
                let other = random.one(&self.texts);
                let from = random.below(other.len() + 1);
                let to = (from + random.below(400)).min(other.len());
                drop(text.splice(start..start, other[from..to].iter().copied()));
            }
            10 => {
                if let Some(byte) = text.get_mut(start) {
                    *byte ^= 1 << random.below(8);
                }
            }
            _ => text.truncate(text.len() - random.below(text.len() / 2 + 1)),
        }
    }
}

/// The word around a place.
fn word_at(text: &[u8], at: usize) -> std::ops::Range<usize> {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b";{}[]".contains(byte);
    let start = text[..at].iter().rposition(ends).map_or(0, |before| before + 1);
    let end = text[at..].iter().position(ends).map_or(text.len(), |after| at + after);
    start..end
}

fn options(strict: bool) -> Options {
    let lookup = Lookup {
        directory: PathBuf::from("/"),
        path: vec!["/bin".into()],
        groups: vec![nix::unistd::getegid().as_raw()],
        user: nix::unistd::geteuid().as_raw(),
        ..Lookup::default()
    };
    Options { strict, passive: false, lookup }
}

/// Whether an error names a place of the text, or is one of the text as a whole.
fn is_placed(error: &Error, lines: usize) -> bool {
    let whole = error.line == 0 && error.what.starts_with("no data");
    whole || ((1..=lines).contains(&error.line) && error.column > 0 && !error.excerpt.is_empty())
}

/// What is wrong with the answer to a text, if anything.
fn judge(text: &[u8]) -> Result<(), String> {
    let lines = text.iter().filter(|byte| **byte == b'\n').count() + 1;
    let answer = parse("x.conf", text, &options(false), &mut RouteParser::new());
    let (errors, configuration) = match answer {
        Ok(configuration) => {
            let warnings = configuration.warnings.iter().map(|warning| warning.0.clone());
            (warnings.collect(), Some(configuration))
        }
        Err(errors) if errors.is_empty() => return Err("refused without an error".to_owned()),
        Err(errors) => (errors, None),
    };
    for error in &errors {
        let shown = error.to_string();
        if !is_placed(error, lines) || !shown.starts_with("x.conf:") {
            return Err(format!("without a place: {shown}"));
        }
        if error.what.is_empty() || error.what.contains('\n') {
            return Err(format!("not one phrase: {shown}"));
        }
    }
    configuration.map_or(Ok(()), |configuration| accepted(text, &configuration))
}

/// An accepted text is shown, compared and read strictly without surprise.
fn accepted(text: &[u8], configuration: &Configuration) -> Result<(), String> {
    let strict = parse("x.conf", text, &options(true), &mut RouteParser::new());
    if strict.is_ok() != configuration.warnings.is_empty() {
        return Err("strict and warnings disagree".to_owned());
    }
    let mut shown = String::new();
    for neighbor in &configuration.neighbors {
        shown += &render::settings(&neighbor.settings);
        for (route, _) in neighbor.routes().take(SHOWN_MAX) {
            let ours = neighbor.our_address(&route.nlri);
            writeln!(shown, "{}", render::route(route, ours, Dialect::V6)).unwrap();
        }
        if needs_restart(&neighbor.settings, &neighbor.settings) {
            return Err("a neighbor differs from itself".to_owned());
        }
    }
    if shown.contains('\0') { Err("shown with a NUL".to_owned()) } else { Ok(()) }
}

/// The lines of a text as commands: a route or an error with a place, nothing half done.
fn command(text: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(text);
    let mut parser = RouteParser::new();
    for line in text.lines().take(20) {
        let words = line.trim_start().trim_end_matches(';');
        let source = Source::new("command", words);
        let mut routes = Vec::new();
        let read = parser.command(&mut Tokens::new(&source), Intent::Announce, &mut routes);
        if let Err(error) = read {
            if !routes.is_empty() {
                return Err(format!("{words}: refused and half done"));
            }
            if error.render(&source).lines().count() < 3 {
                return Err(format!("{words}: refused without a line: {error}"));
            }
        }
    }
    Ok(())
}

/// A number of the environment.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[test]
fn no_mutation_is_a_surprise() {
    let first = number("FUZZ_FIRST").unwrap_or(0);
    let count = number("FUZZ_INPUTS").unwrap_or(INPUTS);
    let (sender, progress) = mpsc::channel();
    let worker = std::thread::spawn(move || {
        let corpus = Corpus::gather();
        for number in first..first + count {
            sender.send(number).unwrap();
            let input = corpus.input(number);
            let start = Instant::now();
            let verdict = judge(&input).and_then(|()| command(&input));
            let shown = || String::from_utf8_lossy(&input).into_owned();
            assert!(verdict.is_ok(), "input {number}: {verdict:?}\n{}", shown());
            assert!(start.elapsed() < SLOW, "input {number} is slow:\n{}", shown());
        }
    });
    let mut last = first;
    loop {
        match progress.recv_timeout(ENDLESS) {
            Ok(number) => last = number,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => panic!("input {last} does not end"),
        }
    }
    if let Err(panic) = worker.join() {
        std::panic::resume_unwind(panic);
    }
    drop(writeln!(std::io::stderr(), "{count} inputs from {first}: read or refused with a place"));
}
