//! `exabgp migrate api`: commands and events of the API between releases.
//!
//! Commands go from a helper to the daemon, and so from the old form to the new; events come
//! back, from the new form to the old. Up to 5 a command names what it does first and a neighbor
//! before it where it is for one; from 6 on it names whom it is for.

use std::io::{IsTerminal as _, Read as _};
use std::process::ExitCode;

use super::json::{self, Rename};
use super::{Call, Release, Subcommand, USAGE, asked, bridge, missing, output, releases};

pub(in crate::application) static API: Subcommand = Subcommand {
    name: "migrate api",
    arguments: "[LINE]",
    summary: "make the traffic of a helper of a former release today's",
    options: |options| {
        releases(options, "4 or 5");
        options.optflag("v", "verbose", "tell each line that changes, on standard error");
        options.optflag("e", "exec", "run the program that follows, and convert for it both ways");
    },
    run,
};

/// Commands of 5 and before, and what they are from 6 on. Of two that fit, the first counts.
const COMMANDS: &[(&str, &str)] = &[
    ("api version", "system api version"),
    ("bye", "session bye"),
    ("clear adj-rib in", "rib clear in"),
    ("clear adj-rib out", "rib clear out"),
    ("crash", "system crash"),
    ("disable-ack", "session ack disable"),
    ("disable-sync", "session sync disable"),
    ("enable-ack", "session ack enable"),
    ("enable-sync", "session sync enable"),
    ("flush adj-rib out", "rib flush out"),
    ("help", "system help"),
    ("ping", "session ping"),
    ("queue-status", "system queue-status"),
    ("reload", "daemon reload"),
    ("reset", "session reset"),
    ("restart", "daemon restart"),
    ("show adj-rib in", "rib show in"),
    ("show adj-rib out", "rib show out"),
    ("show neighbor", "peer show"),
    ("shutdown", "daemon shutdown"),
    ("silence-ack", "session ack silence"),
    ("status", "daemon status"),
    ("version", "system version"),
    ("announce", "peer * announce"),
    ("teardown", "peer * teardown"),
    ("withdraw", "peer * withdraw"),
];

/// What may stand behind the neighbors of a command.
const ACTIONS: &[&str] = &["announce", "clear", "flush", "show", "teardown", "withdraw"];

/// Keys of events that were renamed, and the release that did so.
const KEYS: &[(Release, Rename)] = &[
    (
        Release::V5,
        Rename { old: "sr_capability_flags", new: "sr-capability-flags", within: "bgp-ls" },
    ),
    (
        Release::V5,
        Rename { old: "interface-address", new: "interface-addresses", within: "bgp-ls" },
    ),
    (Release::V5, Rename { old: "neighbor-address", new: "neighbor-addresses", within: "bgp-ls" }),
    (Release::Main, Rename { old: "ip", new: "prefix", within: "ip-reachability-tlv" }),
];

/// What converts lines between two releases.
#[derive(Clone, Debug)]
pub(super) struct Converter {
    commands: bool,
    forward: Vec<Rename>,
    backward: Vec<Rename>,
}

impl Converter {
    /// Between an old release and a new one.
    pub(super) fn new(from: Release, to: Release) -> Self {
        let crossed = KEYS.iter().filter(|(release, _)| from < *release && *release <= to);
        let forward: Vec<Rename> = crossed.map(|(_, rename)| *rename).collect();
        let back = |rename: &Rename| Rename { old: rename.new, new: rename.old, ..*rename };
        let backward = forward.iter().map(back).collect();
        Self { commands: to == Release::Main, forward, backward }
    }

    /// A line of the old release in the form of the new one.
    pub(super) fn forward(&self, line: &str) -> String {
        let line = line.trim();
        if line.starts_with('{')
            && let Some(renamed) = json::rename(line, &self.forward)
        {
            return renamed;
        }
        if self.commands { command(line) } else { line.to_owned() }
    }

    /// An event of the new release in the form of the old one; other lines stay as they are.
    pub(super) fn backward(&self, line: &str) -> String {
        let line = line.trim();
        json::rename(line, &self.backward).unwrap_or_else(|| line.to_owned())
    }
}

/// A command in the form of 6.
fn command(line: &str) -> String {
    for (old, new) in COMMANDS {
        match line.strip_prefix(old) {
            Some("") => return (*new).to_owned(),
            Some(rest) if rest.starts_with(' ') => return format!("{new}{rest}"),
            _ => {}
        }
    }
    match line.strip_prefix("neighbor ") {
        Some(rest) => selected(rest),
        None => line.to_owned(),
    }
}

/// A command behind the first `neighbor`: its neighbors become peers, several of them a list.
fn selected(rest: &str) -> String {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let end = words.iter().position(|word| ACTIONS.contains(word)).unwrap_or(words.len());
    let (selectors, action) = words.split_at(end);
    let selectors = selectors.join(" ").replace(" ,", ",");
    let peers: Vec<&str> = selectors
        .split(',')
        .map(|selector| selector.trim().trim_start_matches("neighbor ").trim())
        .filter(|selector| !selector.is_empty())
        .collect();
    // Filters behind a star were never looked at.
    let everyone = peers.iter().any(|peer| *peer == "*" || peer.starts_with("* "));
    let peers = match &peers[..] {
        _ if everyone => "*".to_owned(),
        [one] => (*one).to_owned(),
        several => format!("[{}]", several.join(", ")),
    };
    // As it was written: an action may hold quoted blanks.
    let from = action.first().and_then(|word| {
        let at = word.as_ptr().addr().checked_sub(rest.as_ptr().addr())?;
        rest.get(at..)
    });
    format!("peer {peers} {}", from.unwrap_or_default()).trim_end().to_owned()
}

fn run(call: &Call) -> ExitCode {
    let (from, to) = match asked(call) {
        Ok((Release::V3_4, _)) => {
            output::error("migrate api knows the releases from 4 on");
            return ExitCode::FAILURE;
        }
        Ok(releases) => releases,
        Err(what) => {
            output::error(&what);
            return ExitCode::FAILURE;
        }
    };
    let converter = Converter::new(from, to);
    if call.has("exec") {
        return match &call.matches.free[..] {
            [program, arguments @ ..] => bridge::run(program, arguments, &converter),
            [] => missing(&API, "--exec needs a program behind it", USAGE),
        };
    }
    let text = if !call.matches.free.is_empty() {
        call.matches.free.join(" ")
    } else if std::io::stdin().is_terminal() {
        return missing(&API, "neither a line nor standard input was given", 1);
    } else {
        let mut text = String::new();
        if let Err(error) = std::io::stdin().lock().read_to_string(&mut text) {
            output::error(&format!("-: {error}"));
            return ExitCode::FAILURE;
        }
        text
    };
    for line in text.lines() {
        let new = converter.forward(line);
        if call.has("verbose") && new != line.trim() {
            output::note(&format!("{} -> {new}", line.trim()));
        }
        output::print(&format!("{new}\n"));
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_name_whom_they_are_for() {
        let converter = Converter::new(Release::V4, Release::Main);
        for (old, new) in [
            ("shutdown", "daemon shutdown"),
            (
                "announce route 10.0.0.0/24 next-hop self",
                "peer * announce route 10.0.0.0/24 next-hop self",
            ),
            ("announcement", "announcement"),
            ("neighbor 10.0.0.1 teardown 6", "peer 10.0.0.1 teardown 6"),
            (
                "neighbor 10.0.0.1 peer-as 1, neighbor 10.0.0.2 announce operational asm afi ipv4 \
                 safi unicast advisory \"a  b\"",
                "peer [10.0.0.1 peer-as 1, 10.0.0.2] announce operational asm afi ipv4 \
                 safi unicast advisory \"a  b\"",
            ),
            (
                "neighbor * local-as 1 withdraw route 10.0.0.0/24",
                "peer * withdraw route 10.0.0.0/24",
            ),
            ("show neighbor 10.0.0.1 summary", "peer show 10.0.0.1 summary"),
            ("show adj-rib out extensive", "rib show out extensive"),
            ("peer * announce eor", "peer * announce eor"),
            ("# shutdown", "# shutdown"),
            ("", ""),
        ] {
            assert_eq!(converter.forward(old), new);
            assert_eq!(converter.forward(new), new, "again");
        }
        assert_eq!(Converter::new(Release::V4, Release::V5).forward("shutdown"), "shutdown");
    }

    #[test]
    fn events_come_back_in_the_old_form() {
        let new = r#"{"bgp-ls": {"sr-capability-flags": 1, "ip-reachability-tlv": {"prefix": "10.0.0.0/24"}}}"#;
        let of = |from, line: &str| Converter::new(from, Release::Main).backward(line);
        let old = r#"{"bgp-ls": {"sr_capability_flags": 1, "ip-reachability-tlv": {"ip": "10.0.0.0/24"}}}"#;
        assert_eq!(of(Release::V4, new), old);
        let five = old.replace("sr_capability_flags", "sr-capability-flags");
        assert_eq!(of(Release::V5, new), five);
        assert_eq!(of(Release::V4, "done"), "done");
        assert_eq!(Converter::new(Release::V4, Release::Main).forward(old), new);
    }
}
