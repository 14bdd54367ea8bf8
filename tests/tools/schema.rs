//! A checker of JSON against the part of JSON Schema that the program writes, and the test that
//! the schema and the parser refuse the same.

use exabgp::configuration::{self, Lookup, Options, RouteParser};
use regex_lite::Regex;
use serde_json::{Value, json};

use crate::examples;

/// Whether `value` is of this schema. A word of the schema that is not known here is a fault.
fn is_valid(root: &Value, schema: &Value, value: &Value) -> bool {
    let Some(rules) = schema.as_object() else { return schema.as_bool().unwrap() };
    rules.iter().all(|(rule, what)| match rule.as_str() {
        "$schema" | "title" | "description" | "definitions" => true,
        "$ref" => {
            let path = what.as_str().unwrap().strip_prefix('#').unwrap();
            is_valid(root, root.pointer(path).expect(path), value)
        }
        "type" => match what.as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_u64() || value.is_i64(),
            other => panic!("type {other}"),
        },
        "enum" => what.as_array().unwrap().contains(value),
        "anyOf" => what.as_array().unwrap().iter().any(|one| is_valid(root, one, value)),
        "allOf" => what.as_array().unwrap().iter().all(|one| is_valid(root, one, value)),
        "minimum" => value.as_i64().is_none_or(|number| number >= what.as_i64().unwrap()),
        "maximum" => value.as_i64().is_none_or(|number| number <= what.as_i64().unwrap()),
        "minItems" => value.as_array().is_none_or(|all| all.len() as u64 >= what.as_u64().unwrap()),
        "maxLength" => {
            value.as_str().is_none_or(|text| text.chars().count() as u64 <= what.as_u64().unwrap())
        }
        "pattern" => {
            let pattern = Regex::new(what.as_str().unwrap()).unwrap();
            value.as_str().is_none_or(|text| pattern.is_match(text))
        }
        "items" => value.as_array().is_none_or(|all| all.iter().all(|v| is_valid(root, what, v))),
        "required" => value.as_object().is_none_or(|members| {
            what.as_array().unwrap().iter().all(|key| members.contains_key(key.as_str().unwrap()))
        }),
        "properties" => value.as_object().is_none_or(|members| {
            members.iter().all(|(key, value)| {
                what.get(key).is_none_or(|schema| is_valid(root, schema, value))
            })
        }),
        "additionalProperties" => value.as_object().is_none_or(|members| {
            let known = rules.get("properties").and_then(Value::as_object);
            let more =
                members.iter().filter(|(key, _)| !known.is_some_and(|k| k.contains_key(*key)));
            more.into_iter().all(|(_, value)| is_valid(root, what, value))
        }),
        other => panic!("the schema says {other}"),
    })
}

fn schema() -> Value {
    let mut out = Vec::new();
    assert!(configuration::schema(None, &mut out));
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn every_export_is_of_the_schema() {
    let schema = schema();
    let mut count = 0;
    for (path, _) in examples() {
        let Some(exported) = crate::export(&path) else { continue };
        let value: Value = serde_json::from_str(&exported).unwrap();
        assert!(is_valid(&schema, &schema, &value), "{path:?}: {exported}");
        count += 1;
    }
    assert!(count > 60, "{count} examples");
}

/// What a value of any keyword may look like, right or wrong.
fn pool() -> Vec<Value> {
    let long = "a".repeat(81);
    let longer = "a".repeat(256);
    let texts = [
        "",
        "a",
        "a-b",
        "a..b",
        "-a",
        "a.",
        "a b",
        "auto",
        "disable",
        "enable",
        "true",
        "text",
        "json",
        "4",
        "6",
        "5",
        "send",
        "receive",
        "send/receive",
        "receive/send",
        "both",
        "10.0.0.1",
        "10.0.0.256",
        "10.0.0",
        "10.0.0.1/24",
        "10.0.0.1/33",
        "127.0.0.1/32",
        "2001:db8::1",
        "2001:db8::g",
        "2001:db8::1/64",
        "2001:db8::1/129",
        "fe80::1",
        "fe80::1%lo",
        "::",
        "1::2::3",
        "hmac-sha-256",
        "hmac-md5",
        &long,
        &longer,
    ];
    let numbers = [
        0_i64,
        1,
        2,
        3,
        4,
        6,
        90,
        255,
        256,
        4095,
        4096,
        65535,
        65536,
        4_294_967_295,
        4_294_967_296,
        -1,
    ];
    let mut pool: Vec<Value> = texts.iter().map(|text| json!(text)).collect();
    pool.extend(numbers.iter().map(|number| json!(number)));
    pool.extend([json!(true), json!(false)]);
    pool
}

/// A value as the words that say it.
fn words(value: &Value) -> String {
    match value {
        // A word of the language is none in quotes.
        Value::String(text) if !text.is_empty() && !text.contains(' ') => text.clone(),
        Value::String(text) => format!("\"{text}\""),
        other => other.to_string(),
    }
}

/// Whether a strict reader takes this neighbor: the first statements, and one more.
fn is_read(text: &str) -> bool {
    let lookup = Lookup { directory: "/".into(), ..Lookup::default() };
    let options = Options { strict: true, lookup, ..Options::default() };
    configuration::parse("t", text.as_bytes(), &options, &mut RouteParser::new()).is_ok()
}

/// What else must be said for a value to be right, if it is: whom the session is with.
fn rest(key: &str, value: &Value) -> Vec<(&'static str, Value)> {
    let six = value.as_str().is_some_and(|text| text.contains(':'));
    let peer = if six { "2001:db8::9" } else { "127.0.0.9" };
    let mut rest = vec![
        ("peer-address", json!(peer)),
        ("local-as", json!(65000)),
        ("peer-as", json!(65001)),
        ("router-id", json!("10.0.0.2")),
        ("passive", json!(true)),
    ];
    if key == "listen" {
        rest.push(("local-address", json!("127.0.0.1")));
    }
    rest.retain(|(name, _)| *name != key);
    rest
}

/// A text that says what a number says is one to the parser, which does not see quotes; and the
/// schema knows one spelling of each word. What is right in another spelling is not compared.
fn is_other_spelling(key: &str, value: &Value) -> bool {
    let Some(text) = value.as_str() else {
        // Numbers and switches are texts as well as any other.
        return matches!(
            key,
            "description"
                | "host-name"
                | "domain-name"
                | "source-interface"
                | "md5-password"
                | "password"
                | "encoder"
                | "version"
        ) || (key != "md5-ip" && matches!(value.as_i64(), Some(0 | 1)))
            || (key == "rate-limit" && !value.is_boolean())
            || (key.ends_with("-ttl") && value.as_bool() == Some(false));
    };
    text.parse::<u64>().is_ok()
        || matches!(text, "true" | "enable" | "disable")
        || (key.ends_with("-as") && text.contains('.'))
        || (text.is_empty() && matches!(key, "host-name" | "domain-name"))
}

#[test]
fn the_schema_and_the_parser_refuse_the_same() {
    let schema = schema();
    let (mut taken, mut refused, mut faults) = (0, 0, Vec::new());
    for (part, section) in [("neighbor", ""), ("capability", "capability"), ("tcp-ao", "tcp-ao")] {
        let definition = schema.pointer(&format!("/definitions/{part}/properties")).unwrap();
        for (key, about) in definition.as_object().unwrap() {
            if about.get("$ref").is_some() || key == "operational" {
                continue;
            }
            for value in pool().iter().filter(|value| !is_other_spelling(key, value)) {
                let said = rest(key, value);
                let mut text: String =
                    said.iter().map(|(key, value)| format!("{key} {};\n", words(value))).collect();
                let mut inner = json!({ key.as_str(): value });
                if part == "tcp-ao" {
                    for (other, value) in [
                        ("keyid", json!(1)),
                        ("algorithm", json!("hmac-sha-256")),
                        ("password", json!("eA==")),
                    ] {
                        if inner.get(other).is_none() {
                            inner[other] = value;
                        }
                    }
                }
                let mut document = json!({});
                for (key, value) in &said {
                    document[*key] = value.clone();
                }
                let members: String = inner
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(key, value)| format!("{key} {};\n", words(value)))
                    .collect();
                if section.is_empty() {
                    document[key.as_str()] = value.clone();
                    text += &members;
                } else {
                    document[section] = inner;
                    text += &format!("{section} {{\n{members}}}\n");
                }
                let document = json!({ "neighbors": { "n": document }, "processes": {} });
                let text = format!("neighbor 127.0.0.9 {{\n{text}}}\n");
                let (valid, read) = (is_valid(&schema, &schema, &document), is_read(&text));
                if valid == read {
                    taken += usize::from(valid);
                    refused += usize::from(!valid);
                } else {
                    faults.push(format!("{part}/{key} {value}: schema {valid}, parser {read}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    assert!(taken > 150 && refused > 500, "{taken} taken, {refused} refused");
}

#[test]
fn the_schema_and_the_parser_know_the_same_families() {
    let schema = schema();
    let afis = ["ipv4", "ipv6", "l2vpn", "bgp-ls", "ipx"];
    let safis = [
        "unicast",
        "multicast",
        "nlri-mpls",
        "mpls-vpn",
        "mcast-vpn",
        "flow",
        "flow-vpn",
        "mup",
        "sr-policy",
        "rtc",
        "vpls",
        "evpn",
        "bgp-ls",
        "bgp-ls-vpn",
        "nothing",
    ];
    let pairs = afis.iter().flat_map(|afi| safis.iter().map(move |safi| format!("{afi} {safi}")));
    let endings = ["", " ipv4", " ipv6", " limit 1", " limit 65535", " limit 65536", " limit 0"];
    for pair in pairs {
        for (section, ending) in endings
            .iter()
            .flat_map(|ending| [("family", ending), ("nexthop", ending), ("add-path", ending)])
        {
            let entry = format!("{pair}{ending}");
            let part = schema.pointer(&format!("/definitions/{section}")).unwrap();
            let valid = is_valid(&schema, part, &json!([entry]));
            let read = is_read(&format!(
                "neighbor 127.0.0.9 {{ local-as 1; peer-as 2; router-id 10.0.0.2; \
                 {section} {{ {entry}; }} }}"
            ));
            assert_eq!(valid, read, "{section} {{ {entry}; }}");
        }
    }
}
