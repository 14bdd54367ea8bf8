//! The language told by its own tables: the reference of `doc/`, and the example that
//! `exabgp configuration example` writes.

use std::fmt::Write as _;

use super::root::ROOT;
use super::section::Section;
use crate::bgp::attribute::Attributes;
use crate::bgp::nlri::Rule;
use crate::protocol::Family;

/// Every section and keyword of configurations, as Markdown below a heading of the second level.
pub fn reference() -> String {
    let mut out = String::new();
    let mut path = Vec::new();
    for section in ROOT.sections {
        sections(&mut out, section, &mut path);
    }
    attributes(&mut out);
    families(&mut out);
    out
}

fn sections(out: &mut String, section: &'static Section, path: &mut Vec<&'static str>) {
    path.push(section.name);
    let known = path.len() == 2 && path.first() == Some(&"template");
    line(out, &format!("## {}\n", path.join(" / ")));
    line(out, &format!("    {}\n", section.syntax));
    if known {
        line(out, "Everything that a neighbor may hold.\n");
        path.pop();
        return;
    }
    if !section.keywords.is_empty() {
        line(out, "| keyword | syntax |\n|---|---|");
        for keyword in section.keywords {
            line(out, &format!("| `{}` | {} |", keyword.name, code(keyword.syntax)));
        }
        line(out, "");
    }
    let own = |name: &&&str| !section.keywords.iter().any(|keyword| keyword.name == **name);
    let others = (section.names)();
    let others: Vec<String> =
        others.iter().filter(own).map(|name| format!("[`{name}`](#attributes)")).collect();
    if !others.is_empty() {
        line(out, &format!("Also: {}.\n", others.join(", ")));
    }
    if !section.sections.is_empty() {
        let inner: Vec<String> =
            section.sections.iter().map(|inner| format!("`{}`", inner.name)).collect();
        line(out, &format!("Sections: {}.\n", inner.join(", ")));
    }
    if !section.gone.is_empty() {
        line(out, "| word of a former release | today |\n|---|---|");
        for (word, today) in section.gone {
            line(out, &format!("| `{word}` | {} |", escaped(today)));
        }
        line(out, "");
    }
    for inner in section.sections {
        sections(out, inner, path);
    }
    path.pop();
}

fn attributes(out: &mut String) {
    line(out, "## Attributes\n");
    line(out, "What may be said of a route, in any order.\n");
    line(out, "| keyword | syntax |\n|---|---|");
    for (name, syntax) in Attributes::keywords() {
        line(out, &format!("| `{name}` | {} |", code(syntax)));
    }
    line(out, "");
}

fn families(out: &mut String) {
    line(out, "## Families\n");
    line(out, "| family | a route |\n|---|---|");
    for family in Family::KNOWN {
        let grammar = Rule::of(*family).and_then(|rule| rule.shape.grammar());
        let prefix = crate::bgp::nlri::is_prefix_family(*family);
        let syntax = match grammar {
            Some(grammar) => code(grammar.syntax),
            None if prefix => "a prefix and its attributes".to_owned(),
            None => "received only".to_owned(),
        };
        line(out, &format!("| `{family}` | {syntax} |"));
    }
    line(out, "");
}

/// A syntax in a cell of a table.
fn code(syntax: &str) -> String {
    if syntax.is_empty() {
        return "see [Families](#families)".to_owned();
    }
    format!("`{}`", escaped(syntax))
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

fn line(out: &mut String, text: &str) {
    // Writing to a string does not fail.
    let _: std::fmt::Result = writeln!(out, "{text}");
}

/// The statements that the example makes, by the path of their section; the others are comments.
const SAID: &[(&str, &[&str])] = &[
    ("process", &["run /bin/cat", "encoder json"]),
    (
        "neighbor",
        &["router-id 10.0.0.2", "local-address 127.0.0.1", "local-as 65000", "peer-as 65001"],
    ),
    ("neighbor/family", &["ipv4 unicast", "ipv6 unicast"]),
    ("neighbor/capability", &["asn4", "route-refresh"]),
    ("neighbor/static", &["route 10.0.0.0/24 next-hop self"]),
];

/// A configuration that can be loaded and shows every keyword, most of them in comments; with the
/// processes and templates, or a neighbor alone.
pub fn example(full: bool) -> String {
    let mut out = String::from(
        "# Every section and keyword. What starts with # is not in use: take the sign away and\n\
         # write a value for what stands between < and >.\n",
    );
    for section in ROOT.sections {
        let shown = section.name == "neighbor" || full;
        if shown {
            out.push('\n');
            shown_section(&mut out, section, &mut Vec::new());
        }
    }
    out
}

fn shown_section(out: &mut String, section: &'static Section, path: &mut Vec<&'static str>) {
    let indent = "    ".repeat(path.len());
    path.push(section.name);
    let here = path.join("/");
    let said = SAID.iter().find(|(path, _)| *path == here).map_or(&[][..], |(_, said)| *said);
    let head = match here.as_str() {
        "process" => "process helper",
        "neighbor" => "neighbor 127.0.0.1",
        "template/neighbor" => "neighbor common",
        _ => section.name,
    };
    if head == section.name && said.is_empty() && here != "template" {
        // A section in which nothing is said: how it is written, and what it knows.
        line(out, &format!("{indent}# {}", section.syntax));
        for keyword in section.keywords {
            line(out, &format!("{indent}#     {};", keyword.syntax));
        }
    } else {
        line(out, &format!("{indent}{head} {{"));
        for keyword in section.keywords {
            let own = said.iter().find(|text| text.split(' ').next() == Some(keyword.name));
            match own {
                Some(_) => {
                    let all = said.iter().filter(|t| t.split(' ').next() == Some(keyword.name));
                    all.for_each(|text| line(out, &format!("{indent}    {text};")));
                }
                None => line(out, &format!("{indent}    # {};", keyword.syntax)),
            }
        }
        if here != "template/neighbor" {
            for inner in section.sections {
                shown_section(out, inner, path);
            }
        }
        line(out, &format!("{indent}}}"));
    }
    path.pop();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::{Lookup, Options, RouteParser, parse};

    #[test]
    fn the_example_can_be_loaded_and_shows_every_keyword() {
        let lookup = Lookup { directory: "/".into(), ..Lookup::default() };
        let options = Options { strict: true, lookup, ..Options::default() };
        for full in [false, true] {
            let text = example(full);
            let read = parse("example", text.as_bytes(), &options, &mut RouteParser::new());
            assert_eq!(read.map(|read| read.neighbors.len()), Ok(1), "{text}");
            for keyword in crate::configuration::neighbor::KEYWORDS {
                assert!(text.contains(&format!("{} ", keyword.name)), "{}", keyword.name);
            }
        }
    }

    #[test]
    fn the_reference_names_every_section() {
        let text = reference();
        for heading in ["## process", "## neighbor / family", "## neighbor / api / send"] {
            assert!(
                text.contains(&format!("\n{heading}\n")) || text.starts_with(heading),
                "{text}"
            );
        }
    }
}
