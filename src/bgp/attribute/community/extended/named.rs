//! Kinds that are written by name and shown as octets: consumers of ExaBGP's events know no word
//! for them.
//!
//! Color, RFC 9012 section 4.3: 16 bits of flags and a color. Of EVPN: default gateway, RFC 7432
//! section 7.8; ESI label, section 7.5; ES-import route target, section 7.6; router's MAC, RFC
//! 9135 section 8.1.

use super::ExtendedCommunity;

/// A MAC address.
pub type Mac = [u8; 6];

impl ExtendedCommunity {
    /// What a route wants of the path to its next hop. The first two bits of `flags` say what may
    /// be done without a policy of that color and endpoint (RFC 9830 section 3).
    pub fn color(flags: u16, color: u32) -> Self {
        let ([a, b], [c, d, e, f]) = (flags.to_be_bytes(), color.to_be_bytes());
        Self([0x03, 0x0b, a, b, c, d, e, f])
    }

    /// The address of the route is that of a default gateway.
    pub fn default_gateway() -> Self {
        Self([0x03, 0x0d, 0, 0, 0, 0, 0, 0])
    }

    /// The label of an Ethernet segment, in the high 20 of 24 bits, and whether only one of its
    /// routers forwards.
    pub fn esi_label(single_active: bool, label: u32) -> Self {
        let [_, a, b, c] = (label << 4).to_be_bytes();
        Self([0x06, 0x01, u8::from(single_active), 0, 0, a, b, c])
    }

    /// Imported by the routers of an Ethernet segment.
    pub fn es_import(mac: Mac) -> Self {
        let [a, b, c, d, e, f] = mac;
        Self([0x06, 0x02, a, b, c, d, e, f])
    }

    /// The MAC address of the router, for frames that are routed.
    pub fn router_mac(mac: Mac) -> Self {
        let [a, b, c, d, e, f] = mac;
        Self([0x06, 0x03, a, b, c, d, e, f])
    }
}
