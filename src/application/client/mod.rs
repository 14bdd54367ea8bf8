//! The client of a running program: commands go out over its socket or its pipes, answers come in.
//!
//! `cli` and `run` share all of this: one command, a batch, or a conversation.

mod batch;
pub(super) mod complete;
mod interactive;
mod link;
mod pipes;
mod screen;
mod words;

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use getopts::Options;

use super::{Call, output};
use crate::environment::Variables;
use crate::environment::control::Meeting;

use link::{Link, Sink, Verdict};

/// Silence after which no answer is expected any more.
const PATIENCE: Duration = Duration::from_secs(5);

/// The options of every client.
pub(super) fn options(options: &mut Options) {
    options.optopt("", "pipename", "name of the pipes, and of the socket", "NAME");
    options.optflag("", "pipe", "speak through the named pipes");
    options.optflag("", "socket", "speak through the socket");
    options.optopt("", "root", "search the pipes and the socket below this folder", "FOLDER");
    options.optopt("", "batch", "one command a line from a file, - is standard input", "FILE");
    options.optopt("", "timeout", "seconds of silence after which to give up (5)", "SECONDS");
    options.optflag("", "no-color", "no colours, on a terminal either");
}

/// How the program is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The socket if somebody listens there, else the pipes.
    Any,
    Pipe,
    Socket,
}

/// Everything that decides how a client behaves.
#[derive(Debug)]
struct Client {
    meeting: Meeting,
    way: Way,
    patience: Duration,
    colours: bool,
}

impl Client {
    fn of(call: &Call) -> Result<Self, String> {
        let text = |name: &str| call.matches.opt_str(name);
        let root = text("root").map(std::path::absolute).transpose();
        let root = root.map_err(|error| format!("--root: {error}"))?;
        let uid = nix::unistd::getuid().as_raw();
        let name = text("pipename");
        let meeting = Meeting::of(&call.environment, uid, root.as_deref(), name.as_deref());
        let variables = &call.environment.variables;
        let way = match (call.has("pipe"), call.has("socket")) {
            (true, true) => return Err("--pipe and --socket exclude each other".to_owned()),
            (true, false) => Way::Pipe,
            (false, true) => Way::Socket,
            (false, false) => usual_way(variables),
        };
        let patience = match text("timeout").map(|text| (text.parse::<f64>(), text)) {
            None => PATIENCE,
            Some((Ok(seconds), text)) => Duration::try_from_secs_f64(seconds)
                .map_err(|error| format!("--timeout {text}: {error}"))?,
            Some((Err(_), text)) => {
                return Err(format!("--timeout {text}: not a number of seconds"));
            }
        };
        let plain =
            call.has("no-color") || variables.no_color.as_ref().is_some_and(|v| !v.is_empty());
        let colours = !plain && std::io::stdout().is_terminal();
        Ok(Self { meeting, way, patience, colours })
    }

    /// Reaches the program.
    fn connect(&self) -> Result<Link, String> {
        let socket = || -> Result<Link, String> {
            let path = self.meeting.socket().ok_or_else(|| self.no_socket())?;
            Link::socket(path, self.patience).map_err(|error| at(path, &error))
        };
        let pipes = || -> Result<Link, String> {
            let paths = self.meeting.pipes().ok_or_else(|| self.no_pipes())?;
            Link::pipes(&paths, self.patience)
        };
        match self.way {
            Way::Pipe => pipes(),
            Way::Socket => socket(),
            Way::Any => socket().or_else(|first| {
                // What stands in the way of the socket matters when there is nothing else.
                pipes().map_err(
                    |second| {
                        if self.meeting.socket().is_some() { first } else { second }
                    },
                )
            }),
        }
    }

    fn no_socket(&self) -> String {
        let places = self.meeting.sockets.iter().map(|path| path.display().to_string());
        let places: Vec<String> = places.collect();
        if places.is_empty() {
            return "the socket is switched off: exabgp_cli_socket is empty".to_owned();
        }
        format!(
            "no socket of exabgp was found, these were looked for:\n - {}",
            places.join("\n - ")
        )
    }

    fn no_pipes(&self) -> String {
        let folders = self.meeting.folders.iter().map(|folder| folder.display().to_string());
        let folders: Vec<String> = folders.collect();
        format!(
            "neither a socket nor the pipes {name}.in and {name}.out of exabgp were found in\n - {}",
            folders.join("\n - "),
            name = self.meeting.pipename,
        )
    }
}

fn usual_way(variables: &Variables) -> Way {
    match variables.cli_transport.as_deref() {
        Some("pipe") => Way::Pipe,
        Some("socket") => Way::Socket,
        _ => Way::Any,
    }
}

fn at(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// What a call without words means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wordless {
    /// A conversation, where there is somebody to hold it.
    Converse,
    /// A mistake.
    Refuse,
}

/// Runs a client; `None` when nothing was asked of it.
pub(super) fn run(call: &Call, wordless: Wordless) -> Option<ExitCode> {
    let client = match Client::of(call) {
        Ok(client) => client,
        Err(why) => {
            output::error(&why);
            return Some(ExitCode::FAILURE);
        }
    };
    let words = &call.matches.free;
    if let Some(file) = call.matches.opt_str("batch") {
        return Some(batch::listed(&client, &file));
    }
    if words.first().is_some_and(|word| word == "-") {
        return Some(batch::piped(&client).unwrap_or(ExitCode::SUCCESS));
    }
    if !words.is_empty() {
        return Some(once(&client, &words.join(" ")));
    }
    if !std::io::stdin().is_terminal() {
        return batch::piped(&client);
    }
    (wordless == Wordless::Converse).then(|| interactive::converse(&client))
}

/// Sends one command and shows the answer.
fn once(client: &Client, typed: &str) -> ExitCode {
    let command = words::expand(typed);
    let mut out = Plain::default();
    if command != words::plain(typed) {
        out.line(&format!("command: {command}"));
        out.pause();
    }
    match client.connect() {
        Ok(mut link) => finish(&link.ask(&command, &mut out)),
        Err(why) => {
            output::print(&format!("{why}\n"));
            output::error("exabgp cannot be reached");
            ExitCode::FAILURE
        }
    }
}

/// Tells how a command ended where it did not end well.
fn finish(answer: &Result<Verdict, String>) -> ExitCode {
    match answer {
        Ok(Verdict::Done) => ExitCode::SUCCESS,
        Ok(Verdict::Error) => {
            output::error("the command was refused: the log of exabgp says why");
            output::note("the command help lists what can be asked");
            ExitCode::FAILURE
        }
        Ok(Verdict::Shutdown) => {
            output::error("exabgp is ending, the command was not executed");
            ExitCode::FAILURE
        }
        Err(why) => {
            output::error(why);
            ExitCode::FAILURE
        }
    }
}

/// Lines as they come, written when no more are there.
#[derive(Debug, Default)]
struct Plain {
    waiting: Vec<u8>,
    deaf: bool,
}

/// Bytes collected before they are written.
const PIECE: usize = 64 * 1024;

impl Sink for Plain {
    fn line(&mut self, line: &str) {
        self.waiting.extend_from_slice(line.as_bytes());
        self.waiting.push(b'\n');
        if self.waiting.len() >= PIECE {
            self.pause();
        }
    }

    fn pause(&mut self) {
        if !self.waiting.is_empty() {
            self.deaf |= !output::print_bytes(&self.waiting);
            self.waiting.clear();
        }
    }

    fn is_deaf(&self) -> bool {
        self.deaf
    }
}

/// Shows something before an input is waited for.
fn show_now() {
    drop(std::io::stdout().flush());
}
