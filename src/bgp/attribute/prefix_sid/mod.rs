//! BGP Prefix-SID, RFC 8669 and RFC 9252: the segment of a prefix in MPLS or SRv6.
//!
//! Wire format: TLVs of type, 16-bit length and value. Two words write it: `bgp-prefix-sid` an
//! index and label ranges, `bgp-prefix-sid-srv6` a service.

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
pub use srv6::{Layer2Service, Layer3Service, Service, SidStructure};

crate::registry! {
    /// The TLVs of a Prefix-SID (IANA: BGP Prefix-SID TLV Types).
    pub enum Tlv: u8, unknown Opaque {
        1 => LabelIndex(LabelIndex),
        3 => LabelRanges(LabelRanges),
        5 => Layer3Service(Layer3Service),
        6 => Layer2Service(Layer2Service),
    }
}

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
        write!(f, "attribute-not-implemented-{} 0x{}", self.code, Hex(&self.value))
    }
}

/// The segment of a prefix: its TLVs, as received.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PrefixSid(Box<[Tlv]>);

impl PrefixSid {
    /// The TLVs in order.
    pub fn tlvs(&self) -> &[Tlv] {
        &self.0
    }
}

impl Element for PrefixSid {
    const NAME: &'static str = "bgp-prefix-sid";

    fn unpack(reader: &mut Reader<'_>, negotiated: &Negotiated) -> Result<Self, Malformed> {
        let what = Self::NAME;
        let mut tlvs = Vec::new();
        while !reader.is_empty() {
            let code = reader.u8(what)?;
            let length = reader.u16(what)?;
            let mut value = reader.sub(what, usize::from(length))?;
            let whole = value.remaining();
            tlvs.push(match Tlv::unpack(code, &mut value, negotiated) {
                Some(known) => {
                    let known = known?;
                    value.done(what)?;
                    known
                }
                None => Tlv::Unknown(Opaque { code, value: whole.into() }),
            });
        }
        Ok(Self(tlvs.into()))
    }

    fn pack(&self, writer: &mut Writer<'_>, negotiated: &Negotiated) {
        for tlv in &self.0 {
            writer.u8(tlv.code());
            let sized = writer.sized_u16(|writer| tlv.pack(writer, negotiated));
            debug_assert!(sized.is_ok(), "a TLV is read from fewer octets, or written in a line");
        }
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            for (index, tlv) in self.0.iter().enumerate() {
                let earlier = self.0.get(..index).unwrap_or_default();
                if earlier.iter().any(|before| before.code() == tlv.code()) {
                    // An object has each key once: the first counts.
                    continue;
                }
                match tlv.key() {
                    Some(key) => tlv.json(object.field(key)),
                    None => {
                        let key = format!("attribute-not-implemented-{}", tlv.code());
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
        let mut pieces = Pieces::new(tokens);
        pieces.expect("[")?;
        let index = pieces.number("an index of 32 bits")?;
        let mut tlvs = vec![Tlv::LabelIndex(LabelIndex(index))];
        pieces.accept(",")?;
        if pieces.accept("[")? {
            let mut ranges = Vec::new();
            while !pieces.accept("]")? {
                if !pieces.accept(",")? {
                    ranges.push(LabelRange::parse(&mut pieces)?);
                }
            }
            if !ranges.is_empty() {
                tlvs.push(Tlv::LabelRanges(LabelRanges::new(ranges)));
            }
        }
        pieces.expect("]")?;
        pieces.done()?;
        Ok(Self(tlvs.into()))
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
    Ok(PrefixSid(Box::new([tlv(service)])))
}

impl fmt::Display for PrefixSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[ ")?;
        for (index, tlv) in self.0.iter().enumerate() {
            write!(f, "{}{tlv}", if index == 0 { "" } else { ", " })?;
        }
        f.write_str(" ]")
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_as, received, refuse, refuse_texts};
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
