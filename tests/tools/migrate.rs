//! Files of former releases, in `qa/migrate`: `NAME.old` and what becomes of it, `NAME.conf`. The
//! first line of an old one says between which releases. And the commands around it.

use std::fs;
use std::path::{Path, PathBuf};

use exabgp::configuration::{Release, migrate};

use crate::support::daemon::{self, Finished};
use crate::support::{Place, run};
use crate::{export, updates};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("qa/migrate");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "old")).collect();
    found.sort();
    assert!(found.len() >= 6, "{} cases found", found.len());
    found
}

#[test]
fn files_of_former_releases_become_files_of_today() {
    for path in cases() {
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap();
        let (from, to) = first.trim_start_matches("# ").split_once(" to ").unwrap();
        let releases = (Release::from_name(from).unwrap(), Release::from_name(to).unwrap());
        let migrated = migrate("t", &text, releases, false).unwrap();
        let expected = path.with_extension("conf");
        if updates() {
            fs::write(&expected, &migrated.text).unwrap();
        }
        assert_eq!(migrated.text, fs::read_to_string(&expected).unwrap(), "{path:?}");
        // The words of 5 are still read.
        assert!(from == "5" || export(&path).is_none(), "{path:?} needs no migration");
        assert!(export(&expected).is_some(), "{expected:?} cannot be loaded");
        let again = migrate("t", &migrated.text, releases, false).unwrap();
        assert_eq!(again.text, migrated.text, "{path:?} once more");
    }
}

#[test]
fn a_file_is_rewritten_and_a_copy_kept() {
    let place = Place::new();
    let old = "neighbor 10.0.0.1 {\n    route-refresh;\n}\n";
    let path = place.file("a.conf", old);
    let name = path.display().to_string();
    let told = run(&["migrate", "conf", "-f", "3.4", "-n", &name]);
    assert_eq!(told.code, Some(0));
    assert!(told.out.starts_with("Migration: 3.4 -> main\nChanges (1):\n"), "{told:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), old);
    let told = run(&["migrate", "conf", "-f", "3.4", "-t", "main", "-i", &name]);
    assert_eq!((told.code, told.out.as_str()), (Some(0), ""), "{told:?}");
    assert!(fs::read_to_string(&path).unwrap().contains("route-refresh enable;"));
    let folder = fs::read_dir(path.parent().unwrap()).unwrap();
    let copies: Vec<_> = folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "bak"))
        .collect();
    assert_eq!(copies.len(), 1, "{copies:?}");
    assert_eq!(fs::read_to_string(&copies[0]).unwrap(), old);
}

#[test]
fn releases_go_forward_only() {
    let place = Place::new();
    let name = place.file("a.conf", "").display().to_string();
    for releases in [&["-f", "5", "-t", "4"][..], &["-f", "5", "-t", "5"], &["-f", "7"], &[]] {
        let words: Vec<&str> =
            ["migrate", "conf"].iter().chain(releases).copied().chain([name.as_str()]).collect();
        assert_eq!(run(&words).code, Some(1), "{words:?}");
    }
    assert_eq!(run(&["migrate"]).code, Some(1));
    assert_eq!(run(&["migrate", "conf", "-f", "4"]).code, Some(2));
}

fn bridged(program: &str, input: &str) -> Finished {
    let place = Place::new();
    let mut command = daemon::command(&place);
    command.args(["migrate", "api", "-f", "4", "-t", "main", "--exec", "/bin/sh", "-c", program]);
    daemon::finish(&place, command, input.as_bytes())
}

#[test]
fn the_bridge_carries_both_ways_and_the_exit_code() {
    let event = "{ \"bgp-ls\": { \"sr-capability-flags\": 1 } }\ndone\n";
    let told = bridged("echo announce route 10.0.0.0/24 next-hop self; cat; exit 3", event);
    let expected = "peer * announce route 10.0.0.0/24 next-hop self\n\
                    { \"bgp-ls\": { \"sr-capability-flags\": 1 } }\ndone\n";
    assert_eq!((told.code, told.out.as_str()), (Some(3), expected), "{told:?}");
    let told = bridged("read line; case $line in *sr_capability_flags*) echo reload;; esac", event);
    assert_eq!((told.code, told.out.as_str()), (Some(0), "daemon reload\n"), "{told:?}");
    assert_eq!(bridged("kill -9 $$", "").code, Some(137));
    let missing = run(&["migrate", "api", "-f", "4", "--exec", "/nonexistent"]);
    assert_eq!(missing.code, Some(1));
}

#[test]
fn the_bridge_does_not_lock_when_both_sides_write_first() {
    let events = "{ \"type\": \"state\" }\n".repeat(100_000);
    let program =
        "i=0; while [ $i -lt 20000 ]; do echo announce eor; i=$((i+1)); done; cat | wc -l";
    let told = bridged(program, &events);
    assert_eq!(told.code, Some(0), "{}", told.err);
    assert_eq!(told.out.lines().count(), 20_001);
    assert_eq!(told.out.lines().last().map(str::trim), Some("100000"));
}
