//! `process NAME { … }`: a helper program, found and checked when the file is read.

use std::rc::Rc;

use super::lookup;
use super::scope::{Given, Scope};
use super::section::{Keyword, PLAIN, Section};
use crate::json::Dialect;
use crate::text::{Error, Span, Tokens};

/// The form in which a process is told of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoder {
    Json,
    #[default]
    Text,
}

/// A helper program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    pub name: Rc<str>,
    /// The path of the program as it was found, then its arguments.
    pub run: Vec<String>,
    pub encoder: Encoder,
    /// Whether it is started again when it ends.
    pub respawn: bool,
    /// The dialect of this process; `None`: that of `exabgp.api.version`.
    pub version: Option<Dialect>,
}

/// The names of the bridges to command-line clients begin so.
const RESERVED: &str = "api-internal-cli";

/// A process being read.
#[derive(Debug, Default)]
pub(super) struct Draft {
    name: Rc<str>,
    run: Given<Vec<String>>,
    run_failed: bool,
    encoder: Given<Encoder>,
    respawn: Given<bool>,
    version: Given<Dialect>,
}

pub(super) static PROCESS: Section = Section {
    name: "process",
    syntax: "process <name> { run <program> [<argument> …]; encoder text|json; }",
    keywords: &[
        Keyword { name: "run", syntax: "run <program> [<argument> …]", read: run },
        Keyword { name: "encoder", syntax: "encoder text|json", read: encoder },
        Keyword {
            name: "respawn",
            syntax: "respawn [true|false]",
            read: |scope, tokens| {
                scope.process.respawn = Some((tokens.boolean_or(true)?, tokens.last()));
                Ok(())
            },
        },
        Keyword { name: "version", syntax: "version 4|6", read: version },
    ],
    gone: &[
        ("receive", "what a process hears is told by the api section of a neighbor"),
        ("receive-packets", "write api { receive { packets; } } in the neighbor"),
        ("receive-parsed", "write api { receive { parsed; } } in the neighbor"),
        ("receive-routes", "write api { receive { parsed; update; } } in the neighbor"),
        ("neighbor-changes", "write api { neighbor-changes; } in the neighbor"),
        ("parse-routes", "write api { receive { parsed; update; } } in the neighbor"),
        ("peer-updates", "write api { neighbor-changes; receive { parsed; update; } }"),
    ],
    open,
    close,
    ..PLAIN
};

fn open(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    scope.process = Draft::default();
    if tokens.is_done() {
        // ExaBGP takes the brace for the name, and so can do no harm with it.
        let span = tokens.last();
        scope.process.name = "{".into();
        scope.warn(span, "process: a process needs a name");
        return Ok(());
    }
    let name = tokens.word("a name")?;
    scope.process.name = Rc::from(&*name.text);
    if !is_name(&name) {
        let what = format!("process: \"{}\" holds more than letters, digits, . - and _", name.text);
        scope.warn(name.span, what);
    }
    if name.starts_with(RESERVED) {
        let what = format!("process: names that begin with {RESERVED} are used by the program");
        scope.warn(name.span, what);
    }
    match scope.processes.iter().find(|(process, _)| *process.name == *name.text) {
        Some(_) => Err(name.fault("is the name of another process")),
        None => Ok(()),
    }
}

/// Whether a name is made of the characters that names are made of.
pub(super) fn is_name(name: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    !name.is_empty() && name.bytes().all(good)
}

fn run(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    scope.process.run_failed = true;
    let program = tokens.word("a program")?;
    let found = lookup::program(&program, &scope.options.lookup, scope.directory)
        .map_err(|what| program.fault(what))?;
    if let Some(others) = found.others {
        scope.warn(program.span, format!("run: {} is used, there is also {others}", found.path));
    }
    let mut line = vec![found.path];
    while !tokens.is_done() {
        line.push(tokens.word("an argument")?.text.into_owned());
    }
    scope.process.run = Some((line, program.span.to(tokens.last())));
    Ok(())
}

fn encoder(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    let word = tokens.word("text or json")?;
    let encoder = match word.to_ascii_lowercase().as_str() {
        "json" => Encoder::Json,
        "text" => Encoder::Text,
        _ => return Err(word.fault("is neither text nor json")),
    };
    scope.process.encoder = Some((encoder, word.span));
    Ok(())
}

fn version(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    let word = tokens.word("4 or 6")?;
    let dialect = match &*word.text {
        "4" => Dialect::V4,
        "6" => Dialect::V6,
        _ => return Err(word.fault("is neither 4 nor 6")),
    };
    scope.process.version = Some((dialect, word.span));
    Ok(())
}

fn close(scope: &mut Scope<'_>, opened: Span) -> Result<(), Error> {
    let draft = std::mem::take(&mut scope.process);
    let missing = draft.run.is_none() && !draft.run_failed;
    // The name is known from here on, even where the rest is at fault: neighbors refer to it.
    let process = Process {
        name: draft.name,
        run: draft.run.map(|(line, _)| line).unwrap_or_default(),
        encoder: draft.encoder.map(|(encoder, _)| encoder).unwrap_or_default(),
        respawn: draft.respawn.is_none_or(|(respawn, _)| respawn),
        version: draft.version.map(|(version, _)| version),
    };
    scope.processes.push((process, opened));
    if missing { Err(Error::new(opened, "process: run is missing")) } else { Ok(()) }
}
