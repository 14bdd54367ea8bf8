//! The command line: exit codes, what goes to which stream, and how errors point at their place.
#![cfg(test)]

mod support;

use std::net::TcpListener;
use std::os::unix::fs::symlink;

use serde_json::Value;
use support::daemon::{self, Finished};
use support::{IPV4, Listener, Place, neighbor, run};

const GOOD: &str = "neighbor 127.0.0.1 {
    router-id 10.0.0.1;
    local-address 127.0.0.1;
    local-as 65000;
    peer-as 65001;
    family { ipv4 unicast; }
    static { route 10.0.0.0/24 next-hop 10.0.0.9; }
}
";

const UPDATE: &str = "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00300200000015\
                      400101004002004003040102030440050400000064180A0000";

/// The message without its header.
fn body() -> &'static str {
    UPDATE.get(38..).unwrap()
}

fn with_input(arguments: &[&str], input: &str) -> Finished {
    let place = Place::new();
    let mut command = daemon::command(&place);
    command.args(arguments);
    daemon::finish(&place, command, input.as_bytes())
}

fn validate(text: &str, options: &[&str]) -> (Finished, String) {
    let place = Place::new();
    let path = place.file("test.conf", text).display().to_string();
    let mut arguments = vec!["validate"];
    arguments.extend(options);
    arguments.push(&path);
    (run(&arguments), path)
}

#[test]
fn exit_codes_are_those_that_scripts_know() {
    let place = Place::new();
    let good = place.file("good.conf", GOOD).display().to_string();
    let bad = place.file("bad.conf", "neighbor nonsense {\n}\n").display().to_string();
    let cases: [(&[&str], i32); 19] = [
        (&[], 1),
        (&["--help"], 0),
        (&["-h"], 0),
        (&["version"], 0),
        (&["--version"], 0),
        (&["env"], 0),
        (&["env", "-d"], 0),
        (&["env", "-e"], 0),
        (&["env", "--nonsense"], 2),
        (&["validate", &good], 0),
        (&["configuration", "validate", &good], 0),
        (&["validate", &bad], 1),
        (&["validate", &good, &bad], 1),
        (&["validate", "/nonexistent.conf"], 1),
        (&["validate"], 2),
        (&["server", "--nonsense", &good], 2),
        (&["server"], 2),
        (&["/nonexistent.conf"], 1),
        (&["decode", "zz"], 1),
    ];
    for (arguments, code) in cases {
        let finished = run(arguments);
        assert_eq!(finished.code, Some(code), "{arguments:?}: {finished:?}");
        if code == 2 {
            assert!(finished.err.to_lowercase().contains("usage"), "{arguments:?}: {finished:?}");
            assert_eq!(finished.out, "", "{arguments:?}");
        }
    }
}

#[test]
fn the_version_is_on_the_first_line() {
    let finished = run(&["version"]);
    let labels: Vec<&str> =
        finished.out.lines().filter_map(|line| Some(line.split_once(':')?.0.trim())).collect();
    assert_eq!((labels[0], labels[2], labels[3]), ("ExaBGP", "Uname", "From"));
    assert_eq!(labels.len(), 4);
    let first = finished.out.lines().next().unwrap();
    let version = first.strip_prefix("ExaBGP : ").expect("the label that scripts cut off");
    assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{version}");
}

#[test]
fn another_version_is_reported_where_the_environment_says_so() {
    let place = Place::new();
    let mut command = daemon::command(&place);
    command.arg("version").env("exabgp_version", "9.8.7-lab");
    let finished = daemon::finish(&place, command, b"");
    assert!(finished.out.starts_with("ExaBGP : 9.8.7-lab\n"), "{finished:?}");
}

#[test]
fn help_names_every_command() {
    let finished = run(&["--help"]);
    for word in ["server", "validate", "decode", "encode", "env", "version"] {
        assert!(finished.out.contains(word), "no '{word}' in\n{}", finished.out);
    }
    assert_eq!(finished.err, "");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    for arguments in [&["/nonexistent.conf"][..], &["validate", "/nonexistent.conf"]] {
        let finished = run(arguments);
        assert!(
            finished
                .err
                .contains("error: /nonexistent.conf is not an exabgp config file (file not found)"),
            "{finished:?}"
        );
    }
}

/// The report of an error has its place, its line, and a caret under the word that is meant.
fn points_at(err: &str, path: &str, text: &str, word: &str) {
    let (row, line) = text
        .lines()
        .enumerate()
        .find(|(_, line)| line.contains(word))
        .map(|(row, line)| (row + 1, line))
        .expect("the word is in the text");
    let column = line.find(word).unwrap() + 1;
    let place = format!("{path}:{row}:{column}:");
    let mut lines = err.lines().skip_while(|line| !line.contains(&place)).skip(1);
    let source = lines.next().unwrap_or_else(|| panic!("no '{place}' in\n{err}"));
    let caret = lines.next().unwrap_or_else(|| panic!("nothing below the source line in\n{err}"));
    assert!(source.contains(line.trim()), "no source line in\n{err}");
    let at = source.find(word).expect("the word in the source line");
    assert_eq!(caret.find('^'), Some(at), "the caret in\n{err}");
}

#[test]
fn every_error_of_a_file_is_shown_with_its_place() {
    let text = GOOD
        .replace("router-id 10.0.0.1", "router-id nonsense-one")
        .replace("local-as 65000", "local-as 99999999999")
        .replace("next-hop 10.0.0.9", "next-hop 10.0.0.9 med nonsense-three");
    let (finished, path) = validate(&text, &[]);
    assert_eq!(finished.code, Some(1));
    for word in ["nonsense-one", "99999999999", "nonsense-three"] {
        points_at(&finished.err, &path, &text, word);
    }
    assert_eq!(finished.out, "");
}

#[test]
fn an_unknown_keyword_is_shown_with_what_was_meant() {
    let text = GOOD.replace("peer-as", "per-as");
    let (finished, path) = validate(&text, &[]);
    assert_eq!(finished.code, Some(1));
    points_at(&finished.err, &path, &text, "per-as");
    assert!(finished.err.contains("peer-as"), "{}", finished.err);
}

#[test]
fn a_section_that_is_left_open_is_an_error() {
    let (cut, _) = GOOD.split_once("peer-as").unwrap();
    let (finished, _) = validate(cut, &[]);
    assert_eq!(finished.code, Some(1), "the text is cut short: {finished:?}");
    assert!(finished.err.contains("not closed"), "{finished:?}");
    // Both releases serve a neighbor whose last brace was forgotten behind that of a section.
    let (finished, _) = validate(GOOD.trim_end().trim_end_matches('}'), &[]);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(finished.err.contains("not closed"), "{finished:?}");
}

#[test]
fn a_stricter_check_is_a_warning_unless_asked_for() {
    let text = GOOD.replace("local-as 65000;", "local-as 65000;\n    inherit nobody;");
    let (finished, _) = validate(&text, &[]);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(finished.err.contains("nobody"), "{finished:?}");
    let (finished, path) = validate(&text, &["--strict"]);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    points_at(&finished.err, &path, &text, "nobody");
}

#[test]
fn routes_and_neighbors_are_shown_when_asked_for() {
    let (finished, _) = validate(GOOD, &["-nrv"]);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert_eq!(finished.out, "", "standard output is for results");
    // The octets may be written in groups.
    let shown = finished.err.to_lowercase().replace(' ', "");
    for fact in ["neighbor127.0.0.1", "10.0.0.0/24", "180a0000", "\"nlri\":\"10.0.0.0/24\""] {
        assert!(shown.contains(fact), "no '{fact}' in\n{}", finished.err);
    }
}

#[test]
fn a_configuration_may_come_from_standard_input() {
    let finished = with_input(&["validate", "-"], GOOD);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert_eq!(with_input(&["validate", "-"], "").code, Some(1), "an empty one");
}

#[test]
fn a_message_is_decoded() {
    let finished = run(&["decode", UPDATE]);
    assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""));
    let event: Value = serde_json::from_str(&finished.out).expect("one line of JSON");
    assert_eq!(event["type"], "update");
    let update = &event["neighbor"]["message"]["update"];
    assert_eq!(update["attribute"]["local-preference"], 100);
    assert_eq!(update["announce"]["ipv4 unicast"]["1.2.3.4"][0]["nlri"], "10.0.0.0/24");
}

#[test]
fn messages_are_decoded_as_they_come() {
    let separated: String = UPDATE
        .as_bytes()
        .chunks(2)
        .map(|pair| format!("{}:", std::str::from_utf8(pair).unwrap()))
        .collect();
    let input = format!("{UPDATE}\n{}\nzz\n{}\n", body(), separated.trim_end_matches(':'));
    let finished = with_input(&["decode"], &input);
    assert_eq!(finished.code, Some(1), "one line was no hexadecimal");
    let lines: Vec<&str> = finished.out.lines().collect();
    assert_eq!(lines.len(), 4, "{finished:?}");
    assert!(lines[2].starts_with("invalid hexadecimal: "), "{}", lines[2]);
    for line in [lines[0], lines[1], lines[3]] {
        let event: Value = serde_json::from_str(line).expect("JSON");
        assert!(event.pointer("/neighbor/message/update/announce").is_some(), "{event}");
    }
}

#[test]
fn a_message_that_is_broken_is_said_so_on_standard_output() {
    let finished = run(&["decode", UPDATE.strip_suffix("0000").unwrap()]);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(finished.out.starts_with("invalid payload"), "{finished:?}");
}

#[test]
fn a_route_is_encoded() {
    let route = "route 10.0.0.0/24 next-hop 1.2.3.4";
    let finished = run(&["encode", route]);
    assert_eq!((finished.code, finished.out.trim()), (Some(0), UPDATE), "{finished:?}");
    let finished = run(&["encode", "-n", route]);
    assert_eq!(finished.out.trim(), "180A0000");
    let finished = run(&["encode", "--no-header", route]);
    assert_eq!(finished.out.trim(), body());
    let finished = run(&["encode", "route 10.0.0.0/24 next-hop nonsense"]);
    assert_eq!(finished.code, Some(1));
    assert!(finished.out.starts_with("configuration error"), "{finished:?}");
    let place = Place::new();
    let path = place.file("test.conf", GOOD).display().to_string();
    let finished = run(&["encode", "-c", &path]);
    let external = "002F02000000144001010040020602010000FDE84003040A000009180A0000";
    assert_eq!(finished.out.trim(), format!("{}{external}", "FF".repeat(16)), "{finished:?}");
    assert_eq!(run(&["encode"]).code, Some(1));
}

#[test]
fn the_environment_can_be_read_back() {
    let place = Place::new();
    let shown = run(&["env"]).out;
    assert!(shown.contains("[exabgp.log]") && shown.contains("openwait = 60"), "{shown}");
    let file = place.file("exabgp.env", shown.replace("openwait = 60", "openwait = 7"));
    let file = file.display().to_string();
    for arguments in [["--env-file", &file, "env", "-e"], ["env", "-e", "--env-file", &file]] {
        let finished = run(&arguments);
        assert_eq!(finished.code, Some(0), "{finished:?}");
        assert!(finished.out.lines().any(|line| line == "exabgp.bgp.openwait=7"), "{finished:?}");
    }
    let mut command = daemon::command(&place);
    command.args(["env", "-d"]).env("exabgp.bgp.openwait", "9").env("exabgp_bgp_openwait", "8");
    let finished = daemon::finish(&place, command, b"");
    assert!(finished.out.contains("openwait = 9"), "the dotted name wins: {finished:?}");
}

#[test]
fn a_bad_setting_is_named() {
    for (name, value) in [("bgp_openwait", "soon"), ("log_level", "LOUD"), ("daemon_umask", "9")] {
        let place = Place::new();
        let mut command = daemon::command(&place);
        command.arg(place.file("test.conf", GOOD)).env(format!("exabgp_{name}"), value);
        let finished = daemon::finish(&place, command, b"");
        assert_eq!(finished.code, Some(1), "{name}: {finished:?}");
        assert!(finished.err.contains(value), "{name}: {finished:?}");
        assert!(!finished.err.contains("panicked"), "{name}: {finished:?}");
    }
}

/// Starts the server, which must end with exit code 1 and one line on standard error, with this
/// word in it. What it logs goes to a file, unless a setting says otherwise.
fn cannot_start(place: &Place, settings: &[(&str, &str)], text: &str, word: &str) {
    let mut command = daemon::command(place);
    command
        .arg(place.file("test.conf", text))
        .env("exabgp_log_destination", format!("file:{}", place.join("log").display()));
    for (name, value) in settings {
        command.env(format!("exabgp_{name}"), value);
    }
    let finished = daemon::finish(place, command, b"");
    assert_eq!(finished.code, Some(1), "{finished:?}");
    let lines: Vec<&str> = finished.err.lines().collect();
    assert!(lines.len() == 1 && lines[0].contains(word), "one line with '{word}': {finished:?}");
    assert!(lines[0].starts_with("error: "), "{finished:?}");
}

#[test]
fn a_port_in_use_is_one_clear_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let settings = [("tcp_bind", "127.0.0.1"), ("tcp_port", port.as_str())];
    cannot_start(&Place::new(), &settings, GOOD, &port);
    let text = GOOD.replace("peer-as 65001;", &format!("peer-as 65001;\n    listen {port};"));
    cannot_start(&Place::new(), &[], &text, &port);
}

#[test]
fn a_pid_file_that_cannot_be_written_is_one_clear_line() {
    let place = Place::new();
    let path = "/nonexistent/folder/pid";
    cannot_start(&place, &[("daemon_pid", path)], GOOD, path);
    // A name that leads elsewhere is not followed.
    let victim = place.file("victim", "precious");
    let link = place.join("link");
    symlink(&victim, &link).unwrap();
    let link = link.display().to_string();
    cannot_start(&place, &[("daemon_pid", &link)], GOOD, &link);
    assert_eq!(std::fs::read_to_string(victim).unwrap(), "precious");
}

#[test]
fn a_log_file_that_cannot_be_written_is_one_clear_line() {
    let path = "file:/nonexistent/folder/log";
    cannot_start(&Place::new(), &[("log_destination", path)], GOOD, "/nonexistent/folder/log");
}

#[test]
fn a_log_file_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let listener = Listener::new();
    let starting = support::Daemon::with(&neighbor(&listener, IPV4));
    let path = starting.place().join("the.log");
    let mut daemon = starting.set("log.destination", format!("file:{}", path.display())).start();
    listener.establish(&support::Open::ipv4()).updates_until_eor();
    assert_eq!(daemon.stop(), Some(0));
    let text = std::fs::read_to_string(&path).expect("the log file");
    let first = text.lines().next().expect("a line");
    let fields: Vec<&str> = first.split_whitespace().collect();
    assert_eq!(fields[0].split(':').count(), 3, "a time: {first}");
    assert_eq!(fields[1].parse(), Ok(daemon.pid()), "the process id: {first}");
    let mode = path.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o022, 0, "{mode:o}");
}

#[test]
fn short_names_of_the_old_options_still_work() {
    let place = Place::new();
    let path = place.file("test.conf", GOOD).display().to_string();
    assert_eq!(run(&["-t", &path]).code, Some(0));
    assert!(run(&["--fi"]).out.contains("[exabgp.tcp]"));
    assert!(run(&["-x", UPDATE]).out.contains("10.0.0.0/24"));
}
