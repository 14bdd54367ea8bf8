//! The form of a line.
//!
//! Short: `SOURCE MESSAGE`. Long: `HH:MM:SS PID SOURCE MESSAGE`. The source fills 15 columns and the
//! process number 6. A message of several lines becomes several records. What a peer put into a
//! message cannot move the cursor or forge a line: control characters are shown as `\xNN`.

use std::io::Write;

use log::Level;

/// How lines are formed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Format {
    /// With time and process number.
    pub(super) long: bool,
    /// For a terminal: in colours, at the start of its line.
    pub(super) colours: bool,
    /// For syslog: with a priority and the name of the program (RFC 3164).
    pub(super) syslog: bool,
}

/// One line to form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) level: Level,
    pub(super) source: &'a str,
    pub(super) text: &'a str,
    pub(super) time: [u8; 3],
}

impl Format {
    /// Appends the line, without its end.
    pub(super) fn write(self, line: Line<'_>, out: &mut Vec<u8>) {
        let Line { level, source, text, time: [hour, minute, second] } = line;
        let pid = std::process::id();
        // Writing to a `Vec` does not fail.
        if self.syslog {
            write!(out, "<{}>exabgp[{pid}]: ", priority(level)).ok();
        }
        if self.colours {
            out.push(b'\r');
        }
        if self.long {
            write!(out, "{hour:02}:{minute:02}:{second:02} {pid:<6} ").ok();
        }
        let (colour, weight, end) = if self.colours { paint(level) } else { ("", "", "") };
        write!(out, "{colour}{source:<15}{end} {weight}").ok();
        escape(text, out);
        out.extend_from_slice(end.as_bytes());
    }
}

/// The source of a line: its target, or the layer where the macro was used without one.
pub(super) fn source_of(target: &str) -> &str {
    let inside = target.strip_prefix("exabgp::").unwrap_or(target);
    inside.split("::").next().unwrap_or(inside)
}

/// Facility `daemon`, and the severity of the level (RFC 3164 section 4.1.1).
const fn priority(level: Level) -> u8 {
    const DAEMON: u8 = 3 * 8;
    DAEMON
        + match level {
            Level::Error => 3,
            Level::Warn => 4,
            Level::Info => 6,
            Level::Debug | Level::Trace => 7,
        }
}

/// The escape sequences before the source, before the text, and after either.
const fn paint(level: Level) -> (&'static str, &'static str, &'static str) {
    const END: &str = "\x1b[0m";
    match level {
        Level::Error => ("\x1b[01;31m", "\x1b[1m", END),
        Level::Warn => ("\x1b[01;33m", "\x1b[1m", END),
        Level::Info => ("\x1b[01;32m", "\x1b[1m", END),
        Level::Debug | Level::Trace => ("", "", ""),
    }
}

/// Appends `text` with its control characters made visible.
fn escape(text: &str, out: &mut Vec<u8>) {
    let is_control = |byte: u8| (byte < 0x20 && byte != b'\t') || byte == 0x7f;
    if !text.bytes().any(is_control) {
        return out.extend_from_slice(text.as_bytes());
    }
    for byte in text.bytes() {
        if is_control(byte) {
            write!(out, "\\x{byte:02x}").ok();
        } else {
            out.push(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: Format, level: Level, text: &str, expected: &str) {
        let mut out = Vec::new();
        format.write(Line { level, source: "network", text, time: [9, 8, 7] }, &mut out);
        let pid = std::process::id();
        assert_eq!(String::from_utf8(out).unwrap(), expected.replace("PID", &format!("{pid:<6}")));
    }

    const SHORT: Format = Format { long: false, colours: false, syslog: false };

    #[test]
    fn a_short_line_is_source_and_message() {
        check(SHORT, Level::Info, "peer up", "network         peer up");
    }

    #[test]
    fn a_long_line_begins_with_time_and_process() {
        let long = Format { long: true, ..SHORT };
        check(long, Level::Error, "peer up", "09:08:07 PID network         peer up");
    }

    #[test]
    fn a_terminal_has_colours_by_level() {
        let colours = Format { colours: true, ..SHORT };
        let expected = "\r\x1b[01;31mnetwork        \x1b[0m \x1b[1mlost\x1b[0m";
        check(colours, Level::Error, "lost", expected);
        check(colours, Level::Debug, "seen", "\rnetwork         seen");
        let long = Format { long: true, ..colours };
        check(long, Level::Debug, "seen", "\r09:08:07 PID network         seen");
    }

    #[test]
    fn syslog_has_a_priority_and_a_name() {
        let syslog = Format { syslog: true, ..SHORT };
        let pid = std::process::id();
        let line = |number| format!("<{number}>exabgp[{pid}]: network         x");
        check(syslog, Level::Error, "x", &line(27));
        check(syslog, Level::Warn, "x", &line(28));
        check(syslog, Level::Info, "x", &line(30));
        check(syslog, Level::Debug, "x", &line(31));
    }

    #[test]
    fn control_characters_are_shown() {
        check(
            SHORT,
            Level::Info,
            "a\x1b[2J\r\u{7f}\tb é",
            "network         a\\x1b[2J\\x0d\\x7f\tb é",
        );
    }

    #[test]
    fn a_target_names_its_source() {
        assert_eq!(source_of("network"), "network");
        assert_eq!(source_of("exabgp::rib::outgoing"), "rib");
        assert_eq!(source_of("mio::poll"), "mio");
        assert_eq!(source_of(""), "");
    }
}
