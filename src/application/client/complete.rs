//! What may follow in a command line of the API: from the table of commands, nothing else.
//!
//! Both the conversation of `cli` and the completion of shells ask here.

use std::collections::BTreeMap;

use crate::bgp::attribute::Attributes;
use crate::protocol::Family;
use crate::reactor::api::{Described, commands};
use crate::reactor::peer::Peers;

/// Keys of a selector, behind an address.
const KEYS: [&str; 5] = ["local-ip", "local-as", "peer-as", "router-id", "family-allowed"];

/// Words of a route that are no attributes.
const ROUTE_WORDS: [&str; 7] =
    ["next-hop", "label", "rd", "path-information", "split", "nlri", "name"];

/// A word that may follow, and what it is for; empty where that is plain.
pub(in crate::application) type Candidates = BTreeMap<String, &'static str>;

/// What may stand in the place of the last word, which has begun or is empty. `peers` are the
/// addresses of neighbors, as far as they are known.
pub(in crate::application) fn command(words: &[&str], peers: &[String]) -> Candidates {
    let Some((begun, before)) = words.split_last() else { return Candidates::new() };
    let mut found = Candidates::new();
    match before {
        ["neighbor" | "peer"] => {
            found.insert("*".to_owned(), "every neighbor");
            found.extend(peers.iter().map(|peer| (peer.clone(), "neighbor")));
            spelled(before, &mut found);
        }
        ["neighbor" | "peer", _, rest @ ..] if selects(before) => {
            let keys = rest.iter().take_while(|word| !is_action(word)).count();
            if rest.len() == keys && keys.is_multiple_of(2) {
                found.extend(KEYS.map(|key| (key.to_owned(), "")));
            }
            let action = rest.get(keys..).unwrap_or_default();
            if keys.is_multiple_of(2) {
                followers(action, peers, &mut found, |command| command.chooses);
                // The neighbors are chosen already.
                found.remove("peer");
                if before.first() == Some(&"peer") {
                    let spelled_with: Vec<&str> =
                        std::iter::once("peer").chain(action.iter().copied()).collect();
                    spelled(&spelled_with, &mut found);
                }
            }
        }
        _ => {
            if before.is_empty() {
                found.insert("neighbor".to_owned(), "choose neighbors");
                found.insert("peer".to_owned(), "choose neighbors");
            }
            followers(before, peers, &mut found, |_| true);
        }
    }
    found.retain(|word, _| word.starts_with(begun));
    found
}

/// Every command of the API.
fn listed() -> impl Iterator<Item = Described> {
    commands::<Peers>().into_iter()
}

/// Whether the second word is an address or a star, and not part of a command.
fn selects(words: &[&str]) -> bool {
    words.get(1).is_some_and(|word| word.starts_with('*') || word.contains(['.', ':']))
}

/// Whether a word begins a command that is about neighbors.
fn is_action(word: &str) -> bool {
    listed().any(|command| {
        command.spellings.iter().any(|spelling| spelling.split(' ').next() == Some(word))
    })
}

/// What may follow these words of a command.
fn followers(
    words: &[&str],
    peers: &[String],
    found: &mut Candidates,
    wanted: impl Fn(&Described) -> bool,
) {
    for command in listed().filter(&wanted) {
        for spelling in command.spellings {
            next_of(spelling, words, command.help, found);
        }
    }
    let whole = listed().filter(&wanted).flat_map(|command| {
        command.spellings.iter().map(move |spelling| (spelling, command.syntax))
    });
    let whole = whole.filter_map(|(spelling, syntax)| {
        let length = spelling.split(' ').count();
        let same =
            words.len() >= length && spelling.split(' ').eq(words.iter().take(length).copied());
        same.then_some((length, syntax))
    });
    if let Some((length, syntax)) = whole.max_by_key(|(length, _)| *length) {
        let (spelling, arguments) = words.split_at(length.min(words.len()));
        argument(spelling, syntax, arguments, peers, found);
    }
}

/// The next words of spellings alone.
fn spelled(words: &[&str], found: &mut Candidates) {
    for command in listed() {
        for spelling in command.spellings {
            next_of(spelling, words, command.help, found);
        }
    }
}

/// The word of a spelling behind `words`, if it begins with them.
fn next_of(spelling: &str, words: &[&str], help: &'static str, found: &mut Candidates) {
    let mut spelled = spelling.split(' ');
    if !words.iter().all(|word| spelled.next() == Some(word)) {
        return;
    }
    let Some(word) = spelled.next() else { return };
    let help = if spelled.next().is_none() { help } else { "" };
    let known = found.entry(word.to_owned()).or_insert(help);
    if known.is_empty() {
        *known = help;
    }
}

/// What the syntax of a command lets follow its words.
fn argument(
    spelling: &[&str],
    syntax: &'static str,
    given: &[&str],
    peers: &[String],
    found: &mut Candidates,
) {
    if let ["announce" | "withdraw"] = spelling {
        return route(syntax, given, found);
    }
    for (place, item) in syntax.split(' ').enumerate() {
        let item = item.trim_matches(['[', ']']);
        match item {
            "<ip>" => found.extend(peers.iter().map(|peer| (peer.clone(), "neighbor"))),
            "<afi>" if given.len() == place => found.extend(afis()),
            "<safi>" if given.len() == place => {
                found.extend(given.last().into_iter().flat_map(|afi| safis(afi)));
            }
            _ => {
                let words = item.split('|').filter(|word| is_word(word) && !given.contains(word));
                found.extend(words.map(|word| (word.to_owned(), "")));
            }
        }
    }
}

/// What may follow inside a route.
fn route(syntax: &'static str, given: &[&str], found: &mut Candidates) {
    match given {
        [] => argument(&[], syntax, given, &[], found),
        [afi @ ("ipv4" | "ipv6")] => found.extend(safis(afi)),
        ["route"] => {}
        [.., before] if ROUTE_WORDS.contains(before) => {}
        _ => {
            found.extend(ROUTE_WORDS.map(|word| (word.to_owned(), "")));
            found.extend(Attributes::keywords().map(|(word, _)| (word.to_owned(), "")));
            found.retain(|word, _| !given.contains(&word.as_str()));
        }
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

fn afis() -> impl Iterator<Item = (String, &'static str)> {
    Family::KNOWN.iter().map(|family| (family.afi.to_string(), ""))
}

fn safis(afi: &str) -> Vec<(String, &'static str)> {
    let of_afi = |family: &&Family| family.afi.to_string() == afi;
    Family::KNOWN.iter().filter(of_afi).map(|family| (family.safi.to_string(), "")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(line: &str) -> Vec<String> {
        let words: Vec<&str> = line.split(' ').collect();
        command(&words, &["127.0.0.1".to_owned(), "::1".to_owned()]).into_keys().collect()
    }

    #[test]
    fn every_command_can_be_completed_word_by_word() {
        for command in listed() {
            for spelling in command.spellings {
                let words: Vec<&str> = spelling.split(' ').collect();
                for length in 1..=words.len() {
                    let line = words[..length].join(" ");
                    let last = words[length - 1];
                    assert!(follow(&line).iter().any(|word| word == last), "{line}");
                }
            }
        }
    }

    #[test]
    fn the_next_words_are_offered() {
        assert_eq!(follow("show "), ["adj-rib", "neighbor"]);
        assert_eq!(follow("sho"), ["show"]);
        assert_eq!(follow("show adj-rib "), ["in", "out"]);
        let options = follow("show neighbor ");
        for option in ["summary", "extensive", "configuration", "json", "127.0.0.1", "::1"] {
            assert!(options.iter().any(|word| word == option), "{option} in {options:?}");
        }
        assert_eq!(follow("show neighbor summary s"), Vec::<String>::new());
        assert_eq!(follow("announce eor ipv6 u"), ["unicast"]);
        assert!(follow("announce route 10.0.0.0/24 next-hop self ").contains(&"med".to_owned()));
        assert!(follow("announce ipv4 ").contains(&"unicast".to_owned()));
        assert!(follow("").contains(&"daemon".to_owned()));
    }

    #[test]
    fn a_selector_comes_before_an_action() {
        assert_eq!(follow("neighbor "), ["*", "127.0.0.1", "::1"]);
        assert_eq!(follow("neighbor 127.0.0.1 peer"), ["peer-as"]);
        assert!(follow("neighbor 127.0.0.1 ").contains(&"teardown".to_owned()));
        assert!(!follow("neighbor 127.0.0.1 ").contains(&"shutdown".to_owned()));
        assert_eq!(follow("neighbor 127.0.0.1 peer-as "), Vec::<String>::new());
        assert_eq!(follow("neighbor 127.0.0.1 peer-as 65001 tear"), ["teardown"]);
        assert!(follow("peer 127.0.0.1 ").contains(&"show".to_owned()));
        assert!(follow("peer ").contains(&"list".to_owned()));
    }
}
