//! Named pipes: writers and readers come and go, read late, or not at all.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use nix::sys::signal::Signal;

use super::{Stage, command, daemon, make_pipes, serving};
use crate::support::{Daemon, IPV4, Listener, Open, Place, Stopwatch, neighbor, place, until};

#[test]
fn an_answer_waits_for_its_reader_and_ends_with_the_file() {
    let stage = Stage::new();
    stage.write("version\nbogus\n");
    let mut reader = stage.reader();
    assert!(reader.line().unwrap().starts_with("exabgp "));
    assert_eq!(reader.line().unwrap(), "done");
    assert_eq!(reader.line().unwrap(), "error");
    assert_eq!(reader.line(), None, "the end of the file follows the answer");
}

#[test]
fn writers_come_and_go_and_nothing_is_lost() {
    const COUNT: usize = 300;
    let mut stage = Stage::new();
    for number in 0..COUNT {
        let (high, low) = (number >> 8, number & 255);
        stage.write(&format!("announce route 10.{high}.{low}.0/24 next-hop 10.0.0.9\n"));
    }
    let mut announced = Vec::new();
    while announced.len() < COUNT {
        announced.extend(stage.peer.update().announced);
    }
    let expected: Vec<_> =
        (0..COUNT).map(|number| format!("10.{}.{}.0/24", number >> 8, number & 255)).collect();
    assert_eq!(announced, expected);
    // Nobody has read the answers; the next client is not confused by them.
    let finished = stage.exabgp(&["cli", "--pipe", "show", "adj-rib", "out"]);
    assert_eq!((finished.code, finished.out.lines().count()), (Some(0), COUNT), "{finished:?}");
    assert!(finished.out.lines().all(|line| line.starts_with("127.0.0.1 ipv4 unicast 10.")));
}

#[test]
fn half_a_line_dies_with_its_writer() {
    let mut stage = Stage::new();
    stage.write("announce route 10.0.0.0/24 next-");
    stage.daemon.logged("line without end dropped");
    stage.write("announce route 10.0.1.0/24 next-hop 10.0.0.9\n");
    assert_eq!(stage.peer.update().announced, ["10.0.1.0/24"]);
}

#[test]
fn a_line_without_end_costs_one_error() {
    let mut stage = Stage::new();
    let mut pipe = OpenOptions::new().write(true).open(stage.path("exabgp.in")).unwrap();
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..32 {
        pipe.write_all(&piece).unwrap();
    }
    pipe.write_all(b"\nannounce route 10.0.1.0/24 next-hop 10.0.0.9\n").unwrap();
    assert_eq!(stage.peer.update().announced, ["10.0.1.0/24"]);
    assert_eq!(stage.reader().line().unwrap(), "error");
}

#[test]
fn a_reader_that_goes_takes_its_answer_with_it() {
    let mut stage = Stage::new();
    fill(&mut stage, 40_000);
    let mut reader = stage.reader();
    stage.write("show adj-rib out\n");
    reader.line().unwrap();
    drop(reader);
    let finished = stage.exabgp(&["cli", "--pipe", "version"]);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert_eq!(finished.out.lines().count(), 1, "{finished:?}");
}

/// Announces so many routes and waits until the peer has them.
fn fill(stage: &mut Stage, count: usize) {
    let mut commands = String::new();
    for number in 0..count {
        let (high, middle, low) = (number >> 16, number >> 8 & 255, number & 255);
        writeln!(commands, "announce route 10.{high}.{middle}.{low}/32 next-hop 10.0.0.9").unwrap();
    }
    let finished = stage.exabgp_with(&["run", "-"], &commands);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    let mut announced = 0;
    while announced < count {
        announced += stage.peer.update().announced.len();
    }
}

#[test]
fn an_answer_that_nobody_reads_holds_nobody_up_for_long() {
    let mut stage = Stage::new();
    fill(&mut stage, 30_000);
    let watch = Stopwatch::start();
    stage.write("show adj-rib out\n");
    stage.write("announce route 172.16.0.0/24 next-hop 10.0.0.9\n");
    assert_eq!(stage.peer.update().announced, ["172.16.0.0/24"]);
    assert!(watch.elapsed().as_secs() < 15, "{:?}", watch.elapsed());
    stage.daemon.logged("answers dropped");
    // From now on what nobody reads costs no time at all.
    let watch = Stopwatch::start();
    stage.write("show adj-rib out\nannounce route 172.16.1.0/24 next-hop 10.0.0.9\n");
    assert_eq!(stage.peer.update().announced, ["172.16.1.0/24"]);
    assert!(watch.elapsed().as_secs() < 5, "{:?}", watch.elapsed());
    stage.answers(1);
}

#[test]
fn instances_are_told_apart_by_the_names_of_their_pipes() {
    let place = Place::new();
    let folder = place.path().display().to_string();
    let mut instances = Vec::new();
    for name in ["one", "two"] {
        make_pipes(place.path(), name);
        let listener = Listener::bind(place::own_address());
        let daemon = serving(Daemon::with(&neighbor(&listener, IPV4)))
            .set("api.pipename", name)
            .variable("exabgp_cli_pipe", &folder)
            .variable("exabgp_cli_socket", &folder)
            .start();
        let mut peer = listener.establish(&Open::ipv4());
        peer.updates_until_eor();
        instances.push((daemon, listener, peer));
    }
    for (name, number) in [("one", 0), ("two", 1)] {
        for way in ["--pipe", "--socket"] {
            let prefix = format!("10.{number}.{}.0/24", way.len());
            let words = ["cli", "--pipename", name, way, "announce", "route", &prefix];
            let words: Vec<&str> = words.into_iter().chain(["next-hop", "10.0.0.9"]).collect();
            let finished = daemon::finish(&Place::new(), command(&place, &words), b"");
            assert_eq!(finished.code, Some(0), "{finished:?}");
            assert_eq!(instances[number].2.update().announced, [prefix]);
        }
    }
}

#[test]
fn pipes_serve_one_program_at_a_time() {
    let mut stage = Stage::new();
    let folder = stage.daemon.place().path().display().to_string();
    let listener = Listener::bind(place::own_address());
    let second = serving(Daemon::with(&neighbor(&listener, IPV4)))
        .variable("exabgp_cli_pipe", &folder)
        .variable("exabgp_cli_socket", &folder)
        .start();
    second.logged("no clients at");
    until("two refusals", || (second.log().matches("no clients at").count() == 2).then_some(()));
    for number in 0..10 {
        stage.write(&format!("announce route 10.0.{number}.0/24 next-hop 10.0.0.9\n"));
        assert_eq!(stage.peer.update().announced, [format!("10.0.{number}.0/24")]);
    }
    stage.answers(1);
}

#[test]
fn pipes_below_the_root_are_found() {
    for folder in ["run/exabgp", "run/UID", "run", "var/run/exabgp", "var/run/UID", "var/run"] {
        let uid = nix::unistd::getuid().to_string();
        let listener = Listener::bind(place::own_address());
        let starting = Daemon::with(&neighbor(&listener, IPV4));
        let root = starting.place().path().to_owned();
        let below = root.join(folder.replace("UID", &uid));
        // A name of our own, since the folders of the system are searched first.
        let name = format!("exabgp-{}", listener.port());
        fs::create_dir_all(&below).unwrap();
        make_pipes(&below, &name);
        let daemon = starting
            .set("api.cli", "true")
            .set("api.pipename", &name)
            .variable("EXABGP_ROOT", &root.display().to_string())
            .variable("exabgp_cli_socket", "")
            .start();
        daemon.logged("clients may write to");
        let mut command = daemon::command(daemon.place());
        command.args(["cli", "--pipename", &name, "--root"]).arg(&root).arg("version");
        let finished = daemon::finish(&Place::new(), command, b"");
        assert_eq!(finished.code, Some(0), "{folder}: {finished:?}");
    }
}

#[test]
fn pipes_that_were_made_anew_are_served_after_a_reload() {
    let stage = Stage::new();
    for end in ["exabgp.in", "exabgp.out"] {
        fs::remove_file(stage.path(end)).unwrap();
    }
    make_pipes(stage.daemon.place().path(), "exabgp");
    let finished = stage.exabgp(&["cli", "--pipe", "version"]);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(finished.out.contains("no exabgp reads"), "{finished:?}");
    stage.daemon.signal(Signal::SIGUSR1);
    until("the new pipes", || {
        (stage.exabgp(&["cli", "--pipe", "version"]).code == Some(0)).then_some(())
    });
}

#[test]
fn pipes_that_cannot_be_opened_stop_nothing() {
    let listener = Listener::new();
    let starting = Daemon::with(&neighbor(&listener, IPV4));
    let place = starting.place();
    // A file is no pipe.
    place.file("exabgp.in", "");
    fs::set_permissions(place.join("exabgp.in"), fs::Permissions::from_mode(0o600)).unwrap();
    let daemon = serving(starting).start();
    listener.establish(&Open::ipv4()).updates_until_eor();
    let finished =
        daemon::finish(&Place::new(), command(daemon.place(), &["cli", "--pipe", "version"]), b"");
    assert_eq!(finished.code, Some(1), "{finished:?}");
}
