//! The questions every layout with a grammar is asked: words to octets, octets back, JSON and
//! text from them, words again.

use super::{About, Nlri, Packed, Rule, Run};
use crate::bgp::attribute::{Attributes, Builder, NextHop};
use crate::json::{self, Dialect};
use crate::protocol::Family;
use crate::text::{Error, Span, Tokens};
use crate::wire::{Hex, from_hex};

/// Reads a whole route of the grammar of `family`.
pub(super) fn parse(words: &str, family: Family) -> Result<(Packed, Builder), Error> {
    let grammar = Rule::of(family).unwrap().shape.grammar().unwrap();
    let mut wording = (grammar.start)(family);
    let mut attributes = Attributes::builder();
    let mut tokens = Tokens::line(words);
    while !tokens.is_done() {
        let word = tokens.word("a keyword")?;
        let read = wording.field(&word, &mut tokens, &mut attributes);
        read.or_else(|| attributes.parse(&word, &mut tokens))
            .unwrap_or_else(|| Err(word.fault("is not known")))?;
    }
    let packed = wording.finish(&mut attributes, Span::new(0, words.len()))?;
    Ok((packed, attributes))
}

/// An NLRI without anything around it.
pub(super) fn about(family: Family, dialect: Dialect) -> About {
    About { family, path_id: None, next_hop: NextHop::None, dialect }
}

/// Every face of the NLRI that `words` make: its octets, its JSON, its text in both dialects, and
/// the words again.
pub(super) fn check(words: &str, family: Family, hex: &str, json: &str, texts: [&str; 2]) {
    let (packed, _) = parse(words, family).unwrap();
    assert_eq!(packed.family(), family);
    assert_eq!(Hex(packed.bytes()).to_string(), hex, "{words}");
    assert_eq!(told(packed.bytes(), family), words);
    shows(hex, family, json, texts);
}

/// The faces of octets that may have no words.
pub(super) fn shows(hex: &str, family: Family, json: &str, texts: [&str; 2]) {
    let bytes = from_hex(hex).unwrap();
    let nlri = Nlri::unpack(&bytes, family).unwrap();
    for (dialect, text) in [Dialect::V4, Dialect::V6].into_iter().zip(texts) {
        let about = about(family, dialect);
        let mut out = Vec::new();
        json::Writer::new(&mut out, dialect).object(|object| nlri.members(object, &about));
        assert_eq!(String::from_utf8(out).unwrap(), json, "{hex}");
        let mut out = Vec::new();
        nlri.text(&mut out, &about);
        assert_eq!(String::from_utf8(out).unwrap(), text, "{hex}");
    }
    hostile(&bytes, family);
}

/// Words that are no route; each is refused with a place and some of these letters.
pub(super) fn refuse(family: Family, cases: &[(&str, &str)]) {
    for (words, what) in cases {
        let error = parse(words, family).unwrap_err();
        assert!(error.what().contains(what), "{words}: {}", error.what());
        assert!(error.span().start <= error.span().end && error.span().end <= words.len());
    }
}

/// Octets that are no NLRI.
pub(super) fn refuse_octets(family: Family, cases: &[&str]) {
    for hex in cases {
        assert!(Run::check(&from_hex(hex).unwrap(), family, false).is_err(), "{hex}");
    }
}

/// Shorter and damaged octets are refused, or read as what they are: the same octets again from
/// what was read, and from its words.
fn hostile(bytes: &[u8], family: Family) {
    returns(bytes, family);
    for length in 0..bytes.len() {
        returns(&bytes[..length], family);
    }
    let mut damaged = bytes.to_vec();
    for place in 0..bytes.len() {
        for flip in [0x01, 0x10, 0x20, 0x80, 0xff] {
            damaged[place] ^= flip;
            returns(&damaged, family);
            damaged[place] ^= flip;
        }
    }
}

/// If `bytes` are a run of NLRI, each is written as it was read, by octets and by words.
fn returns(bytes: &[u8], family: Family) {
    let Ok(run) = Run::check(bytes, family, false) else { return };
    for entry in run.entries() {
        let nlri = Nlri::unpack(entry.bytes, family).unwrap();
        assert_eq!(nlri.packed(family, None).bytes(), entry.bytes, "{nlri:?}");
        let words = told(entry.bytes, family);
        let (packed, _) = parse(&words, family).unwrap();
        assert_eq!(packed.bytes(), entry.bytes, "{words}");
    }
}

/// The words that make the NLRI of these octets.
pub(super) fn told(bytes: &[u8], family: Family) -> String {
    let mut out = Vec::new();
    let nlri = Nlri::unpack(bytes, family).unwrap();
    nlri.statement(&mut out, &about(family, Dialect::V4));
    String::from_utf8(out).unwrap()
}
