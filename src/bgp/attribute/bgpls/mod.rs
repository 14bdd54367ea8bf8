//! BGP-LS, RFC 9552 section 5.3: what a node, a link or a prefix of a link-state protocol is like.
//!
//! Wire format: TLVs of type and length of two octets each. They are kept as received and decoded
//! to be checked and shown. Text: `bgp-ls ( node-name r1 igp-metric 10 … )`, the keys of JSON
//! with their values; a TLV that no line below names is `generic-lsid-N 0x…`.
//!
//! A new TLV is a line below, and a file unless its shape is one of [`shape`].

mod link;
mod node;
mod prefix;
mod shape;
mod sids;
mod space;
mod srv6;
#[cfg(test)]
mod tests;
pub(in crate::bgp) mod tlv;
pub(in crate::bgp) mod words;

use std::fmt;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::pieces::Pieces;
use super::{Flags as AttributeFlags, OnFault, Policy};

use shape::{Address, Flags, LongTags, Name, Number, Octets, Opaque, Real, Reals, RouterId, Tags};
use space::{Space, Unknowns};
use tlv::{Entry, many, one};

/// The TLVs of the attribute (IANA: BGP-LS NLRI and Attribute TLVs), in the order of their types:
/// type, value, key. A key of two lines is told apart by the value.
#[rustfmt::skip]
static TLVS: &[Entry] = &[
    one::<link::Identifiers>(258, "link-local-remote-identifiers"),
    one::<Flags<node::NodeBits>>(1024, "node-flags"),
    one::<Opaque>(1025, "opaque"),
    one::<Name>(1026, "node-name"),
    many::<node::Area>(1027, "area-ids"),
    many::<RouterId<1028>>(1028, "local-router-ids"),
    many::<RouterId<1028>>(1029, "local-router-ids"),
    many::<RouterId<1030>>(1030, "remote-router-ids"),
    many::<RouterId<1030>>(1031, "remote-router-ids"),
    one::<node::SrCapabilities>(1034, "sr-capability-flags"),
    one::<Octets>(1035, "sr-algorithms"),
    one::<node::Srv6Capabilities>(1038, "srv6-capabilities"),
    one::<Number>(1088, "admin-group-mask"),
    one::<Real>(1089, "maximum-link-bandwidth"),
    one::<Real>(1090, "maximum-reservable-link-bandwidth"),
    one::<Reals>(1091, "unreserved-bandwidth"),
    one::<Number>(1092, "te-metric"),
    one::<Flags<link::ProtectionBits>>(1093, "link-protection-flags"),
    one::<Flags<link::MplsBits>>(1094, "mpls-mask"),
    one::<link::IgpMetric>(1095, "igp-metric"),
    one::<Tags>(1096, "shared-risk-link-groups"),
    one::<Opaque>(1097, "opaque-link"),
    one::<Name>(1098, "link-name"),
    many::<link::Adjacency>(1099, "sr-adjs"),
    many::<link::LanAdjacency>(1100, "sr-adj-lan-sids"),
    many::<link::EndX<0>>(1106, "srv6-endx"),
    many::<link::EndX<6>>(1107, "srv6-lan-endx-isis"),
    many::<link::EndX<4>>(1108, "srv6-lan-endx-ospf"),
    one::<link::Delay>(1114, "unidirectional-link-delay"),
    one::<link::DelayRange>(1115, "minmax-unidirectional-link-delay"),
    one::<link::Variation>(1116, "unidirectional-delay-variation"),
    one::<link::Loss>(1117, "unidirectional-link-loss"),
    one::<Real>(1118, "unidirectional-residual-bandwidth"),
    one::<Real>(1119, "unidirectional-available-bandwidth"),
    one::<Real>(1120, "unidirectional-utilized-bandwidth"),
    one::<Flags<prefix::IgpBits>>(1152, "igp-flags"),
    one::<Tags>(1153, "igp-route-tags"),
    one::<LongTags>(1154, "igp-extended-route-tags"),
    one::<Number>(1155, "prefix-metric"),
    one::<Address>(1156, "ospf-forwarding-address"),
    one::<Opaque>(1157, "opaque-prefix"),
    many::<prefix::PrefixSid>(1158, "sr-prefix-sids"),
    many::<prefix::Locator>(1162, "srv6-locators"),
    one::<Flags<prefix::AttributeBits>>(1170, "sr-prefix-attribute-flags"),
    one::<Address>(1171, "sr-source-router-id"),
    one::<srv6::EndpointBehavior>(1250, "srv6-endpoint-behavior"),
    one::<srv6::SidStructure>(1252, "srv6-sid-structure"),
];

static SPACE: Space = Space { table: TLVS, unknown: "generic-lsid-", unknowns: Unknowns::List };

/// The TLVs inside those of SRv6.
static SUB_TLVS: Space = Space {
    table: &[one::<srv6::SidStructure>(1252, "srv6-sid-structure")],
    unknown: "unknown-subtlv-",
    unknowns: Unknowns::First,
};

/// What a link-state protocol says of a node, a link or a prefix: TLVs that were checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LinkState(Box<[u8]>);

impl Element for LinkState {
    const NAME: &'static str = "bgp-ls";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let bytes = reader.rest();
        SPACE.check(bytes, Self::NAME)?;
        Ok(Self(bytes.into()))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.bytes(&self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| SPACE.members(&self.0, object));
    }
}

impl Policy for LinkState {
    const FLAGS: AttributeFlags = AttributeFlags::OPTIONAL;
    // RFC 9552 section 8.2.2.
    const ON_FAULT: OnFault = OnFault::Discard;
}

impl FromText for LinkState {
    const SYNTAX: &'static str =
        "bgp-ls ( <key> <value> … ), keys as in JSON, generic-lsid-<n> 0x…";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let mut pieces = Pieces::new(tokens);
        let mut bytes = Vec::new();
        words::group(&mut pieces, |key, pieces| {
            let start = bytes.len();
            if !SPACE.read(key, pieces, &mut bytes)? {
                return Ok(false);
            }
            if u16::try_from(bytes.len()).is_err() {
                return Err(key.fault("makes the attribute longer than one can be"));
            }
            let (before, after) = bytes.split_at_checked(start).unwrap_or_default();
            if let Err(fault) = SPACE.check(after, Self::NAME) {
                return Err(key.fault(&format!("does not hold what it must: {fault}")));
            }
            let code = tlv::walk(after).next().map(|(code, _)| code);
            let once = |code| Entry::of(TLVS, code).is_some_and(|entry| !entry.repeats);
            let again = |code| tlv::walk(before).any(|(earlier, _)| earlier == code);
            if code.is_some_and(|code| once(code) && again(code)) {
                return Err(key.fault("may be said once"));
            }
            Ok(true)
        })?;
        pieces.done()?;
        Ok(Self(bytes.into()))
    }
}

impl fmt::Display for LinkState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        SPACE.show(&self.0, f)?;
        f.write_str(" )")
    }
}
