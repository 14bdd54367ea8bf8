//! Capabilities, RFC 5492: what a speaker says in its OPEN that it can do. One file each.
//!
//! Wire format: code in 8 bits, length in 8, value. Each is sent in an optional parameter of its
//! own; [`Offer`] knows the order, the parameters and the merging of repetitions.

mod addpath;
mod asn4;
mod extended;
mod graceful;
mod hostname;
mod link_local;
mod multiprotocol;
mod multisession;
mod nexthop;
mod offer;
mod operational;
mod paths_limit;
mod refresh;
mod software;
mod unknown;

use crate::registry;

pub use addpath::{AddPath, Mode};
pub use asn4::Asn4;
pub use extended::ExtendedMessage;
pub use graceful::GracefulRestart;
pub use hostname::HostName;
pub use link_local::LinkLocalNextHop;
pub use multiprotocol::MultiProtocol;
pub use multisession::{CiscoMultiSession, MultiSession};
pub use nexthop::NextHop;
pub use offer::{Offer, OfferError};
pub use operational::Operational;
pub use paths_limit::PathsLimit;
pub use refresh::{CiscoRouteRefresh, EnhancedRouteRefresh, RouteRefresh};
pub use software::SoftwareVersion;
pub use unknown::Unknown;

registry! {
    /// Capabilities, by code (IANA: Capability Codes).
    pub enum Capability: u8, unknown Unknown {
        1 => MultiProtocol(MultiProtocol),
        2 => RouteRefresh(RouteRefresh),
        5 => NextHop(NextHop),
        6 => ExtendedMessage(ExtendedMessage),
        64 => GracefulRestart(GracefulRestart),
        65 => Asn4(Asn4),
        68 => MultiSession(MultiSession),
        69 => AddPath(AddPath),
        70 => EnhancedRouteRefresh(EnhancedRouteRefresh),
        73 => HostName(HostName),
        75 => SoftwareVersion(SoftwareVersion),
        76 => PathsLimit(PathsLimit),
        77 => LinkLocalNextHop(LinkLocalNextHop),
        128 => CiscoRouteRefresh(CiscoRouteRefresh),
        131 => CiscoMultiSession(CiscoMultiSession),
        185 => Operational(Operational),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::Negotiated;
    use crate::json::{Dialect, Writer};
    use crate::wire::{Reader, from_hex};

    /// Unpacks `hex`, compares text and JSON, packs again, and refuses every truncation that
    /// `whole` does not call acceptable.
    pub(super) fn check(code: u8, hex: &str, text: &str, json: &str) -> Capability {
        let bytes = from_hex(hex).unwrap();
        let negotiated = Negotiated::INITIAL;
        let mut reader = Reader::new(&bytes);
        let capability = Capability::unpack(code, &mut reader, &negotiated).unwrap().unwrap();
        assert!(reader.is_empty(), "{hex}: not read to its end");
        assert_eq!(capability.code(), code);
        assert_eq!(capability.to_string(), text);
        let mut out = Vec::new();
        capability.json(&mut Writer::new(&mut out, Dialect::V4));
        assert_eq!(String::from_utf8(out).unwrap(), json);
        let mut packed = Vec::new();
        capability.pack(&mut crate::wire::Writer::new(&mut packed), &negotiated);
        assert_eq!(packed, bytes, "{hex}: packed differently");
        for length in 0..bytes.len() {
            // It must not panic; whether it is refused depends on the shape of the value.
            drop(Capability::unpack(code, &mut Reader::new(&bytes[..length]), &negotiated));
        }
        capability
    }

    /// Asserts that the value of `code` is refused.
    pub(super) fn refuse(code: u8, hex: &str) {
        let bytes = from_hex(hex).unwrap();
        let read = Capability::unpack(code, &mut Reader::new(&bytes), &Negotiated::INITIAL);
        assert!(read.unwrap().is_err(), "{code}: {hex} is accepted");
    }

    #[test]
    fn codes_are_sorted_and_names_differ() {
        assert!(Capability::KNOWN.is_sorted_by_key(|(code, _)| *code));
        for (index, (_, name)) in Capability::KNOWN.iter().enumerate() {
            assert!(Capability::KNOWN[..index].iter().all(|(_, other)| other != name), "{name}");
        }
    }
}
