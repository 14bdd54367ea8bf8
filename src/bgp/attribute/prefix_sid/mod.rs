//! BGP Prefix-SID, RFC 8669 and RFC 9252: the segment of a prefix in MPLS or SRv6.
//!
//! Wire format: TLVs of type, 16-bit length and value. The octets are kept as received and read
//! when somebody looks. Two words write it: `bgp-prefix-sid` an index and label ranges, or
//! whatever is shown behind that word; `bgp-prefix-sid-srv6` a service.

mod label_index;
mod srgb;
mod srv6;

use std::fmt;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Hex, Malformed, Reader, Writer};

use super::pieces::Pieces;
use super::{Flags, OnFault, Policy};

pub use label_index::LabelIndex;
pub use srgb::{LabelRange, LabelRanges};
pub use srv6::{Layer2Service, Layer3Service, Service, ServiceTlv, SidStructure};

crate::registry! {
    /// The TLVs of a Prefix-SID (IANA: BGP Prefix-SID TLV Types).
    pub enum Tlv: u8, unknown Opaque {
        1 => LabelIndex(LabelIndex),
        3 => LabelRanges(LabelRanges),
        5 => Layer3Service(Layer3Service),
        6 => Layer2Service(Layer2Service),
    }
}

/// The word before the type of a TLV no line names.
const UNKNOWN: &str = "attribute-not-implemented-";

/// A TLV no line names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Opaque {
    code: u8,
    value: Box<[u8]>,
}

impl Opaque {
    fn bytes(&self) -> &[u8] {
        &self.value
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.hex(&self.value);
    }
}

impl fmt::Display for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{UNKNOWN}{} 0x{}", self.code, Hex(&self.value))
    }
}

/// The segment of a prefix: the octets of the attribute, of which every TLV was read once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PrefixSid(Box<[u8]>);

impl PrefixSid {
    /// From TLVs that words made; `None` when they are longer than an attribute can be.
    fn of(tlvs: &[Tlv]) -> Option<Self> {
        let mut octets = Vec::new();
        let mut writer = Writer::new(&mut octets);
        for tlv in tlvs {
            writer.u8(tlv.code());
            writer.sized_u16(|writer| tlv.pack(writer, &Negotiated::wide())).ok()?;
        }
        u16::try_from(octets.len()).ok()?;
        Some(Self(octets.into()))
    }

    /// The TLVs in order.
    pub fn tlvs(&self) -> impl Iterator<Item = Tlv> + '_ {
        let mut reader = Reader::new(&self.0);
        std::iter::from_fn(move || {
            // Every TLV was read when the attribute was taken.
            if reader.is_empty() { None } else { Self::read(&mut reader).ok() }
        })
    }

    /// The words of `bgp-prefix-sid-srv6`, keyword included, when it is one service that they can
    /// say.
    pub(super) fn service_words(&self) -> Option<String> {
        let mut tlvs = self.tlvs();
        let (name, service) = match (tlvs.next()?, tlvs.next()) {
            (Tlv::Layer3Service(service), None) => (Layer3Service::NAME, service.0),
            (Tlv::Layer2Service(service), None) => (Layer2Service::NAME, service.0),
            _ => return None,
        };
        service.words().map(|words| format!("{SRV6} ( {name} {words} )"))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Tlv, Malformed> {
        let what = Self::NAME;
        let code = reader.u8(what)?;
        let length = reader.u16(what)?;
        let mut value = reader.sub(what, usize::from(length))?;
        let whole = value.remaining();
        match Tlv::unpack(code, &mut value, &Negotiated::wide()) {
            Some(known) => known.and_then(|known| value.done(what).map(|()| known)),
            None => Ok(Tlv::Unknown(Opaque { code, value: whole.into() })),
        }
    }
}

impl Element for PrefixSid {
    const NAME: &'static str = "bgp-prefix-sid";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let octets = reader.remaining();
        while !reader.is_empty() {
            Self::read(reader)?;
        }
        Ok(Self(octets.into()))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.bytes(&self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            let mut seen = Vec::new();
            for tlv in self.tlvs() {
                // An object has each key once: the first counts.
                if seen.contains(&tlv.code()) {
                    continue;
                }
                seen.push(tlv.code());
                match tlv.key() {
                    Some(key) => tlv.json(object.field(key)),
                    None => {
                        let key = format!("{UNKNOWN}{}", tlv.code());
                        tlv.json(object.field(&key));
                    }
                }
            }
        });
    }
}

impl Policy for PrefixSid {
    const FLAGS: Flags = Flags::OPTIONAL_TRANSITIVE;
    // RFC 8669 section 6.
    const ON_FAULT: OnFault = OnFault::Discard;
}

impl FromText for PrefixSid {
    const SYNTAX: &'static str =
        "bgp-prefix-sid [ <index> ]|[ <index>, [ ( <base>,<range> ), … ] ]";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let start = tokens.span();
        let mut pieces = Pieces::new(tokens);
        pieces.expect("[")?;
        let mut tlvs = Vec::new();
        while !pieces.accept("]")? {
            if pieces.accept(",")? {
                continue;
            }
            match parse_tlv(&mut pieces)? {
                // No range is not a list of them.
                Tlv::LabelRanges(ranges) if ranges.is_empty() => {}
                tlv => tlvs.push(tlv),
            }
        }
        pieces.done()?;
        let made = if tlvs.is_empty() { None } else { Self::of(&tlvs) };
        made.ok_or_else(|| Error::new(start, "is empty, or longer than an attribute can be"))
    }
}

fn parse_tlv(pieces: &mut Pieces<'_, '_>) -> Result<Tlv, Error> {
    if pieces.sees("[")? {
        return LabelRanges::parse(pieces).map(Tlv::LabelRanges);
    }
    if pieces.accept(Layer3Service::NAME)? {
        return Service::parse_shown(pieces).map(Layer3Service::new).map(Tlv::Layer3Service);
    }
    if pieces.accept(Layer2Service::NAME)? {
        return Service::parse_shown(pieces).map(Layer2Service::new).map(Tlv::Layer2Service);
    }
    let piece = pieces.next("an index of 32 bits")?;
    if let Some(index) = piece.number() {
        return Ok(Tlv::LabelIndex(LabelIndex(index)));
    }
    let code = piece.text().strip_prefix(UNKNOWN).and_then(|code| code.parse().ok());
    let code: u8 = code.ok_or_else(|| piece.fault("is not an index of 32 bits"))?;
    let piece = pieces.next("0x and the octets of a value")?;
    let value = srv6::octets(piece.text());
    let value = value.ok_or_else(|| piece.fault("is not 0x and the octets of a value"))?;
    match Tlv::unpack(code, &mut Reader::new(&value), &Negotiated::wide()) {
        None => Ok(Tlv::Unknown(Opaque { code, value })),
        Some(_) => Err(piece.fault("is the value of a TLV that is written by name")),
    }
}

/// The word of the other text.
pub(super) const SRV6: &str = "bgp-prefix-sid-srv6";
pub(super) const SRV6_SYNTAX: &str = "bgp-prefix-sid-srv6 ( l3-service|l2-service <SID> \
     [<behavior> [ [<block>,<node>,<function>,<argument>,<transposed>,<offset>] ]] )";

/// Reads the words after `bgp-prefix-sid-srv6`.
pub(super) fn parse_srv6(tokens: &mut Tokens<'_>) -> Result<PrefixSid, Error> {
    let mut pieces = Pieces::new(tokens);
    pieces.expect("(")?;
    let kind = pieces.next("l3-service or l2-service")?;
    let tlv: fn(Service) -> Tlv = match kind.text() {
        "l3-service" => |service| Tlv::Layer3Service(Layer3Service::new(service)),
        "l2-service" => |service| Tlv::Layer2Service(Layer2Service::new(service)),
        _ => return Err(kind.fault("is neither l3-service nor l2-service")),
    };
    let service = Service::parse(&mut pieces)?;
    pieces.expect(")")?;
    pieces.done()?;
    let made = PrefixSid::of(&[tlv(service)]);
    made.ok_or_else(|| kind.fault("is longer than an attribute can be"))
}

impl fmt::Display for PrefixSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[ ")?;
        for (index, tlv) in self.tlvs().enumerate() {
            write!(f, "{}{tlv}", if index == 0 { "" } else { ", " })?;
        }
        f.write_str(" ]")
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_as, parse, received, refuse, refuse_texts};
    use super::*;
    use crate::wire::from_hex;

    #[test]
    fn an_index_and_ranges() {
        let json = "{ \"sr-label-index\": 777 }";
        check::<PrefixSid>("[ 777 ]", "01000700000000000309", json);
        let shown = "[ 777, [ ( 800000,100 ), ( 900000,200 ) ] ]";
        let hex = "0100070000000000030903000e00000c35000000640dbba00000c8";
        let json = "{ \"sr-label-index\": 777, \"sr-srgbs\": [[800000, 100], [900000, 200]] }";
        check::<PrefixSid>(shown, hex, json);
        for text in [
            "[ 777, [ ( 800000,100 ),( 900000,200 ) ] ]",
            "[777,[(800000,100),(900000,200)]]",
            "[ 777 [ (800000 100) (900000,200) ] ]",
        ] {
            check_as::<PrefixSid>(text, shown, hex, json);
        }
    }

    #[test]
    fn what_is_no_prefix_sid() {
        refuse_texts::<PrefixSid>(&[
            "300",
            "[ 4294967296 ]",
            "[ 1, [ ( 16777216,1 ) ] ]",
            "[ 1, [ ( 1,16777216 ) ] ]",
            "[ 1, [ ( ]",
            "[ 1, [ ( 1 ) ] ]",
            "[ 1, [ 1,2 ] ]",
            "[ 1, [ ( 1,2 ) ]",
            "[ ]",
            "",
            "[ 1, [ ] ",
            "[ l3-service ]",
            "[ l3-service [ sid-information [ sid:192.0.2.1 flags:0 endpoint_behavior:0x1 ] ]",
            "[ l3-service [ sid-information [ sid:::1 flags:256 endpoint_behavior:0x1 ] ]",
            "[ l3-service [ sid-information [ sid:::1 flags:0 endpoint_behavior:65536 ] ]",
            "[ attribute-not-implemented-9 ]",
            "[ attribute-not-implemented-1 0x00000000000309 ]",
            "[ attribute-not-implemented-256 0x00 ]",
        ]);
        let what = "bgp-prefix-sid";
        refuse::<PrefixSid>("010007000000", Malformed::Short { what });
        refuse::<PrefixSid>("010006000000000003", Malformed::Short { what: "sr-label-index" });
        refuse::<PrefixSid>("0100080000000000030900", Malformed::Trailing { what, left: 1 });
    }

    #[test]
    fn unknown_tlvs_are_shown() {
        received::<PrefixSid>(
            "090003010203",
            "[ attribute-not-implemented-9 0x010203 ]",
            "{ \"attribute-not-implemented-9\": \"0x010203\" }",
        );
    }

    #[test]
    fn what_is_shown_is_read() {
        for (hex, shown) in [
            (
                "05001900010015 0020010db8000500000000000000000000 00000700",
                "[ l3-service [ sid-information [ sid:2001:db8:5:: flags:0 \
                 endpoint_behavior:0x7  ] ]",
            ),
            (
                "06002700010023 0020010db8000500000000000000000000 01004800 010006401810001040 0200020000",
                "[ l2-service [ sid-information [ sid:2001:db8:5:: flags:1 \
                 endpoint_behavior:0x48  [ sid-structure [64,24,16,0,16,64], 2 0x0000 ] ] ]",
            ),
            ("06000400020000", "[ l2-service [ 2 0x ] ]"),
            (
                "01000700000000000309 0900010a 03000e00000c35000000640dbba00000c8",
                "[ 777, attribute-not-implemented-9 0x0A, [ ( 800000,100 ), ( 900000,200 ) ] ]",
            ),
        ] {
            let sid = unpacked(hex);
            assert_eq!(sid.to_string(), shown);
            assert_eq!(parse::<PrefixSid>(shown).unwrap(), sid, "{shown}");
        }
    }

    fn unpacked(hex: &str) -> PrefixSid {
        let octets = from_hex(&hex.replace(' ', "")).unwrap();
        PrefixSid::unpack(&mut Reader::new(&octets), &Negotiated::wide()).unwrap()
    }

    #[test]
    fn octets_leave_as_they_came() {
        // Reserved octets and flags, which say nothing yet.
        for hex in [
            "01000701000200000309",
            "03000800010c3500000064",
            "05001901010015ff20010db8000500000000000000000000ff000701",
        ] {
            let mut out = Vec::new();
            unpacked(hex).pack(&mut Writer::new(&mut out), &Negotiated::wide());
            assert_eq!(Hex(&out).to_string().to_ascii_lowercase(), hex);
        }
    }

    fn service(text: &str) -> Result<PrefixSid, Error> {
        parse_srv6(&mut Tokens::line(text))
    }

    #[test]
    fn services() {
        let l3 = service("( l3-service 2001:db8:5:: 0x48 [64,24,16,0,16,64] )").unwrap();
        let hex = "0500220001001e0020010db8000500000000000000000000000048000100064018100010\
                   40";
        let octets = from_hex(hex).unwrap();
        let negotiated = Negotiated::wide();
        assert_eq!(PrefixSid::unpack(&mut Reader::new(&octets), &negotiated), Ok(l3.clone()));
        let glued = service("(l3-service 2001:db8:5:: 72 [64, 24, 16, 0, 16, 64])").unwrap();
        assert_eq!(glued, l3);
        received::<PrefixSid>(
            hex,
            "[ l3-service [ sid-information [ sid:2001:db8:5:: flags:0 endpoint_behavior:0x48  \
             [ sid-structure [64,24,16,0,16,64] ] ] ]",
            "{ \"l3-service\": [ { \"sid\": \"2001:db8:5::\", \"flags\": 0, \
             \"endpoint_behavior\": 72, \"structure\": {\"locator-block-length\": 64, \
             \"locator-node-length\": 24, \"function-length\": 16, \"argument-length\": 0, \
             \"transposition-length\": 16, \"transposition-offset\": 64} } ] }",
        );
        let plain = "06001900010015002001 0db800050000000000000000000000ffff00".replace(' ', "");
        let shown = "[ l2-service [ sid-information [ sid:2001:db8:5:: flags:0 \
                     endpoint_behavior:0xffff  ] ]";
        let json = "{ \"l2-service\": [ { \"sid\": \"2001:db8:5::\", \"flags\": 0, \
                    \"endpoint_behavior\": 65535 } ] }";
        received::<PrefixSid>(&plain, shown, json);
        assert_eq!(service("( l2-service 2001:db8:5:: )").unwrap().to_string(), shown);
        for bad in [
            "( l4-service 2001:db8:5:: )",
            "( l3-service 192.0.2.7 )",
            "( l3-service 2001:db8:5:: 0x48 [64,24] )",
            "( l3-service 2001:db8:5:: 65536 )",
            "( l3-service 2001:db8:5:: 1 [256,0,0,0,0,0] )",
            "( l3-service 2001:db8:5::",
            "l3-service 2001:db8:5::",
            "",
        ] {
            assert!(service(bad).is_err(), "{bad}");
        }
    }
}
