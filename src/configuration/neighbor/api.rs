//! `api [NAME] { … }`: which processes speak about a neighbor, and what they hear.

use std::rc::Rc;

use regex_lite::Regex;

use super::draft::switch;
use crate::bgp::neighbor::{Subscription, Wishes};
use crate::configuration::process::{Process, is_name};
use crate::configuration::scope::{Flag, Given, Scope};
use crate::configuration::section::{Keyword, PLAIN, Section};
use crate::text::{Error, Span, Tokens};

/// An `api` section being read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) name: Option<Box<str>>,
    processes: Vec<(Rc<str>, Span)>,
    matches: Vec<(Regex, Span)>,
    neighbor_changes: Given<bool>,
    negotiated: Given<bool>,
    fsm: Given<bool>,
    signal: Given<bool>,
    /// In the order of the file: the last of a name counts.
    pub(crate) send: Vec<Flag>,
    pub(crate) receive: Vec<Flag>,
}

/// A switch of a direction.
macro_rules! wish {
    ($name:literal => $field:ident) => {
        Keyword {
            name: $name,
            syntax: concat!($name, " [true|false]"),
            read: |scope, tokens| {
                let value = tokens.boolean_or(true)?;
                (scope.direction)(&mut scope.api).push((|wishes| &mut wishes.$field, value));
                Ok(())
            },
        }
    };
}

pub(crate) const WISHES: &[Keyword] = &[
    wish!("parsed" => parsed),
    wish!("packets" => packets),
    wish!("consolidate" => consolidate),
    wish!("open" => open),
    wish!("update" => update),
    wish!("notification" => notification),
    wish!("keepalive" => keepalive),
    wish!("refresh" => refresh),
    wish!("operational" => operational),
];

static SEND: Section = Section {
    name: "send",
    syntax: "send { … }",
    keywords: WISHES,
    open: |scope, _| {
        scope.direction = |api| &mut api.send;
        Ok(())
    },
    ..PLAIN
};

static RECEIVE: Section = Section {
    name: "receive",
    syntax: "receive { … }",
    keywords: WISHES,
    open: |scope, _| {
        scope.direction = |api| &mut api.receive;
        Ok(())
    },
    ..PLAIN
};

/// A switch of the section itself.
macro_rules! event {
    ($name:literal => $field:ident) => {
        Keyword {
            name: $name,
            syntax: concat!($name, " [true|false]"),
            read: |scope, tokens| {
                scope.api.$field = switch(tokens, true)?;
                Ok(())
            },
        }
    };
}

pub(crate) static API: Section = Section {
    name: "api",
    syntax: "api [<name>] { processes [ <process> … ]; … }",
    keywords: &[
        Keyword { name: "processes", syntax: "processes [ <process> … ]", read: processes },
        Keyword {
            name: "processes-match",
            syntax: "processes-match [ \"<regular expression>\" … ]",
            read: processes_match,
        },
        event!("neighbor-changes" => neighbor_changes),
        event!("negotiated" => negotiated),
        event!("fsm" => fsm),
        event!("signal" => signal),
    ],
    sections: &[&SEND, &RECEIVE],
    gone: &[
        ("receive-parsed", "write receive { parsed; }"),
        ("receive-packets", "write receive { packets; }"),
        ("receive-routes", "write receive { parsed; update; }"),
        ("process", "write processes [ <name> ];"),
    ],
    open,
    close,
    ..PLAIN
};

fn open(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    scope.api = Draft::default();
    if tokens.is_done() {
        return Ok(());
    }
    let word = tokens.word("a name")?;
    if !is_name(&word) {
        return Err(word.fault("holds more than letters, digits, . - and _"));
    }
    if scope.neighbor.apis.iter().any(|api| api.name.as_deref() == Some(&*word.text)) {
        return Err(word.fault("is the name of another api section of this neighbor"));
    }
    scope.label = Some(word.text.clone().into_owned());
    scope.api.name = Some(word.text.into());
    Ok(())
}

fn close(scope: &mut Scope<'_>, _: Span) -> Result<(), Error> {
    let api = std::mem::take(&mut scope.api);
    scope.neighbor.apis.push(api);
    Ok(())
}

/// ExaBGP takes either names or patterns for a neighbor: what to say where there are both.
pub(crate) fn both_lists(apis: &[Draft]) -> Option<Error> {
    let named = apis.iter().any(|api| !api.processes.is_empty());
    let (_, span) = apis.iter().flat_map(|api| &api.matches).next()?;
    let what = "processes-match: the neighbor has processes by name too; both count";
    named.then(|| Error::new(*span, what))
}

/// `[ word word ]`, brackets required.
fn bracketed(
    tokens: &mut Tokens<'_>,
    item: impl FnMut(&mut Tokens<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    match tokens.peek() {
        Some(word) if !word.quoted && &*word.text == "[" => tokens.list(item),
        _ => Err(tokens.missing("[")),
    }
}

fn processes(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    let mut names = Vec::new();
    bracketed(tokens, |tokens| {
        let word = tokens.word("the name of a process")?;
        names.push((Rc::from(&*word.text), word.span));
        Ok(())
    })?;
    scope.api.processes = names;
    Ok(())
}

fn processes_match(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    let mut patterns = Vec::new();
    bracketed(tokens, |tokens| {
        let word = tokens.word("a regular expression")?;
        // At the start of the name, as ExaBGP has it, and not at its end.
        let pattern = Regex::new(&format!("^(?:{})", word.text));
        let bad = |error| word.fault(&format!("is not a regular expression: {error}"));
        patterns.push((pattern.map_err(bad)?, word.span));
        Ok(())
    })?;
    scope.api.matches = patterns;
    Ok(())
}

impl Draft {
    /// Adds what the section of that name in a template says.
    pub(crate) fn inherit(&mut self, template: &Self) {
        self.processes.extend(template.processes.iter().cloned());
        self.matches.extend(template.matches.iter().cloned());
        for (own, theirs) in [
            (&mut self.neighbor_changes, template.neighbor_changes),
            (&mut self.negotiated, template.negotiated),
            (&mut self.fsm, template.fsm),
            (&mut self.signal, template.signal),
        ] {
            *own = theirs.or(*own);
        }
        self.send.extend(&template.send);
        self.receive.extend(&template.receive);
    }

    /// Adds what this section grants to what a process has.
    fn grant(&self, subscription: &mut Subscription) {
        let on = |given: Given<bool>| given.is_some_and(|(value, _)| value);
        subscription.neighbor_changes |= on(self.neighbor_changes);
        subscription.negotiated |= on(self.negotiated);
        subscription.fsm |= on(self.fsm);
        subscription.signal |= on(self.signal);
        subscription.send = subscription.send.union(wishes(&self.send));
        subscription.receive = subscription.receive.union(wishes(&self.receive));
    }
}

fn wishes(flags: &[Flag]) -> Wishes {
    let mut wishes = Wishes::default();
    for (place, value) in flags {
        *place(&mut wishes) = *value;
    }
    wishes
}

/// What each process hears of a neighbor with these sections, in the order of the file.
pub(crate) fn subscriptions(
    apis: &[Draft],
    processes: &[(Process, Span)],
    errors: &mut Vec<Error>,
) -> Vec<Subscription> {
    let mut found: Vec<Subscription> = Vec::new();
    let mut grant = |name: &Rc<str>, api: &Draft| {
        let at = found.iter().position(|known| known.process == *name).unwrap_or_else(|| {
            found.push(Subscription { process: Rc::clone(name), ..Subscription::default() });
            found.len() - 1
        });
        if let Some(subscription) = found.get_mut(at) {
            api.grant(subscription);
        }
    };
    for api in apis {
        for (name, span) in &api.processes {
            match processes.iter().find(|(process, _)| process.name == *name) {
                Some((process, _)) => grant(&process.name, api),
                None => {
                    errors
                        .push(Error::new(*span, format!("\"{name}\" is no process of this file")));
                }
            }
        }
        let mut matched = api.matches.is_empty();
        for (process, _) in processes {
            if api.matches.iter().any(|(pattern, _)| pattern.is_match(&process.name)) {
                matched = true;
                grant(&process.name, api);
            }
        }
        if let (false, Some((_, span))) = (matched, api.matches.first()) {
            let what = "processes-match: no process of this file has such a name";
            errors.push(Error::new(*span, what));
        }
    }
    found
}
