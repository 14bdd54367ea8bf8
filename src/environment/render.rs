//! Settings as text: what `exabgp env` prints, and the list that goes with the help.
//!
//! As a file, sections and keys are sorted and the result can be read again; as variables, they are
//! in the order of the table.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::settings::{SETTINGS, Setting, Settings};

/// Which settings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All but those for developers.
    All,
    /// Those among them that differ from their defaults.
    Changed,
}

/// The settings as a file.
pub fn file(settings: &Settings, which: Which) -> String {
    let mut sections: BTreeMap<&str, BTreeMap<&str, Shown>> = BTreeMap::new();
    for (setting, shown) in shown(settings, which) {
        sections.entry(setting.section).or_default().insert(setting.name, shown);
    }
    let mut out = String::new();
    for (section, entries) in sections {
        write!(out, "\n[exabgp.{section}]\n").ok();
        for (name, shown) in entries {
            writeln!(out, "{name} = {}", shown.text().replace('%', "%%")).ok();
        }
    }
    out
}

/// The settings as variables, one a line.
pub fn variables(settings: &Settings, which: Which) -> String {
    let mut out = String::new();
    for (setting, shown) in shown(settings, which) {
        writeln!(out, "exabgp.{}.{}={}", setting.section, setting.name, shown.text()).ok();
    }
    out
}

/// What every setting is for, and its default, one a line and sorted.
pub fn descriptions() -> String {
    let defaults = Settings::defaults();
    let lines: BTreeMap<String, String> = shown(&defaults, Which::All)
        .map(|(setting, shown)| {
            let name = format!("exabgp.{}.{}", setting.section, setting.name);
            let line = format!("{name:<31} {}. default ({})\n", setting.help, shown.text());
            (name, line)
        })
        .collect();
    lines.into_values().collect()
}

#[derive(Debug, PartialEq, Eq)]
struct Shown {
    value: String,
    quoted: bool,
}

impl Shown {
    fn of(setting: &Setting, settings: &mut Settings) -> Self {
        let field = (setting.field)(settings);
        Self { value: field.to_string(), quoted: field.is_quoted() }
    }

    fn text(&self) -> String {
        if self.quoted { format!("'{}'", self.value) } else { self.value.clone() }
    }
}

fn shown(settings: &Settings, which: Which) -> impl Iterator<Item = (&'static Setting, Shown)> {
    let mut settings = settings.clone();
    let mut defaults = Settings::defaults();
    let visible = SETTINGS.iter().filter(|setting| !setting.is_hidden());
    visible.filter_map(move |setting| {
        let shown = Shown::of(setting, &mut settings);
        let changed = shown != Shown::of(setting, &mut defaults);
        (changed || which == Which::All).then_some((setting, shown))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::{Sources, load};

    fn settings(variables: &[(&str, &str)]) -> Settings {
        load(&Sources::of_variables(variables)).unwrap().settings
    }

    #[test]
    fn a_file_has_sorted_sections_and_keys() {
        let text = file(&Settings::defaults(), Which::All);
        assert!(text.starts_with("\n[exabgp.api]\nack = true\nchunk = 1\ncli = true\n"), "{text}");
        assert!(text.contains("\n\n[exabgp.daemon]\ndaemonize = false\n"), "{text}");
        assert!(text.contains("\numask = '0o137'\nuser = 'nobody'\n"), "{text}");
        assert!(text.contains("\nlevel = INFO\n"), "{text}");
        assert!(text.contains("\nspeed = 1.0\n"), "{text}");
        assert!(text.contains("\nbind = ''\n"), "{text}");
        assert!(!text.contains("debug"), "{text}");
    }

    #[test]
    fn variables_are_in_the_order_of_the_table() {
        let text = variables(&Settings::defaults(), Which::All);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 48);
        assert_eq!(lines[0], "exabgp.profile.enable=false");
        assert_eq!(lines[1], "exabgp.profile.file=''");
        assert_eq!(lines[47], "exabgp.reactor.speed=1.0");
    }

    #[test]
    fn only_what_changed() {
        let changed = settings(&[("exabgp.tcp.bind", "127.0.0.1 ::1"), ("exabgp.api.ack", "no")]);
        assert_eq!(
            file(&changed, Which::Changed),
            "\n[exabgp.api]\nack = false\n\n[exabgp.tcp]\nbind = '127.0.0.1 ::1'\n"
        );
        assert_eq!(
            variables(&changed, Which::Changed),
            "exabgp.tcp.bind='127.0.0.1 ::1'\nexabgp.api.ack=false\n"
        );
        assert_eq!(file(&Settings::defaults(), Which::Changed), "");
    }

    #[test]
    fn a_file_can_be_read_again() {
        let changed = settings(&[
            ("exabgp.log.destination", "file:/var/log/100%/exabgp.log"),
            ("exabgp.log.level", "debug"),
            ("exabgp.tcp.bind", "127.0.0.1 ::1"),
            ("exabgp.tcp.attempts", "7"),
            ("exabgp.api.show-routes-format", "v2"),
            ("exabgp.daemon.umask", "0o27"),
            ("exabgp.reactor.speed", "0.5"),
        ]);
        for which in [Which::All, Which::Changed] {
            let sources = Sources { file_text: Some(file(&changed, which)), ..Sources::default() };
            assert_eq!(load(&sources).unwrap().settings, changed);
        }
    }

    #[test]
    fn every_setting_is_described() {
        let text = descriptions();
        assert_eq!(text.lines().count(), 48);
        assert!(text.starts_with("exabgp.api.ack "), "{text}");
        assert!(text.contains("default ('nobody')"), "{text}");
    }
}
