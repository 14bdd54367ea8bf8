//! An open destination and what is on its way to it.
//!
//! A line that was taken in part is completed before the next begins. A line that finds no room is
//! lost and counted; the first line that finds room again is preceded by the count.

use std::fmt::Write;

use log::{Level, Record};

use super::format::{Format, Line, source_of};
use super::target::{Destination, Put, Target, Warning};

/// A destination with its state.
#[derive(Debug)]
pub(super) struct Channel {
    destination: Destination,
    /// None where not even standard error is left: all lines are lost.
    target: Option<Target>,
    format: Format,
    time_of_day: fn() -> [u8; 3],
    /// What is left of a line that was taken in part.
    rest: Vec<u8>,
    lost: u64,
    // Kept to be used again.
    text: String,
    line: Vec<u8>,
}

impl Channel {
    /// Opens a destination, or standard error in its place, with the reason.
    pub(super) fn open(
        destination: Destination,
        short: bool,
        time_of_day: fn() -> [u8; 3],
    ) -> (Self, Option<Warning>) {
        let new = |destination, target| Self::new(destination, target, short, time_of_day);
        match Target::open(&destination) {
            Ok(target) => (new(destination, Some(target)), None),
            Err(error) => {
                let warning = Warning::Unopened { destination, reason: error.to_string() };
                let replacement = Target::open(&Destination::Stderr).ok();
                (new(Destination::Stderr, replacement), Some(warning))
            }
        }
    }

    fn new(
        destination: Destination,
        target: Option<Target>,
        short: bool,
        time_of_day: fn() -> [u8; 3],
    ) -> Self {
        let format = match &destination {
            Destination::File(_) => Format { long: true, colours: false, syslog: false },
            Destination::Host(_) | Destination::Syslog(_) => {
                Format { long: false, colours: false, syslog: true }
            }
            Destination::Stderr | Destination::Stdout => {
                let colours = target.as_ref().is_some_and(Target::is_terminal);
                Format { long: !short, colours, syslog: false }
            }
        };
        let (rest, text, line) = (Vec::new(), String::new(), Vec::new());
        Self { destination, target, format, time_of_day, rest, lost: 0, text, line }
    }

    /// Opens the destination again and lets go of the one that was open, unless that fails.
    pub(super) fn reopen(&mut self) -> Option<Warning> {
        self.flush();
        match Target::open(&self.destination) {
            Ok(target) => {
                self.target = Some(target);
                self.rest.clear();
                None
            }
            Err(error) => {
                let destination = self.destination.clone();
                Some(Warning::Unopened { destination, reason: error.to_string() })
            }
        }
    }

    /// Logs a record, which may be of several lines.
    pub(super) fn log(&mut self, record: &Record<'_>) {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        // An error of a value that cannot show itself leaves the line short.
        write!(text, "{}", record.args()).ok();
        let time = if self.format.long { (self.time_of_day)() } else { [0; 3] };
        let source = source_of(record.target());
        for text in text.split('\n') {
            self.line(Line { level: record.level(), source, text, time });
        }
        self.text = text;
    }

    /// Completes a line that was taken in part, if there is room now.
    pub(super) fn flush(&mut self) {
        let Some(target) = &self.target else { return };
        while !self.rest.is_empty() {
            match target.put(&self.rest) {
                Put::Bytes(count) => drop(self.rest.drain(..count.min(self.rest.len()))),
                Put::Full | Put::Gone => return,
            }
        }
    }

    /// Lines lost and not yet reported.
    pub(super) const fn lost(&self) -> u64 {
        self.lost
    }

    fn line(&mut self, line: Line<'_>) {
        self.flush();
        if self.rest.is_empty() && self.lost > 0 {
            let text = format!("lost lines={}", self.lost);
            let notice = Line { level: Level::Warn, source: "logger", text: &text, ..line };
            if self.send(notice) {
                self.lost = 0;
            }
        }
        // Before the notice nothing else leaves, so that the place of the gap is told.
        if self.lost > 0 || !self.send(line) {
            self.lost += 1;
        }
    }

    /// Hands over a line; false when nothing of it was taken.
    fn send(&mut self, line: Line<'_>) -> bool {
        if !self.rest.is_empty() {
            return false;
        }
        self.line.clear();
        self.format.write(line, &mut self.line);
        if !self.target.as_ref().is_some_and(Target::is_datagram) {
            self.line.push(b'\n');
        }
        let mut put = self.put();
        // A syslog server, or the reader of a named pipe, may have come back.
        if put == Put::Gone && self.can_come_back() && self.reopen().is_none() {
            put = self.put();
        }
        let Put::Bytes(count) = put else { return false };
        self.rest.extend_from_slice(self.line.get(count..).unwrap_or_default());
        self.flush();
        true
    }

    fn put(&self) -> Put {
        self.target.as_ref().map_or(Put::Gone, |target| target.put(&self.line))
    }

    const fn can_come_back(&self) -> bool {
        match self.destination {
            Destination::File(_) | Destination::Syslog(_) => true,
            Destination::Host(_) | Destination::Stderr | Destination::Stdout => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::net::UnixDatagram;

    use super::super::target::tests::{Folder, pipe};
    use super::*;

    fn channel(target: Target) -> Channel {
        Channel::new(Destination::Stderr, Some(target), true, || [0; 3])
    }

    fn log(channel: &mut Channel, text: &str) {
        let args = format_args!("{text}");
        channel.log(&Record::builder().level(Level::Info).target("rib").args(args).build());
    }

    fn drain(reader: &mut impl Read, count: usize) -> String {
        let mut space = vec![0; count];
        reader.read_exact(&mut space).unwrap();
        String::from_utf8(space).unwrap()
    }

    #[test]
    fn each_line_of_a_message_is_a_record() {
        let (target, mut reader) = pipe();
        let mut channel = channel(target);
        log(&mut channel, "one\ntwo");
        let expected = "rib             one\nrib             two\n";
        assert_eq!(drain(&mut reader, expected.len()), expected);
    }

    #[test]
    fn lines_that_find_no_room_are_counted_and_the_count_is_told() {
        let (target, mut reader) = pipe();
        let mut channel = channel(target);
        // With the source and the line end a fourth of a page, so that a full pipe is full.
        let line = "x".repeat(1024 - 17);
        let mut taken = 0;
        while channel.lost() == 0 {
            log(&mut channel, &line);
            taken += 1;
        }
        taken -= 1;
        log(&mut channel, "lost too");
        assert_eq!(channel.lost(), 2);
        drain(&mut reader, taken * 1024);
        log(&mut channel, "after");
        assert_eq!(channel.lost(), 0);
        let expected = "logger          lost lines=2\nrib             after\n";
        assert_eq!(drain(&mut reader, expected.len()), expected);
    }

    #[test]
    fn a_line_taken_in_part_is_completed_first() {
        let (target, mut reader) = pipe();
        let mut channel = channel(target);
        // Longer than any pipe: it is taken in part, and the rest waits.
        let long = "y".repeat(3_000_000);
        log(&mut channel, &long);
        assert!(!channel.rest.is_empty());
        log(&mut channel, "lost");
        assert_eq!(channel.lost(), 1);
        let expected = format!("rib             {long}\n");
        let mut seen = String::new();
        while seen.len() < expected.len() {
            let waiting = expected.len() - seen.len() - channel.rest.len();
            seen.push_str(&drain(&mut reader, waiting));
            channel.flush();
        }
        assert!(seen == expected);
        log(&mut channel, "after");
        let expected = "logger          lost lines=1\nrib             after\n";
        assert_eq!(drain(&mut reader, expected.len()), expected);
    }

    #[test]
    fn a_reader_that_is_gone_is_no_harm() {
        let (target, reader) = pipe();
        let mut channel = channel(target);
        drop(reader);
        log(&mut channel, "nobody");
        log(&mut channel, "listens");
        assert_eq!(channel.lost(), 2);
    }

    #[test]
    fn a_syslog_server_may_come_back() {
        let folder = Folder::new("back");
        let path = folder.0.join("syslog");
        let server = UnixDatagram::bind(&path).unwrap();
        let (mut channel, warning) =
            Channel::open(Destination::Syslog(path.clone()), true, || [0; 3]);
        assert!(warning.is_none());
        drop(server);
        std::fs::remove_file(&path).unwrap();
        log(&mut channel, "lost");
        assert_eq!(channel.lost(), 1);
        let server = UnixDatagram::bind(&path).unwrap();
        log(&mut channel, "heard");
        let receive = || {
            let mut space = [0; 100];
            let count = server.recv(&mut space).unwrap();
            String::from_utf8_lossy(&space[..count]).into_owned()
        };
        assert!(receive().ends_with("logger          lost lines=1"));
        assert!(receive().ends_with("rib             heard"));
    }

    #[test]
    fn what_cannot_be_opened_goes_to_standard_error() {
        let missing = Destination::File("/no-such-folder/log".into());
        let (channel, warning) = Channel::open(missing, true, || [0; 3]);
        assert_eq!(channel.destination, Destination::Stderr);
        let warning = warning.unwrap();
        assert_eq!(
            warning.to_string(),
            "cannot log to file /no-such-folder/log: No such file or directory (os error 2)"
        );
    }

    #[test]
    fn what_cannot_be_opened_again_stays_open() {
        let folder = Folder::new("reopen");
        let path = folder.0.join("sub/log");
        std::fs::create_dir(folder.0.join("sub")).unwrap();
        let (mut channel, warning) = Channel::open(Destination::File(path), true, || [0; 3]);
        assert!(warning.is_none());
        std::fs::rename(folder.0.join("sub"), folder.0.join("moved")).unwrap();
        assert!(channel.reopen().is_some());
        log(&mut channel, "still");
        let text = std::fs::read_to_string(folder.0.join("moved/log")).unwrap();
        assert!(text.ends_with("rib             still\n"), "{text}");
    }
}
