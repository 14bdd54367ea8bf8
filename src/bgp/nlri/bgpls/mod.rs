//! Link state, RFC 9552: nodes, links, prefixes and SRv6 SIDs of link-state protocols.
//!
//! Wire format: type and length of two octets each, in VPNs a route distinguisher, then protocol,
//! identifier of eight octets and descriptors, which are TLVs. The octets are kept; they are taken
//! apart to be checked and shown. Types that are not known are kept whole.
//!
//! Text: the keys of JSON with their values, `bgpls-node l3-routing-topology 0 protocol-id 2
//! node-descriptors ( autonomous-system 65000 router-id 000000000001 )`. What these words cannot
//! say is `raw 0x…`, the octets.

mod descriptor;
mod kind;
mod node;
#[cfg(test)]
mod tests;
mod view;
mod wording;

use super::{About, Grammar, Layout, Opaque, text};
use crate::json::{self, Dialect};
use crate::protocol::{Family, Safi};
use crate::wire::{Malformed, Reader, Writer};

use kind::Kind;
use view::{Content, View};

const WHAT: &str = "link-state NLRI";

/// A route about a part of a link-state topology: octets that were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BgpLs {
    bytes: Box<[u8]>,
    /// Whether a route distinguisher stands in front.
    vpn: bool,
}

impl BgpLs {
    fn view(&self) -> Option<View<'_>> {
        View::of(&self.bytes, self.vpn).ok()
    }

    /// The words that are read back to the same octets.
    fn words(&self) -> String {
        wording::words(&self.bytes, self.vpn)
    }
}

impl Layout for BgpLs {
    const GRAMMAR: Option<&'static Grammar> = Some(&wording::GRAMMAR);

    fn extent(mut ahead: Reader<'_>, _: Family) -> Result<usize, Malformed> {
        ahead.u16(WHAT)?;
        Ok(4 + usize::from(ahead.u16(WHAT)?))
    }

    fn check(bytes: &[u8], family: Family) -> Result<(), Malformed> {
        View::of(bytes, family.safi == Safi::BGP_LS_VPN)?.check()
    }

    fn unpack(bytes: &[u8], family: Family) -> Result<Self, Malformed> {
        Self::check(bytes, family)?;
        Ok(Self { bytes: bytes.into(), vpn: family.safi == Safi::BGP_LS_VPN })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.bytes);
    }

    fn members(&self, object: &mut json::Object<'_, '_>, about: &About) {
        let Some(view) = self.view() else { return };
        match &view.content {
            Content::Unknown => Opaque::new(Some(view.code), &self.bytes).members(object),
            Content::Known(content) => {
                content.members(object);
                // Links never told it, and the coming release tells it nowhere.
                let told = about.dialect == Dialect::V4 && content.kind != Kind::Link;
                if let Some(address) = about.next_hop.address().filter(|_| told) {
                    object.field("nexthop").address(address);
                }
            }
        }
    }

    fn text(&self, out: &mut Vec<u8>, about: &About) {
        out.extend_from_slice(self.words().as_bytes());
        text::next_hop(out, about.next_hop);
    }
}
