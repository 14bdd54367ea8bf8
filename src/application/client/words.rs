//! Short forms of commands, and words in another order.
//!
//! A word is completed where its place in the command leaves one meaning: `s n s` is `show neighbor
//! summary`, `s a o e` is `show adj-rib out extensive`. The words of routes are left alone.

/// A word, what may be typed for it besides its beginning, and where it may stand.
struct Short {
    nick: &'static str,
    name: &'static str,
    place: fn(&[&str]) -> bool,
}

/// In the order in which they are tried.
static SHORTS: &[Short] = &[
    Short { nick: "a", name: "announce", place: verb },
    Short { nick: "a", name: "attributes", place: routes },
    Short { nick: "a", name: "adj-rib", place: |before| last(before, &["clear", "flush", "show"]) },
    Short { nick: "c", name: "clear", place: verb },
    Short { nick: "c", name: "configuration", place: shows_neighbor },
    Short { nick: "d", name: "daemon", place: |before| before.is_empty() },
    Short { nick: "e", name: "eor", place: |before| last(before, &["announce"]) },
    Short { nick: "e", name: "extensive", place: shows },
    Short { nick: "f", name: "flow", place: routes },
    Short { nick: "f", name: "flush", place: verb },
    Short { nick: "h", name: "help", place: |before| before.is_empty() },
    Short { nick: "i", name: "in", place: |before| last(before, &["adj-rib"]) },
    Short { nick: "id", name: "router-id", place: selects },
    Short {
        nick: "n",
        name: "neighbor",
        place: |before| before.is_empty() || last(before, &["show"]),
    },
    Short { nick: "o", name: "operational", place: |before| last(before, &["announce"]) },
    Short { nick: "o", name: "out", place: |before| last(before, &["adj-rib"]) },
    Short { nick: "r", name: "route", place: routes },
    Short { nick: "rr", name: "route-refresh", place: |before| last(before, &["announce"]) },
    Short { nick: "s", name: "show", place: verb },
    Short { nick: "s", name: "summary", place: shows_neighbor },
    Short { nick: "ses", name: "session", place: |before| before.is_empty() },
    Short { nick: "sy", name: "sync", place: |before| last(before, &["session"]) },
    Short { nick: "t", name: "teardown", place: verb },
    Short { nick: "v", name: "vpls", place: routes },
    Short { nick: "w", name: "watchdog", place: routes },
    Short { nick: "w", name: "withdraw", place: verb },
];

/// Common misspellings of one word.
const NEIGHBOR: [&str; 3] = ["neighbour", "neigbour", "neigbor"];

/// The keys of a selector.
const KEYS: [&str; 5] = ["local-ip", "local-as", "peer-as", "router-id", "family-allowed"];

/// A command as it is sent.
pub(super) fn expand(typed: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in typed.split_whitespace() {
        words.push(meaning(word, &words));
    }
    reorder(&mut words);
    words.join(" ")
}

/// A command as it was typed, on one line and with single spaces.
pub(super) fn plain(typed: &str) -> String {
    typed.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn meaning<'w>(word: &'w str, before: &[&'w str]) -> &'w str {
    if NEIGHBOR.contains(&word) {
        return "neighbor";
    }
    let fits = |short: &&Short| {
        (word == short.nick || short.name.starts_with(word)) && (short.place)(before)
    };
    SHORTS.iter().find(fits).map_or(word, |short| short.name)
}

/// Words that name neighbors are followed by what is to be done.
fn reorder(words: &mut Vec<&str>) {
    // neighbor IP … show OPTION, neighbor IP adj-rib in show
    let selected = words.first() == Some(&"neighbor");
    if let Some(at) = words.iter().position(|word| *word == "show")
        && at > 0
        && (selected || words.first() == Some(&"adj-rib"))
    {
        words.remove(at);
        words.insert(0, "show");
        // show neighbor IP adj-rib in
        if let Some(table) = words.iter().position(|word| *word == "adj-rib").filter(|at| *at > 1) {
            let named: Vec<&str> = words.drain(1..table).skip(1).collect();
            let after = words.len().min(3);
            words.splice(after..after, named);
        }
    }
}

fn last(before: &[&str], words: &[&str]) -> bool {
    before.last().is_some_and(|word| words.contains(word))
}

/// Where the action of a command stands: first, or behind a selector.
fn verb(before: &[&str]) -> bool {
    match before {
        [] => true,
        ["neighbor" | "peer", _, rest @ ..] => {
            rest.len().is_multiple_of(2) && rest.iter().step_by(2).all(|key| KEYS.contains(key))
        }
        _ => false,
    }
}

/// Inside a selector, where a key stands.
fn selects(before: &[&str]) -> bool {
    matches!(before, ["neighbor" | "peer", ..]) && verb(before)
}

/// Behind `announce` or `withdraw`.
fn routes(before: &[&str]) -> bool {
    last(before, &["announce", "withdraw"])
}

fn shows(before: &[&str]) -> bool {
    before.contains(&"show") && !routes(before)
}

fn shows_neighbor(before: &[&str]) -> bool {
    matches!(before, ["show", "neighbor", ..] | ["neighbor", _, .., "show"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_understood() {
        for (typed, sent) in [
            ("s n s", "show neighbor summary"),
            ("s n e", "show neighbor extensive"),
            ("s n c", "show neighbor configuration"),
            ("s n 127.0.0.1 s", "show neighbor 127.0.0.1 summary"),
            ("s a o", "show adj-rib out"),
            ("s a o e", "show adj-rib out extensive"),
            ("s a i", "show adj-rib in"),
            ("sh neigh sum", "show neighbor summary"),
            ("h", "help"),
            ("f a o", "flush adj-rib out"),
            ("c a i", "clear adj-rib in"),
            ("t 2", "teardown 2"),
            ("n 127.0.0.1 t 4", "neighbor 127.0.0.1 teardown 4"),
            (
                "neighbor 127.0.0.1 peer-as 65001 id 10.0.0.1 a r 10.0.0.0/24 next-hop self",
                "neighbor 127.0.0.1 peer-as 65001 router-id 10.0.0.1 announce route 10.0.0.0/24 next-hop self",
            ),
            ("a e ipv4 unicast", "announce eor ipv4 unicast"),
            ("a rr ipv4 unicast", "announce route-refresh ipv4 unicast"),
            ("w r 10.0.0.0/24", "withdraw route 10.0.0.0/24"),
            ("w w dog", "withdraw watchdog dog"),
            ("d shutdown", "daemon shutdown"),
            ("ses sy enable", "session sync enable"),
            ("neigbour 127.0.0.1 t 4", "neighbor 127.0.0.1 teardown 4"),
        ] {
            assert_eq!(expand(typed), sent, "{typed}");
        }
    }

    #[test]
    fn words_of_routes_are_left_alone() {
        for command in [
            "announce route 10.0.0.0/24 next-hop self community [ a c e s ]",
            "announce watchdog s",
            "announce route 10.0.0.0/24 next-hop 1.2.3.4 as-path [ 1 2 ] name e",
            "peer * announce route 10.0.0.0/24 next-hop 1.2.3.4",
            "shutdown",
            "restart",
            "reset",
            "status",
            "version",
            "# a comment",
            "rib show in",
        ] {
            assert_eq!(expand(command), command);
        }
    }

    #[test]
    fn another_order_is_put_right() {
        for (typed, sent) in [
            ("neighbor 127.0.0.1 show summary", "show neighbor 127.0.0.1 summary"),
            ("adj-rib in show", "show adj-rib in"),
            ("adj-rib out show extensive", "show adj-rib out extensive"),
            ("neighbor 127.0.0.1 adj-rib in show", "show adj-rib in 127.0.0.1"),
        ] {
            assert_eq!(expand(typed), sent, "{typed}");
        }
    }
}
