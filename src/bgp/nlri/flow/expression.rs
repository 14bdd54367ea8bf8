//! What a component is compared with, as people write it: `80`, `>1024&<2048`, `syn&!ack`,
//! `[ =80 =443 ]`.
//!
//! Terms between brackets are alternatives, `&` joins what must hold together. A number without
//! operator is meant to be equal, bits without to be set in part.

use super::component::{Kind, Values};
use super::term::{Term, compares};
use crate::text::{Error, Tokens, Word};

/// A type of component, and the largest value that may be written of it.
pub(super) type Field<'a> = (&'a Kind, u64);

/// Reads one expression, or several between brackets; what is let through is told in `warnings`.
pub(super) fn read(
    field: Field<'_>,
    tokens: &mut Tokens<'_>,
    warnings: &mut Vec<Error>,
) -> Result<Vec<Term>, Error> {
    let mut terms = Vec::new();
    let start = tokens.span();
    if !tokens.accept("[") {
        let word = value(tokens)?;
        let mut text = &*word.text;
        if let Some((whole, "")) = text.rsplit_once('&') {
            warnings.push(word.fault("ends with an & that joins nothing"));
            text = whole;
        }
        expression(field, &word, text, &mut terms)?;
        return Ok(terms);
    }
    while !tokens.accept("]") {
        if tokens.is_done() {
            return Err(tokens.missing("\"]\""));
        }
        let word = value(tokens)?;
        expression(field, &word, &word, &mut terms)?;
    }
    if terms.is_empty() {
        let what = "[ ] holds no value: the rule would match more than it says";
        return Err(Error::new(start.to(tokens.last()), what));
    }
    Ok(terms)
}

/// The next word, which no comma may follow: values would be lost.
fn value<'a>(tokens: &mut Tokens<'a>) -> Result<Word<'a>, Error> {
    let word = tokens.word("a value")?;
    let mut span = word.span;
    while tokens.accept(",") {
        span = span.to(tokens.last());
        if tokens.peek().is_some_and(|next| next.text != "]") {
            span = span.to(tokens.word("a value")?.span);
        }
    }
    if span == word.span {
        return Ok(word);
    }
    let list = tokens.slice(span.start, span.end);
    Err(Error::new(span, format!("\"{list}\" has a comma: write [ {} ]", list.replace(',', " "))))
}

/// Reads the terms of one word.
fn expression(
    field: Field<'_>,
    word: &Word<'_>,
    text: &str,
    terms: &mut Vec<Term>,
) -> Result<(), Error> {
    for (index, part) in text.split('&').enumerate() {
        let term = one(field, part).map_err(|what| word.fault(what))?;
        terms.push(Term { and: index > 0, ..term });
    }
    Ok(())
}

/// Reads an operator and a value.
fn one(field: Field<'_>, text: &str) -> Result<Term, &'static str> {
    if text.is_empty() {
        return Err("has an & that joins nothing");
    }
    let (kind, limit) = field;
    let operators = kind.operators();
    // What is always or never true stands alone, or before digits that do not count.
    let constant = operators.iter().filter(|(_, bits)| !compares(operators, *bits));
    for (name, operator) in constant {
        let (head, digits) = text.split_at_checked(name.len()).unwrap_or(("", text));
        if head.eq_ignore_ascii_case(name) && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            let value = if digits.is_empty() { Some(0) } else { digits.parse().ok() };
            let value = value.filter(|value| *value <= limit);
            return value.map(|value| Term { and: false, operator: *operator, value }).ok_or(LARGE);
        }
    }
    let written = operators.iter().filter(|(_, bits)| compares(operators, *bits));
    let (operator, value) = written
        .filter_map(|(name, bits)| text.strip_prefix(name).map(|value| (*bits, value)))
        .next()
        .unwrap_or((EQUAL, text));
    let value = match kind.values {
        Values::Bits(..) => {
            value.split('+').try_fold(0, |bits, name| number(field, name).map(|bit| bits | bit))?
        }
        Values::Prefix | Values::Numbers(_) | Values::Ports => number(field, value)?,
    };
    Ok(Term { and: false, operator, value })
}

/// What a number without operator means.
const EQUAL: u8 = 1;
const LARGE: &str = "has a value that is too large";

/// Reads a value: decimal, hexadecimal behind `0x`, or a name.
fn number((kind, limit): Field<'_>, text: &str) -> Result<u64, &'static str> {
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (digits, radix) = hexadecimal.map_or((text, 10), |digits| (digits, 16));
    let is_number = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    if !is_number {
        return kind.named(text).ok_or("has a value that is neither a number nor a known name");
    }
    let value = u64::from_str_radix(digits, radix).ok();
    value.filter(|value| *value <= limit).ok_or(LARGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The terms as operator, value and a mark for AND.
    fn terms(word: &str, text: &str) -> Result<Vec<(bool, u8, u64)>, String> {
        let (kind, afi) = Kind::from_word(word).unwrap();
        let mut warnings = Vec::new();
        let read = read((kind, kind.written_max(afi)), &mut Tokens::line(text), &mut warnings);
        let read = read.map_err(|error| error.what().to_owned())?;
        assert_eq!(warnings.len(), usize::from(text.ends_with('&')));
        Ok(read.iter().map(|term| (term.and, term.operator, term.value)).collect())
    }

    #[test]
    fn numbers() {
        for (word, text, expected) in [
            ("port", "80", vec![(false, 1, 80)]),
            ("port", "=http", vec![(false, 1, 80)]),
            ("port", "0x50", vec![(false, 1, 80)]),
            ("port", "!=whois++", vec![(false, 6, 63)]),
            ("port", ">=1024&<=2048", vec![(false, 3, 1024), (true, 5, 2048)]),
            (
                "port",
                "[ >8080&<8088 =3128 ]",
                vec![(false, 2, 8080), (true, 4, 8088), (false, 1, 3128)],
            ),
            ("port", "[>1 2]", vec![(false, 2, 1), (false, 1, 2)]),
            ("port", "80&", vec![(false, 1, 80)]),
            ("port", "true", vec![(false, 7, 0)]),
            ("port", "TRUE&false0", vec![(false, 7, 0), (true, 0, 0)]),
            ("port", "true7", vec![(false, 7, 7)]),
            ("port", "truecm", vec![(false, 1, 8804)]),
            ("protocol", "ICMPv6", vec![(false, 1, 58)]),
            ("icmp-code", "host_unreachable", vec![(false, 1, 1)]),
            ("flow-label", "1048575", vec![(false, 1, 1_048_575)]),
        ] {
            assert_eq!(terms(word, text), Ok(expected), "{word} {text}");
        }
    }

    #[test]
    fn bits() {
        for (word, text, expected) in [
            ("tcp-flags", "syn", vec![(false, 0, 2)]),
            ("tcp-flags", "=SYN+ACK", vec![(false, 1, 18)]),
            ("tcp-flags", "!syn", vec![(false, 2, 2)]),
            ("tcp-flags", "!=syn", vec![(false, 3, 2)]),
            ("tcp-flags", "syn&!ack", vec![(false, 0, 2), (true, 2, 16)]),
            ("tcp-flags", "syn+0x200", vec![(false, 0, 514)]),
            ("tcp-flags", "=0", vec![(false, 1, 0)]),
            ("fragment", "is-fragment+last-fragment", vec![(false, 0, 10)]),
        ] {
            assert_eq!(terms(word, text), Ok(expected), "{word} {text}");
        }
    }

    #[test]
    fn what_would_lose_a_value_is_refused() {
        for (word, text) in [
            ("port", ""),
            ("port", "!80"),
            ("port", "="),
            ("port", "65536"),
            ("port", "18446744073709551616"),
            ("port", "80-90"),
            ("port", "0x"),
            ("port", "-1"),
            ("port", "+1"),
            ("port", "80+1"),
            ("port", "wibble"),
            ("port", "80&&90"),
            ("port", "&80"),
            ("port", "80&&"),
            ("port", "[ 80& ]"),
            ("port", "[ 80 443"),
            ("port", "[ ]"),
            ("port", "80,443"),
            ("port", "80, 443"),
            ("port", "[ 80, 443 ]"),
            ("port", "[ 80, ]"),
            ("port", "true65536"),
            ("protocol", "256"),
            ("dscp", "64"),
            ("traffic-class", "256"),
            ("flow-label", "1048576"),
            ("tcp-flags", "psh"),
            ("tcp-flags", "syn+"),
            ("tcp-flags", ">syn"),
            ("tcp-flags", "!"),
            ("tcp-flags", "65536"),
            ("fragment", "not-a-fragment"),
        ] {
            let fault = terms(word, text).unwrap_err();
            let shown = text.trim_start_matches("[ ").trim_end_matches(" ]");
            assert!(fault.contains(shown) || text.starts_with('['), "{text}: {fault}");
        }
    }
}
