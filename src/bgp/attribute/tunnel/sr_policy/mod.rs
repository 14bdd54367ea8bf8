//! A segment-routing policy, RFC 9830: the paths of segments on which traffic is steered.
//!
//! Wire format: sub-TLVs of a type, a length of 8 bits below type 128 and of 16 bits from there
//! on, and a value. Words: one keyword a sub-TLV; `unknown-subtlv-N 0x…` is any of them as octets,
//! and the form in which one is shown whose other words would not give the same octets again.

mod behavior;
mod binding_sid;
mod name;
mod preference;
mod segment;
mod segment_list;

use std::fmt::{self, Write as _};

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::text::{Error, Tokens, Word};
use crate::wire::{Hex, Malformed, Reader, TooLong, Writer, from_hex};

pub use behavior::EndpointBehavior;
pub use binding_sid::{BindingSid, Srv6BindingSid};
pub use name::{CandidatePathName, PolicyName};
pub use preference::{Preference, Priority};
pub use segment::{Segment, Sid};
pub use segment_list::{Part, SegmentList};

crate::registry! {
    /// What is said of a policy (IANA: BGP Tunnel Encapsulation Attribute Sub-TLVs).
    pub enum SubTlv: u8, unknown Opaque {
        12 => Preference(Preference) text,
        13 => BindingSid(BindingSid) text,
        15 => Priority(Priority) text,
        20 => Srv6BindingSid(Srv6BindingSid) text,
        128 => SegmentList(SegmentList) text,
        129 => CandidatePathName(CandidatePathName) text,
        130 => PolicyName(PolicyName) text,
    }
}

/// The word before the type of a sub-TLV that is written as octets.
const UNKNOWN: &str = "unknown-subtlv-";
const UNKNOWN_SYNTAX: &str = "unknown-subtlv-<type> 0x<value>";

/// A sub-TLV as octets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Opaque {
    code: u8,
    value: Box<[u8]>,
}

impl Opaque {
    fn bytes(&self) -> &[u8] {
        &self.value
    }

    fn key(&self) -> String {
        format!("{UNKNOWN}{}", self.code)
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.hex(&self.value);
    }

    /// Reads the value behind `unknown-subtlv-N`; `None` when `keyword` is another word.
    fn parse(keyword: &str, tokens: &mut Tokens<'_>) -> Option<Result<Self, Error>> {
        let code = keyword.strip_prefix(UNKNOWN)?.parse().ok()?;
        let read = |word: Word<'_>| {
            let value = word.strip_prefix("0x").and_then(|digits| from_hex(digits).ok());
            let value = value.filter(|value| value.len() <= longest(code));
            let value = value.ok_or_else(|| word.fault("is not 0x and the octets of a value"))?;
            // Octets of a known type must be that.
            let known = Raw { code, value: &value }.sub_tlv();
            known.map_err(|fault| Error::new(word.span, fault.to_string()))?;
            Ok(Self { code, value: value.into() })
        };
        Some(tokens.word("the value of the sub-TLV").and_then(read))
    }
}

impl fmt::Display for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{UNKNOWN}{} 0x{}", self.code, Hex(&self.value))
    }
}

/// The longest value of a type.
fn longest(code: u8) -> usize {
    usize::from(if code < 128 { u16::from(u8::MAX) } else { u16::MAX })
}

/// Writes type, length and value; nothing when the value is longer than its length can say.
fn write(
    writer: &mut Writer<'_>,
    code: u8,
    value: impl FnOnce(&mut Writer<'_>),
) -> Result<(), TooLong> {
    let start = writer.position();
    writer.u8(code);
    let sized = if code < 128 { writer.sized_u8(value) } else { writer.sized_u16(value) };
    sized.inspect_err(|_| writer.truncate(start))
}

/// A policy: its sub-TLVs as they came.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SrPolicy(Box<[SubTlv]>, Box<[u8]>);

impl SrPolicy {
    /// The tunnel type.
    pub(super) const CODE: u16 = 15;

    /// What is said of it, in order.
    pub fn sub_tlvs(&self) -> &[SubTlv] {
        &self.0
    }

    /// The words of the `sr-policy` statement that make the same octets.
    pub fn words(&self) -> String {
        let mut text = String::new();
        let mut reader = Reader::new(&self.1);
        for sub_tlv in &self.0 {
            // Each was read from these octets.
            let Ok(Raw { code, value }) = Raw::read(&mut reader) else { break };
            text.push_str(if text.is_empty() { "" } else { " " });
            let start = text.len();
            let written = write!(text, "{sub_tlv}");
            debug_assert!(written.is_ok(), "a string takes everything");
            let told = text.get(start..).unwrap_or_default();
            if !reads_as(told, code, value) {
                text.truncate(start);
                let written = write!(text, "{}", Opaque { code, value: value.into() });
                debug_assert!(written.is_ok(), "a string takes everything");
            }
        }
        text
    }
}

/// Whether `words` make exactly this sub-TLV.
fn reads_as(words: &str, code: u8, value: &[u8]) -> bool {
    let mut tokens = Tokens::line(words);
    let mut builder = PolicyBuilder::default();
    let Ok(keyword) = tokens.word("a keyword") else { return false };
    let read = builder.parse(&keyword, &mut tokens);
    let mut octets = Vec::new();
    let framed = write(&mut Writer::new(&mut octets), code, |writer| writer.bytes(value));
    matches!(read, Some(Ok(()))) && tokens.is_done() && framed.is_ok() && octets == builder.0
}

/// A sub-TLV before its value is looked at.
struct Raw<'a> {
    code: u8,
    value: &'a [u8],
}

impl<'a> Raw<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let what = SrPolicy::NAME;
        let code = reader.u8(what)?;
        let length = match code {
            0..128 => usize::from(reader.u8(what)?),
            _ => usize::from(reader.u16(what)?),
        };
        Ok(Self { code, value: reader.take(what, length)? })
    }

    fn sub_tlv(&self) -> Result<SubTlv, Malformed> {
        let mut reader = Reader::new(self.value);
        match SubTlv::unpack(self.code, &mut reader, &Negotiated::wide()) {
            Some(known) => known.and_then(|known| reader.done(SrPolicy::NAME).map(|()| known)),
            None => Ok(SubTlv::Unknown(Opaque { code: self.code, value: self.value.into() })),
        }
    }
}

impl Element for SrPolicy {
    const NAME: &'static str = "sr-policy";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let octets = reader.remaining();
        let mut sub_tlvs = Vec::new();
        while !reader.is_empty() {
            sub_tlvs.push(Raw::read(reader)?.sub_tlv()?);
        }
        Ok(Self(sub_tlvs.into(), octets.into()))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.bytes(&self.1);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            for (index, sub_tlv) in self.0.iter().enumerate() {
                let code = sub_tlv.code();
                let earlier = self.0.get(..index).unwrap_or_default();
                // An object has each key once: the first counts (RFC 9830 section 2.4).
                if earlier.iter().any(|before| before.code() == code) {
                    continue;
                }
                match sub_tlv {
                    SubTlv::SegmentList(_) => {}
                    SubTlv::Unknown(unknown) => unknown.json(object.field(&unknown.key())),
                    known => known.json(object.field(known.key().unwrap_or_default())),
                }
            }
            let lists = || self.0.iter().filter(|t| matches!(t, SubTlv::SegmentList(_)));
            if lists().next().is_some() {
                let json = object.field(SegmentList::KEY);
                json.list(|list| lists().for_each(|each| each.json(list.element())));
            }
        });
    }
}

impl fmt::Display for SrPolicy {
    /// As ExaBGP tells it: of segments only where they lead.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sr-policy {")?;
        for (index, sub_tlv) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { " " })?;
            match sub_tlv {
                SubTlv::SegmentList(list) => list.brief(f)?,
                other => write!(f, "{other}")?,
            }
        }
        f.write_str("}")
    }
}

/// The sub-TLVs of a policy put together from the words of an `sr-policy` statement.
#[derive(Clone, Debug, Default)]
pub struct PolicyBuilder(Vec<u8>);

impl PolicyBuilder {
    /// The words that start a sub-TLV, each with its syntax.
    pub fn keywords() -> impl Iterator<Item = (&'static str, &'static str)> {
        SubTlv::keywords()
    }

    /// Reads the words after `keyword`; `None` when it starts no sub-TLV. Each may be said again.
    pub fn parse(&mut self, keyword: &str, tokens: &mut Tokens<'_>) -> Option<Result<(), Error>> {
        let start = tokens.last();
        let read = match Opaque::parse(keyword, tokens) {
            Some(octets) => octets.map(SubTlv::Unknown).map_err(|e| e.syntax(UNKNOWN_SYNTAX)),
            None => SubTlv::parse(keyword, tokens)?,
        };
        Some(read.map_err(|error| error.of(keyword)).and_then(|sub_tlv| {
            self.push(&sub_tlv).map_err(|_| {
                Error::new(start, "the policy is longer than an attribute can be").of(keyword)
            })
        }))
    }

    fn push(&mut self, sub_tlv: &SubTlv) -> Result<(), TooLong> {
        let start = self.0.len();
        let negotiated = Negotiated::wide();
        let mut writer = Writer::new(&mut self.0);
        write(&mut writer, sub_tlv.code(), |writer| sub_tlv.pack(writer, &negotiated))?;
        let length = self.0.len();
        if length + 4 > usize::from(u16::MAX) {
            self.0.truncate(start);
            return Err(TooLong { length });
        }
        Ok(())
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The attribute; `None` when nothing was said.
    pub fn build(self) -> Option<super::TunnelEncapsulation> {
        if self.0.is_empty() { None } else { super::TunnelEncapsulation::of_policy(&self.0) }
    }
}

/// Reads `flags 0x…` where it comes next.
fn flags(tokens: &mut Tokens<'_>) -> Result<Option<u8>, Error> {
    if tokens.accept("flags") {
        tokens.number_or_hex("flags of 8 bits").map(Some)
    } else {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::super::TunnelEncapsulation;
    use super::*;
    use crate::bgp::attribute::testing::rendered;
    use crate::json::Dialect;

    /// The policy that words make.
    fn built(text: &str) -> Result<TunnelEncapsulation, Error> {
        let mut tokens = Tokens::line(text);
        let mut builder = PolicyBuilder::default();
        while !tokens.is_done() {
            let keyword = tokens.word("a keyword")?;
            let read = builder.parse(&keyword, &mut tokens);
            read.unwrap_or_else(|| Err(keyword.fault("is no keyword")))?;
        }
        Ok(builder.build().unwrap())
    }

    fn packed(policy: &TunnelEncapsulation) -> String {
        let mut out = Vec::new();
        policy.pack(&mut Writer::new(&mut out), &Negotiated::wide());
        Hex(&out).to_string().to_ascii_lowercase()
    }

    fn unpacked(hex: &str) -> Result<TunnelEncapsulation, Malformed> {
        let octets = from_hex(hex).unwrap();
        TunnelEncapsulation::unpack(&mut Reader::new(&octets), &Negotiated::wide())
    }

    /// Octets of each type of segment behind a weight of 1, as the acceptance vectors have them.
    const SEGMENTS: &[(&str, &str, &str)] = &[
        ("segment type-a mpls 16001", "0106000003e81100", "16001"),
        (
            "segment type-b srv6 2001:db8:5::1 endpoint-behavior 0x48 40 24 16 0",
            "0d1a100020010db80005000000000000000000010048000028181000",
            "2001:db8:5::1",
        ),
        (
            "segment type-c ipv4 192.0.2.1 algorithm 128 sid 16001",
            "030a4080c000020103e81100",
            "192.0.2.1",
        ),
        (
            "segment type-d ipv6 2001:db8::1 algorithm 0 sid 16001",
            "0416000020010db800000000000000000000000103e81000",
            "2001:db8::1",
        ),
        (
            "segment type-e local-if-id 9 ipv4 192.0.2.1 sid 16001",
            "050e000000000009c000020103e81000",
            "if9:192.0.2.1",
        ),
        (
            "segment type-f local 192.0.2.1 remote 192.0.2.2 sid 16001",
            "060e0000c0000201c000020203e81000",
            "192.0.2.1->192.0.2.2",
        ),
        (
            "segment type-g local-if-id 9 local-ipv6 2001:db8::1 remote-if-id 10 remote-ipv6 \
             2001:db8::2 sid 16001",
            "072e00000000000920010db80000000000000000000000010000000a20010db800000000000000000000\
             000203e81000",
            "if9:2001:db8::1->if10:2001:db8::2",
        ),
        (
            "segment type-h local 2001:db8::1 remote 2001:db8::2 sid 16001",
            "0826000020010db800000000000000000000000120010db800000000000000000000000203e81000",
            "2001:db8::1->2001:db8::2",
        ),
        (
            "segment type-i ipv6 2001:db8::1 algorithm 128 sid 2001:db8:5::1 endpoint-behavior \
             0x48 40 24 16 0",
            "0e2a508020010db800000000000000000000000120010db8000500000000000000000001004800002818\
             1000",
            "2001:db8::1",
        ),
        (
            "segment type-j local-if-id 9 local-ipv6 2001:db8::1 remote-if-id 10 remote-ipv6 \
             2001:db8::2 algorithm 0 sid 2001:db8:5::1",
            "0f3a00000000000920010db80000000000000000000000010000000a20010db800000000000000000000\
             000220010db8000500000000000000000001",
            "if9:2001:db8::1->if10:2001:db8::2",
        ),
        (
            "segment type-k local 2001:db8::1 remote 2001:db8::2 algorithm 0 sid 2001:db8:5::1",
            "1032000020010db800000000000000000000000120010db800000000000000000000000220010db80005\
             00000000000000000001",
            "2001:db8::1->2001:db8::2",
        ),
    ];

    #[test]
    fn every_type_of_segment_both_ways() {
        for (text, hex, brief) in SEGMENTS {
            let words = format!("segment-list weight 1 {text}");
            let policy = built(&words).unwrap();
            let octets = packed(&policy);
            let (head, list) = octets.split_at(16);
            assert!(head.starts_with("000f00"), "{text}");
            assert_eq!(list, format!("{}{hex}", "0906000000000001"), "{text}");
            assert_eq!(unpacked(&octets).unwrap(), policy);
            assert_eq!(policy.policy_words().as_deref(), Some(&*words));
            let shown = format!("tunnel-encap [sr-policy {{segment-list weight 1 [{brief}]}}]");
            assert_eq!(policy.to_string(), shown);
        }
    }

    #[test]
    fn segments_without_a_sid() {
        for (text, _, _) in SEGMENTS {
            let Some((bare, _)) = text.split_once(" sid ") else { continue };
            let words = format!("segment-list weight 1 {bare}");
            let policy = built(&words).unwrap();
            assert_eq!(unpacked(&packed(&policy)).unwrap(), policy);
            assert_eq!(policy.policy_words().as_deref(), Some(&*words));
        }
    }

    #[test]
    fn json_of_a_policy() {
        let text = "preference 150 priority 7 binding-sid mpls 24000 srv6-binding-sid 2001:db8:5::b \
                    endpoint-behavior 0x48 40 24 16 0 policy-name gold candidate-path-name \
                    \"main path\" segment-list weight 2 segment type-a mpls 16001 segment type-a \
                    mpls 16002 segment-list segment type-i ipv6 2001:db8::1 algorithm 1 sid \
                    2001:db8:5::1 endpoint-behavior 0x41 32 0 16 0 unknown-subtlv-99 0x0102";
        let policy = built(text).unwrap();
        assert_eq!(policy.policy_words().as_deref(), Some(text));
        let behavior = |behavior| {
            format!(
                "\"behavior\": {behavior}, \"lb-length\": {}, \"ln-length\": {}, \
                 \"fun-length\": 16, \"arg-length\": 0",
                if behavior == 72 { 40 } else { 32 },
                if behavior == 72 { 24 } else { 0 },
            )
        };
        let json = format!(
            "{{ \"sr-policy\": {{ \"preference\": 150, \"priority\": 7, \
             \"binding-sid\": {{ \"type\": \"mpls\", \"label\": 24000 }}, \
             \"srv6-binding-sid\": {{ \"sid\": \"2001:db8:5::b\", {} }}, \
             \"policy-name\": \"gold\", \"candidate-path-name\": \"main path\", \
             \"unknown-subtlv-99\": \"0x0102\", \"segment-lists\": [ \
             {{ \"weight\": 2, \"segments\": [ \
             {{ \"type\": \"A\", \"label\": 16001, \"tc\": 0, \"s\": false, \"ttl\": 0 }}, \
             {{ \"type\": \"A\", \"label\": 16002, \"tc\": 0, \"s\": true, \"ttl\": 0 }} ] }}, \
             {{ \"weight\": 1, \"segments\": [ \
             {{ \"type\": \"I\", \"ipv6_node\": \"2001:db8::1\", \"algorithm\": 1, \
             \"sid\": \"2001:db8:5::1\", \"endpoint-behavior\": {{ {} }} }} ] }} ] }} }}",
            behavior(72),
            behavior(65),
        );
        assert_eq!(rendered(&policy, Dialect::V6), json);
    }

    #[test]
    fn what_words_cannot_say_is_shown_as_octets() {
        for (hex, words) in [
            ("0c06000000000064", "preference 100"),
            ("0c06800000000064", "unknown-subtlv-12 0x800000000064"),
            ("0d0610000 5dc0100", "binding-sid mpls 24000"),
            ("0d0600000 5dc0100", "binding-sid mpls 24000 flags 0x00"),
            ("0d06c0000 5dc0100", "binding-sid mpls 24000 flags 0xc0"),
            ("0d06100005dc0000", "unknown-subtlv-13 0x100005DC0000"),
            ("0d020000", "binding-sid null"),
            ("0d12000020010db8000500000000000000000001", "binding-sid srv6 2001:db8:5::1"),
            (
                "1412800020010db8000500000000000000000001",
                "srv6-binding-sid 2001:db8:5::1 flags 0x80",
            ),
            ("0f020700", "priority 7"),
            ("0f020701", "unknown-subtlv-15 0x0701"),
            ("820003000922", "unknown-subtlv-130 0x000922"),
            ("820003002041", "policy-name \" A\""),
            ("82000100", "policy-name \"\""),
            ("8000090001060000 03e81100", "segment-list segment type-a mpls 16001"),
            ("800009000106000003e81000", "unknown-subtlv-128 0x000106000003E81000"),
            ("8000090001068000 03e81100", "segment-list segment type-a mpls 16001 flags 0x80"),
            ("80000300 1100", "unknown-subtlv-128 0x001100"),
            ("8000010 0", "unknown-subtlv-128 0x00"),
            ("0e0301 0203", "unknown-subtlv-14 0x010203"),
        ] {
            let hex = hex.replace(' ', "");
            let policy = unpacked(&format!("000f{:04x}{hex}", hex.len() / 2)).unwrap();
            assert_eq!(policy.policy_words().as_deref(), Some(words));
            assert_eq!(built(words).unwrap(), policy, "{words}");
        }
    }

    #[test]
    fn malformed_policies() {
        for bad in [
            "0c050000000000",
            "0c0700000000006400",
            "0d01000",
            "0d03000000",
            "0f0107",
            "1411000020010db80005000000000000000000",
            "1412200020010db8000500000000000000000001",
            "800000",
            "81000",
            "80000400010600",
            "8000080001050000 03e811",
            "80000500 0106 0000",
            "80001500 0d12 100020010db80005000000000000000000 01",
            "80000a00 0908000000000001 00",
        ] {
            let hex = bad.replace(' ', "");
            let hex = if hex.len() % 2 == 0 { hex } else { format!("{hex}0") };
            assert!(unpacked(&format!("000f{:04x}{hex}", hex.len() / 2)).is_err(), "{bad}");
        }
    }

    #[test]
    fn refused_words() {
        for (text, what) in [
            (
                "preference 4294967296",
                "preference: \"4294967296\" is not a number below 4294967296",
            ),
            ("priority 256", "priority: \"256\" is not a number below 256"),
            ("binding-sid wibble 1", "binding-sid: \"wibble\" is neither mpls, srv6 nor null"),
            ("binding-sid mpls 1048576", "binding-sid: \"1048576\" is not a label of 20 bits"),
            (
                "srv6-binding-sid 192.0.2.1",
                "srv6-binding-sid: \"192.0.2.1\" is not an IPv6 address",
            ),
            ("segment-list", "segment-list: expected weight or segment before the end"),
            (
                "segment-list weight 1 segment type-c ipv4 192.0.2.8",
                "segment-list: expected \"algorithm\" before the end",
            ),
            (
                "segment-list weight 1 segment type-b srv6 192.0.2.8",
                "segment-list: \"192.0.2.8\" is not an IPv6 address",
            ),
            (
                "segment-list weight 1 segment type-a mpls x",
                "segment-list: \"x\" is not a label of 20 bits",
            ),
            (
                "segment-list weight 1 segment type-z mpls 1",
                "segment-list: \"type-z\" is no type of segment: type-a to type-k",
            ),
            ("unknown-subtlv-12 0x00", "unknown-subtlv-12: preference: ends too early"),
            ("unknown-subtlv-256 0x00", "\"unknown-subtlv-256\" is no keyword"),
            ("med 5", "\"med\" is no keyword"),
        ] {
            assert_eq!(built(text).unwrap_err().what(), what);
        }
        let long = "unknown-subtlv-200 0x".to_owned() + &"00".repeat(40000);
        assert!(built(&long).is_ok());
        assert!(built(&format!("{long} {long}")).is_err());
        assert!(built(&("unknown-subtlv-99 0x".to_owned() + &"00".repeat(256))).is_err());
    }

    #[test]
    fn every_keyword_says_its_syntax() {
        let mut count = 0;
        for (keyword, syntax) in PolicyBuilder::keywords() {
            assert!(syntax.starts_with(keyword), "{syntax}");
            let mut builder = PolicyBuilder::default();
            let error = builder.parse(keyword, &mut Tokens::line("")).unwrap().unwrap_err();
            assert_eq!(error.expected(), Some(syntax));
            count += 1;
        }
        assert_eq!(count, 7);
    }
}
