//! An attribute as the words that make it again: what was received or shown, to be pasted back.
//!
//! By construction: the words are read, and where they would not make the same attribute, its
//! octets are given instead.

use std::fmt;

use crate::bgp::Negotiated;
use crate::text::Tokens;
use crate::wire::Writer;

use super::unknown::Digits;
use super::{AsPath, Attribute, Attributes, Flags, Kind, Unknown};

impl Attribute {
    /// The keyword and the words that make this attribute, in configurations and commands: those
    /// it is shown by where they do, else `attribute [ … ]` with its octets.
    pub fn statement(&self) -> String {
        let words = match self {
            Self::AsPath(path) => Some(path_words(path)),
            Self::Unknown(_) => Some(format!("{} {self}", Unknown::NAME)),
            Self::PrefixSid(sid) => sid.service_words(),
            _ => None,
        };
        let shown = || Some(format!("{} {self}", self.name().unwrap_or_default()));
        let exact = || match self {
            Self::Extended(list) => Some(list.words()),
            _ => None,
        };
        let readable = |words: &String| self.is_made_by(words);
        let words = words.filter(readable).or_else(|| shown().filter(readable));
        let words = words.or_else(|| exact().filter(readable));
        words.map_or_else(|| self.octets(), |words| words.trim_end().to_owned())
    }

    fn is_made_by(&self, words: &str) -> bool {
        let mut tokens = Tokens::line(words);
        let mut builder = Attributes::builder();
        let Ok(keyword) = tokens.word("a keyword") else { return false };
        let read = builder.parse(&keyword, &mut tokens);
        matches!(read, Some(Ok(()))) && tokens.is_done() && builder.build().iter().eq([self])
    }

    /// `attribute [ … ]`, which makes any attribute.
    pub fn octets(&self) -> String {
        let mut octets = Vec::new();
        self.pack(&mut Writer::new(&mut octets), &Negotiated::wide());
        let flags = match self {
            Self::Unknown(unknown) => unknown.flags,
            known => Self::rules(known.code()).map_or(Flags(0), |rules| rules.flags),
        };
        let code = self.code();
        format!("{} [ 0x{code:02X} 0x{:02X} {} ]", Unknown::NAME, flags.0, Digits(&octets))
    }
}

/// Paths by the brackets that are read, which are not those that are shown.
fn path_words(path: &AsPath) -> String {
    struct Segments<'a>(&'a AsPath);
    impl fmt::Display for Segments<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            for (kind, numbers) in self.0.segments() {
                let (open, close) = if kind == Kind::Set { (" (", " )") } else { (" [", " ]") };
                f.write_str(open)?;
                numbers.iter().try_for_each(|asn| write!(f, " {asn}"))?;
                f.write_str(close)?;
            }
            Ok(())
        }
    }
    if path.is_empty() { "as-path [ ]".to_owned() } else { format!("as-path{}", Segments(path)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::set;
    use crate::wire::from_hex;

    /// The attribute that octets are, flags and code in front.
    fn received(hex: &str) -> Attributes {
        let received = from_hex(hex).unwrap();
        let attributes = Attributes::unpack(&received, &Negotiated::wide());
        assert_eq!(attributes.verdict, super::super::Verdict::Keep, "{hex}");
        Attributes::clone(&attributes.attributes)
    }

    fn packed(attribute: &Attribute) -> Vec<u8> {
        let mut out = Vec::new();
        attribute.pack(&mut Writer::new(&mut out), &Negotiated::wide());
        out
    }

    #[test]
    fn what_was_received_is_said_again() {
        let service = "0500220001001e0020010db8000500000000000000000000000048000100064018100010 40";
        let service = service.replace(' ', "");
        for (hex, statement) in [
            ("40010102", "origin incomplete"),
            ("400200", "as-path [ ]"),
            ("400210020200000001000000020101 00000003", "as-path [ 1 2 ] ( 3 )"),
            ("400206030100000001", "attribute [ 0x02 0x40 0x030100000001 ]"),
            ("80040400000005", "med 5"),
            ("400600", "atomic-aggregate"),
            ("c00708000000 07c0000207", "aggregator ( 7:192.0.2.7 )"),
            ("c00804ffffff01", "community no-export"),
            ("800a08c0000201c0000202", "cluster-list [ 192.0.2.1 192.0.2.2 ]"),
            ("c010080002fcbc00000001", "extended-community target:64700:1"),
            ("c010084002fcbc00000001", "extended-community 0x4002FCBC00000001"),
            ("c0100802020000fbf00064", "extended-community [ target:64496L:100 ]"),
            (
                "c010108007000000000003800900000000002e",
                "extended-community [ action sample-terminal mark 46 ]",
            ),
            (
                "c01008010cc000024d0001",
                "extended-community copy-to-nexthop-ietf 192.0.2.77 (with copy)",
            ),
            ("c016050000000000", "pmsi pmsi:notunnel:0:0:"),
            ("c016090006000641c0000209", "pmsi pmsi:ingressreplication:0:100(1601):192.0.2.9"),
            ("c016070009000000aabb", "attribute [ 0x16 0xC0 0x0009000000aabb ]"),
            (
                "c0170c000f00080c06000000000064",
                "attribute [ 0x17 0xC0 0x000f00080c06000000000064 ]",
            ),
            (
                "c01914000c20010db80000000000000000000000770000",
                "extended-community-ipv6 redirect-to-nexthop-ietf 2001:db8::77",
            ),
            ("c02304fa56ea01", "otc 4200000001"),
            ("c0200c0000fcbc0000000100000002", "large-community 64700:1:2"),
            ("c0280a01000700000000000309", "bgp-prefix-sid [ 777 ]"),
            ("c0280a01000700000100000309", "attribute [ 0x28 0xC0 0x01000700000100000309 ]"),
            (
                &format!("c02825{service}"),
                "bgp-prefix-sid-srv6 ( l3-service 2001:db8:5:: 0x48 [64,24,16,0,16,64] )",
            ),
            ("c02806090003010203", "bgp-prefix-sid [ attribute-not-implemented-9 0x010203 ]"),
            ("c063020102", "attribute [ 0x63 0xE0 0x0102 ]"),
        ] {
            let one = received(&hex.replace(' ', ""));
            let attribute = one.iter().next().unwrap();
            assert_eq!(attribute.statement(), statement);
            let again = set(statement);
            assert_eq!(packed(again.iter().next().unwrap()), packed(attribute), "{statement}");
        }
    }
}
