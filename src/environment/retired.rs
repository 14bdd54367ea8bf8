//! Settings that are still taken and do nothing any more, or that another one does better; and
//! those that are gone. Whoever sets one is told what to write today.

/// Settings that are taken, and what to do without them.
const IDLE: &[(&str, &str, &str)] = &[
    ("cache", "nexthops", "it has no effect"),
    ("pdb", "enable", "it has no effect"),
    ("tcp", "acl", "it has no effect"),
    ("tcp", "once", "set tcp.attempts to 1"),
];

/// Settings of former releases that are not taken.
const GONE: &[(&str, &str, &str)] = &[
    ("api", "file", "a helper is a process section of the configuration"),
    ("api", "highres", "times have all their digits"),
    ("api", "socket", "set api.socketname"),
    ("tcp", "timeout", "the hold time of the neighbor ends a session"),
];

/// What to do today in the place of a setting that is taken.
pub(super) fn idle(section: &str, name: &str) -> Option<&'static str> {
    look_up(IDLE, section, name)
}

/// What to do today in the place of a setting that is gone.
pub(super) fn gone(section: &str, name: &str) -> Option<&'static str> {
    look_up(GONE, section, name)
}

fn look_up(
    table: &[(&str, &str, &'static str)],
    section: &str,
    name: &str,
) -> Option<&'static str> {
    let found = table.iter().find(|(first, last, _)| *first == section && *last == name);
    found.map(|(_, _, today)| *today)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::settings::find;

    #[test]
    fn what_is_idle_is_a_setting_and_what_is_gone_is_none() {
        assert!(IDLE.iter().all(|(section, name, _)| find(section, name).is_some()));
        assert!(GONE.iter().all(|(section, name, _)| find(section, name).is_none()));
    }
}
