//! `exabgp validate` and `exabgp encode` as programs: exit codes, what is said and where, and
//! every accepted line of the configuration language with its routes encoded and read back.

#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test like tests do")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn exabgp(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_exabgp"))
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that needs no input may have ended before it is given any.
    let _ended = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn data(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("qa/acceptance").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

const GOOD: &str = "neighbor 192.0.2.1 { router-id 192.0.2.2; local-address 192.0.2.2;\n\
                    local-as 64496; peer-as 64497; static { route 10.0.0.0/8 next-hop self; } }\n";

#[test]
fn every_accepted_line_is_encoded_and_read_back() {
    let frames = data("configuration-frames.json");
    let mut failures = Vec::new();
    let mut played = 0;
    for vector in data("configuration.json").as_array().unwrap() {
        let line = vector["text"].as_str().unwrap();
        if vector["verdict"] != "accept" || vector["needs"] != "spine" {
            continue;
        }
        played += 1;
        let line = line.replace("# comment", "# comment\n");
        let text = frames[vector["frame"].as_str().unwrap()].as_str().unwrap();
        let output = exabgp(&["validate", "-n", "-r", "-"], &text.replace("TEXT", &line));
        if !output.status.success() || !output.stdout.is_empty() {
            failures.push(format!("{}: {}", vector["id"], told(&output)));
        }
    }
    assert!(played > 200);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_exit_code_tells_and_standard_output_is_silent() {
    for (arguments, input, code, words) in [
        (&["validate", "-"][..], GOOD, 0, "✓ loading"),
        (&["validate", "-nrv", "-"], GOOD, 0, "recoded hex"),
        (&["validate"], "", 2, "no configuration was given"),
        (&["validate", "--wibble", "-"], GOOD, 2, "wibble"),
        (&["validate", "/no/such/file"], "", 1, "not an exabgp config file (file not found)"),
        (&["validate", "-"], "neighbor 192.0.2.1 { wibble; }", 1, "is not a valid config file"),
        (&["validate", "-"], "neighbor 192.0.2.1 { wibble; }", 1, "-:1:22: unknown keyword"),
        (&["validate", "-"], "neighbor 1.1.1.1 { wibble; }", 1, "syntax error in section neighbor"),
        (&["validate", "-"], "  ", 1, "no configuration on standard input"),
        (&["validate", "/dev/null"], "", 1, "file not found"),
        (&["validate", "-"], &format!("{GOOD} }}"), 0, "unexpected }"),
        (&["validate", "--strict", "-"], &format!("{GOOD} }}"), 1, "unexpected }"),
    ] {
        let output = exabgp(arguments, input);
        let told = told(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {told}");
        assert!(told.contains(words), "{arguments:?} {told}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn words_become_messages() {
    let marker = "F".repeat(32);
    let route = "route 10.0.0.0/24 next-hop 1.2.3.4";
    let whole =
        format!("{marker}00300200000015400101004002004003040102030440050400000064180A0000\n");
    for (arguments, code, line) in [
        (&["encode", route][..], 0, whole.as_str()),
        (&["encode", "-n", route], 0, "180A0000\n"),
        (
            &["encode", "--no-header", "-z", "65001", "-a", "65002", route],
            0,
            "00000014400101004002060201 0000FDEA 400304 01020304 180A0000\n",
        ),
        (
            &["encode", "-n", "-i", "route 10.0.0.0/24 next-hop 1.2.3.4 path-information 7"],
            0,
            "00000007180A0000\n",
        ),
        (
            &["encode", "-n", "-f", "ipv6 unicast", "route 2001:db8::/32 next-hop ::1"],
            0,
            "2020010DB8\n",
        ),
        (
            &["encode", "-n", "attributes next-hop 1.2.3.4 nlri 10.0.0.0/24 10.0.1.0/24"],
            0,
            "180A0000\n180A0001\n",
        ),
        (&["encode", "-n", "route 2001:db8::/32 next-hop ::1"], 0, "2020010DB8\n"),
        (
            &["encode", "-n", "-f", "ipv4 multicast", "route 2001:db8::/32 next-hop ::1"],
            1,
            "configuration error: ",
        ),
        (&["encode", "route 10.0.0.0/24"], 1, "configuration error: "),
        (&["encode", "wibble"], 1, "configuration error: "),
        (&["encode", "-f", "ipv9 unicast", route], 1, "configuration error: "),
        (&["encode", "-a", "x", route], 1, "configuration error: "),
        (&["encode", "-c", "/no/such/file"], 1, "configuration error: "),
    ] {
        let output = exabgp(arguments, "");
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {}", told(&output));
        let said = said(&output);
        let line = if code == 0 { line.replace(' ', "") } else { line.to_owned() };
        assert!(said.starts_with(&line) && (code != 0 || said == line), "{arguments:?} {said}");
    }
    assert_eq!(exabgp(&["encode"], "").status.code(), Some(1));
}

#[test]
fn every_route_of_a_file_becomes_a_message() {
    let folder = std::env::temp_dir().join(format!("exabgp-encode-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("x.conf");
    let text = GOOD.replace("10.0.0.0/8", "10.0.0.0/8 split /9");
    std::fs::write(&file, text).unwrap();
    let output = exabgp(&["encode", "-n", "-c", file.to_str().unwrap()], "");
    std::fs::write(&file, "process w { run /bin/cat; }").unwrap();
    let none = exabgp(&["encode", "-c", file.to_str().unwrap()], "");
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(said(&output), "090A00\n090A80\n");
    assert_eq!(said(&none), "no neighbor defined in configuration\n");
    assert_eq!(none.status.code(), Some(1));
}
