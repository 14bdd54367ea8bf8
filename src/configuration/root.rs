//! The file as a whole: its sections, and what can be told once all of them are read.

use std::path::Path;
use std::rc::Rc;

use super::neighbor::{Complete, NEIGHBOR, both_lists, subscriptions};
use super::process::PROCESS;
use super::scope::Scope;
use super::section::{ERRORS_MAX, Fault, PLAIN, Section, Walk};
use super::template::TEMPLATE;
use super::{Configuration, Error, Neighbor, Options, RouteParser, Warning};
use crate::text::{self, Source, Span, Tokens};

pub(super) static ROOT: Section = Section {
    name: "the file",
    sections: &[&PROCESS, &TEMPLATE, &NEIGHBOR],
    gone: &[
        ("group", "groups are gone: write a template and inherit it in each neighbor"),
        ("include", "a file can not include another"),
    ],
    ..PLAIN
};

/// Reads a text; an error for each thing that is wrong, in the order of the text.
pub(super) fn read(
    name: &str,
    text: &[u8],
    options: &Options,
    parser: &mut RouteParser,
) -> Result<Configuration, Vec<Error>> {
    let text = match str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            let shown = String::from_utf8_lossy(text);
            let bad = text::Error::new(Span::new(at, at + 1), "the text is not UTF-8 from here on");
            let fault = Fault { error: bad, section: String::new() };
            return Err(vec![Error::new(&Source::new(name, shown), &fault)]);
        }
    };
    // The mark that some editors put before a text.
    let source = Source::new(name, text.strip_prefix('\u{feff}').unwrap_or(text));
    let directory = Path::new(name).parent().unwrap_or_else(|| Path::new(""));
    let walk = Walk::new(Tokens::new(&source), Scope::new(options, directory, parser));
    let (mut scope, mut faults) = walk.run(&ROOT);
    if let Some(error) = source.fault() {
        faults.push(Fault { error: error.clone(), section: String::new() });
    }
    if faults.is_empty() && !scope.has_statements {
        return Err(vec![Error::of_file(name, "no data: the file holds no statement".to_owned())]);
    }
    let neighbors = std::mem::take(&mut scope.neighbors);
    let neighbors = neighbors.into_iter().flat_map(|neighbor| complete(neighbor, &mut scope));
    let neighbors: Vec<Neighbor> = neighbors.collect();
    let errors = scope.errors.drain(..);
    let in_api = |error| Fault { error, section: "neighbor/api".to_owned() };
    faults.extend(errors.map(in_api));
    let tell = |mut faults: Vec<Fault>| {
        faults.sort_by_key(|fault| fault.error.span().start);
        // A fault in a template is found by each neighbor that inherits it.
        faults.dedup();
        let told = faults.iter().take(ERRORS_MAX);
        told.map(|fault| Error::new(&source, fault)).collect::<Vec<_>>()
    };
    if !faults.is_empty() {
        return Err(tell(faults));
    }
    let warnings = tell(std::mem::take(&mut scope.warnings)).into_iter().map(Warning).collect();
    let processes = scope.processes.into_iter().map(|(process, _)| process).collect();
    Ok(Configuration { neighbors, processes, warnings })
}

/// A neighbor with what its processes hear; one for each family with multi-session.
fn complete(neighbor: Complete, scope: &mut Scope<'_>) -> Vec<Neighbor> {
    let Complete { mut settings, apis, routes, operational } = neighbor;
    settings.api = subscriptions(&apis, &scope.processes, &mut scope.errors);
    if let Some((error, section)) = both_lists(&apis).map(|error| (error, "neighbor/api")) {
        scope.warnings.push(Fault { error, section: section.to_owned() });
    }
    let families = if settings.capability.multi_session && settings.families.len() > 1 {
        std::mem::take(&mut settings.families).into_iter().map(|family| vec![family]).collect()
    } else {
        vec![std::mem::take(&mut settings.families)]
    };
    let one = |families| {
        let mut settings = settings.clone();
        settings.families = families;
        Neighbor {
            name: Rc::from(settings.name()),
            settings: Rc::new(settings),
            routes: routes.clone(),
            operational: operational.clone(),
        }
    };
    families.into_iter().map(one).collect()
}
