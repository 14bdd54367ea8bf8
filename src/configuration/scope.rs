//! What is being read: the parts that are open, and the parts that are complete.

use std::collections::HashSet;
use std::path::Path;

use super::Options;
use super::neighbor::{ApiDraft, Complete, Draft};
use super::process::{Draft as ProcessDraft, Process};
use super::route::{Extra, RouteParser, Worded, Words};
use super::section::Fault;
use super::template::Template;
use crate::bgp::neighbor::Wishes;
use crate::protocol::Family;
use crate::text::{Error, Span};

/// A value and where it was written.
pub(super) type Given<T> = Option<(T, Span)>;

/// The state of a walk: every section reads into it.
#[derive(Debug)]
pub(super) struct Scope<'s> {
    pub(super) options: &'s Options,
    /// The directory of the file.
    pub(super) directory: &'s Path,
    pub(super) parser: &'s mut RouteParser,
    /// Errors of the step under way, beside the one it answers with.
    pub(super) errors: Vec<Error>,
    /// The name given to the section just opened, for its path.
    pub(super) label: Option<String>,
    /// Whether the text holds anything.
    pub(super) has_statements: bool,
    /// How many errors were told so far.
    pub(super) told: usize,
    pub(super) warnings: Vec<Fault>,
    unplaced: Vec<Error>,

    pub(super) processes: Vec<(Process, Span)>,
    pub(super) process: ProcessDraft,
    pub(super) templates: Vec<Template>,
    pub(super) neighbors: Vec<Complete>,
    pub(super) neighbor: Draft,
    pub(super) api: ApiDraft,
    /// The direction of an open `send` or `receive`.
    pub(super) direction: fn(&mut ApiDraft) -> &mut Vec<Flag>,
    /// The families of an open `family` or `add-path`.
    pub(super) families: Vec<Family>,
    /// Whether `all` stood in it.
    pub(super) is_all: bool,
    /// The identities of the neighbors read.
    pub(super) identities: HashSet<String>,
    /// An open `route PREFIX { … }`.
    pub(super) words: Words,
    /// An open block of a route that is no prefix: `vpls NAME { … }`.
    pub(super) worded: Option<Worded>,
    /// How many errors were told when it was opened.
    pub(super) words_told: usize,
}

/// A switch of `send` or `receive` and its position.
pub(super) type Flag = (fn(&mut Wishes) -> &mut bool, bool);

impl<'s> Scope<'s> {
    pub(super) fn new(
        options: &'s Options,
        directory: &'s Path,
        parser: &'s mut RouteParser,
    ) -> Self {
        Self {
            options,
            directory,
            parser,
            errors: Vec::new(),
            label: None,
            has_statements: false,
            told: 0,
            warnings: Vec::new(),
            unplaced: Vec::new(),
            processes: Vec::new(),
            process: ProcessDraft::default(),
            templates: Vec::new(),
            neighbors: Vec::new(),
            neighbor: Draft::default(),
            api: ApiDraft::default(),
            direction: |api| &mut api.receive,
            families: Vec::new(),
            is_all: false,
            identities: HashSet::new(),
            words: Words::default(),
            worded: None,
            words_told: 0,
        }
    }

    /// Tells of something that is let through.
    #[cold]
    pub(super) fn warn(&mut self, span: Span, what: impl Into<std::borrow::Cow<'static, str>>) {
        self.unplaced.push(Error::new(span, what));
    }

    /// Notes what a statement at `span` said beside the routes that it put into the neighbor.
    pub(super) fn note(&mut self, mut extra: Extra, span: Span) {
        self.unplaced.append(&mut extra.warnings);
        self.neighbor.routes.note(extra, span);
    }

    /// Whether nothing was told since errors and warnings were last collected.
    pub(super) fn is_silent(&self) -> bool {
        self.unplaced.is_empty() && self.errors.is_empty()
    }

    /// Notes the section of the warnings of the step under way.
    pub(super) fn place_warnings(&mut self, section: &str) {
        let warnings = self.unplaced.drain(..);
        self.warnings.extend(warnings.map(|error| Fault { error, section: section.to_owned() }));
    }
}
