//! `template { neighbor NAME { … } }`: what several neighbors have in common.

use std::rc::Rc;

use super::neighbor::{Draft, GONE, KEYWORDS, SECTIONS};
use super::process::is_name;
use super::scope::Scope;
use super::section::{PLAIN, Section};
use crate::text::{Error, Span, Tokens};

/// A neighbor that others inherit.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) name: Box<str>,
    pub(super) draft: Draft,
    /// Something in it is at fault: what a neighbor lacks may be there.
    pub(super) is_faulty: bool,
}

pub(super) static TEMPLATE: Section = Section {
    name: "template",
    syntax: "template { neighbor <name> { … } }",
    sections: &[&NEIGHBOR],
    gone: &[("group", "write neighbor")],
    ..PLAIN
};

static NEIGHBOR: Section = Section {
    name: "neighbor",
    syntax: "neighbor <name> { … }",
    keywords: KEYWORDS,
    sections: SECTIONS,
    gone: GONE,
    open,
    close,
    ..PLAIN
};

fn open(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    scope.neighbor = Draft { told: scope.told, ..Draft::default() };
    let word = tokens.word("the name of the template")?;
    scope.templates.push(Template {
        name: word.text.clone().into(),
        draft: Draft::default(),
        is_faulty: true,
    });
    if !is_name(&word) {
        return Err(word.fault("holds more than letters, digits, . - and _"));
    }
    let known = scope.templates.iter().filter(|template| *template.name == *word.text).count();
    if known > 1 { Err(word.fault("is the name of another template")) } else { Ok(()) }
}

fn close(scope: &mut Scope<'_>, _: Span) -> Result<(), Error> {
    let mut draft = std::mem::take(&mut scope.neighbor);
    let is_faulty = draft.told != scope.told;
    let routes = std::mem::take(&mut draft.routes).finish();
    if !routes.is_empty() {
        draft.lists.push(Rc::new(routes));
    }
    let inherit = std::mem::take(&mut draft.inherit);
    if let Some(template) = scope.templates.last_mut() {
        template.draft = draft;
        template.is_faulty = is_faulty;
    }
    match inherit.first() {
        Some((_, span)) => Err(Error::new(*span, "inherit: a template does not inherit")),
        None => Ok(()),
    }
}
