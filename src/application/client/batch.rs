//! Many commands in one call: from a file, or from what another program writes to us.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::ExitCode;

use super::link::{Link, Sink as _, Verdict};
use super::{Client, Plain, output, words};

/// Bytes of commands that may be under way before their answers are read: less than any socket or
/// pipe holds, so that sending them never waits for the answers.
const AHEAD: usize = 16 * 1024;

/// Runs a file command by command, each shown before its answer, and counts them. `-` is standard
/// input.
pub(super) fn listed(client: &Client, file: &str) -> ExitCode {
    let lines: Box<dyn BufRead> = if file == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        match File::open(file) {
            Ok(file) => Box::new(BufReader::new(file)),
            Err(error) => {
                output::error(&format!("{file}: {error}"));
                return ExitCode::FAILURE;
            }
        }
    };
    let mut link = match connect(client) {
        Ok(link) => link,
        Err(code) => return code,
    };
    let mut out = Plain::default();
    let (mut count, mut failed) = (0_u32, 0_u32);
    for line in lines.lines() {
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                output::error(&format!("{file}: {error}"));
                return ExitCode::FAILURE;
            }
        };
        let Some(command) = command(&line) else { continue };
        count += 1;
        out.line(&format!("[{count}] {command}"));
        match link.ask(&command, &mut out) {
            Ok(Verdict::Done) => out.pause(),
            Ok(Verdict::Error) => {
                out.line("error");
                failed += 1;
            }
            Ok(Verdict::Shutdown) => {
                output::error("exabgp is ending");
                return ExitCode::FAILURE;
            }
            Err(why) => {
                output::error(&why);
                return ExitCode::FAILURE;
            }
        }
    }
    out.line(&format!("{count} commands, {failed} failed"));
    out.pause();
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs what comes on standard input, and shows the answers alone; `None` when nothing came.
pub(super) fn piped(client: &Client) -> Option<ExitCode> {
    let mut lines = BufReader::new(std::io::stdin().lock());
    let mut run: Option<Run> = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                output::error(&format!("standard input: {error}"));
                return Some(ExitCode::FAILURE);
            }
        }
        if let Some(command) = command(&String::from_utf8_lossy(&line)) {
            let known = match run.take() {
                Some(run) => run,
                None => match connect(client) {
                    Ok(link) => Run::new(link),
                    Err(code) => return Some(code),
                },
            };
            match known.send(command) {
                Ok(after) => run = Some(after),
                Err(code) => return Some(code),
            }
        }
        // Whoever writes line by line wants each answer before the next line.
        let more = memchr::memchr(b'\n', lines.buffer()).is_some();
        if !more
            && let Some(run) = run.as_mut()
            && let Err(code) = run.settle(0)
        {
            return Some(code);
        }
    }
    run.map(Run::end)
}

/// Commands under way.
#[derive(Debug)]
struct Run {
    link: Link,
    out: Plain,
    sent: VecDeque<String>,
    bytes: usize,
    failed: bool,
}

impl Run {
    fn new(link: Link) -> Self {
        Self { link, out: Plain::default(), sent: VecDeque::new(), bytes: 0, failed: false }
    }

    fn send(mut self, command: String) -> Result<Self, ExitCode> {
        self.settle(AHEAD.saturating_sub(command.len()))?;
        if let Err(why) = self.link.send(&command) {
            output::error(&why);
            return Err(ExitCode::FAILURE);
        }
        self.bytes += command.len();
        self.sent.push_back(command);
        Ok(self)
    }

    /// Reads answers until at most so many bytes of commands are without one.
    fn settle(&mut self, bytes: usize) -> Result<(), ExitCode> {
        while self.bytes > bytes
            && let Some(command) = self.sent.pop_front()
        {
            self.bytes -= command.len();
            let why = match self.link.answer(&mut self.out) {
                Ok(Verdict::Done) => continue,
                Ok(Verdict::Error) => {
                    self.failed = true;
                    self.out.pause();
                    output::error(&format!("refused: {command}"));
                    continue;
                }
                Ok(Verdict::Shutdown) => "exabgp is ending".to_owned(),
                Err(why) => why,
            };
            output::error(&why);
            return Err(ExitCode::FAILURE);
        }
        self.out.pause();
        Ok(())
    }

    fn end(mut self) -> ExitCode {
        match self.settle(0) {
            Ok(()) if self.failed => ExitCode::FAILURE,
            Ok(()) => ExitCode::SUCCESS,
            Err(code) => code,
        }
    }
}

/// The command of a line, if it holds one.
fn command(line: &str) -> Option<String> {
    let line = line.trim();
    (!line.is_empty() && !line.starts_with('#')).then(|| words::expand(line))
}

fn connect(client: &Client) -> Result<Link, ExitCode> {
    client.connect().map_err(|why| {
        output::print(&format!("{why}\n"));
        output::error("exabgp cannot be reached");
        ExitCode::FAILURE
    })
}
