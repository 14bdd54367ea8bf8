//! Programs of others that drive this one: each test says exactly what such a program says.

use std::fs;
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use regex_lite::Regex;

use super::{Stage, daemon, lines, make_pipes, serving};
use crate::support::{
    Daemon, Helper, IPV4, Listener, Open, Place, Stopwatch, neighbor, place, until,
};

/// FastNetMon opens the pipe for each line and closes it again, and never reads an answer.
#[test]
fn fastnetmon_announces_and_withdraws() {
    let mut stage = Stage::new();
    for host in 1..=20 {
        let prefix = format!("10.10.10.{host}/32");
        stage.write(&format!("announce route {prefix} next-hop 10.0.3.114 community 65001:666\n"));
        let update = stage.peer.update();
        assert_eq!(update.announced, [prefix.as_str()]);
        assert_eq!(update.attribute(8).as_deref(), Some("fde9029a"));
        stage.write(&format!("withdraw route {prefix} next-hop 10.0.3.114\n"));
        assert_eq!(stage.peer.update().withdrawn, [prefix]);
    }
}

/// The test benches of FRR look for the version, name a file of settings with `-e`, and signal the
/// process that the pid file names.
#[test]
fn frr_finds_the_version_and_the_pid_file() {
    for option in ["--version", "-v"] {
        let finished = crate::support::run(&[option]);
        assert_eq!(finished.code, Some(0), "{finished:?}");
        let known = Regex::new(r"ExaBGP\s*:\s*((\d+)\.(\d+)(?:\.(\d+))?)").unwrap();
        let version = known.captures(&finished.out).expect("a version");
        assert!(version[2].parse::<u32>().unwrap() >= 5, "{finished:?}");
    }
    let listener = Listener::new();
    let place = Place::new();
    let settings = place.file(
        "exabgp.env",
        format!(
            "[exabgp.api]\nack = false\ncli = false\n[exabgp.daemon]\npid = '{}'\n\
             daemonize = false\n[exabgp.log]\nlevel = 'DEBUG'\ndestination = '{}'\n",
            place.join("exabgp.pid").display(),
            place.join("exabgp.log").display(),
        ),
    );
    let configuration = place.file("exabgp.cfg", neighbor(&listener, IPV4));
    let mut command = daemon::command(&place);
    command
        .env_remove("exabgp_log_destination")
        .arg("-e")
        .arg(settings)
        .arg(configuration)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    listener.establish(&Open::ipv4()).updates_until_eor();
    let pid = until("the pid file", || {
        fs::read_to_string(place.join("exabgp.pid")).ok()?.trim().parse::<i32>().ok()
    });
    assert_eq!(u32::try_from(pid).unwrap(), child.id());
    assert!(!fs::read_to_string(place.join("exabgp.log")).unwrap().is_empty());
    kill(Pid::from_raw(pid), Signal::SIGTERM).unwrap();
    let status = until("the end", || child.try_wait().unwrap());
    assert_eq!(status.code(), Some(0));
    assert!(!place.join("exabgp.pid").exists());
}

/// The scenarios of GoBGP ask for the version until they get one.
#[test]
fn gobgp_waits_until_the_client_is_answered() {
    let place = Place::new();
    make_pipes(place.path(), "exabgp");
    let folder = place.path().display().to_string();
    let ready = || {
        let shell = "PATH=$EXABGP_ROOT:$PATH; exabgpcli version > /dev/null 2>&1; echo $?";
        let mut command = Command::new("bash");
        command
            .args(["-c", shell])
            .env("EXABGP_ROOT", &folder)
            .env("exabgp_cli_pipe", &folder)
            .env("exabgp_cli_socket", &folder);
        daemon::finish(&Place::new(), command, b"").out == "0\n"
    };
    std::os::unix::fs::symlink(daemon::binary(), place.join("exabgpcli")).unwrap();
    assert!(!ready(), "nobody is there");
    let listener = Listener::new();
    let _daemon = serving(Daemon::with(&neighbor(&listener, IPV4)))
        .variable("exabgp_cli_pipe", &folder)
        .variable("exabgp_cli_socket", &folder)
        .start();
    until("an answer", || ready().then_some(()));
}

/// Exporters split the columns of the summary, and count the routes.
#[test]
fn exporters_read_the_tables() {
    let mut stage = Stage::new();
    stage.answers(1);
    stage.answers(2);
    let summary = stage.exabgp(&["cli", "show", "neighbor", "summary"]);
    let row: Vec<String> = lines(&summary.out)[1].split_whitespace().map(str::to_owned).collect();
    assert_eq!((&*row[0], &*row[1], &*row[3]), ("127.0.0.1", "65001", "established"));
    let known =
        Regex::new(r"^(\S+)\s+(\d+)\s+(\d+:\d{2}:\d{2}|down)\s+([a-z ]+?)\s+(\d+)\s+(\d+)$");
    let found = known.unwrap();
    let found = found.captures(&lines(&summary.out)[1]).is_some();
    assert!(found, "{summary:?}");
    let routes = stage.exabgp(&["cli", "show", "adj-rib", "out", "extensive"]);
    assert_eq!(
        lines(&routes.out),
        [1, 2].map(|number| format!(
            "neighbor 127.0.0.1 local-ip 127.0.0.1 local-as 65000 peer-as 65001 router-id \
             10.0.0.1 family-allowed in-open ipv4 unicast 10.99.{number}.0/24 next-hop 10.0.0.9"
        ))
    );
}

/// bgperf starts several daemons in the background, which log to files, and tells them apart by
/// the process that each line names.
#[test]
fn bgperf_finds_the_process_in_the_log() {
    let listener = Listener::new();
    let starting = Daemon::with(&neighbor(&listener, IPV4));
    let log = starting.place().join("10.10.0.1.log");
    let daemon = starting
        .set("log.destination", log.display().to_string())
        .variable("exabgp.daemon.daemonize", "false")
        .start();
    listener.establish(&Open::ipv4()).updates_until_eor();
    let text = fs::read_to_string(&log).unwrap();
    let line = Regex::new(r"^\d{2}:\d{2}:\d{2}\s+(\d+)\s+\S+\s").unwrap();
    for each in text.lines() {
        let found = line.captures(each).unwrap_or_else(|| panic!("no pid in {each}"));
        assert_eq!(found[1].parse(), Ok(daemon.pid()), "{each}");
    }
    assert!(text.lines().count() > 0);
}

/// voipbl is a helper that writes a command and waits for `done` or `error` before the next.
#[test]
fn voipbl_reads_one_verdict_a_command() {
    let helper = Helper::new("voipbl");
    let listener = Listener::new();
    let rest = format!("{IPV4}{}", helper.api(""));
    let process = helper.process_with("encoder text;", "");
    let _daemon = Daemon::start(&format!("{process}{}", neighbor(&listener, &rest)));
    let mut link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    for number in 1..=200_u8 {
        let prefix = format!("192.0.2.{number}/32");
        let (command, verdict) = match number % 4 {
            0 => (format!("announce route {prefix} next-hop"), "error"),
            _ => (
                format!("announce route {prefix} next-hop 192.0.2.254 community [65001:666]"),
                "done",
            ),
        };
        link.say(&command);
        assert_eq!(link.line(), verdict, "{command}");
    }
    link.say("withdraw route 192.0.2.1/32 next-hop 192.0.2.254");
    assert_eq!(link.line(), "done");
}

/// The HTTP glue of router test benches writes what comes in a request, lines or commands with
/// `;` between them, and hears no acknowledgement.
#[test]
fn http_glue_writes_batches_and_reads_nothing() {
    let helper = Helper::new("http-api");
    let listener = Listener::bind(place::own_address());
    let rest = format!("{IPV4}{}", helper.api(""));
    let starting = Daemon::with(&format!("{}{}", helper.process(), neighbor(&listener, &rest)));
    let settings = starting.place().file("exabgp.env", "[exabgp.api]\nack = false\n");
    let daemon = starting.variable("EXABGP_ENVFILE", settings.to_str().unwrap()).start();
    let mut link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    // What is withdrawn together with the first route of a session is no message: this is the first.
    link.say("announce route 100.40.0.0/24 next-hop self");
    assert_eq!(peer.update().announced, ["100.40.0.0/24"]);
    // One request, several lines in one write.
    link.raw(
        b"announce route 100.10.0.0/24 next-hop self\n\
          announce route 100.20.0.0/24 next-hop self community 65001:1\n\
          nonsense\n\
          withdraw route 100.10.0.0/24 next-hop self\n",
    );
    let mut seen = Vec::new();
    while seen.len() < 3 {
        let update = peer.update();
        seen.extend(update.announced.into_iter().map(|prefix| format!("+{prefix}")));
        seen.extend(update.withdrawn.into_iter().map(|prefix| format!("-{prefix}")));
        if seen == ["+100.20.0.0/24", "-100.10.0.0/24"]
            || seen == ["-100.10.0.0/24", "+100.20.0.0/24"]
        {
            // Announced and withdrawn before it was sent.
            break;
        }
    }
    assert!(seen.contains(&"+100.20.0.0/24".to_owned()), "{seen:?}");
    // The same with what the glue has split at the semicolons itself.
    for command in
        "announce route 100.30.0.0/24 next-hop self;withdraw route 100.20.0.0/24".split(';')
    {
        link.say(command);
    }
    let mut seen = Vec::new();
    while seen.len() < 2 {
        let update = peer.update();
        seen.extend(update.announced);
        seen.extend(update.withdrawn);
    }
    seen.sort();
    assert_eq!(seen, ["100.20.0.0/24", "100.30.0.0/24"]);
    // Nothing was acknowledged, and what is asked for is shown all the same.
    link.say("version");
    assert!(link.line().starts_with("exabgp "));
    let watch = Stopwatch::start();
    assert!(daemon.log().contains("nonsense"));
    assert!(watch.elapsed().as_secs() < 5);
}
