//! What routes are about: the family table, the shapes of NLRI, and the packed form that is kept.
//!
//! Each layout is a file with all its faces, listed once below; each family is a line of `rule.rs`.
//! An [`Nlri`] is typed, to be parsed, built and shown. RIBs and queues hold [`Packed`], messages
//! hold a [`Run`]; both are bytes.

mod bgpls;
mod draft;
mod evpn;
pub mod flow;
mod inet;
mod ipvpn;
mod label;
mod layout;
pub mod mup;
pub mod mvpn;
mod opaque;
mod packed;
mod parts;
pub mod render;
mod rtc;
mod rule;
mod sr_policy;
#[cfg(test)]
mod testing;
mod typed;
mod vpls;
mod walk;

pub use bgpls::BgpLs;
pub use draft::{Draft, Unfinished, is_prefix_family};
pub use evpn::Evpn;
pub use flow::Flow;
pub use inet::Inet;
pub use ipvpn::IpVpn;
pub use label::Labelled;
pub use layout::{Grammar, Layout, OnFault, Welcome, Wording};
pub use mup::Mup;
pub use mvpn::Mvpn;
pub use opaque::Opaque;
pub use packed::{Identity, Packed};
pub use rtc::Rtc;
pub use rule::Rule;
pub use sr_policy::SrPolicy;
pub use vpls::Vpls;
pub use walk::{Entries, Entry, Refused, Run};

use crate::bgp::attribute::NextHop;
use crate::json::{self, Dialect};
use crate::protocol::{Afi, Family, Label, Prefix};
use crate::wire::{Malformed, Reader, Writer};

/// Lists the layouts: makes the enums and their dispatch to [`Layout`], and nothing else.
macro_rules! layouts {
    ($( $(#[$doc:meta])* $name:ident($type:ty) ),* $(,)?) => {
        /// How the NLRI of a family are laid out.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Shape {
            $( $(#[$doc])* $name, )*
        }

        /// What a route is about, by layout. Family and path identifier stand beside it.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Nlri {
            $( $(#[$doc])* $name($type), )*
        }

        impl Shape {
            /// How routes are written; `None` where prefixes are.
            pub fn grammar(self) -> Option<&'static Grammar> {
                match self {
                    $( Self::$name => <$type>::GRAMMAR, )*
                }
            }

            #[inline]
            fn extent(self, ahead: Reader<'_>, family: Family) -> Result<usize, Malformed> {
                match self {
                    $( Self::$name => <$type>::extent(ahead, family), )*
                }
            }

            #[inline]
            fn check(self, bytes: &[u8], family: Family) -> Result<(), Malformed> {
                match self {
                    $( Self::$name => <$type>::check(bytes, family), )*
                }
            }

            fn on_fault(self) -> OnFault {
                match self {
                    $( Self::$name => <$type>::ON_FAULT, )*
                }
            }

            fn identity(self, bytes: &[u8], family: Family, path_id: Option<u32>) -> Identity<'_> {
                match self {
                    $( Self::$name => <$type>::identity(bytes, family, path_id), )*
                }
            }
        }

        impl Nlri {
            /// Reads the bytes of one NLRI, without path identifier.
            pub fn unpack(bytes: &[u8], family: Family) -> Result<Self, Malformed> {
                let wrong = Malformed::Value { what: "SAFI", got: u32::from(family.safi.0) };
                match Rule::of(family).ok_or(wrong)?.shape {
                    $( Shape::$name => <$type>::unpack(bytes, family).map(Self::$name), )*
                }
            }

            /// Writes the bytes of one NLRI, without path identifier.
            pub fn pack(&self, writer: &mut Writer<'_>) {
                match self {
                    $( Self::$name(nlri) => nlri.pack(writer), )*
                }
            }

            /// Writes the members of its JSON object.
            pub fn members(&self, object: &mut json::Object<'_, '_>, about: &About) {
                match self {
                    $( Self::$name(nlri) => nlri.members(object, about), )*
                }
            }

            /// Appends its text, next hop included, as events and `show` tell it.
            pub fn text(&self, out: &mut Vec<u8>, about: &About) {
                match self {
                    $( Self::$name(nlri) => nlri.text(out, about), )*
                }
            }

            /// Appends the words that are read back to the same bytes, next hop included.
            pub fn statement(&self, out: &mut Vec<u8>, about: &About) {
                match self {
                    $( Self::$name(nlri) => nlri.statement(out, about), )*
                }
            }

            /// The prefix that it is about, of layouts that have one in the usual sense.
            pub fn prefix(&self) -> Option<Prefix> {
                match self {
                    $( Self::$name(nlri) => Layout::prefix(nlri), )*
                }
            }
        }
    };
}

layouts! {
    /// A prefix.
    Inet(Inet),
    /// A label stack and a prefix (RFC 8277).
    Label(Labelled),
    /// A label stack, a route distinguisher and a prefix (RFC 4364).
    IpVpn(IpVpn),
    /// What traffic is like (RFC 8955).
    Flow(Flow),
    /// Multicast in VPNs (RFC 6514).
    Mvpn(Mvpn),
    /// The mobile user plane.
    Mup(Mup),
    /// Membership of route targets (RFC 4684).
    Rtc(Rtc),
    /// Policies of segment routing (RFC 9830).
    SrPolicy(SrPolicy),
    /// Virtual private LAN (RFC 4761).
    Vpls(Vpls),
    /// Ethernet VPN (RFC 7432).
    Evpn(Evpn),
    /// Link state (RFC 9552).
    BgpLs(BgpLs),
}

impl Nlri {
    /// The form that is kept.
    pub fn packed(&self, family: Family, path_id: Option<u32>) -> Packed {
        let mut bytes = Vec::with_capacity(32);
        self.pack(&mut Writer::new(&mut bytes));
        Packed::new(family, path_id, &bytes)
    }
}

/// What stands around an NLRI when it is told.
#[derive(Clone, Copy, Debug)]
pub struct About {
    pub family: Family,
    pub path_id: Option<u32>,
    pub next_hop: NextHop,
    pub dialect: Dialect,
}

/// The pieces that shapes share.
pub(crate) mod text {
    use std::fmt;
    use std::io::Write as _;
    use std::net::IpAddr;

    use super::{Afi, Dialect, Label, NextHop, render};
    use crate::protocol::Prefix;

    /// What `arguments` display.
    pub(crate) fn display(out: &mut Vec<u8>, arguments: fmt::Arguments<'_>) {
        let written = out.write_fmt(arguments);
        debug_assert!(written.is_ok(), "a buffer in memory takes everything");
    }

    pub(super) fn prefix(out: &mut Vec<u8>, prefix: Prefix, path_id: Option<u32>) {
        let short = match prefix.address() {
            IpAddr::V4(v4) => render::prefix(Afi::IPV4, prefix.length(), &v4.octets()),
            IpAddr::V6(v6) => render::prefix(Afi::IPV6, prefix.length(), &v6.octets()),
        };
        out.extend_from_slice(short.as_bytes());
        if let Some(path_id) = path_id {
            out.extend_from_slice(b" path-information ");
            out.extend_from_slice(render::dotted(path_id.to_be_bytes()).as_bytes());
        }
    }

    pub(super) fn labels(out: &mut Vec<u8>, labels: &[Label], dialect: Dialect) {
        let one = |out: &mut Vec<u8>, label: &Label| match dialect {
            Dialect::V4 => display(out, format_args!(" {label}")),
            Dialect::V6 => display(out, format_args!(" {label} ({})", label.raw())),
        };
        match labels {
            [] => {}
            [label] => {
                out.extend_from_slice(b" label");
                one(out, label);
            }
            labels => {
                out.extend_from_slice(b" label [");
                labels.iter().for_each(|label| one(out, label));
                out.extend_from_slice(b" ]");
            }
        }
    }

    /// ` label 300`, ` label [ 300 301 ]`: the words that are read back to the same bits.
    pub(super) fn label_words(out: &mut Vec<u8>, labels: &[Label]) {
        let mut words = " label ".to_owned();
        Label::stack_words(labels, &mut words);
        out.extend_from_slice(words.as_bytes());
    }

    /// ` next-hop 10.0.0.9`, or nothing.
    pub(crate) fn next_hop(out: &mut Vec<u8>, next_hop: NextHop) {
        match next_hop {
            NextHop::None => {}
            NextHop::Address(address) => address_behind(out, address),
            NextHop::WithLinkLocal(global, _) => address_behind(out, global.into()),
            NextHop::OurAddress => out.extend_from_slice(b" next-hop self"),
        }
    }

    fn address_behind(out: &mut Vec<u8>, address: IpAddr) {
        out.extend_from_slice(b" next-hop ");
        out.extend_from_slice(render::address(address).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Safi;
    use crate::wire::from_hex;

    fn json(hex: &str, family: Family, dialect: Dialect) -> String {
        let bytes = from_hex(hex).unwrap();
        let mut out = Vec::new();
        let nlri = Nlri::unpack(&bytes, family).unwrap();
        let mut back = Vec::new();
        nlri.pack(&mut Writer::new(&mut back));
        assert_eq!(back, bytes, "what was read is what is written");
        let about = About { family, path_id: None, next_hop: NextHop::None, dialect };
        json::Writer::new(&mut out, dialect).object(|object| nlri.members(object, &about));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn json_of_each_shape_in_both_dialects() {
        let mpls = Family::new(Afi::IPV4, Safi::NLRI_MPLS);
        let vpn = Family::new(Afi::IPV4, Safi::MPLS_VPN);
        let evpn = Family::new(Afi::L2VPN, Safi::EVPN);
        for (hex, family, dialect, expected) in [
            ("18ac1008", Family::IPV4_UNICAST, Dialect::V4, r#"{ "nlri": "172.16.8.0/24" }"#),
            (
                "300012c1ac1008",
                mpls,
                Dialect::V4,
                r#"{ "nlri": "172.16.8.0/24", "label": [ [300] ] }"#,
            ),
            (
                "480012c00012d1ac1008",
                mpls,
                Dialect::V6,
                r#"{ "nlri": "172.16.8.0/24", "label": [ [300, 4800], [301, 4817] ] }"#,
            ),
            (
                "700012c10001c0000205000cac1008",
                vpn,
                Dialect::V6,
                r#"{ "nlri": "172.16.8.0/24", "label": [ [300, 4801] ], "rd": "192.0.2.5:12" }"#,
            ),
            (
                "09050102030405",
                evpn,
                Dialect::V4,
                r#"{ "code": 9, "parsed": false, "raw": "09050102030405" }"#,
            ),
        ] {
            assert_eq!(json(hex, family, dialect), expected);
        }
    }

    #[test]
    fn text_of_each_shape_in_both_dialects() {
        let vpn = Family::new(Afi::IPV4, Safi::MPLS_VPN);
        let nlri = Nlri::unpack(&from_hex("700006510000fde8000000030a0103").unwrap(), vpn).unwrap();
        let next_hop = NextHop::Address("10.0.0.9".parse().unwrap());
        for (dialect, expected) in [
            (Dialect::V4, "10.1.3.0/24 label 101 next-hop 10.0.0.9 rd 65000:3"),
            (Dialect::V6, "10.1.3.0/24 label 101 (1617) rd 65000:3 next-hop 10.0.0.9"),
        ] {
            let mut out = Vec::new();
            nlri.text(&mut out, &About { family: vpn, path_id: None, next_hop, dialect });
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
