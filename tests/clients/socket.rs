//! The socket: several clients at once, each with its own answers; none can hurt another.

use std::fs;
use std::io::{ErrorKind, Write};
use std::net::Shutdown;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Command;

use nix::unistd::Uid;

use super::{Lines, Stage, call, command, daemon, serving};
use crate::support::{
    Daemon, Deadline, IPV4, Listener, Place, Stopwatch, left_out, neighbor, place, until,
};

#[test]
fn only_the_owner_may_connect_and_the_file_goes_with_the_program() {
    let mut stage = Stage::new();
    let path = stage.path("exabgp.sock");
    let at = fs::metadata(&path).unwrap();
    assert!(at.file_type().is_socket());
    assert_eq!(at.permissions().mode() & 0o777, 0o600);
    let mut caller = stage.caller();
    caller.ask("version");
    assert_eq!(stage.daemon.stop(), Some(0));
    assert_eq!(caller.line().as_deref(), Some("shutdown"));
    assert_eq!(caller.line(), None);
    assert!(!path.exists());
}

#[test]
fn another_user_is_refused_even_where_the_file_lets_him() {
    if !Uid::current().is_root() {
        return left_out("another user can only be played by root");
    }
    let stage = Stage::new();
    let path = stage.path("exabgp.sock");
    stage.caller().ask("version");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let script = "import os, socket, sys\n\
                  os.setgid(65534); os.setuid(65534)\n\
                  link = socket.socket(socket.AF_UNIX)\n\
                  link.connect(sys.argv[1])\n\
                  try:\n    link.sendall(b'version\\n')\nexcept OSError:\n    pass\n\
                  try:\n    print(link.recv(100))\nexcept OSError:\n    print(b'')\n";
    let mut python = Command::new("python3");
    python.args(["-c", script]).arg(&path);
    let finished = daemon::finish(&Place::new(), python, b"");
    assert_eq!(finished.out, "b''\n", "{finished:?}");
    stage.daemon.logged("client refused uid=65534");
    stage.caller().ask("version");
}

#[test]
fn everybody_hears_his_own_answers() {
    let stage = Stage::new();
    let mut callers: Vec<_> = (0..20).map(|_| stage.caller()).collect();
    for round in 0..10 {
        for (number, caller) in callers.iter_mut().enumerate() {
            caller.say(if number % 2 == 0 { "version\n" } else { "bogus\n" });
            if round % 2 == 0 {
                caller.say("ping\n");
            }
        }
        for (number, caller) in callers.iter_mut().enumerate() {
            let answer = caller.answer();
            if number % 2 == 0 {
                assert!(answer[0].starts_with("exabgp "), "{answer:?}");
                assert_eq!(answer[1..], ["done"]);
            } else {
                assert_eq!(answer, ["error"]);
            }
            if round % 2 == 0 {
                assert!(caller.answer()[0].starts_with("{\"pong\": "));
            }
        }
    }
}

#[test]
fn every_command_of_one_write_is_answered_in_order() {
    const COUNT: usize = 20_000;
    let stage = Stage::new();
    let mut caller = stage.caller();
    let commands: String =
        (0..COUNT).map(|n| if n % 3 == 0 { "bogus\n" } else { "# nothing\n" }).collect();
    // The answers are small, so that they fit while the commands are still being written.
    caller.say(&commands);
    for number in 0..COUNT {
        let expected = if number % 3 == 0 { "error" } else { "done" };
        assert_eq!(caller.answer(), [expected], "{number}");
    }
}

#[test]
fn a_client_that_says_no_more_is_answered_to_the_end() {
    let stage = Stage::new();
    let mut caller = stage.caller();
    caller.say("version\nshow neighbor summary\nhalf a li");
    caller.from.shutdown(Shutdown::Write).unwrap();
    assert!(caller.line().unwrap().starts_with("exabgp "));
    assert_eq!(caller.line().unwrap(), "done");
    assert!(caller.line().unwrap().starts_with("Peer "));
    assert!(caller.line().unwrap().starts_with("127.0.0.1 "));
    assert_eq!(caller.line().unwrap(), "done");
    assert_eq!(caller.line(), None);
}

#[test]
fn a_ping_names_the_program() {
    let stage = Stage::new();
    let answer = stage.caller().ask("session ping u1 1.0");
    let pong: serde_json::Value = serde_json::from_str(&answer[0]).unwrap();
    assert_eq!(pong["pong"].as_str().unwrap().len(), 36);
    assert_eq!((&pong["active"], &*answer[1]), (&true.into(), "done"));
}

/// Writes until the program takes no more, or so many bytes.
fn flood(caller: &mut Lines<UnixStream>, piece: &[u8], mut bytes: usize) {
    let patience = std::time::Duration::from_millis(300);
    while bytes > 0 {
        match caller.from.write(&piece[..piece.len().min(bytes)]) {
            Ok(count) => bytes -= count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let room = nix::poll::PollFd::new(
                    std::os::fd::AsFd::as_fd(&caller.from),
                    nix::poll::PollFlags::POLLOUT,
                );
                if !Deadline::after(patience).ready(&mut [room]) {
                    return;
                }
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn clients_that_misbehave_cost_nobody_anything() {
    let mut stage = Stage::new();
    stage.answers(0);
    let before = stage.daemon.descriptors();
    let mut deaf = stage.caller();
    flood(&mut deaf, "show neighbor summary\n".repeat(3000).as_bytes(), 100 << 20);
    let mut half = stage.caller();
    half.say("announce route 10.0.0.0/24 next-");
    let mut endless = stage.caller();
    flood(&mut endless, &vec![b'x'; 1 << 20], 200 << 20);
    let mut binary = stage.caller();
    binary.from.write_all(&[0, 255, 10, 128, 13, 10, 7, 10]).unwrap();
    assert_eq!([binary.answer(), binary.answer(), binary.answer()].concat(), ["error"; 3]);
    let mut gone = stage.caller();
    gone.say(&"show adj-rib out\n".repeat(100));
    drop(gone);
    let watch = Stopwatch::start();
    let mut good = stage.caller();
    assert_eq!(good.ask("version").len(), 2);
    assert!(watch.elapsed().as_secs() < 3, "{:?}", watch.elapsed());
    stage.answers(1);
    endless.say("\nversion\n");
    assert_eq!(endless.answer(), ["error"]);
    assert_eq!(endless.answer().len(), 2);
    drop((deaf, half, endless, binary, good));
    until("they are gone", || (stage.daemon.descriptors() == before).then_some(()));
    stage.answers(2);
}

#[test]
fn a_client_that_read_nothing_for_long_is_read_from_when_it_does() {
    const COUNT: usize = 30_000;
    let stage = Stage::new();
    let mut caller = stage.caller();
    // Far more answers than any buffer on the way holds.
    let commands = "show neighbor summary\n".repeat(COUNT);
    let mut rest = commands.as_bytes();
    let mut answers = 0;
    while answers < COUNT {
        while !rest.is_empty()
            && let Ok(count) = caller.from.write(rest)
        {
            rest = &rest[count..];
        }
        let answer = caller.answer();
        assert_eq!((answer.len(), answer.last().map(String::as_str)), (3, Some("done")));
        answers += 1;
    }
}

#[test]
fn a_client_can_be_kept_waiting_for_the_one_before_it() {
    let stage = Stage::with(|starting| starting.variable("exabgp_api_multi_client", "false"));
    let mut first = stage.caller();
    first.ask("version");
    let mut second = stage.caller();
    second.say("version\n");
    let mut quiet = [crate::support::wait::readable(&second.from)];
    assert!(!Deadline::after(std::time::Duration::from_millis(300)).ready(&mut quiet));
    first.ask("version");
    drop(first);
    assert_eq!(second.answer().len(), 2);
}

#[test]
fn clients_beyond_the_limit_are_told_so() {
    let stage = Stage::with(|starting| {
        starting.variable("exabgp_api_multi_client", "true").variable("exabgp_api_max_clients", "2")
    });
    let mut callers = [stage.caller(), stage.caller()];
    callers.iter_mut().for_each(|caller| drop(caller.ask("version")));
    let mut third = stage.caller();
    assert_eq!(third.answer(), ["error: maximum concurrent clients reached", "done"]);
    assert_eq!(third.line(), None);
    callers.iter_mut().for_each(|caller| drop(caller.ask("version")));
}

#[test]
fn a_stale_socket_is_replaced_and_nothing_else() {
    let listener = Listener::bind(place::own_address());
    let stale = |place: &Place| drop(UnixListener::bind(place.join("exabgp.sock")).unwrap());
    let starting = Daemon::with(&neighbor(&listener, IPV4));
    stale(starting.place());
    let daemon = serving(starting).start();
    let mut caller = until("a live socket", || {
        let path = daemon.place().join("exabgp.sock");
        UnixStream::connect(&path).is_ok().then(|| call(&path))
    });
    assert_eq!(caller.ask("version").len(), 2);

    let starting = Daemon::with(&neighbor(&listener, IPV4));
    starting.place().file("exabgp.sock", "precious");
    let file = serving(starting).start();
    file.logged("it is not a socket");
    assert_eq!(fs::read_to_string(file.place().join("exabgp.sock")).unwrap(), "precious");

    let starting = Daemon::with(&neighbor(&listener, IPV4));
    let other = UnixListener::bind(starting.place().join("exabgp.sock")).unwrap();
    let live = serving(starting).start();
    live.logged("another program serves it");
    drop(other);
    assert!(live.place().join("exabgp.sock").exists());
}

#[test]
fn there_is_no_socket_where_none_is_wanted() {
    for (name, value) in [("exabgp_cli_socket", ""), ("exabgp_api_cli", "false")] {
        let stage = Stage::with(|starting| starting.variable(name, value));
        assert!(!stage.path("exabgp.sock").exists(), "{name}");
        let mut command = command(stage.daemon.place(), &["cli", "--socket", "version"]);
        command.env(name, value);
        let finished = daemon::finish(&Place::new(), command, b"");
        assert_eq!(finished.code, Some(1), "{finished:?}");
    }
}
