//! What may stand at the end of a command line of a shell.

use std::path::Path;

use getopts::Options;

use crate::application::client::complete::{self, Candidates};
use crate::application::{SUBCOMMANDS, find, implied, output};

/// Prints the candidates for the last word of a line, one a line: the word, a tabulator, what it
/// is for.
pub(super) fn print(line: &str) {
    let mut text = String::new();
    for (word, help) in of(line) {
        text += &format!("{word}\t{help}\n");
    }
    output::print(&text);
}

/// The candidates; none where a file may be meant.
fn of(line: &str) -> Candidates {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    if line.ends_with(char::is_whitespace) || words.is_empty() {
        words.push("");
    }
    let program = words.remove(0);
    let implied = implied(Path::new(program));
    words.splice(..0, implied.as_deref());
    let Some((begun, before)) = words.split_last() else { return Candidates::new() };
    let mut found = match before {
        [] => first(begun),
        _ => behind(before, begun),
    };
    found.retain(|word, _| word.starts_with(begun));
    found
}

/// Sub-commands, and the options that stand before one.
fn first(begun: &str) -> Candidates {
    let mut found = Candidates::new();
    for subcommand in SUBCOMMANDS {
        match subcommand.name.split_once(' ') {
            None => found.insert(subcommand.name.to_owned(), subcommand.summary),
            Some((group, _)) => found.insert(group.to_owned(), ""),
        };
    }
    if begun.starts_with('-') {
        found.insert("--env-file".to_owned(), "file of settings");
        found.insert("--help".to_owned(), "show the commands");
        found.insert("--version".to_owned(), "report the version");
    }
    found
}

/// The second words of sub-commands that have two.
fn second(group: &str) -> Candidates {
    let named = SUBCOMMANDS.iter().filter_map(|each| Some((each.name.split_once(' ')?, each)));
    named
        .filter(|((first, _), _)| *first == group)
        .map(|((_, second), each)| (second.to_owned(), each.summary))
        .chain((group == "configuration").then(|| ("validate".to_owned(), "check configurations")))
        .collect()
}

/// What may follow these words.
fn behind(before: &[&str], begun: &str) -> Candidates {
    let words_before: Vec<String> = before.iter().map(|word| (*word).to_owned()).collect();
    let Some((subcommand, count)) = find(&words_before) else {
        return if let [group] = before { second(group) } else { Candidates::new() };
    };
    let rest = before.get(count..).unwrap_or_default();
    let mut declared = Options::new();
    declared.optflag("h", "help", "show this help");
    (subcommand.options)(&mut declared);
    let options = listed(&declared);
    if begun.starts_with('-') {
        return options.into_iter().map(|option| (option.name, "")).collect();
    }
    let takes_value = |word: &str| options.iter().any(|option| option.value && option.name == word);
    match (subcommand.name, rest) {
        (_, [.., last]) if takes_value(last) => Candidates::new(),
        ("cli" | "run", _) => {
            let mut words = Vec::new();
            let mut given = rest.iter();
            while let Some(word) = given.next() {
                if takes_value(word) {
                    given.next();
                } else if !word.starts_with('-') {
                    words.push(*word);
                }
            }
            words.push(begun);
            complete::command(&words, &[])
        }
        ("shell", []) => words(&["completion", "install", "uninstall"]),
        ("shell", ["completion" | "install" | "uninstall"]) => words(&["bash", "fish", "zsh"]),
        _ => Candidates::new(),
    }
}

fn words(words: &[&str]) -> Candidates {
    words.iter().map(|word| ((*word).to_owned(), "")).collect()
}

/// An option, as it is typed.
struct Declared {
    name: String,
    value: bool,
}

/// The options of a sub-command. The parser tells them in its usage text alone: all names of an
/// option in the long one, its value in the short one.
fn listed(options: &Options) -> Vec<Declared> {
    let (long, short) = (options.usage(""), options.short_usage(""));
    let mut found = Vec::new();
    for line in long.lines().filter(|line| line.trim_start().starts_with('-')) {
        let names: Vec<&str> = line
            .split_whitespace()
            .map(|word| word.trim_end_matches(','))
            .take_while(|word| word.starts_with('-'))
            .collect();
        let value = names.iter().any(|name| short.contains(&format!("[{name} ")));
        found.extend(names.iter().map(|name| Declared { name: (*name).to_owned(), value }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: &str) -> Vec<String> {
        of(line).into_keys().collect()
    }

    #[test]
    fn sub_commands_and_their_options_are_offered() {
        assert_eq!(at("exabgp val"), ["validate"]);
        for subcommand in SUBCOMMANDS {
            let mut line = "exabgp".to_owned();
            for word in subcommand.name.split(' ') {
                assert!(at(&format!("{line} ")).contains(&word.to_owned()), "{word} after {line}");
                line = format!("{line} {word}");
            }
            let options = at(&format!("exabgp {} -", subcommand.name));
            assert!(options.contains(&"--help".to_owned()), "{options:?}");
        }
        assert!(at("exabgp configuration ").contains(&"validate".to_owned()));
        assert!(at("exabgp server --once -").contains(&"--passive".to_owned()));
        assert_eq!(at("exabgp server "), Vec::<String>::new(), "files are the shell's");
    }

    #[test]
    fn commands_of_the_api_are_offered() {
        assert_eq!(at("exabgp cli show adj-rib "), ["in", "out"]);
        assert_eq!(at("exabgp run --pipename x show n"), ["neighbor"]);
        assert_eq!(at("exabgp cli --pipename "), Vec::<String>::new());
        assert_eq!(at("/usr/bin/exabgpcli sho"), ["show"]);
        assert_eq!(at("exabgp-cli show adj-rib o"), ["out"]);
        assert_eq!(at("exabgp shell completion "), ["bash", "fish", "zsh"]);
    }
}
