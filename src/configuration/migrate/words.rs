//! Words that were spelled otherwise: from 4 to 5, and from 5 to main.

use super::{Edits, comments, statements};
use crate::configuration::tree::{Item, Statement};

/// From 4 to 5: `route refresh`, `not-a-fragment`, and two words of helper command lines.
pub(super) fn to_5(items: &[Item<'_>], edits: &mut Edits<'_, '_>) {
    statements(items, &mut |path, statement| {
        if path.last() == Some(&"capability") {
            pair(edits, statement, ("route", "refresh"), "route-refresh");
        }
        pair(edits, statement, ("tcp.once", "true"), "tcp.attempts 1");
        pair(edits, statement, ("tcp.once", "false"), "tcp.attempts 0");
        pair(edits, statement, ("facility", "syslog"), "facility daemon");
        pair(edits, statement, ("--syslog-facility", "syslog"), "--syslog-facility daemon");
        for word in statement.words.iter().filter(|word| !word.quoted) {
            if word.trim_start_matches('=') == "not-a-fragment" {
                let change = format!("\"{}\" is now \"!is-fragment\"", word.text);
                edits.replace(word.span, "!is-fragment", &change);
            }
        }
    });
}

/// From 5 to main: the name of labelled unicast (RFC 8277), and what comments say of it.
pub(super) fn to_main(items: &[Item<'_>], edits: &mut Edits<'_, '_>) {
    statements(items, &mut |_, statement| {
        for word in statement.words.iter().take(2) {
            if !word.quoted && &*word.text == "nlri-mpls" {
                let change = "\"nlri-mpls\" is now \"labeled-unicast\" (RFC 8277)";
                edits.replace(word.span, "labeled-unicast", change);
            }
        }
    });
    for comment in comments(items) {
        edits.reword(comment, "nlri-mpls", "labeled-unicast");
    }
}

/// Puts `new` in the place of two words that follow each other.
fn pair(
    edits: &mut Edits<'_, '_>,
    statement: &Statement<'_>,
    (first, second): (&str, &str),
    new: &str,
) {
    for pair in statement.words.windows(2) {
        let [one, two] = pair else { continue };
        let same = &*one.text == first && two.eq_ignore_ascii_case(second);
        if same && !one.quoted && !two.quoted {
            let change = format!("\"{first} {second}\" is now \"{new}\"");
            edits.replace(one.span.to(two.span), new, &change);
        }
    }
}
