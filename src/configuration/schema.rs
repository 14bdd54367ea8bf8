//! The JSON Schema (draft 7) of what [`export`](super::export) writes, made of the same tables of
//! keywords by which files are read.

use super::export::SWITCHES;
use super::neighbor::{CAPABILITY, KEYWORDS, TCP_AO, WISHES};
use super::process::PROCESS;
use super::section::Keyword;
use super::syntax::{self, Value};
use crate::json::{Dialect, Object, Writer};
use crate::protocol::Family;

/// Statements that say how a file is read, and are no settings once it is.
const NOT_EXPORTED: &[&str] = &["inherit"];

/// The parts of the schema, by the names under which they can be asked for.
pub const PARTS: &[&str] = &[
    "neighbor",
    "process",
    "capability",
    "tcp-ao",
    "family",
    "nexthop",
    "add-path",
    "api",
    "routes",
];

/// A number from 1 to 65535.
const LIMIT: &str = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|\
                     6553[0-5])";

/// Other names of parts: of sections whose content the export writes elsewhere.
const ALIASES: &[(&str, &str)] = &[
    ("template", "neighbor"),
    ("static", "routes"),
    ("announce", "routes"),
    ("flow", "routes"),
    ("l2vpn", "routes"),
];

/// Appends the schema of a whole export, or of one of its parts; false where there is no such
/// part.
pub fn schema(part: Option<&str>, out: &mut Vec<u8>) -> bool {
    let alias = |part| ALIASES.iter().find(|(name, _)| *name == part).map_or(part, |(_, to)| *to);
    let part = part.map(alias);
    if part.is_some_and(|part| !PARTS.contains(&part)) {
        return false;
    }
    Writer::new(out, Dialect::V6).object(|top| {
        top.field("$schema").string("http://json-schema.org/draft-07/schema#");
        top.field("title").string("ExaBGP configuration, as it takes effect");
        match part {
            Some(part) => reference(top, part),
            None => whole(top),
        }
        top.field("definitions").object(|all| {
            for part in PARTS {
                all.field(part).object(|fields| define(fields, part));
            }
        });
    });
    true
}

fn reference(fields: &mut Object<'_, '_>, part: &str) {
    fields.field("$ref").string(&format!("#/definitions/{part}"));
}

fn whole(fields: &mut Object<'_, '_>) {
    fields.field("type").string("object");
    fields.field("additionalProperties").boolean(false);
    texts(fields, "required", &["neighbors", "processes"]);
    fields.field("properties").object(|all| {
        for (key, part) in [("neighbors", "neighbor"), ("processes", "process")] {
            all.field(key).object(|fields| {
                fields.field("type").string("object");
                fields.field("additionalProperties").object(|fields| reference(fields, part));
            });
        }
    });
}

fn texts(fields: &mut Object<'_, '_>, key: &str, texts: &[&str]) {
    fields.field(key).list(|list| {
        for text in texts {
            list.element().string(text);
        }
    });
}

fn define(fields: &mut Object<'_, '_>, part: &str) {
    match part {
        "neighbor" => neighbor(fields),
        "process" => process(fields),
        "capability" => closed(fields, &[], |all| keywords(all, CAPABILITY.keywords)),
        "tcp-ao" => {
            let needed = ["keyid", "algorithm", "password"];
            closed(fields, &needed, |all| keywords(all, TCP_AO.keywords));
        }
        "family" => list(fields, |item| {
            let families: Vec<String> = Family::KNOWN.iter().map(ToString::to_string).collect();
            texts(item, "enum", &families.iter().map(String::as_str).collect::<Vec<_>>());
        }),
        "nexthop" => list(fields, |item| {
            let safis = "(unicast|multicast|nlri-mpls|mpls-vpn)";
            pattern(item, &format!("^(ipv4 {safis} ipv6|ipv6 {safis} ipv4)$"));
        }),
        "add-path" => list(fields, |item| {
            let families: Vec<String> = Family::KNOWN.iter().map(ToString::to_string).collect();
            pattern(item, &format!("^({})( limit {LIMIT})?$", families.join("|")));
        }),
        "api" => api(fields),
        _ => list(fields, |item| pattern(item, "^(route|ipv4|ipv6|l2vpn|bgp-ls) [^;{}]+$")),
    }
}

/// An object that has these members and no others.
fn closed(
    fields: &mut Object<'_, '_>,
    required: &[&str],
    members: impl FnOnce(&mut Object<'_, '_>),
) {
    fields.field("type").string("object");
    fields.field("additionalProperties").boolean(false);
    if !required.is_empty() {
        texts(fields, "required", required);
    }
    fields.field("properties").object(members);
}

fn list(fields: &mut Object<'_, '_>, item: impl FnOnce(&mut Object<'_, '_>)) {
    fields.field("type").string("array");
    fields.field("items").object(item);
}

fn pattern(fields: &mut Object<'_, '_>, pattern: &str) {
    fields.field("type").string("string");
    fields.field("pattern").string(pattern);
}

fn neighbor(fields: &mut Object<'_, '_>) {
    closed(fields, &["peer-address", "local-as", "peer-as"], |all| {
        keywords(all, KEYWORDS);
        for part in ["capability", "tcp-ao", "family", "nexthop", "add-path", "api", "routes"] {
            all.field(part).object(|fields| reference(fields, part));
        }
        all.field("operational").object(|fields| integer(fields, 0, u32::MAX));
    });
}

fn process(fields: &mut Object<'_, '_>) {
    closed(fields, &["run"], |all| {
        keywords(all, PROCESS.keywords);
        all.field("run").object(|fields| {
            fields.field("minItems").number(1_u32);
            list(fields, |item| item.field("type").string("string"));
        });
    });
}

fn api(fields: &mut Object<'_, '_>) {
    fields.field("type").string("object");
    fields.field("additionalProperties").object(|fields| {
        closed(fields, &[], |all| {
            for name in SWITCHES {
                all.field(name).object(|fields| fields.field("type").string("boolean"));
            }
            let names: Vec<&str> = WISHES.iter().map(|keyword| keyword.name).collect();
            for direction in ["receive", "send"] {
                all.field(direction).object(|fields| list(fields, |i| texts(i, "enum", &names)));
            }
        });
    });
}

/// The members that the keywords of a section make, those with one value.
fn keywords(all: &mut Object<'_, '_>, keywords: &[Keyword]) {
    let exported = keywords.iter().filter(|keyword| !NOT_EXPORTED.contains(&keyword.name));
    for keyword in exported {
        if let Some(values) = syntax::values(keyword.syntax) {
            all.field(keyword.name).object(|fields| {
                fields.field("description").string(keyword.syntax);
                one_of(fields, &values);
            });
        }
    }
}

fn one_of(fields: &mut Object<'_, '_>, values: &[Value]) {
    if let [value] = values {
        return of(fields, value);
    }
    fields.field("anyOf").list(|list| {
        for value in values {
            list.element().object(|fields| of(fields, value));
        }
    });
}

fn of(fields: &mut Object<'_, '_>, value: &Value) {
    match value {
        Value::Boolean => fields.field("type").string("boolean"),
        Value::Integer(first, last) => integer(fields, *first, *last),
        Value::Word(word) => texts(fields, "enum", &[word]),
        Value::Text { patterns, longest } => {
            fields.field("type").string("string");
            if let Some(longest) = longest {
                fields.field("maxLength").number(*longest);
            }
            if let [one] = &patterns[..] {
                fields.field("pattern").string(one);
            } else if !patterns.is_empty() {
                fields.field("allOf").list(|list| {
                    for one in patterns {
                        list.element().object(|fields| fields.field("pattern").string(one));
                    }
                });
            }
        }
    }
}

fn integer(fields: &mut Object<'_, '_>, first: u32, last: u32) {
    fields.field("type").string("integer");
    fields.field("minimum").number(first);
    fields.field("maximum").number(last);
}
