//! Which peers a command is about: `neighbor A local-as B, neighbor C …` and `peer [A local-as B,
//! C] …`.
//!
//! A peer is chosen when one alternative of the selector fits it, and an alternative fits when
//! each of its tests does. A test is a key and a value that the name of the peer must hold. The
//! star stands for every peer; what follows it in the same alternative is ignored.

use std::net::IpAddr;

use crate::text::Tokens;

use super::context::{Peer, Peers};

/// A selector as written, before the command that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selector<'a> {
    /// There is none: every peer.
    None,
    /// `neighbor …`, as written, the word included.
    Neighbor(&'a str),
    /// `peer …`, as written, without the word.
    Peer(&'a str),
}

/// A selector that outlives its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    None,
    Neighbor(Box<str>),
    Peer(Box<str>),
}

impl Kept {
    /// The selector, as it was written.
    pub(super) fn selector(&self) -> Selector<'_> {
        match self {
            Self::None => Selector::None,
            Self::Neighbor(text) => Selector::Neighbor(text),
            Self::Peer(text) => Selector::Peer(text),
        }
    }
}

impl From<Selector<'_>> for Kept {
    fn from(selector: Selector<'_>) -> Self {
        match selector {
            Selector::None => Self::None,
            Selector::Neighbor(text) => Self::Neighbor(text.into()),
            Selector::Peer(text) => Self::Peer(text.into()),
        }
    }
}

/// The peers that a selector chose, for as long as the peers are the same: helpers repeat their
/// selectors line after line.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// The form, the reach, and the text.
    key: (u8, bool, String),
    generation: Option<u64>,
    places: Vec<usize>,
}

impl Selection {
    /// The places that `selector` chooses; see [`Selector::choose`].
    pub(super) fn places<P: Peers>(
        &mut self,
        selector: Selector<'_>,
        peers: &P,
        reach: Reach<'_>,
    ) -> Result<&[usize], String> {
        let (form, text) = match selector {
            Selector::None => (0, ""),
            Selector::Neighbor(text) => (1, text),
            Selector::Peer(text) => (2, text),
        };
        let bound = matches!(reach, Reach::Bound(_));
        let generation = Some(peers.generation());
        let same = self.generation == generation
            && (self.key.0, self.key.1, self.key.2.as_str()) == (form, bound, text);
        if !same {
            self.generation = None;
            self.places = selector.choose(peers, reach)?;
            self.key = (form, bound, text.to_owned());
            self.generation = generation;
        }
        Ok(&self.places)
    }
}

/// Alternatives of one selector. Each is compared with each peer, which must not take long.
const ALTERNATIVES_MAX: usize = 1024;

/// The keys that may follow the address.
const KEYS: [&str; 5] = ["local-ip", "local-as", "peer-as", "router-id", "family-allowed"];

/// Whose peers may be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach<'a> {
    /// Those whose `api` sections name this process.
    Bound(&'a str),
    /// All of them.
    Everybody,
}

impl<'a> Selector<'a> {
    /// Takes the selector off the beginning of a command.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn take(tokens: &mut Tokens<'a>) -> Result<Self, String> {
        if tokens.peek().is_some_and(|word| !word.quoted && word.text == "neighbor") {
            let start = tokens.offset();
            definitions(tokens)?;
            return Ok(Self::Neighbor(tokens.slice(start, tokens.last().end)));
        }
        let start = tokens.offset();
        if !tokens.accept("peer") {
            return Ok(Self::None);
        }
        match Self::behind(tokens)? {
            Some(selector) => Ok(selector),
            None => {
                // `peer show …` and the like: the word belongs to the command.
                tokens.seek(start);
                Ok(Self::None)
            }
        }
    }

    /// Takes what follows the word `peer`, when it is a selector.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn behind(tokens: &mut Tokens<'a>) -> Result<Option<Self>, String> {
        let inner = tokens.offset();
        let is_selector = tokens.peek().is_some_and(|word| {
            matches!(&*word.text, "*" | "[") || word.parse::<IpAddr>().is_ok() || is_range(word)
        });
        if !is_selector {
            return Ok(None);
        }
        if tokens.accept("[") {
            while !tokens.accept("]") {
                tokens.word("\"]\" after the peers").map_err(|error| error.to_string())?;
            }
        } else if !tokens.accept("*") {
            tokens.word("an address").map_err(|error| error.to_string())?;
            keys(tokens)?;
        }
        Ok(Some(Self::Peer(tokens.slice(inner, tokens.last().end))))
    }

    /// Whether it names nobody: there is none, or it is a star.
    pub(super) fn is_any(self) -> bool {
        match self {
            Self::None => true,
            Self::Neighbor(text) => text == "neighbor *",
            Self::Peer(text) => text == "*",
        }
    }

    /// The places of the peers that it chooses, in their order.
    ///
    /// # Errors
    /// Why no peer is chosen: which test nobody passes, or who may not be commanded.
    pub(super) fn choose<P: Peers>(
        self,
        peers: &P,
        reach: Reach<'_>,
    ) -> Result<Vec<usize>, String> {
        let alternatives = self.alternatives()?;
        let mut chosen = Vec::new();
        let mut refused: Option<&str> = None;
        for place in 0..peers.count() {
            let Some(peer) = peers.peer(place) else { continue };
            if !alternatives.iter().any(|tests| tests.iter().all(|test| test.fits(peer.name()))) {
                continue;
            }
            if reach.covers(peer) {
                chosen.push(place);
            } else {
                refused.get_or_insert(peer.name());
            }
        }
        if !chosen.is_empty() {
            return Ok(chosen);
        }
        Err(match (refused, reach) {
            (Some(name), Reach::Bound(process)) => {
                format!("no api section of {name} names the process {process}")
            }
            _ => unmatched(&alternatives, peers),
        })
    }

    fn alternatives(self) -> Result<Vec<Vec<Test<'a>>>, String> {
        let (text, keyed) = match self {
            Self::None => return Ok(vec![Vec::new()]),
            Self::Neighbor(text) => (text, true),
            Self::Peer(text) => (text, false),
        };
        let mut tokens = Tokens::line(text);
        let mut alternatives = vec![Vec::new()];
        let mut fresh = !keyed;
        let mut any = false;
        while !tokens.is_done() {
            let word = tokens.word("a test").map_err(|error| error.to_string())?.text;
            match &*word {
                "[" | "]" => continue,
                "," => {
                    alternatives.push(Vec::new());
                    (fresh, any) = (!keyed, false);
                    continue;
                }
                _ => {}
            }
            let (key, value) = if fresh {
                fresh = false;
                ("neighbor".into(), word)
            } else {
                let value = tokens.word("a value").map_err(|error| error.to_string())?.text;
                (word, value)
            };
            if key != "neighbor" && !KEYS.contains(&&*key) {
                return Err(format!("{key} is not a key of a selector"));
            }
            let Some(tests) = alternatives.last_mut() else { continue };
            if !any {
                any = key == "neighbor" && value == "*";
                if any {
                    tests.clear();
                }
                tests.push(Test { key, value });
            }
        }
        alternatives.retain(|tests| !tests.is_empty());
        if alternatives.len() > ALTERNATIVES_MAX {
            return Err(format!("a selector has at most {ALTERNATIVES_MAX} alternatives"));
        }
        if alternatives.is_empty() {
            return Err("the selector names no neighbor".to_owned());
        }
        Ok(alternatives)
    }
}

impl Reach<'_> {
    fn covers<P: Peer>(self, peer: &P) -> bool {
        match self {
            Self::Bound(process) => peer.settings().api.iter().any(|api| &*api.process == process),
            Self::Everybody => true,
        }
    }
}

/// A key and the value that it must have.
#[derive(Debug)]
struct Test<'a> {
    key: std::borrow::Cow<'a, str>,
    value: std::borrow::Cow<'a, str>,
}

impl Test<'_> {
    /// Whether a name, which is a list of keys and values, has this one.
    fn fits(&self, name: &str) -> bool {
        if self.value == "*" && self.key == "neighbor" {
            return true;
        }
        let mut words = name.split(' ');
        while let (Some(key), Some(value)) = (words.next(), words.next()) {
            if key == self.key && (value == self.value || same_address(value, &self.value)) {
                return true;
            }
        }
        false
    }
}

/// IPv6 addresses have many spellings.
fn same_address(one: &str, other: &str) -> bool {
    other.contains(':') && one.parse::<IpAddr>().is_ok_and(|one| other.parse::<IpAddr>() == Ok(one))
}

fn is_range(word: &str) -> bool {
    word.split_once('/').is_some_and(|(address, _)| address.parse::<IpAddr>().is_ok())
}

/// `neighbor IP [key value]… [, neighbor IP …]…`
fn definitions(tokens: &mut Tokens<'_>) -> Result<(), String> {
    let fault = |error: crate::text::Error| error.to_string();
    loop {
        tokens.expect("neighbor").map_err(fault)?;
        tokens.word("the address of a neighbor").map_err(fault)?;
        keys(tokens)?;
        if !tokens.accept(",") {
            return Ok(());
        }
    }
}

/// `[key value]…`
fn keys(tokens: &mut Tokens<'_>) -> Result<(), String> {
    while tokens.peek().is_some_and(|word| KEYS.contains(&&*word.text) || word.text == "neighbor") {
        tokens.word("a key").map_err(|error| error.to_string())?;
        tokens.word("the value of a key").map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Names a test that no peer passes; when each is passed by some peer, says that none passes all.
fn unmatched<P: Peers>(alternatives: &[Vec<Test<'_>>], peers: &P) -> String {
    let names = || (0..peers.count()).filter_map(|place| peers.peer(place)).map(Peer::name);
    if names().next().is_none() {
        return "there are no neighbors".to_owned();
    }
    let tests = alternatives.iter().flatten();
    let never: Vec<String> = tests
        .filter(|test| !names().any(|name| test.fits(name)))
        .map(|test| format!("{} {}", test.key, test.value))
        .collect();
    if never.is_empty() {
        "no neighbor passes every test of the selector".to_owned()
    } else {
        format!("no neighbor has {}", never.join(" nor "))
    }
}
