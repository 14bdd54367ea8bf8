//! The life of a helper: start, death, return, and what its end means for the sessions.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::Stage;
use crate::support::wire::{self, Open};
use crate::support::{Daemon, Helper, IPV4, Link, Listener, Peer, Place, neighbor, until};

/// The helper is heard and the session carries what it says.
fn answers(link: &mut Link, peer: &mut Peer, number: u8) {
    link.done(&format!("announce route 10.99.{number}.0/24 next-hop 10.0.0.9"));
    assert_eq!(peer.update().announced, [format!("10.99.{number}.0/24")]);
}

#[test]
fn a_helper_that_dies_is_started_again_and_the_session_stays() {
    let Stage { daemon: _daemon, helper, mut peer, link, .. } = Stage::new("");
    drop(link);
    let mut link = helper.accept();
    answers(&mut link, &mut peer, 1);
    let pid = Pid::from_raw(i32::try_from(link.pid).unwrap());
    kill(pid, Signal::SIGKILL).unwrap();
    link.end();
    let mut link = helper.accept();
    answers(&mut link, &mut peer, 2);
}

#[test]
fn half_a_line_dies_with_its_helper() {
    let Stage { daemon: _daemon, helper, mut peer, mut link, .. } = Stage::new("");
    link.raw(b"announce route 10.0.0.0/24 next-hop 10.0.0.9\nannounce route 10.0.1.0/24 next-");
    assert_eq!(link.reply().verdict, "done");
    drop(link);
    let mut link = helper.accept();
    link.raw(b"hop 10.0.0.9\n");
    assert_eq!(link.reply().verdict, "error", "the second half alone is no command");
    assert_eq!(peer.update().announced, ["10.0.0.0/24"]);
    answers(&mut link, &mut peer, 1);
}

#[test]
fn a_helper_that_always_dies_is_given_up_and_the_session_stays() {
    let Stage { mut daemon, helper, mut peer, link, .. } = Stage::new("");
    drop(link);
    let mut starts = 1;
    while let Some(link) = helper.accept_within(Duration::from_secs(2)) {
        drop(link);
        starts += 1;
        assert!(starts <= 12, "there is no limit");
    }
    // Six in one window of 64 seconds; the tests may have begun at the end of one.
    assert!(starts >= 6, "given up after {starts}");
    daemon.lives();
    peer.send(&wire::keepalive());
    peer.only_keepalives(Duration::from_millis(100));
}

#[test]
fn respawn_can_be_refused() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let rest = format!("{IPV4}{}", helper.api(""));
    let process = helper.process_with("encoder json; respawn false;", "");
    let mut daemon = Daemon::start(&format!("{process}{}", neighbor(&listener, &rest)));
    let link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    let pid = link.pid;
    drop(link);
    until("the helper is reaped", || (!daemon.children().contains(&pid)).then_some(()));
    assert!(helper.accept_within(Duration::from_millis(500)).is_none());
    daemon.lives();
    peer.send(&wire::keepalive());
    peer.only_keepalives(Duration::from_millis(100));
}

#[test]
fn the_program_may_end_with_its_helper() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let rest = format!("{IPV4}{}", helper.api("neighbor-changes;"));
    let process = helper.process_with("encoder json; respawn false;", "");
    let mut daemon = Daemon::with(&format!("{process}{}", neighbor(&listener, &rest)))
        .set("api.terminate", "true")
        .start();
    let link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    drop(link);
    daemon.logged("process ended");
    // The session ends, which the helper would be told.
    peer.offer(&wire::notification(6, 4, &[]));
    assert_eq!(daemon.finish().code(), Some(1));
}

#[test]
fn every_helper_hears_the_end_and_none_is_left() {
    let helpers = [Helper::new("one"), Helper::new("two")];
    let listener = Listener::new();
    let configuration = format!(
        "{}{}{}",
        helpers[0].process(),
        helpers[1].process_with("encoder text;", ""),
        neighbor(&listener, &format!("{IPV4}{}", helpers[0].api(""))),
    );
    let mut daemon = Daemon::start(&configuration);
    let mut links = helpers.each_ref().map(Helper::accept);
    listener.establish(&Open::ipv4()).updates_until_eor();
    assert_eq!(daemon.stop(), Some(0));
    for link in &mut links {
        link.end();
        let pid = Pid::from_raw(i32::try_from(link.pid).unwrap());
        until("the helper is gone", || kill(pid, None).is_err().then_some(()));
    }
    assert!(links[0].seen().iter().any(|line| line.contains("\"notification\": \"shutdown\"")));
    assert!(links[1].seen().iter().any(|line| line.starts_with("shutdown ")));
}

#[test]
fn a_helper_that_cannot_be_found_is_an_error_of_the_configuration() {
    let listener = Listener::new();
    let configuration = format!(
        "process lost {{ run /nonexistent/helper; encoder json; }}\n{}",
        neighbor(&listener, &format!("{IPV4}    api {{ processes [ lost ]; }}\n")),
    );
    let mut daemon = Daemon::start(&configuration);
    assert_eq!(daemon.finish().code(), Some(1));
    assert!(daemon.log().contains("/nonexistent/helper"), "{}", daemon.log());
}

#[test]
fn a_helper_has_a_group_and_an_environment_of_its_own() {
    let listener = Listener::new();
    let place = Place::new();
    let facts = place.join("facts");
    let script = place.script(
        "facts.py",
        &format!(
            "#!/usr/bin/env python3\nimport os, sys\n\
             facts = [os.getpgrp() == os.getpid(), os.environ.get('TERM'), sys.argv[1:]]\n\
             with open('{0}.new', 'w') as out:\n    print(facts, file=out)\n\
             os.rename('{0}.new', '{0}')\nsys.stdin.read()\n",
            facts.display()
        ),
    );
    let configuration = format!(
        "process facts {{ run {} one \"two words\"; encoder json; }}\n{}",
        script.display(),
        neighbor(&listener, &format!("{IPV4}    api {{ processes [ facts ]; }}\n")),
    );
    let _daemon = Daemon::start(&configuration);
    let found = until("the helper writes", || std::fs::read_to_string(&facts).ok());
    assert_eq!(found.trim(), "[True, 'dumb', ['one', 'two words']]");
}
