//! Commands: the table of them, and the way from a line to its function and its answer.
//!
//! A line is an optional selector, the words of a command in any of its spellings, and arguments.
//! The words are looked up in a tree made from the table. The answer, `done` or `error`, is added
//! here and nowhere else; what a command has to show it appends itself.

mod adj_rib;
mod announce;
mod daemon;
mod dynamic;
mod group;
pub(super) mod index;
pub(super) mod neighbor;
mod rib;
mod routes;
mod session;
mod table;
#[cfg(test)]
mod tests;

use std::rc::Rc;
use std::time::Instant;

use crate::configuration::RouteParser;
use crate::json::{Dialect, Writer};
use crate::text::{Error, Source, Tokens};

use super::About;
use super::context::{Control, Peers};
use super::job::Job;
use super::process::{Ack, Process};
use super::selector::{Reach, Selector};
pub(super) use group::Group;

/// A command: how it is written, whom it is about, and what it does.
#[derive(Debug)]
pub(super) struct Command<P> {
    /// The words that lead to it, the one of releases 4 and 5 first.
    pub spellings: &'static [&'static str],
    pub scope: Scope,
    /// What follows the words.
    pub syntax: &'static str,
    /// One sentence for the user.
    pub help: &'static str,
    run: fn(&mut Request<'_, P>) -> Outcome,
}

impl<P> Command<P> {
    /// Whether it belongs to a group that has begun.
    fn is_of_routes(&self) -> bool {
        let spelling = self.spellings.first().copied().unwrap_or_default();
        spelling.starts_with("announce") || spelling.starts_with("withdraw")
    }
}

/// A command as the reference shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Described {
    /// The words that lead to it, the one of releases 4 and 5 first.
    pub spellings: &'static [&'static str],
    /// What follows the words.
    pub syntax: &'static str,
    /// One sentence for the user.
    pub help: &'static str,
    /// Whether neighbors may be chosen before it.
    pub chooses: bool,
}

/// Every command, by its first spelling.
pub fn commands<P: Peers + 'static>() -> Vec<Described> {
    let described = |command: &Command<P>| Described {
        spellings: command.spellings,
        syntax: command.syntax,
        help: command.help,
        chooses: command.scope != Scope::Program,
    };
    Command::<P>::ALL.iter().map(described).collect()
}

/// Whom a command is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The program; a selector is refused.
    Program,
    /// Peers whose `api` sections name the process.
    Bound,
    /// Any peer in the form of release 5, those bound to the process in the form of release 6.
    Neighbors,
    /// Any peer that is named; without a name those bound to the process.
    Named,
    /// Every peer, or those that are named.
    Shown,
}

/// A command that is being executed.
pub(super) struct Request<'r, P> {
    pub peers: &'r mut P,
    pub parser: &'r mut RouteParser,
    /// The places of the peers that it is about.
    pub chosen: &'r [usize],
    /// What follows the words of the command.
    pub tokens: Tokens<'r>,
    /// The answer should be JSON: the dialect says so, or the word at the end of the line.
    pub json: bool,
    /// The answer should be text, whatever its usual form.
    pub text: bool,
    /// `sync` or `async` at the end of the line.
    pub sync: Option<bool>,
    pub dialect: Dialect,
    /// What the command has to show, in whole lines.
    pub out: &'r mut Vec<u8>,
    /// The process that speaks.
    pub process: &'r Rc<str>,
    /// Whose peers it may command.
    pub reach: Reach<'r>,
    /// What it has said since `group start`.
    pub group: &'r mut Option<Box<Group>>,
    pub ack: &'r mut Ack,
    /// Whether every announcement of the process waits for the wire.
    pub always_sync: &'r mut bool,
    /// The dialect from the next start of the process on.
    pub next_dialect: &'r mut Option<Dialect>,
    pub requests: &'r mut Vec<Control>,
    pub about: &'r About,
    pub now: Instant,
}

/// How a command ends.
#[derive(Debug)]
pub(super) enum Reply {
    Done,
    /// Done, and told even to those who want to hear nothing.
    Told,
    /// It goes on in steps; the answer comes at its end.
    Job(Job),
}

/// Why a command is not executed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// For the log.
    pub reason: String,
    /// What the process is shown in its place, where main has words of its own.
    pub told: Option<String>,
    pub telling: Telling,
    /// The word at fault, where it is known.
    pub fault: Option<Error>,
    /// The line with a caret below that word, for the log.
    shown: Option<String>,
    /// Where that word begins, counted from one.
    column: Option<usize>,
}

/// Whether the process is shown why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    /// In dialect 6, and to those who have asked for reasons.
    Wished,
    /// The same, as an object in dialect 6: where ExaBGP tells nothing as text, its helpers take
    /// a line that is no JSON for the answer.
    Object,
    /// In every dialect.
    Always,
    /// It has been shown already.
    Already,
}

pub(super) type Outcome = Result<Reply, Refusal>;

impl Refusal {
    /// A reason for the log alone.
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            told: None,
            telling: Telling::Wished,
            fault: None,
            shown: None,
            column: None,
        }
    }

    /// A reason that is no text in dialect 6.
    pub(super) fn object(reason: impl Into<String>) -> Self {
        Self { telling: Telling::Object, ..Self::new(reason) }
    }

    /// A word that is not what it should be.
    pub(super) fn fault(fault: Error) -> Self {
        let reason = fault.to_string();
        Self { fault: Some(fault), ..Self::new(reason) }
    }

    /// A reason that every dialect shows.
    pub(super) fn always(reason: impl Into<String>) -> Self {
        Self { telling: Telling::Always, ..Self::new(reason) }
    }

    /// A reason that the process has been shown.
    pub(super) fn already(reason: impl Into<String>) -> Self {
        Self { telling: Telling::Already, ..Self::new(reason) }
    }

    /// Draws the line with its caret, as for a configuration.
    fn show(mut self, line: &str) -> Self {
        if let Some(fault) = &self.fault {
            let source = Source::raw("command", line);
            self.column = Some(source.place(fault.span()).column);
            self.shown = Some(fault.render(&source));
        }
        self
    }

    /// What stands before `error`, one line of ASCII, where the process is to be shown it.
    fn line(&self, process: &Process) -> Option<String> {
        let wished = process.dialect == Dialect::V6 || process.ack == Ack::Explained;
        match self.telling {
            Telling::Already => return None,
            Telling::Wished | Telling::Object if !wished => return None,
            Telling::Wished | Telling::Object | Telling::Always => {}
        }
        let (reason, column) = match &self.told {
            Some(told) => (told, None),
            None => (&self.reason, self.column),
        };
        if self.telling == Telling::Object && process.dialect == Dialect::V6 {
            let mut out = Vec::new();
            failure(&mut out, &self.reason);
            return Some(String::from_utf8_lossy(&out).into_owned());
        }
        let mut line = String::from("error: ");
        if let Some(column) = column {
            line += &format!("column {column}: ");
        }
        for character in reason.chars() {
            match character {
                ' '..='~' => line.push(character),
                _ => line.extend(character.escape_default()),
            }
        }
        line.push('\n');
        Some(line)
    }
}

/// The words that lead to commands.
#[derive(Debug, Default)]
pub(super) struct Tree {
    word: &'static str,
    next: Vec<Self>,
    /// The place in the table of the command that these words name.
    command: Option<usize>,
}

impl Tree {
    /// The tree of the table.
    pub(super) fn of_table<P: Peers + 'static>() -> Self {
        let mut tree = Self::default();
        for (place, command) in Command::<P>::ALL.iter().enumerate() {
            for spelling in command.spellings {
                tree.insert(spelling.split(' '), place);
            }
        }
        tree
    }

    fn insert(&mut self, mut words: std::str::Split<'static, char>, place: usize) {
        let Some(word) = words.next() else {
            debug_assert!(self.command.is_none(), "two commands are spelled alike");
            self.command = Some(place);
            return;
        };
        let found = self.next.iter().position(|node| node.word == word);
        let at = found.unwrap_or_else(|| {
            self.next.push(Self { word, ..Self::default() });
            self.next.len() - 1
        });
        if let Some(node) = self.next.get_mut(at) {
            node.insert(words, place);
        }
    }

    fn child(&self, word: &str) -> Option<&Self> {
        self.next.iter().find(|node| node.word == word)
    }

    /// Takes the words of a command off the tokens; the longest spelling wins.
    fn walk<'t>(&'t self, tokens: &mut Tokens<'_>) -> &'t Self {
        let mut node = self;
        while let Some(next) = tokens.peek().and_then(|word| node.child(&word.text)) {
            node = next;
            tokens.accept(node.word);
        }
        node
    }
}

/// What may be asked of any command by words at the end of the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Modifiers {
    json: Option<bool>,
    sync: Option<bool>,
}

impl Modifiers {
    /// Cuts at most two such words off a line.
    fn cut(mut line: &str) -> (&str, Self) {
        let mut modifiers = Self::default();
        for _ in 0..2 {
            let Some((rest, word)) = line.rsplit_once(' ') else { break };
            match word {
                "json" => modifiers.json = Some(true),
                "text" => modifiers.json = Some(false),
                "sync" => modifiers.sync = Some(true),
                "async" => modifiers.sync = Some(false),
                _ => break,
            }
            line = rest.trim_end();
        }
        (line, modifiers)
    }
}

/// What a command works with, beside the process that speaks.
#[derive(Debug)]
pub(super) struct Desk<'d, P> {
    pub tree: &'d Tree,
    pub peers: &'d mut P,
    pub parser: &'d mut RouteParser,
    pub requests: &'d mut Vec<Control>,
    pub about: &'d About,
    pub now: Instant,
}

/// Executes one line of a process, and answers it. A job that is left is to be taken step by
/// step, and answered with `finish`.
pub(super) fn execute<P: Peers + 'static>(
    mut desk: Desk<'_, P>,
    process: &mut Process,
    line: &[u8],
) -> Option<Job> {
    let Ok(line) = str::from_utf8(line) else {
        let outcome = Err(Refusal::new("the line is not text"));
        return answer(process, outcome, &String::from_utf8_lossy(line));
    };
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return answer(process, Ok(Reply::Done), line);
    }
    if let Some(text) = line.strip_prefix("debug ") {
        log::warn!(target: "api", "debug process={} {}", process.name, excerpt(text));
        return None;
    }
    log::debug!(target: "api", "command process={} {}", process.name, excerpt(line));
    let outcome = run(&mut desk, process, line);
    answer(process, outcome, line)
}

/// Answers a command of which no more is known than that it cannot be executed.
pub(super) fn refuse(process: &mut Process, reason: &str) {
    let none = answer(process, Err(Refusal::new(reason)), "");
    debug_assert!(none.is_none(), "a refusal leaves no job");
}

/// Acknowledges a job that is done.
pub(super) fn finish(process: &mut Process) {
    let none = answer(process, Ok(Reply::Done), "");
    debug_assert!(none.is_none(), "an acknowledgement leaves no job");
}

fn run<P: Peers + 'static>(desk: &mut Desk<'_, P>, process: &mut Process, line: &str) -> Outcome {
    let (line, modifiers) = Modifiers::cut(line);
    let outcome = carry_out(desk, process, Tokens::line(line), modifiers);
    outcome.map_err(|refusal| refusal.show(line))
}

fn carry_out<P: Peers + 'static>(
    desk: &mut Desk<'_, P>,
    process: &mut Process,
    mut tokens: Tokens<'_>,
    modifiers: Modifiers,
) -> Outcome {
    let selector = Selector::take(&mut tokens).map_err(Refusal::new)?;
    let start = tokens.offset();
    let Some(command) = find::<P>(desk.tree, selector, &mut tokens) else {
        return Err(Refusal::object("there is no such command"));
    };
    if process.group.is_some() && command.is_of_routes() {
        tokens.seek(start);
        let text = tokens.remaining();
        return group::add(process, desk.parser, selector, text);
    }
    let bound = if process.is_client() { Reach::Everybody } else { Reach::Bound(&process.name) };
    let reach = match (command.scope, selector) {
        (Scope::Program, Selector::None) => None,
        (Scope::Program, _) => {
            return Err(Refusal::new("the command is not about neighbors: it takes no selector"));
        }
        (Scope::Bound, _)
        | (Scope::Named, Selector::None)
        | (Scope::Neighbors | Scope::Named, Selector::Peer(_)) => Some(bound),
        (Scope::Neighbors | Scope::Named | Scope::Shown, _) => Some(Reach::Everybody),
    };
    let chosen = match reach {
        None => &[],
        Some(reach) => match process.selection.places(selector, desk.peers, reach) {
            Ok(places) => places,
            // There is nothing wrong with showing no peer.
            Err(_) if command.scope == Scope::Shown && selector == Selector::None => &[],
            Err(reason) => return Err(Refusal::new(reason)),
        },
    };
    let mut request = Request {
        peers: desk.peers,
        parser: desk.parser,
        chosen,
        tokens,
        json: modifiers.json.unwrap_or(process.dialect == Dialect::V6),
        text: modifiers.json == Some(false),
        sync: modifiers.sync,
        dialect: process.dialect,
        out: process.queue.replies.buffer(),
        process: &process.name,
        reach: bound,
        group: &mut process.group,
        ack: &mut process.ack,
        always_sync: &mut process.sync,
        next_dialect: &mut process.next_dialect,
        requests: desk.requests,
        about: desk.about,
        now: desk.now,
    };
    (command.run)(&mut request)
}

/// Finds the command; `peer SELECTOR show` is spelled `peer show` in the table.
fn find<P: Peers + 'static>(
    tree: &Tree,
    selector: Selector<'_>,
    tokens: &mut Tokens<'_>,
) -> Option<&'static Command<P>> {
    let start = tokens.offset();
    let of_peer = tree.child("peer").filter(|_| matches!(selector, Selector::Peer(_)));
    let found = of_peer.and_then(|tree| tree.walk(tokens).command).or_else(|| {
        tokens.seek(start);
        tree.walk(tokens).command
    });
    found.and_then(|place| Command::ALL.get(place))
}

/// Adds the acknowledgement, in the way the process wants it.
fn answer(process: &mut Process, outcome: Outcome, line: &str) -> Option<Job> {
    let word = match outcome {
        Ok(Reply::Job(job)) => return Some(job),
        Ok(Reply::Done) if process.ack == Ack::Off => return None,
        Ok(Reply::Done | Reply::Told) => "done\n",
        Err(refusal) => {
            log::warn!(target: "api", "command refused process={} command=\"{}\" reason=\"{}\"{}{}",
                process.name, excerpt(line), refusal.reason,
                if refusal.shown.is_some() { "\n" } else { "" },
                refusal.shown.as_deref().unwrap_or_default());
            if process.ack == Ack::Off {
                return None;
            }
            if let Some(line) = refusal.line(process) {
                process.queue.replies.append(line.as_bytes());
            }
            "error\n"
        }
    };
    process.queue.replies.append(word.as_bytes());
    None
}

/// The beginning of a line, on one line of the log whatever it holds.
fn excerpt(line: &str) -> impl std::fmt::Display {
    line.char_indices()
        .nth(EXCERPT)
        .map_or(line, |(end, _)| line.get(..end).unwrap_or(line))
        .escape_debug()
}

/// Characters of a command that the log shows.
const EXCERPT: usize = 200;

impl<P: Peers> Request<'_, P> {
    /// Acts on each chosen peer.
    fn each(&mut self, mut act: impl FnMut(&mut P::Peer)) {
        for place in self.chosen {
            if let Some(peer) = self.peers.peer_mut(*place) {
                act(peer);
            }
        }
    }
}

impl<P> Request<'_, P> {
    /// Shows a line, given in pieces.
    fn line(&mut self, pieces: &[&str]) {
        for piece in pieces {
            self.out.extend_from_slice(piece.as_bytes());
        }
        self.out.push(b'\n');
    }

    /// Shows a line of JSON.
    fn json_line(&mut self, write: impl FnOnce(&mut Writer<'_>)) {
        write(&mut Writer::new(self.out, self.dialect));
        self.out.push(b'\n');
    }

    /// Shows a reason as an object, and refuses.
    fn fail(&mut self, reason: &str) -> Outcome {
        failure(self.out, reason);
        Err(Refusal::already(reason))
    }

    /// Shows a sentence about what was done: as it is, or as the status of an object.
    fn status(&mut self, pieces: &[&str]) {
        if self.json {
            self.json_line(|json| {
                json.raw("{\"status\": ");
                json.string(&pieces.concat());
                json.raw("}");
            });
        } else {
            self.line(pieces);
        }
    }
}

/// Appends `{"error": REASON}`.
fn failure(out: &mut Vec<u8>, reason: &str) {
    let mut json = Writer::new(out, Dialect::V4);
    json.raw("{\"error\": ");
    json.string(reason);
    json.raw("}\n");
}
