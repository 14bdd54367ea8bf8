//! AS_PATH, RFC 4271 section 5.1.2 and RFC 5065: the ASes a route came through; and AS4_PATH,
//! RFC 6793, which carries the numbers that two octets cannot hold.
//!
//! Wire format: segments of kind, count, and that many AS numbers, of two octets on sessions
//! without four-octet AS numbers. AS4_PATH always has four, and no confederation segment.
//!
//! Text read: `[ 1 2 ] ( 3 4 )`, a sequence then a set, or one number. Text shown has the
//! brackets the other way round, which programs that read it have come to expect.

use std::fmt;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::protocol::Asn;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::pieces::Pieces;
use super::{Flags, OnFault, Policy};

/// What the numbers of a segment are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Set,
    Sequence,
    ConfedSequence,
    ConfedSet,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Set, Self::Sequence, Self::ConfedSequence, Self::ConfedSet];

    fn octet(self) -> u8 {
        match self {
            Self::Set => 1,
            Self::Sequence => 2,
            Self::ConfedSequence => 3,
            Self::ConfedSet => 4,
        }
    }

    fn from_octet(octet: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.octet() == octet)
    }

    fn element(self) -> &'static str {
        match self {
            Self::Set => "as-set",
            Self::Sequence => "as-sequence",
            Self::ConfedSequence => "as-confed-sequence",
            Self::ConfedSet => "as-confed-set",
        }
    }

    /// The brackets it is shown in.
    fn brackets(self) -> (&'static str, &'static str) {
        match self {
            Self::Set => ("[ ", " ]"),
            Self::Sequence => ("( ", " )"),
            Self::ConfedSequence => ("{ ( ", " ) }"),
            Self::ConfedSet => ("{ [ ", " ] }"),
        }
    }

    /// Whether the segment stays inside a confederation.
    pub fn is_confederation(self) -> bool {
        matches!(self, Self::ConfedSequence | Self::ConfedSet)
    }
}

/// The ASes a route came through, the nearest first. One run of words: each segment is a header,
/// its kind above 24 bits of count, and its numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AsPath(Box<[u32]>);

impl AsPath {
    const COUNT: u32 = 0x00ff_ffff;

    /// A path of one sequence; of nothing when `numbers` is empty.
    pub fn sequence(numbers: &[Asn]) -> Self {
        let mut path = PathBuilder::default();
        path.segment(Kind::Sequence, numbers.iter().map(|asn| asn.0));
        path.build()
    }

    /// The segments in order.
    pub fn segments(&self) -> Segments<'_> {
        Segments { words: &self.0 }
    }

    /// Whether there is no segment.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The length of the path as RFC 4271 section 9.1.2.2 and RFC 5065 section 5.3 count it: a
    /// set is one, a confederation is nothing.
    pub fn hops(&self) -> usize {
        self.segments().map(|(kind, numbers)| hops(kind, numbers)).sum()
    }

    /// The path of which `self` is what an old speaker passed on, and `wide` what it could not
    /// read (RFC 6793 section 4.2.3).
    #[must_use]
    pub fn merged(&self, wide: &Self) -> Self {
        let Some(mut leading) = self.hops().checked_sub(wide.hops()) else { return self.clone() };
        let mut path = PathBuilder::default();
        for (kind, numbers) in self.segments() {
            let length = hops(kind, numbers);
            if length > leading && leading == 0 {
                break;
            }
            let taken = if length > leading { leading } else { numbers.len() };
            path.segment(kind, numbers.iter().take(taken).copied());
            leading -= length.min(leading);
        }
        for (kind, numbers) in wide.segments().filter(|(kind, _)| !kind.is_confederation()) {
            path.joined(kind, numbers);
        }
        path.build()
    }

    fn read(reader: &mut Reader<'_>, what: &'static str, width: Width) -> Result<Self, Malformed> {
        let octets = width.octets();
        // Exact for one segment, which is nearly every path.
        let mut words = Vec::with_capacity(reader.len() / octets + usize::from(octets == 4));
        while !reader.is_empty() {
            let octet = reader.u8(what)?;
            let kind = Kind::from_octet(octet)
                .ok_or_else(|| Malformed::Value { what, got: u32::from(octet) })?;
            let count = reader.u8(what)?;
            if count == 0 {
                // RFC 7606 section 7.2.
                return Err(Malformed::Length { what, got: 0 });
            }
            words.push(u32::from(kind.octet()) << 24 | u32::from(count));
            let numbers = reader.take(what, usize::from(count) * octets)?;
            match width {
                Width::Two => {
                    let (numbers, _) = numbers.as_chunks();
                    words.extend(numbers.iter().map(|n| u32::from(u16::from_be_bytes(*n))));
                }
                Width::Four => {
                    let (numbers, _) = numbers.as_chunks();
                    words.extend(numbers.iter().map(|n| u32::from_be_bytes(*n)));
                }
            }
        }
        Ok(Self(words.into_boxed_slice()))
    }

    fn write(&self, writer: &mut Writer<'_>, mut number: impl FnMut(&mut Writer<'_>, Asn)) {
        for (kind, numbers) in self.segments() {
            for part in numbers.chunks(usize::from(u8::MAX)) {
                writer.u8(kind.octet());
                writer.u8(u8::try_from(part.len()).unwrap_or(u8::MAX));
                for asn in part {
                    number(writer, Asn(*asn));
                }
            }
        }
    }
}

/// The size of a number on a session.
#[derive(Clone, Copy, Debug)]
enum Width {
    Two,
    Four,
}

impl Width {
    fn octets(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }
}

fn hops(kind: Kind, numbers: &[u32]) -> usize {
    match kind {
        Kind::Set => 1,
        Kind::Sequence => numbers.len(),
        Kind::ConfedSequence | Kind::ConfedSet => 0,
    }
}

/// The segments of a path, in order.
#[derive(Clone, Debug)]
pub struct Segments<'a> {
    words: &'a [u32],
}

impl<'a> Iterator for Segments<'a> {
    type Item = (Kind, &'a [u32]);

    fn next(&mut self) -> Option<Self::Item> {
        let (header, rest) = self.words.split_first()?;
        let kind = Kind::from_octet(header.to_be_bytes()[0])?;
        let count = usize::try_from(header & AsPath::COUNT).ok()?;
        let (numbers, rest) = rest.split_at_checked(count)?;
        self.words = rest;
        Some((kind, numbers))
    }
}

/// Lays segments one after the other.
#[derive(Debug, Default)]
struct PathBuilder {
    words: Vec<u32>,
    /// Where the last header stands.
    last: Option<usize>,
}

impl PathBuilder {
    /// A segment of its own; nothing when there is no number.
    fn segment(&mut self, kind: Kind, numbers: impl Iterator<Item = u32>) {
        let at = self.words.len();
        self.words.push(u32::from(kind.octet()) << 24);
        self.words.extend(numbers);
        if self.words.len() == at + 1 {
            self.words.pop();
        } else {
            self.last = Some(at);
            self.count(at);
        }
    }

    /// Goes on with the last segment when both are sequences.
    fn joined(&mut self, kind: Kind, numbers: &[u32]) {
        let sequence = u32::from(Kind::Sequence.octet());
        let last = self.last.filter(|at| {
            kind == Kind::Sequence && self.words.get(*at).is_some_and(|word| word >> 24 == sequence)
        });
        match last {
            Some(at) => {
                self.words.extend_from_slice(numbers);
                self.count(at);
            }
            None => self.segment(kind, numbers.iter().copied()),
        }
    }

    fn count(&mut self, at: usize) {
        let count = u32::try_from(self.words.len() - at - 1).unwrap_or(AsPath::COUNT);
        if let Some(header) = self.words.get_mut(at) {
            *header = *header & !AsPath::COUNT | count.min(AsPath::COUNT);
        }
    }

    fn build(self) -> AsPath {
        AsPath(self.words.into_boxed_slice())
    }
}

impl Element for AsPath {
    const NAME: &'static str = "as-path";

    fn unpack(reader: &mut Reader<'_>, negotiated: &Negotiated) -> Result<Self, Malformed> {
        let width = if negotiated.asn4 { Width::Four } else { Width::Two };
        Self::read(reader, Self::NAME, width)
    }

    fn pack(&self, writer: &mut Writer<'_>, negotiated: &Negotiated) {
        if negotiated.asn4 {
            self.write(writer, |writer, asn| writer.u32(asn.0));
        } else {
            self.write(writer, |writer, asn| writer.u16(asn.two_octets()));
        }
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.raw("{");
        for (index, (kind, numbers)) in (0u32..).zip(self.segments()) {
            json.raw(if index == 0 { "\"" } else { ", \"" });
            json.number(index);
            json.raw("\": {\"element\": \"");
            json.raw(kind.element());
            json.raw("\", \"value\": ");
            json.tight_list(|list| numbers.iter().for_each(|asn| list.element().number(*asn)));
            json.raw("}");
        }
        json.raw("}");
    }
}

impl Policy for AsPath {
    const FLAGS: Flags = Flags::WELL_KNOWN;
    const ON_FAULT: OnFault = OnFault::Withdraw;
    const EMPTY_IS_VALID: bool = true;
}

impl FromText for AsPath {
    const SYNTAX: &'static str = "as-path [ <AS number> … ] ( <AS number of a set> … ) …";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let mut path = PathBuilder::default();
        if !opens(tokens) {
            path.segment(Kind::Sequence, std::iter::once(Asn::parse(tokens)?.0));
            return Ok(path.build());
        }
        let mut pieces = Pieces::new(tokens);
        let mut numbers = Vec::new();
        loop {
            let (kind, close, expected) = if pieces.accept("[")? {
                (Kind::Sequence, "]", "an AS number or \"]\"")
            } else {
                pieces.expect("(")?;
                (Kind::Set, ")", "an AS number or \")\"")
            };
            loop {
                let piece = pieces.next(expected)?;
                match piece.text() {
                    "," => {}
                    text if text == close => break,
                    text => match Asn::from_text(text) {
                        Some(asn) => numbers.push(asn.0),
                        None => return Err(piece.fault("is not an AS number")),
                    },
                }
            }
            path.segment(kind, numbers.drain(..));
            if pieces.is_drained() && !pieces.peek_word(opens_segment) {
                return Ok(path.build());
            }
        }
    }
}

fn opens(tokens: &mut Tokens<'_>) -> bool {
    tokens.peek().is_some_and(|word| opens_segment(word))
}

fn opens_segment(word: &str) -> bool {
    word.starts_with(['[', '('])
}

impl fmt::Display for AsPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("(  )");
        }
        for (index, (kind, numbers)) in self.segments().enumerate() {
            let (open, close) = kind.brackets();
            f.write_str(if index == 0 { "" } else { " " })?;
            f.write_str(open)?;
            for (index, asn) in numbers.iter().enumerate() {
                write!(f, "{}{asn}", if index == 0 { "" } else { " " })?;
            }
            f.write_str(close)?;
        }
        Ok(())
    }
}

/// The path as seen by speakers of four-octet AS numbers, through one that is not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct As4Path(pub AsPath);

impl As4Path {
    /// What of `path` an old peer cannot read and must pass on: nothing where all numbers fit.
    pub fn beside(path: &AsPath) -> Option<Self> {
        let segments = || path.segments().filter(|(kind, _)| !kind.is_confederation());
        let wide = segments().any(|(_, numbers)| numbers.iter().any(|asn| Asn(*asn).is_wide()));
        wide.then(|| {
            let mut built = PathBuilder::default();
            segments().for_each(|(kind, numbers)| built.segment(kind, numbers.iter().copied()));
            Self(built.build())
        })
    }
}

impl Element for As4Path {
    const NAME: &'static str = "as4-path";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        AsPath::read(reader, Self::NAME, Width::Four).map(Self)
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        self.0.write(writer, |writer, asn| writer.u32(asn.0));
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        self.0.json(json);
    }
}

impl Policy for As4Path {
    const FLAGS: Flags = Flags::OPTIONAL_TRANSITIVE;
    // RFC 6793 section 6: only the attribute itself is lost.
    const ON_FAULT: OnFault = OnFault::Discard;
    const ON_WRONG_FLAGS: OnFault = OnFault::Ignore;

    fn accepted(negotiated: &Negotiated) -> bool {
        !negotiated.asn4
    }
}

impl fmt::Display for As4Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_as, parse, received, refuse, refuse_texts};
    use super::*;

    const SEQUENCE: &str = r#"{"0": {"element": "as-sequence", "value": [64700, 64701]}}"#;

    #[test]
    fn sequences() {
        let hex = "02020000fcbc0000fcbd";
        for text in ["[ 64700 64701 ]", "[64700, 64701]", "[64700,64701,]"] {
            check_as::<AsPath>(text, "( 64700 64701 )", hex, SEQUENCE);
        }
        let one = r#"{"0": {"element": "as-sequence", "value": [64700]}}"#;
        check_as::<AsPath>("64700", "( 64700 )", "02010000fcbc", one);
        let dotted = r#"{"0": {"element": "as-sequence", "value": [196615]}}"#;
        check_as::<AsPath>("[ 3.7 ]", "( 196615 )", "020100030007", dotted);
        check_as::<AsPath>("[ ]", "(  )", "", "{}");
    }

    #[test]
    fn sets() {
        let json = concat!(
            r#"{"0": {"element": "as-sequence", "value": [64700]}, "#,
            r#""1": {"element": "as-set", "value": [64710, 64711]}}"#
        );
        for text in ["[ 64700 ] ( 64710 64711 )", "[64700] (64710 64711)", "[64700](64710,64711)"] {
            let hex = "02010000fcbc01020000fcc60000fcc7";
            check_as::<AsPath>(text, "( 64700 ) [ 64710 64711 ]", hex, json);
        }
    }

    #[test]
    fn confederations_are_received() {
        let json = concat!(
            r#"{"0": {"element": "as-confed-sequence", "value": [64512]}, "#,
            r#""1": {"element": "as-confed-set", "value": [64513]}}"#
        );
        received::<AsPath>("03010000fc0004010000fc01", "{ ( 64512 ) } { [ 64513 ] }", json);
    }

    #[test]
    fn the_word_after_stays() {
        let mut tokens = Tokens::line("[ 1 ] ( 2 ) med 5");
        AsPath::parse(&mut tokens).unwrap();
        assert_eq!(tokens.remaining(), "med 5");
        let mut tokens = Tokens::line("[ ] 10.0.0.0/8");
        assert!(AsPath::parse(&mut tokens).unwrap().is_empty());
        assert_eq!(tokens.remaining(), "10.0.0.0/8");
    }

    #[test]
    fn anything_else_is_refused() {
        refuse_texts::<AsPath>(&[
            "[ 1 ( 2 ) ]",
            "[ 1 [ 2 ] ]",
            "[ { 64496 } ]",
            "[ x ]",
            "[ 4294967296 ]",
            "[ 64496",
            "( 64496 ]",
            "]",
            "",
        ]);
        let what = "as-path";
        refuse::<AsPath>("05010000fcbc", Malformed::Value { what, got: 5 });
        refuse::<AsPath>("02050000fcbc", Malformed::Short { what });
        refuse::<AsPath>("02010000fcbc02", Malformed::Short { what });
        refuse::<AsPath>("0200", Malformed::Length { what, got: 0 });
    }

    #[test]
    fn segments_hold_255_numbers() {
        let numbers: Vec<Asn> = (0..600).map(Asn).collect();
        let path = AsPath::sequence(&numbers);
        let mut out = Vec::new();
        path.pack(&mut Writer::new(&mut out), &Negotiated::wide());
        let back = AsPath::unpack(&mut Reader::new(&out), &Negotiated::wide()).unwrap();
        let lengths: Vec<_> = back.segments().map(|(_, numbers)| numbers.len()).collect();
        assert_eq!(lengths, [255, 255, 90]);
        assert_eq!(path.hops(), 600);
    }

    fn merged(old: &str, wide: &str) -> String {
        parse::<AsPath>(old).unwrap().merged(&parse(wide).unwrap()).to_string()
    }

    #[test]
    fn what_old_speakers_could_not_read_is_put_back() {
        let path = "( 64700 4200000001 4200000002 )";
        assert_eq!(merged("[ 64700 23456 23456 ]", "[ 4200000001 4200000002 ]"), path);
        assert_eq!(merged("[ 64700 ]", "[ 4200000001 4200000002 ]"), "( 64700 )");
        assert_eq!(merged("[ 64700 ] ( 1 23456 )", "( 1 70000 )"), "( 64700 ) [ 1 70000 ]");
        assert_eq!(merged("( 1 2 ) [ 3 23456 ]", "[ 3 70000 ]"), "[ 1 2 ] ( 3 70000 )");
        assert_eq!(merged("[ 23456 ]", "[ 70000 ]"), "( 70000 )");
    }

    #[test]
    fn confederations_stay_out_of_as4_path() {
        let mut path = PathBuilder::default();
        path.segment(Kind::ConfedSequence, std::iter::once(70000));
        path.segment(Kind::Sequence, std::iter::once(70001));
        let mut out = Vec::new();
        let wide = As4Path::beside(&path.build()).unwrap();
        wide.pack(&mut Writer::new(&mut out), &Negotiated::wide());
        assert_eq!(out, [2, 1, 0, 1, 0x11, 0x71]);
        assert_eq!(As4Path::beside(&AsPath::sequence(&[Asn(65535)])), None);
    }
}
