//! Processes of 3.4, which knew of no `api` section: a neighbor held them, or named them, and
//! they told themselves what they wanted to hear. And the bridge for programs of that time.

use super::{Edits, neighbors, statements};
use crate::configuration::tree::{Item, Section, Statement};
use crate::text::Span;

/// What the words of a process ask for today, in an `api` section.
const WISHES: &[(&str, &str)] = &[
    ("neighbor-changes", "neighbor-changes;"),
    ("parse-routes", "receive { parsed; update; }"),
    ("peer-updates", "neighbor-changes; receive { parsed; update; }"),
    ("receive-packets", "receive { packets; open; update; notification; keepalive; refresh; }"),
    ("receive-parsed", "receive { parsed; }"),
    ("receive-routes", "receive { parsed; update; }"),
    ("send-packets", "send { packets; open; update; notification; keepalive; refresh; }"),
];

/// From 3.4 to 4: processes stand at the root and are named in `api` sections.
pub(super) fn gather(items: &[Item<'_>], edits: &mut Edits<'_, '_>) {
    let mut wishes: Vec<(String, Vec<String>)> = Vec::new();
    for item in items {
        if let (Item::Section(process), Some("process")) = (item, item.name()) {
            let asked = asked(process, edits, true);
            wishes.push((name(process), asked));
            encoder(process, edits);
        }
    }
    for item in items {
        let Item::Section(outer) = item else { continue };
        let mut moved = String::new();
        for neighbor in neighbors(std::slice::from_ref(item)) {
            for item in &neighbor.items {
                match item {
                    Item::Section(process) if item.name() == Some("process") => {
                        let name = name(process);
                        let asked = asked(process, edits, false);
                        let api = api(&name, &asked, &edits.indent(process.span));
                        if !wishes.iter().any(|(known, _)| *known == name) {
                            moved += &root(process, edits);
                            wishes.push((name.clone(), asked));
                        }
                        let change = format!("the process {name} is defined outside the neighbor");
                        edits.replace(process.span, api, &change);
                    }
                    Item::Statement(statement) => named(statement, &wishes, edits),
                    Item::Section(_) | Item::Blank | Item::Comment(_) => {}
                }
            }
        }
        if !moved.is_empty() {
            let start = outer.span.start;
            edits.insert(Span::new(start, start), moved, "a process is defined on its own");
        }
    }
}

fn name(process: &Section<'_>) -> String {
    process.words.get(1).map_or_else(String::new, |word| word.text.clone().into_owned())
}

/// `process NAME;` in a neighbor is an `api` section.
fn named(statement: &Statement<'_>, wishes: &[(String, Vec<String>)], edits: &mut Edits<'_, '_>) {
    let [keyword, name] = &statement.words[..] else { return };
    if &*keyword.text != "process" {
        return;
    }
    let asked = wishes.iter().find(|(known, _)| **known == *name.text);
    let asked = asked.map_or(&[][..], |(_, asked)| asked);
    let api = api(&name.text, asked, &edits.indent(statement.span));
    let change = format!("\"process {}\" is now an api section", name.text);
    edits.replace(Span::new(statement.span.start, statement.end), api, &change);
}

fn api(name: &str, asked: &[String], indent: &str) -> String {
    let mut text = format!("api {{\n{indent}    processes [ {name} ];\n");
    for wish in asked {
        text += &format!("{indent}    {wish}\n");
    }
    text + indent + "}"
}

/// What a process says that it wants, as statements of `api`; with `removed`, it no longer does.
fn asked(process: &Section<'_>, edits: &mut Edits<'_, '_>, removed: bool) -> Vec<String> {
    let mut asked = Vec::new();
    for item in &process.items {
        let name = item.name().unwrap_or_default();
        let span = match item {
            Item::Statement(statement) => {
                let Some((_, today)) = WISHES.iter().find(|(old, _)| *old == name) else {
                    continue;
                };
                asked.push((*today).to_owned());
                Span::new(statement.span.start, statement.end)
            }
            Item::Section(section) if matches!(name, "receive" | "send") => {
                asked.extend(flags(section, name));
                section.span
            }
            Item::Section(_) | Item::Blank | Item::Comment(_) => continue,
        };
        if removed {
            edits.remove(span);
        }
    }
    asked
}

/// The flags of a `receive` or `send` section of a process.
fn flags(section: &Section<'_>, direction: &str) -> Vec<String> {
    let names: Vec<&str> = section.items.iter().filter_map(Item::name).collect();
    let (changes, flags): (Vec<&str>, Vec<&str>) =
        names.into_iter().partition(|name| *name == "neighbor-changes");
    let mut asked = Vec::new();
    asked.extend((!changes.is_empty()).then(|| "neighbor-changes;".to_owned()));
    if !flags.is_empty() {
        let flags: Vec<String> = flags.iter().map(|flag| format!("{flag};")).collect();
        asked.push(format!("{direction} {{ {} }}", flags.join(" ")));
    }
    asked
}

/// A process of a neighbor, as it stands at the root.
fn root(process: &Section<'_>, edits: &Edits<'_, '_>) -> String {
    let mut text = format!("process {} {{\n", name(process));
    if !process.has("encoder") {
        text += "    encoder text;\n";
    }
    for item in &process.items {
        if let (Item::Statement(statement), Some("run" | "encoder" | "respawn")) =
            (item, item.name())
        {
            let written = edits.source.written(statement.span);
            let words = edits.source.original().get(written).unwrap_or_default();
            text += &format!("    {words};\n");
        }
    }
    text + "}\n\n"
}

/// A process without an encoder is given the one that it had.
fn encoder(process: &Section<'_>, edits: &mut Edits<'_, '_>) {
    if process.has("encoder") {
        return;
    }
    let first = process.items.iter().find_map(|item| match item {
        Item::Statement(statement) => Some(statement.span),
        Item::Section(section) => Some(section.span),
        Item::Blank | Item::Comment(_) => None,
    });
    let indent = first.map_or_else(|| "    ".to_owned(), |span| edits.indent(span));
    let change = format!("the process {} has an encoder, text", name(process));
    let behind = Span::new(process.open.start, process.open.end);
    edits.replace(behind, format!("{{\n{indent}encoder text;"), &change);
}

/// Starts helpers of 3.4 and 4 through the bridge.
pub(super) fn bridge_4(items: &[Item<'_>], edits: &mut Edits<'_, '_>) {
    bridge(items, edits, "4");
}

/// Starts helpers of 5 through the bridge.
pub(super) fn bridge_5(items: &[Item<'_>], edits: &mut Edits<'_, '_>) {
    bridge(items, edits, "5");
}

fn bridge(items: &[Item<'_>], edits: &mut Edits<'_, '_>, from: &str) {
    statements(items, &mut |path, statement| {
        let [keyword, program, rest @ ..] = &statement.words[..] else { return };
        let bridged = rest.first().is_some_and(|word| &*word.text == "migrate");
        if path == ["process"] && &*keyword.text == "run" && !bridged {
            let text = format!("exabgp migrate api -f {from} -t main --exec ");
            edits.insert(program.span, text, "the program is started through the bridge");
        }
    });
}

#[cfg(test)]
mod tests {
    use crate::configuration::migrate::{Release, migrate};

    #[test]
    fn a_process_leaves_its_neighbor() {
        let text = "neighbor 10.0.0.1 {\n    process a {\n        run /bin/cat;\n        \
                    encoder json;\n        receive {\n            parsed;\n            \
                    neighbor-changes;\n        }\n    }\n}\n";
        let expected = "process a {\n    run /bin/cat;\n    encoder json;\n}\n\n\
             neighbor 10.0.0.1 {\n    api {\n        processes [ a ];\n        \
             neighbor-changes;\n        receive { parsed; }\n    }\n}\n";
        let migrated = migrate("t", text, (Release::V3_4, Release::V4), false).unwrap();
        assert_eq!(migrated.text, expected);
    }

    #[test]
    fn what_a_process_asked_for_goes_where_it_is_named() {
        let text = "process a {\n    run /bin/cat;\n    peer-updates;\n}\n\
                    neighbor 10.0.0.1 {\n    process a; # here\n}\n";
        let expected = "process a {\n    encoder text;\n    run /bin/cat;\n}\n\
             neighbor 10.0.0.1 {\n    api {\n        processes [ a ];\n        \
             neighbor-changes; receive { parsed; update; }\n    } # here\n}\n";
        let migrated = migrate("t", text, (Release::V3_4, Release::V4), false).unwrap();
        assert_eq!(migrated.text, expected);
        let again = migrate("t", expected, (Release::V3_4, Release::Main), true).unwrap();
        assert!(again.text.contains("run exabgp migrate api -f 4 -t main --exec /bin/cat;"));
        assert_eq!(again.changes.len(), 1);
    }
}
