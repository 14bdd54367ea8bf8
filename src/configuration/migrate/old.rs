//! Statements of a neighbor that 3.4 had and 4 has not: renamed, or moved into a section.

use super::Edits;
use crate::configuration::tree::{Item, Statement};

/// What stands in `capability` today and stood in the neighbor.
const CAPABILITIES: &[&str] = &["asn4", "graceful-restart", "multi-session", "route-refresh"];

/// Statements that have another name today.
const RENAMED: &[(&str, &str)] = &[("md5", "md5-password"), ("ttl-security", "outgoing-ttl")];

/// From 3.4 to 4: what the statements of neighbors are today.
pub(super) fn neighbors(items: &[Item<'_>], edits: &mut Edits<'_, '_>) {
    for neighbor in super::neighbors(items) {
        for item in &neighbor.items {
            match item {
                Item::Statement(statement) => one(statement, edits),
                Item::Section(section) if item.name() == Some("capability") => {
                    for item in &section.items {
                        if let Item::Statement(statement) = item {
                            refresh(statement, edits);
                        }
                    }
                }
                Item::Section(_) | Item::Blank | Item::Comment(_) => {}
            }
        }
    }
}

fn one(statement: &Statement<'_>, edits: &mut Edits<'_, '_>) {
    let Some(first) = statement.words.first() else { return };
    if let Some((old, new)) = RENAMED.iter().find(|(old, _)| *old == &*first.text) {
        edits.replace(first.span, *new, &format!("\"{old}\" is now \"{new}\""));
    } else if CAPABILITIES.contains(&&*first.text) {
        let indent = edits.indent(statement.span);
        let bare = first.text == "route-refresh" && statement.words.len() == 1;
        let written = edits.source.written(statement.span);
        let words = edits.source.original().get(written).unwrap_or_default();
        let enable = if bare { " enable" } else { "" };
        let text = format!("capability {{\n{indent}    {words}{enable};\n{indent}}}");
        let span = crate::text::Span::new(statement.span.start, statement.end);
        edits.replace(span, text, &format!("\"{}\" stands in a capability section", first.text));
    }
}

/// `route-refresh;` says what it does.
fn refresh(statement: &Statement<'_>, edits: &mut Edits<'_, '_>) {
    if let [word] = &statement.words[..]
        && &*word.text == "route-refresh"
    {
        let change = "\"route-refresh\" is now \"route-refresh enable\"";
        edits.replace(word.span, "route-refresh enable", change);
    }
}
