//! How the program starts: rights, background, settings, order.
#![cfg(test)]

mod support;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid};
use support::wire::Open;
use support::{Daemon, Helper, IPV4, Listener, Place, left_out, neighbor, until};

/// A line of `/proc/PID/status`, without its name.
fn status(pid: u32, name: &str) -> String {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}:")));
    line.expect("a line of the status").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_rights_of_root_are_given_up_whole() {
    if !Uid::current().is_root() {
        left_out("only root has rights to give up");
        return;
    }
    let helper = Helper::new("helper");
    helper.open_to_all();
    let listener = Listener::new();
    let rest = format!("{IPV4}{}", helper.api(""));
    let daemon = Daemon::with(&format!("{}{}", helper.process(), neighbor(&listener, &rest)))
        .set("daemon.user", "nobody")
        .start();
    let mut link = helper.accept();
    listener.establish(&Open::ipv4()).updates_until_eor();
    link.done("version");
    let nobody = nix::unistd::User::from_name("nobody").unwrap().expect("nobody");
    let (uid, gid) = (nobody.uid.to_string(), nobody.gid.to_string());
    for pid in [daemon.pid(), link.pid] {
        assert_eq!(status(pid, "Uid"), [uid.as_str(); 4].join(" "));
        assert_eq!(status(pid, "Gid"), [gid.as_str(); 4].join(" "));
        let groups = status(pid, "Groups");
        assert!(groups.is_empty() || groups == gid, "supplementary groups: {groups}");
    }
}

/// A process that is no child of ours; it does not outlive the test.
struct Background(Pid);

impl Drop for Background {
    fn drop(&mut self) {
        let _ = kill(self.0, Signal::SIGKILL);
    }
}

#[test]
fn it_may_go_to_the_background() {
    let listener = Listener::new();
    let starting = Daemon::with(&neighbor(&listener, IPV4));
    let (pid, log) = (starting.place().join("pid"), starting.place().join("the.log"));
    let mut parent = starting
        .set("daemon.daemonize", "true")
        .set("daemon.pid", pid.display().to_string())
        .set("log.destination", format!("file:{}", log.display()))
        .start();
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    assert_eq!(parent.finish().code(), Some(0), "the parent leaves at once");
    let text = fs::read_to_string(&pid).expect("the pid file");
    let pid: i32 = text.trim().parse().expect("a process id");
    let background = Background(Pid::from_raw(pid));
    let found = u32::try_from(pid).unwrap();
    assert_ne!(found, parent.pid());
    for descriptor in 0..3 {
        let target = fs::read_link(format!("/proc/{found}/fd/{descriptor}")).expect("a descriptor");
        assert_eq!(target.to_str(), Some("/dev/null"));
    }
    assert_eq!(fs::read_link(format!("/proc/{found}/cwd")).unwrap().to_str(), Some("/"));
    kill(background.0, Signal::SIGTERM).unwrap();
    assert_eq!(peer.notified(), (6, 2));
    until("it is gone", || kill(background.0, None).is_err().then_some(()));
}

#[test]
fn the_umask_is_set() {
    let listener = Listener::new();
    let starting = Daemon::with(&neighbor(&listener, IPV4));
    let log = starting.place().join("the.log");
    let _daemon = starting
        .set("daemon.umask", "0077")
        .set("log.destination", format!("file:{}", log.display()))
        .start();
    listener.establish(&Open::ipv4()).updates_until_eor();
    let meta = log.metadata().expect("the log file");
    assert_eq!(meta.permissions().mode() & 0o177, 0, "{:o}", meta.mode());
}

#[test]
fn settings_come_from_a_file_too() {
    let listener = Listener::new();
    let place = Place::new();
    let file = place.file("exabgp.env", "[exabgp.bgp]\nopenwait = 1\n# a remark\n");
    let _daemon = Daemon::with(&neighbor(&listener, IPV4))
        .variable("EXABGP_ENVFILE", &file.display().to_string())
        .start();
    let mut peer = listener.accept();
    peer.their_open();
    let reason = peer.notified();
    assert!([(5, 1), (4, 0)].contains(&reason), "no OPEN within a second: {reason:?}");
}

#[test]
fn the_configuration_may_be_a_link_that_moves() {
    let listener = Listener::new();
    let route = |number: u8| {
        let list = format!("    static {{ route 10.0.{number}.0/24 next-hop 10.0.0.9; }}\n");
        neighbor(&listener, &format!("{IPV4}{list}"))
    };
    let place = Place::new();
    let targets = [1, 2].map(|number| place.file(&format!("{number}.conf"), route(number)));
    let starting = Daemon::with("");
    let link = starting.place().join("exabgp.conf");
    let point = |target: &std::path::Path| {
        let fresh = place.join("link");
        std::os::unix::fs::symlink(target, &fresh).unwrap();
        fs::rename(fresh, &link).unwrap();
    };
    point(&targets[0]);
    let daemon = starting.start();
    let mut peer = listener.establish(&Open::ipv4());
    assert_eq!(peer.updates_until_eor()[0].announced, ["10.0.1.0/24"]);
    point(&targets[1]);
    daemon.signal(Signal::SIGUSR1);
    let mut changes = Vec::new();
    while changes.len() < 2 {
        let update = peer.update();
        changes.extend(update.announced.into_iter().map(|prefix| format!("+{prefix}")));
        changes.extend(update.withdrawn.into_iter().map(|prefix| format!("-{prefix}")));
    }
    changes.sort();
    assert_eq!(changes, ["+10.0.2.0/24", "-10.0.1.0/24"]);
}
