//! OPEN, RFC 4271 section 4.2: who a speaker is and what it can do.
//!
//! Wire format: version, AS in 16 bits, hold time in 16, identifier in 32, then the optional
//! parameters behind a length of one octet, or of two in the form of RFC 9072.

use std::fmt;
use std::net::Ipv4Addr;

use super::{Kind, Notify, write};
use crate::bgp::capability::{Capability, Offer, OfferError};
use crate::bgp::neighbor::SessionSettings;
use crate::json;
use crate::protocol::Asn;
use crate::wire::Reader;

/// The only version of BGP in use.
pub const VERSION: u8 = 4;

/// An OPEN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The AS number. Ours is whole; a received one is the two octets of the message, behind
    /// which [`Open::real_as`] looks.
    pub asn: Asn,
    /// Seconds.
    pub hold_time: u16,
    /// The BGP identifier.
    pub router_id: Ipv4Addr,
    pub capabilities: Offer,
}

/// Who we are on one connection, and whether we claim to come back (RFC 4724).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    pub asn: Asn,
    pub router_id: Ipv4Addr,
    /// Sets the R flag of the graceful-restart capability.
    pub restarting: bool,
}

impl Open {
    /// Our OPEN. Fails when the AS number cannot be said with the capabilities that are on.
    pub fn from_settings(
        settings: &SessionSettings,
        identity: Identity,
    ) -> Result<Self, OfferError> {
        Ok(Self {
            asn: identity.asn,
            hold_time: settings.hold_time,
            router_id: identity.router_id,
            capabilities: Offer::from_settings(settings, identity)?,
        })
    }

    /// Reads a body: 2/1 for another version, 2/4 and 2/5 for unknown parameters, 2/0 for anything
    /// that ends too early or has a wrong length (RFC 4271 section 6.2, RFC 5492, RFC 9072).
    pub fn unpack(body: &[u8]) -> Result<Self, Notify> {
        let mut reader = Reader::new(body);
        let short = |malformed| Notify::with_text(2, 0, malformed);
        let version = reader.u8("version").map_err(short)?;
        if version != VERSION {
            // RFC 4271 section 6.2: the data is the version that we speak, in two octets.
            return Err(Notify::with_data(2, 1, &[0, VERSION]));
        }
        let asn = Asn(u32::from(reader.u16("asn").map_err(short)?));
        let hold_time = reader.u16("hold time").map_err(short)?;
        let router_id = reader.array("identifier").map(Ipv4Addr::from).map_err(short)?;
        let capabilities = Offer::unpack(&mut reader)?;
        Ok(Self { asn, hold_time, router_id, capabilities })
    }

    /// Appends the message, header included.
    pub fn pack(&self, out: &mut Vec<u8>) {
        let written = write(out, Kind::Open, |writer| {
            writer.u8(VERSION);
            writer.u16(self.asn.two_octets());
            writer.u16(self.hold_time);
            writer.u32(self.router_id.to_bits());
            self.capabilities.pack(writer);
        });
        debug_assert!(written.is_ok(), "an offer is a few hundred octets");
    }

    /// The AS number, from the four-octet capability where the two octets stand for it.
    pub fn real_as(&self) -> Asn {
        match self.asn4() {
            Some(asn) if self.asn == Asn::TRANS => asn,
            _ => self.asn,
        }
    }

    /// The AS number of the four-octet capability (RFC 6793).
    pub fn asn4(&self) -> Option<Asn> {
        self.capabilities.iter().find_map(|capability| match capability {
            Capability::Asn4(asn4) => Some(asn4.0),
            _ => None,
        })
    }

    /// Writes the `open` object of an event. Capabilities are keyed by code when the OPEN was
    /// received and by name when it was sent.
    pub fn json(&self, keys: Keys, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("version").number(VERSION);
            object.field("asn").number(self.asn.0);
            object.field("hold_time").number(self.hold_time);
            object.field("router_id").ipv4(self.router_id);
            self.capabilities.json(keys, object.field("capabilities"));
        });
    }
}

/// How capabilities are keyed in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// By code point: received ones.
    Codes,
    /// By name: sent ones.
    Names,
}

/// The text event, after the words of the neighbor and the direction.
impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "open version {VERSION} asn {} hold_time {} router_id {} capabilities [{}]",
            self.asn, self.hold_time, self.router_id, self.capabilities
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Dialect, Writer};
    use crate::wire::from_hex;

    fn shown(open: &Open, keys: Keys) -> serde_json::Value {
        let mut out = Vec::new();
        open.json(keys, &mut Writer::new(&mut out, Dialect::V4));
        serde_json::from_slice(&out).unwrap()
    }

    /// Asserts the capabilities in JSON, that every truncation of the body is refused, and that
    /// no flipped bit panics or breaks a line.
    fn reads(hex: &str, capabilities: &str) {
        let body = from_hex(hex).unwrap();
        let value = shown(&Open::unpack(&body).unwrap(), Keys::Codes);
        assert_eq!(value["version"], 4);
        assert_eq!(value["asn"], 65020);
        assert_eq!(value["hold_time"], 180);
        assert_eq!(value["router_id"], "192.0.2.99");
        let expected: serde_json::Value = serde_json::from_str(capabilities).unwrap();
        assert_eq!(value["capabilities"], expected);
        for length in 0..body.len() {
            assert!(Open::unpack(&body[..length]).is_err(), "{hex} cut to {length}");
        }
        for place in 0..body.len() {
            for bit in 0..8 {
                let mut flipped = body.clone();
                flipped[place] ^= 1 << bit;
                if let Ok(open) = Open::unpack(&flipped) {
                    shown(&open, Keys::Names);
                    assert!(!open.to_string().contains('\n'));
                }
            }
        }
    }

    #[test]
    fn capabilities_are_shown_by_code() {
        // all capabilities
        reads(
            concat!(
                "04fdfc00b4c00002637402060104000100010206010400020001020202000202800002024600",
                "020641040000fdfc0202060002084006c0780001018002064504000101030208050600010001",
                "00020214491205636f7265310b6578616d706c652e6e6574020a4b080742495244322e300202",
                "b90002034401010203830100"
            ),
            concat!(
                r#"{"1":{"name":"multiprotocol","families":["ipv4/unicast","ipv6/unicast"]},"2""#,
                r#":{"name":"route-refresh","variant":"RFC"},"128":{"name":"route-refresh","var"#,
                r#"iant":"Cisco"},"70":{"name":"enhanced-route-refresh"},"65":{"name":"asn4","a"#,
                r#"sn4":65020},"6":{"name":"extended-message","size":65535},"64":{"name":"grace"#,
                r#"ful restart","time":120,"address-family-flags":{"ipv4/unicast":["restart"]},"#,
                r#""restart-flags":["forwarding"]},"69":{"name":"addpath","ipv4/unicast":"send/"#,
                r#"receive"},"5":{"name":"nexthop","conversion":["ipv4/unicast/ipv6"]},"73":{"h"#,
                r#"ost-name":"core1","domain-name":"example.net"},"75":{"software":"BIRD2.0"},""#,
                r#"185":{"name":"operational"},"68":{"name":"multisession","variant":"RFC","cap"#,
                r#"abilities":[]},"131":{"name":"multisession","variant":"Cisco","capabilities""#,
                r#":[]}}"#
            ),
        );
        // unknown capability 71 (LLGR)
        reads(
            "04fdfc00b4c00002630b0209470700010180000078",
            concat!(
                r#"{"71":{"name":"unknown","iana":"unassigned","value":71,"raw":"00010180000078"#,
                r#""}}"#
            ),
        );
        // unassigned capability 200
        reads(
            "04fdfc00b4c0000263060204c8020102",
            r#"{"200":{"name":"unknown","iana":"reserved","value":200,"raw":"0102"}}"#,
        );
        // no parameters
        reads("04fdfc00b4c000026300", r#"{}"#);
        // one parameter many capabilities
        reads(
            "04fdfc00b4c00002630e020c01040001000141040000fdfc",
            concat!(
                r#"{"1":{"name":"multiprotocol","families":["ipv4/unicast"]},"65":{"name":"asn4"#,
                r#"","asn4":65020}}"#
            ),
        );
        // extended parameters
        reads(
            "04fdfc00b4c0000263ffff0009020006010400010001",
            r#"{"1":{"name":"multiprotocol","families":["ipv4/unicast"]}}"#,
        );
        // paths-limit
        reads(
            "04fdfc00b4c000026311020645040001010302074c05000101000a",
            concat!(
                r#"{"69":{"name":"addpath","ipv4/unicast":"send/receive"},"76":{"name":"paths-l"#,
                r#"imit","ipv4/unicast":10}}"#
            ),
        );
        // link-local next-hop
        reads("04fdfc00b4c00002630402024d00", r#"{"77":{"name":"link-local-nexthop"}}"#);
        // malformed: add-path value 7
        reads(
            "04fdfc00b4c0000263080206450400010107",
            r#"{"69":{"name":"addpath","ipv4/unicast":"invalid (7)"}}"#,
        );
    }

    #[test]
    fn malformed_ones_are_told_why() {
        let cases = [
            ("03fdfc00b4c000026300", 1),                 // version 3
            ("04fdfc00b4c000026303010100", 5),           // parameter type 1
            ("04fdfc00b4c000026303030100", 4),           // parameter type 3
            ("04fdfc00b4c00002630a0206010400010001", 0), // parameters overrun
            ("04fdfc00b4c00002630402020104", 0),         // capability overrun
            ("04fdfc00b4c00002630702050103000100", 0),   // MP capability 3 octets
            ("04fdfc00b4c0000263070205410300fdfc", 0),   // ASN4 3 octets
            ("04fdfc00b4c0000263050203400100", 0),       // GR 1 octet
            ("04fdfc00b4c0000263080206400400780001", 0), // GR family truncated
            ("04fdfc00b4c00002630702054503000101", 0),   // add-path truncated
            ("04fdfc00b4c000026306020449020563", 0),     // hostname overrun
            ("04fdfc00b4c0000263080206490402fffe00", 0), // hostname bad UTF-8
            ("04fdfc00b4c0000263080206050400010001", 0), // extended nexthop truncated
        ];
        for (hex, subcode) in cases {
            let notify = Open::unpack(&from_hex(hex).unwrap()).unwrap_err();
            assert_eq!((notify.code, notify.subcode), (2, subcode), "{hex}");
        }
        let notify = Open::unpack(&[3, 0, 0, 0, 0, 0, 0, 0, 0, 0]).unwrap_err();
        assert_eq!(notify.data, [0, 4]);
    }

    #[test]
    fn what_follows_the_parameters_is_not_looked_at() {
        let body = from_hex("04fdfc00b4c0000263000102").unwrap();
        assert_eq!(Open::unpack(&body).unwrap().capabilities, Offer::default());
    }

    #[test]
    fn ours_is_shown_by_name() {
        let settings = SessionSettings::for_test(65010, 65020);
        let router_id = Ipv4Addr::new(10, 0, 0, 2);
        let identity = Identity { asn: Asn(4_200_000_010), router_id, restarting: true };
        let open = Open::from_settings(&settings, identity).unwrap();
        let value = shown(&open, Keys::Names);
        assert_eq!(value["asn"], 4_200_000_010u32);
        assert_eq!(value["capabilities"]["asn4"]["asn4"], 4_200_000_010u32);
        assert_eq!(value["capabilities"]["hostname"]["host-name"], serde_json::Value::Null);
        assert_eq!(
            open.to_string(),
            "open version 4 asn 4200000010 hold_time 180 router_id 10.0.0.2 capabilities \
             [multiprotocol(ipv4 unicast), extended message(65535), asn4(4200000010), \
             hostname(none none)]"
        );
    }
}
