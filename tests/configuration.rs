//! Whole configurations: every error of a file with its place, templates, recovery, and texts
//! that went wrong in transit, which must be refused without panic.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail where it stands"
)]

use exabgp::bgp::neighbor::Wishes;
use exabgp::configuration::{Configuration, Error, Options, RouteParser, parse, render};
use exabgp::json::Dialect;
use proptest::prelude::*;

fn read(text: &str) -> Result<Configuration, Vec<Error>> {
    parse("x.conf", text.as_bytes(), &Options::default(), &mut RouteParser::new())
}

fn good(text: &str) -> Configuration {
    read(text).unwrap_or_else(|errors| panic!("{}", errors[0]))
}

/// `line:column what` of each error.
fn errors(text: &str) -> Vec<String> {
    let errors = read(text).expect_err("the text is at fault");
    errors.iter().map(|e| format!("{}:{} {}", e.line, e.column, e.what)).collect()
}

fn routes(configuration: &Configuration) -> Vec<String> {
    let neighbors = configuration.neighbors.iter();
    let routes = neighbors.flat_map(|neighbor| {
        neighbor
            .routes()
            .map(|(route, _)| render::route(route, neighbor.our_address(&route.nlri), Dialect::V4))
    });
    routes.collect()
}

const WHOLE: &str = r#"process w {
    run /bin/cat "a b";
    encoder json;
    version 6;
}
template {
    neighbor base {
        local-as 65000;
        hold-time 30;
        family { ipv4 unicast; }
        api out { processes [ w ]; receive { parsed; update; } }
        static {
            route 10.1.0.0/16 next-hop self community [ 65000:1 no-export ];
            attributes next-hop 192.0.2.9 med 7 nlri 10.2.0.0/24 10.2.1.0/24;
        }
    }
}
neighbor 192.0.2.1 {
    inherit base;
    router-id 192.0.2.2;
    local-address 192.0.2.2;
    peer-as 65001;
    family { ipv6 unicast; }
    api out { processes [ w ]; send { packets; open; } }
    static {
        route 10.0.0.0/24 {
            next-hop 192.0.2.9;
            as-path [ 65000 65001 ];
            watchdog dog;
            withdraw;
        }
        route 10.3.0.0/24 next-hop 192.0.2.9 split /25;
    }
    announce { ipv6 { unicast 2001:db8::/48 next-hop 2001:db8::1 med 3; } }
}
neighbor 192.0.2.3 {
    inherit base;
    router-id 192.0.2.4;
    local-address 192.0.2.4;
    peer-as 65001;
}
"#;

#[test]
fn a_template_gives_its_values_its_lists_and_its_routes() {
    let read = good(WHOLE);
    assert!(read.warnings.is_empty(), "{}", read.warnings[0]);
    let [first, second] = &read.neighbors[..] else { panic!("two neighbors") };
    assert_eq!(first.settings.hold_time, 30);
    assert_eq!(first.settings.families.len(), 2);
    assert_eq!(second.settings.families.len(), 1);
    let [api] = &first.settings.api[..] else { panic!("one process") };
    assert_eq!(&*api.process, "w");
    assert_eq!(api.receive, Wishes { parsed: true, update: true, ..Wishes::default() });
    assert_eq!(api.send, Wishes { packets: true, open: true, ..Wishes::default() });
    assert_eq!(
        routes(&read),
        [
            "10.0.0.0/24 next-hop 192.0.2.9 as-path ( 65000 65001 )",
            "10.3.0.0/25 next-hop 192.0.2.9",
            "10.3.0.128/25 next-hop 192.0.2.9",
            "2001:db8::/48 next-hop 2001:db8::1 med 3",
            "10.1.0.0/16 next-hop 192.0.2.2 community [ 65000:1 no-export ]",
            "10.2.0.0/24 next-hop 192.0.2.9 med 7",
            "10.2.1.0/24 next-hop 192.0.2.9 med 7",
            "10.1.0.0/16 next-hop 192.0.2.4 community [ 65000:1 no-export ]",
            "10.2.0.0/24 next-hop 192.0.2.9 med 7",
            "10.2.1.0/24 next-hop 192.0.2.9 med 7",
        ]
    );
    let watched = first.routes().find_map(|(_, watched)| watched).unwrap();
    assert_eq!((&*watched.name, watched.withdrawn, watched.index), ("dog", true, 0));
    assert!(std::rc::Rc::ptr_eq(&first.routes[1], &second.routes[0]), "one list for both");
}

#[test]
fn every_error_is_told_with_its_place() {
    let text = r#"neighbor 192.0.2.1 {
    router-id 192.0.2.2;
    local-adress 192.0.2.2;
    local-as 4294967296;
    peer-as 65001
    hold-time 2;
    capability { add-path receive/send; graceful-restrat; }
    static {
        route 10.0.0.1/24 next-hop 192.0.2.9;
        route 10.0.0.0/24 next-hop 192.0.2.9 med;
        route 10.0.0.0/24 next-hop 192.0.2.9 medd 5;
        route 10.0.0.0/24;
        wibble { a { b; } c; }
    }
    api { processes [ nobody ]; }
}
neighbor 192.0.2 { local-as 1; wibble; }
neighbor 192.0.2.7 { }
group x { }
"#;
    let found = errors(text);
    for expected in [
        "3:5 unknown keyword \"local-adress\": did you mean local-address?",
        "4:14 local-as: \"4294967296\" is not an AS number",
        "5:5 peer-as is not ended by ;",
        "6:15 hold-time: \"2\" is neither 0 nor at least 3",
        "7:27 add-path: \"receive/send\" is written send/receive",
        "7:41 unknown keyword \"graceful-restrat\": did you mean graceful-restart?",
        "9:15 route: \"10.0.0.1/24\" has bits set beyond its mask",
        "10:49 med: expected a number",
        "11:46 unknown keyword \"medd\": did you mean med?",
        "12:15 the route has no next-hop: 10.0.0.0/24",
        "13:9 unknown keyword \"wibble\"",
        "15:23 \"nobody\" is no process of this file",
        "17:10 neighbor: \"192.0.2\" is neither an address nor a range",
        "17:32 unknown keyword \"wibble\"",
        "18:1 the neighbor has no local-as and no peer-as",
        "18:1 the neighbor has no router-id",
        "19:1 unknown keyword \"group\": groups are gone",
    ] {
        assert!(found.iter().any(|e| e.starts_with(expected)), "{expected}\n{}", found.join("\n"));
    }
    assert_eq!(found.len(), 17, "{}", found.join("\n"));
}

#[test]
fn an_error_shows_its_line_its_section_and_the_syntax() {
    let error =
        &read("neighbor 192.0.2.1 {\n\tapi x { send { parsed perhaps; } }\n}\n").unwrap_err()[0];
    let shown = error.to_string();
    assert_eq!(
        shown,
        "x.conf:2:24: parsed: \"perhaps\" is neither true nor false\n     \
         api x { send { parsed perhaps; } }\n                           ^~~~~~~\n    \
         syntax: true|false|enable|disable|yes|no\n    \
         syntax error in section neighbor/api/x/send"
    );
}

#[test]
fn what_is_missing_in_a_faulty_block_is_not_told_twice() {
    for faulty in
        ["local-as x; peer-as 1;", "local-as 1; peer-as 1; tcp-ao { keyid 3; pasword x; }"]
    {
        let found = errors(&format!("neighbor 192.0.2.1 {{ router-id 1.1.1.1; {faulty} }}"));
        assert_eq!(found.len(), 1, "{found:?}");
    }
    let text = "template { neighbor t { local-as x; } }\n\
                neighbor 192.0.2.1 { inherit t; peer-as 1; router-id 1.1.1.1; }\n\
                neighbor 192.0.2.2 { inherit t; peer-as 1; router-id 1.1.1.1; }\n";
    assert_eq!(errors(text).len(), 1);
    let text = "template { neighbor t { local-as 1; family { ipv4 unicast; } \
                static { route 2001:db8::/32 next-hop 2001:db8::1; } } }\n\
                neighbor 192.0.2.1 { inherit t; peer-as 1; router-id 1.1.1.1; }\n\
                neighbor 192.0.2.2 { inherit t; peer-as 1; router-id 1.1.1.1; }\n";
    assert_eq!(errors(text), ["1:71 ipv6 unicast is not a family of this neighbor"]);
}

#[test]
fn a_list_over_two_lines_is_one_error() {
    let text = "neighbor 192.0.2.1 { router-id 1.1.1.1; local-as 1; peer-as 1; static {\n\
                route 10.0.0.0/8 next-hop 192.0.2.9 community [ 1:1\n 1:2 ];\n\
                route 10.0.0.0/8 next-hop 192.0.2.9 community [ 1:1\n 1:2 ];\n} }\n";
    let found = errors(text);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("2:") && found[1].starts_with("4:"), "{found:?}");
}

#[test]
fn a_brace_on_the_next_line_is_one_error() {
    let text = "neighbor 192.0.2.1\n{ router-id 1.1.1.1; local-as 1; peer-as 1; wibble; }\n";
    let found = errors(text);
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn bytes_that_are_no_text_are_told_with_their_place() {
    let text = b"neighbor 192.0.2.1 {\n  description \xff\xfe;\n}\n";
    let mut parser = RouteParser::new();
    let errors = parse("x", text, &Options::default(), &mut parser).unwrap_err();
    assert_eq!((errors[0].line, errors[0].column), (2, 15));
    assert!(errors[0].what.contains("UTF-8"));
}

#[test]
fn a_mark_before_the_text_is_no_part_of_it() {
    let text = format!("\u{feff}{WHOLE}");
    assert_eq!(good(&text).neighbors.len(), 2);
}

#[test]
fn names_and_patterns_of_processes_both_count_and_are_told() {
    let text = WHOLE.replace("send { packets; open; } }", "} api in { processes-match [ w ]; }");
    let read = good(&text);
    assert!(read.warnings[0].0.what.contains("both count"));
    assert_eq!(read.neighbors[0].settings.api.len(), 1);
}

#[test]
fn floods_are_bounded() {
    let found = errors(&"wibble;\n".repeat(5000));
    assert_eq!(found.len(), 100);
    assert!(!errors(&"{".repeat(100_000)).is_empty());
    assert!(!errors(&"neighbor 1.1.1.1 { api { send { ".repeat(10_000)).is_empty());
    assert!(!errors(&format!("neighbor 1.1.1.1 {{ {} }}", "x ".repeat(100_000))).is_empty());
    let split = "neighbor 1.1.1.1 { router-id 1.1.1.1; local-as 1; peer-as 1; \
                 static { route 0.0.0.0/0 next-hop 1.1.1.1 split /32; } }";
    assert!(errors(split)[0].contains("more than 2^20"));
}

#[test]
fn the_rest_of_a_failed_statement_leaves_no_route() {
    let mut parser = RouteParser::new();
    let mut routes = Vec::new();
    for bad in [
        "route 10.0.0.0/24",
        "route 10.0.0.0/24 next-hop 1.1.1.1 wibble",
        "route 10.0.0.0/24 next-hop 1.1.1.1 split /33",
        "attributes next-hop 1.1.1.1 nlri 10.0.0.0/24 2001:db8::/32",
        "attributes next-hop 1.1.1.1 nlri 10.0.0.0/24 10.0.0.1/24",
        "ipv4 unicast 2001:db8::/32 next-hop ::1",
        "ipv4 unicast 10.0.0.0/24 next-hop 1.1.1.1 label 3",
        "ipv4 flow x",
        "wibble",
        "",
    ] {
        let mut tokens = exabgp::text::Tokens::line(bad);
        let intent = exabgp::configuration::Intent::Announce;
        assert!(parser.command(&mut tokens, intent, &mut routes).is_err(), "{bad}");
        assert!(routes.is_empty(), "{bad}");
    }
    let mut tokens = exabgp::text::Tokens::line("route 10.0.0.0/24");
    let intent = exabgp::configuration::Intent::Withdraw;
    parser.command(&mut tokens, intent, &mut routes).unwrap();
    assert_eq!(routes.len(), 1);
}

#[test]
fn a_repeated_text_means_the_same_set() {
    let mut parser = RouteParser::new();
    let mut routes = Vec::new();
    for prefix in ["10.0.0.0/24", "232.0.0.0/24", "2001:db8::/32", "10.0.1.0/24"] {
        let line = format!("route {prefix} next-hop 192.0.2.9 med 5 as-path [ 1 2 ( 3 ) ]");
        let line = line.replace("( 3 ) ", "");
        let mut tokens = exabgp::text::Tokens::line(&line);
        let intent = exabgp::configuration::Intent::Announce;
        parser.command(&mut tokens, intent, &mut routes).unwrap();
    }
    let families: Vec<String> = routes.iter().map(|r| r.nlri.family().to_string()).collect();
    assert_eq!(families, ["ipv4 unicast", "ipv4 multicast", "ipv6 unicast", "ipv4 unicast"]);
    assert!(routes.iter().all(|r| std::rc::Rc::ptr_eq(&r.attributes, &routes[0].attributes)));
}

/// A text with pieces taken out, doubled, exchanged or replaced.
fn mutated() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{"),
        Just("}"),
        Just(";"),
        Just("\n"),
        Just("["),
        Just("]"),
        Just("\""),
        Just("#"),
        Just("\\"),
        Just("\\u00"),
        Just("("),
        Just(","),
        Just("route"),
        Just("neighbor"),
        Just("99999999999999999999"),
        Just("::"),
        Just("é"),
        Just("\0"),
        Just(""),
        Just("self"),
    ];
    let edit = (any::<prop::sample::Index>(), 0..12_usize, piece);
    prop::collection::vec(edit, 1..6).prop_map(|edits| {
        let mut text: Vec<char> = WHOLE.chars().collect();
        for (at, length, piece) in edits {
            let at = at.index(text.len().max(1)).min(text.len());
            let end = (at + length).min(text.len());
            text.splice(at..end, piece.chars());
        }
        text.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_configuration_is_read_or_refused_with_a_line(text in mutated()) {
        match read(&text) {
            Ok(configuration) => {
                for warning in &configuration.warnings {
                    prop_assert!(warning.0.line > 0);
                }
            }
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                let lines = text.lines().count().max(1);
                for error in &errors {
                    let placed = (1..=lines + 1).contains(&error.line) && error.column > 0;
                    prop_assert!(placed || error.what.starts_with("no data"), "{}", error);
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let read = parse("x", &bytes, &Options::default(), &mut RouteParser::new());
        if let Err(errors) = read {
            prop_assert!(!errors.is_empty());
        }
    }
}
