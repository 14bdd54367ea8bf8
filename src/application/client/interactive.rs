//! The conversation: a prompt, completion, history, answers laid out for people.

use std::path::PathBuf;
use std::process::ExitCode;

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::{FileHistory, History as _, SearchDirection};
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Editor, Helper};

use super::link::{Link, Sink, Verdict};
use super::screen::{self, ROWS, Shape};
use super::{Client, complete, output, show_now, words};

/// Lines of history that are kept.
const HISTORY: usize = 1000;

/// Times that the program is looked for again when the connection is lost.
const ATTEMPTS: u32 = 3;

/// Holds a conversation until its end.
pub(super) fn converse(client: &Client) -> ExitCode {
    let mut editor = match editor() {
        Ok(editor) => editor,
        Err(error) => {
            output::error(&format!("the terminal cannot be used: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let mut talk = match Talk::begin(client) {
        Ok(talk) => talk,
        Err(why) => {
            output::print(&format!("{why}\n"));
            output::error("exabgp cannot be reached");
            return ExitCode::FAILURE;
        }
    };
    let history = std::env::home_dir().map(|home| home.join(".exabgp_history"));
    if let Some(path) = &history {
        drop(editor.load_history(path));
    }
    let code = talk.run(&mut editor);
    keep(&mut editor, history);
    code
}

fn editor() -> rustyline::Result<Editor<Prompter, FileHistory>> {
    let config = Config::builder()
        .max_history_size(HISTORY)?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .build();
    let history = FileHistory::with_config(&config);
    let mut editor = Editor::with_history(config, history)?;
    editor.set_helper(Some(Prompter::default()));
    Ok(editor)
}

fn keep(editor: &mut Editor<Prompter, FileHistory>, history: Option<PathBuf>) {
    if let Some(path) = history
        && let Err(error) = editor.save_history(&path)
    {
        output::note(&format!("{}: {error}", path.display()));
    }
}

/// In which form answers are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Display {
    Json,
    Text,
}

/// What a line asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wish<'a> {
    Nothing,
    Leave,
    Clear,
    History,
    Display(Display),
    Sync(bool),
    /// A command, and the form of its answer if not the usual one.
    Send(&'a str, Option<Display>),
    /// Nothing that we know; why.
    Unknown(&'static str),
}

fn wish(line: &str) -> Wish<'_> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        [] => Wish::Nothing,
        ["exit" | "quit" | "q"] => Wish::Leave,
        ["clear"] => Wish::Clear,
        ["history"] => Wish::History,
        ["set", "display", "json"] => Wish::Display(Display::Json),
        ["set", "display", "text"] => Wish::Display(Display::Text),
        ["set", "sync", "on"] => Wish::Sync(true),
        ["set", "sync", "off"] => Wish::Sync(false),
        ["set", ..] => Wish::Unknown("set display json|text, set sync on|off"),
        ["json", _, ..] => Wish::Send(after(line, "json"), Some(Display::Json)),
        ["text", _, ..] => Wish::Send(after(line, "text"), Some(Display::Text)),
        _ => Wish::Send(line.trim(), None),
    }
}

fn after<'a>(line: &'a str, word: &str) -> &'a str {
    line.trim_start().strip_prefix(word).unwrap_or(line).trim()
}

/// A conversation under way.
struct Talk<'a> {
    client: &'a Client,
    link: Link,
    display: Display,
    name: String,
}

impl<'a> Talk<'a> {
    fn begin(client: &'a Client) -> Result<Self, String> {
        let link = client.connect()?;
        let name = format!("cli-{}", std::process::id());
        let mut talk = Self { client, link, display: Display::Text, name };
        talk.greet()?;
        Ok(talk)
    }

    /// Makes ourselves known, and shows whom we talk to.
    fn greet(&mut self) -> Result<(), String> {
        self.link.ask(&format!("session ping {} 0", self.name), &mut ())?;
        let mut lines: Vec<String> = Vec::new();
        self.link.ask("version text", &mut lines)?;
        let version = lines.first().map_or("exabgp", String::as_str);
        let text = format!("{version}: exit leaves, help lists the commands, Tab completes them");
        output::print(&format!("{}\n", screen::remark(&text, self.client.colours)));
        Ok(())
    }

    fn run(&mut self, editor: &mut Editor<Prompter, FileHistory>) -> ExitCode {
        let prompt = screen::prompt(self.client.colours);
        self.learn_peers(editor);
        loop {
            show_now();
            let line = match editor.readline(&prompt) {
                Ok(line) => line,
                Err(ReadlineError::Eof | ReadlineError::Interrupted) => return self.leave(),
                Err(error) => {
                    output::error(&error.to_string());
                    return ExitCode::FAILURE;
                }
            };
            if !line.trim().is_empty() {
                drop(editor.add_history_entry(&line));
            }
            match wish(&line) {
                Wish::Nothing => {}
                Wish::Leave => return self.leave(),
                Wish::Clear => output::print("\x1b[2J\x1b[H"),
                Wish::History => show_history(editor),
                Wish::Display(display) => self.display = display,
                Wish::Sync(on) => {
                    let word = if on { "enable" } else { "disable" };
                    self.obey(&format!("session sync {word}"), None);
                }
                Wish::Unknown(syntax) => output::note(&format!("known are: {syntax}")),
                Wish::Send(command, display) => {
                    let command = words::expand(command);
                    self.obey(&command, display);
                    if ["reload", "restart", "create", "delete"].iter().any(|w| command.contains(w))
                    {
                        self.learn_peers(editor);
                    }
                }
            }
        }
    }

    fn leave(&mut self) -> ExitCode {
        drop(self.link.ask(&format!("session bye {}", self.name), &mut ()));
        ExitCode::SUCCESS
    }

    /// Has a command executed and shows its answer.
    fn obey(&mut self, command: &str, display: Option<Display>) {
        if !self.is_connected() {
            return;
        }
        let display = display.unwrap_or(self.display);
        let command = formed(command, display);
        let json = display == Display::Json || command.ends_with(" json");
        let mut page = Page {
            shape: Shape::of(&command, json),
            lines: Vec::new(),
            colours: self.client.colours,
            first: true,
            deaf: false,
        };
        let answer = self.link.ask(&command, &mut page);
        page.turn();
        let remark = |text: &str| output::note(&screen::remark(text, self.client.colours));
        match answer {
            Ok(Verdict::Done) => {}
            Ok(Verdict::Error) => remark("refused: the log of exabgp says why"),
            Ok(Verdict::Shutdown) => remark("exabgp is ending"),
            Err(why) => remark(&why),
        }
    }

    /// Looks whether the program is there, and for another one if it is not.
    fn is_connected(&mut self) -> bool {
        if self.link.is_open() {
            return true;
        }
        output::note("the connection is gone: exabgp is looked for again");
        for _ in 0..ATTEMPTS {
            if let Ok(link) = self.client.connect() {
                self.link = link;
                return self.greet().is_ok();
            }
        }
        output::error("exabgp is not there");
        false
    }

    /// Asks for the addresses of the neighbors, which completion offers.
    fn learn_peers(&mut self, editor: &mut Editor<Prompter, FileHistory>) {
        let mut lines: Vec<String> = Vec::new();
        let answer = self.link.ask("peer list", &mut lines);
        if let (Ok(Verdict::Done), Some(helper)) = (answer, editor.helper_mut()) {
            helper.peers = lines.iter().flat_map(|line| addresses(line)).collect();
        }
    }
}

/// The values of `"peer-address"` in a list of peers.
fn addresses(line: &str) -> Vec<String> {
    let pieces = line.split("\"peer-address\": \"").skip(1);
    pieces.filter_map(|piece| Some(piece.split_once('"')?.0.to_owned())).collect()
}

/// A command that asks for the form of its answer, where it has several.
fn formed(command: &str, display: Display) -> String {
    const SHOWING: [&str; 7] = ["show", "status", "version", "help", "queue-status", "ping", "api"];
    let shows = command.split(' ').any(|word| SHOWING.contains(&word));
    let chosen = command.ends_with(" json") || command.ends_with(" text");
    let routes = ["announce", "withdraw", "#"].iter().any(|word| command.contains(word));
    match display {
        _ if !shows || chosen || routes => command.to_owned(),
        Display::Json => format!("{command} json"),
        Display::Text => format!("{command} text"),
    }
}

fn show_history(editor: &Editor<Prompter, FileHistory>) {
    let history = editor.history();
    for place in 0..history.len() {
        if let Ok(Some(entry)) = history.get(place, SearchDirection::Forward) {
            output::print(&format!("{:5} {}\n", place + 1, entry.entry));
        }
    }
}

/// The lines of an answer, laid out a page at a time.
struct Page {
    shape: Shape,
    lines: Vec<String>,
    colours: bool,
    first: bool,
    deaf: bool,
}

impl Page {
    fn turn(&mut self) {
        if !self.lines.is_empty() {
            let text = screen::lay_out(self.shape, &self.lines, self.colours, self.first);
            self.deaf |= !output::print_bytes(text.as_bytes());
            self.lines.clear();
            self.first = false;
        }
    }
}

impl Sink for Page {
    fn line(&mut self, line: &str) {
        self.lines.push(line.to_owned());
        if self.lines.len() >= ROWS {
            self.turn();
        }
    }

    fn is_deaf(&self) -> bool {
        self.deaf
    }
}

/// What the editor asks while a line is typed.
#[derive(Debug, Default)]
struct Prompter {
    peers: Vec<String>,
}

/// Words that we act on ourselves.
const OURS: [&str; 8] =
    ["exit", "quit", "clear", "history", "set display", "set sync", "json", "text"];

impl Completer for Prompter {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let typed = line.get(..position).unwrap_or(line);
        let start = typed.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
        let begun = typed.get(start..).unwrap_or_default();
        let before = words::expand(typed.get(..start).unwrap_or_default());
        let before = before
            .strip_prefix("json ")
            .or_else(|| before.strip_prefix("text "))
            .unwrap_or(&before);
        let mut words: Vec<&str> = before.split_whitespace().collect();
        let first = words.is_empty();
        words.push(begun);
        let mut found = complete::command(&words, &self.peers);
        if first {
            let ours = OURS.iter().filter(|word| word.starts_with(begun));
            found.extend(ours.map(|word| ((*word).to_owned(), "of this client")));
        }
        let pair = |(word, help): (String, &str)| Pair {
            display: if help.is_empty() { word.clone() } else { format!("{word:20} {help}") },
            replacement: format!("{word} "),
        };
        Ok((start, found.into_iter().map(pair).collect()))
    }
}

impl Hinter for Prompter {
    type Hint = String;
}

impl Highlighter for Prompter {}

impl Validator for Prompter {}

impl Helper for Prompter {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_words_are_ours() {
        assert_eq!(wish("  "), Wish::Nothing);
        assert_eq!(wish("q"), Wish::Leave);
        assert_eq!(wish("set display json"), Wish::Display(Display::Json));
        assert_eq!(wish("set sync on"), Wish::Sync(true));
        assert!(matches!(wish("set encoding text"), Wish::Unknown(_)));
        assert_eq!(wish("json show  neighbor"), Wish::Send("show  neighbor", Some(Display::Json)));
        assert_eq!(wish("clear adj-rib out"), Wish::Send("clear adj-rib out", None));
    }

    #[test]
    fn answers_are_asked_for_in_a_form() {
        assert_eq!(formed("show neighbor", Display::Json), "show neighbor json");
        assert_eq!(formed("show neighbor json", Display::Text), "show neighbor json");
        assert_eq!(formed("teardown 4", Display::Json), "teardown 4");
        assert_eq!(formed("announce watchdog show", Display::Text), "announce watchdog show");
    }

    #[test]
    fn neighbors_are_found_in_their_list() {
        let line = r#"[{"peer-address": "127.0.0.1", "peer-as": 1}, {"peer-address": "::1"}]"#;
        assert_eq!(addresses(line), ["127.0.0.1", "::1"]);
    }
}
