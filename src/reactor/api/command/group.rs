//! Groups: routes that are announced and withdrawn together.
//!
//! Between `group start` and `group end` what a process announces and withdraws is read and held
//! back; the end applies all of it before any peer is given a turn, so that routes with equal
//! attributes share their UPDATEs. `group … ; …` is the same on one line, its commands ended by
//! the `;` that stand outside of brackets and quotes.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::announce::{acknowledge, apply, read};
use super::{Outcome, Refusal, Reply, Request, failure};
use crate::configuration::{Intent, RouteParser};
use crate::json::{Dialect, Writer};
use crate::reactor::api::context::Peers;
use crate::reactor::api::process::Process;
use crate::reactor::api::selector::{Kept, Selector};
use crate::reactor::limits::{GROUP_BYTES_MAX, GROUP_COMMANDS_MAX};
use crate::rib::Route;
use crate::text::Tokens;

/// What a process has announced and withdrawn since `group start`.
#[derive(Debug, Default)]
pub(in crate::reactor::api) struct Group {
    entries: Vec<Entry>,
    errors: Vec<String>,
    commands: usize,
    /// Of the lines, and of the routes that were made of them.
    bytes: usize,
}

/// One command of a group.
#[derive(Debug)]
struct Entry {
    /// Shared by commands that follow each other.
    peers: Rc<Kept>,
    intent: Intent,
    routes: Vec<Route>,
}

/// What became of a group.
#[derive(Debug, Default)]
struct Outcomes {
    announced: usize,
    withdrawn: usize,
    errors: Vec<String>,
}

pub(super) fn start<P>(request: &mut Request<'_, P>) -> Outcome {
    if request.group.is_some() {
        return request.fail("already in group block (nested groups not allowed)");
    }
    *request.group = Some(Box::default());
    request.json_line(|json| json.raw("{\"status\": \"group started\"}"));
    Ok(Reply::Done)
}

/// Takes a command, `announce …` or `withdraw …`, into the group that has begun. One that cannot
/// be read is told at the end of the group.
pub(super) fn add(
    process: &mut Process,
    parser: &mut RouteParser,
    selector: Selector<'_>,
    text: &str,
) -> Outcome {
    let Some(group) = &mut process.group else { return Ok(Reply::Done) };
    group.take(parser, selector, text);
    if group.commands <= GROUP_COMMANDS_MAX && group.bytes <= GROUP_BYTES_MAX {
        return Ok(Reply::Done);
    }
    process.group = None;
    let reason = "group buffer limit reached, group discarded";
    failure(process.queue.replies.buffer(), reason);
    Err(Refusal::already(reason))
}

impl Group {
    fn take(&mut self, parser: &mut RouteParser, selector: Selector<'_>, text: &str) {
        self.commands += 1;
        self.bytes += text.len();
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        match command(parser, verb, rest) {
            Ok((intent, routes)) => {
                self.bytes += routes.len() * size_of::<Route>();
                let same = self.entries.last().map(|entry| &entry.peers);
                let peers = match same.filter(|peers| peers.selector() == selector) {
                    Some(peers) => Rc::clone(peers),
                    None => Rc::new(Kept::from(selector)),
                };
                self.entries.push(Entry { peers, intent, routes });
            }
            Err(refusal) => {
                log::warn!(target: "api", "command refused in a group reason=\"{}\"",
                    refusal.reason);
                self.errors.push(format!("could not parse: {text}"));
            }
        }
    }
}

/// The routes of `announce …` or `withdraw …`.
fn command(
    parser: &mut RouteParser,
    verb: &str,
    rest: &str,
) -> Result<(Intent, Vec<Route>), Refusal> {
    let intent = match verb {
        "announce" => Intent::Announce,
        "withdraw" => Intent::Withdraw,
        _ => return Err(Refusal::new("a group holds announcements and withdrawals")),
    };
    read(parser, &mut Tokens::line(rest), intent).map(|routes| (intent, routes))
}

pub(super) fn end<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    let Some(group) = request.group.take() else { return request.fail("not in group block") };
    if group.commands == 0 {
        request.json_line(|json| json.raw("{\"status\": \"group ended\", \"commands\": 0}"));
        return Ok(Reply::Done);
    }
    let mut outcomes = Outcomes { errors: group.errors, ..Outcomes::default() };
    let mut touched = BTreeSet::new();
    let mut chosen: Option<(Rc<Kept>, Vec<usize>)> = None;
    for entry in group.entries {
        let places = match chosen.take() {
            Some((peers, places)) if Rc::ptr_eq(&peers, &entry.peers) => places,
            _ => match entry.peers.selector().choose(request.peers, request.reach) {
                Ok(places) => places,
                Err(reason) => {
                    outcomes.errors.push(reason);
                    Vec::new()
                }
            },
        };
        outcomes.apply(request, &places, entry.intent, &entry.routes);
        touched.extend(places.iter().copied());
        chosen = Some((entry.peers, places));
    }
    let touched: Vec<usize> = touched.into_iter().collect();
    outcomes.show(request);
    Ok(acknowledge(request, &touched))
}

/// `[attributes …;] announce …; withdraw …`: the attributes are those of every command behind.
pub(super) fn inline<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    let text = request.tokens.remaining();
    let chosen = request.chosen;
    let mut outcomes = Outcomes::default();
    let mut shared = "";
    let mut is_empty = true;
    for part in parts(text).map(str::trim).filter(|part| !part.is_empty()) {
        is_empty = false;
        let (verb, rest) = part.split_once(' ').unwrap_or((part, ""));
        match verb {
            "attribute" | "attributes" => shared = rest,
            "announce" | "withdraw" => {
                let rest = if shared.is_empty() { rest } else { &format!("{rest} {shared}") };
                match command(request.parser, verb, rest) {
                    Ok((intent, routes)) => outcomes.apply(request, chosen, intent, &routes),
                    Err(refusal) => {
                        log::warn!(target: "api", "command refused in a group reason=\"{}\"",
                            refusal.reason);
                        outcomes.errors.push(format!("could not parse: {part}"));
                    }
                }
            }
            _ => outcomes.errors.push(format!("unknown action in group: {verb}")),
        }
    }
    if is_empty {
        return request.fail("empty group");
    }
    outcomes.show(request);
    Ok(acknowledge(request, chosen))
}

/// The commands of a line: the `;` of a flow rule are its own.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut quote) = (0usize, None);
    text.split(move |character| {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '{' | '[' | '(') => depth += 1,
            (None, '}' | ']' | ')') => depth = depth.saturating_sub(1),
            (None, ';') => return depth == 0,
            _ => {}
        }
        false
    })
}

impl Outcomes {
    fn apply<P: Peers>(
        &mut self,
        request: &mut Request<'_, P>,
        places: &[usize],
        intent: Intent,
        routes: &[Route],
    ) {
        if places.is_empty() {
            return;
        }
        apply(request.peers, places, request.parser, intent, routes);
        match intent {
            Intent::Announce => self.announced += routes.len(),
            Intent::Withdraw => self.withdrawn += routes.len(),
        }
    }

    fn show<P>(&self, request: &mut Request<'_, P>) {
        let mut json = Writer::new(request.out, Dialect::V4);
        let Self { announced, withdrawn, errors } = self;
        json.raw(&format!(
            "{{\"status\": \"group processed\", \"announced\": {announced}, \
             \"withdrawn\": {withdrawn}"
        ));
        if !errors.is_empty() {
            json.raw(", \"errors\": ");
            json.tight_list(|list| {
                errors.iter().for_each(|error| list.element().string(error));
            });
        }
        json.raw("}\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_rule_keeps_its_semicolons() {
        let text = "announce flow route { match { source 10.0.0.0/8; } then { discard; } } ; \
            announce route 10.0.0.0/24 next-hop 1.2.3.4;withdraw route \"a;b\"";
        let parts: Vec<&str> = parts(text).map(str::trim).collect();
        assert_eq!(
            parts,
            [
                "announce flow route { match { source 10.0.0.0/8; } then { discard; } }",
                "announce route 10.0.0.0/24 next-hop 1.2.3.4",
                "withdraw route \"a;b\""
            ]
        );
    }
}
