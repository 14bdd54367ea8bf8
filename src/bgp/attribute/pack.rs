//! A set as octets: order, flags, lengths, the attributes every route has, what a session may not
//! see, and what an old peer cannot read.
//!
//! RFC 4271 section 4.3 for the layout, RFC 6793 for AS_TRANS, AS4_PATH and AS4_AGGREGATOR.

use std::net::IpAddr;

use crate::bgp::Negotiated;
use crate::protocol::Asn;
use crate::wire::{TooLong, Writer};

use super::aggregator::As4Aggregator;
use super::as_path::As4Path;
use super::{
    AsPath, Attribute, Attributes, Flags, LocalPreference, NextHop, Origin, Policy, Unknown, code,
};

/// Whether NEXT_HOP, code 3, is written when the next hop is an IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextHopField {
    Write,
    /// The next hop is in MP_REACH only, or there is none.
    Skip,
}

/// All of an agreement that changes the octets of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Profile {
    asn4: bool,
    internal: bool,
    aigp: bool,
    local_as: Asn,
}

impl Profile {
    /// The profile of a session. Sets leave alike on sessions of one profile.
    pub fn of(negotiated: &Negotiated) -> Self {
        Self {
            asn4: negotiated.asn4,
            internal: negotiated.is_internal(),
            aigp: negotiated.aigp,
            local_as: negotiated.local_as,
        }
    }

    /// What of the profile changes how received octets are read.
    pub(super) fn received(self) -> u8 {
        u8::from(self.asn4) | u8::from(self.internal) << 1 | u8::from(self.aigp) << 2
    }
}

/// Writes every attribute but MP_REACH and MP_UNREACH.
pub(super) fn pack(
    set: &Attributes,
    writer: &mut Writer<'_>,
    negotiated: &Negotiated,
    field: NextHopField,
) -> Result<(), TooLong> {
    let mut packing = Packing { writer, negotiated };
    let mut items = set.iter().peekable();
    let mut upto = |packing: &mut Packing<'_, '_>, last: u8| {
        let mut found = false;
        while let Some(item) = items.next_if(|item| item.code() <= last) {
            found = item.code() == last;
            packing.item(item)?;
        }
        Ok(found)
    };
    if !upto(&mut packing, code::ORIGIN)? {
        packing.value(code::ORIGIN, &Origin::default())?;
    }
    if !upto(&mut packing, code::AS_PATH)? {
        let external = [negotiated.local_as];
        let path = AsPath::sequence(if negotiated.is_internal() { &[] } else { &external });
        packing.path(&path)?;
    }
    if !upto(&mut packing, code::NEXT_HOP)?
        && field == NextHopField::Write
        && let NextHop::Address(IpAddr::V4(address)) = set.next_hop()
    {
        let octets = address.octets();
        packing.attribute(code::NEXT_HOP, Flags::WELL_KNOWN, |writer| writer.bytes(&octets))?;
    }
    if !upto(&mut packing, code::LOCAL_PREF)? && LocalPreference::sent(negotiated) {
        packing.value(code::LOCAL_PREF, &LocalPreference::DEFAULT)?;
    }
    upto(&mut packing, u8::MAX).map(drop)
}

struct Packing<'w, 'o> {
    writer: &'w mut Writer<'o>,
    negotiated: &'w Negotiated,
}

impl Packing<'_, '_> {
    fn item(&mut self, item: &Attribute) -> Result<(), TooLong> {
        let negotiated = self.negotiated;
        match item {
            Attribute::Unknown(unknown) => self.unknown(unknown),
            Attribute::AsPath(path) => self.path(path),
            Attribute::Aggregator(aggregator) => {
                self.value(code::AGGREGATOR, aggregator)?;
                if !negotiated.asn4 && aggregator.asn.is_wide() {
                    self.value(code::AS4_AGGREGATOR, &As4Aggregator(*aggregator))?;
                }
                Ok(())
            }
            known => match Attribute::rules(known.code()) {
                Some(rules) if (rules.sent)(negotiated) => {
                    let start = self.writer.position();
                    self.attribute(known.code(), rules.flags, |writer| {
                        known.pack(writer, negotiated);
                    })?;
                    if !rules.empty_is_valid && self.writer.position() == start + 3 {
                        // Nothing to say: an optional attribute without a value is not sent.
                        self.writer.truncate(start);
                    }
                    Ok(())
                }
                _ => Ok(()),
            },
        }
    }

    /// AS_PATH, and behind it what an old peer cannot read.
    fn path(&mut self, path: &AsPath) -> Result<(), TooLong> {
        self.value(code::AS_PATH, path)?;
        match As4Path::beside(path) {
            Some(wide) if !self.negotiated.asn4 => self.value(code::AS4_PATH, &wide),
            _ => Ok(()),
        }
    }

    /// As it was written: it has a long length where it needs one, or was asked for one.
    fn unknown(&mut self, unknown: &Unknown) -> Result<(), TooLong> {
        self.attribute(unknown.code, unknown.flags, |writer| writer.bytes(&unknown.value))
    }

    fn value<T: Policy>(&mut self, code: u8, value: &T) -> Result<(), TooLong> {
        let negotiated = self.negotiated;
        self.attribute(code, T::FLAGS, |writer| value.pack(writer, negotiated))
    }

    fn attribute(
        &mut self,
        code: u8,
        flags: Flags,
        value: impl Fn(&mut Writer<'_>),
    ) -> Result<(), TooLong> {
        let start = self.writer.position();
        self.writer.u8(flags.0);
        self.writer.u8(code);
        if !flags.is_extended() {
            if self.writer.sized_u8(&value).is_ok() {
                return Ok(());
            }
            self.writer.patch(start, &[flags.extended().0]);
        }
        self.writer.sized_u16(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::set;
    use crate::wire::Hex;

    const HOP: &str = "next-hop 198.51.100.7 ";

    /// Inside AS 65010.
    fn internal() -> Negotiated {
        Negotiated { local_as: Asn(65010), peer_as: Asn(65010), ..Negotiated::wide() }
    }

    /// From AS 65010 to AS 65020.
    fn external() -> Negotiated {
        Negotiated { peer_as: Asn(65020), ..internal() }
    }

    fn old(negotiated: Negotiated) -> Negotiated {
        Negotiated { asn4: false, ..negotiated }
    }

    fn packed(text: &str, negotiated: &Negotiated) -> String {
        let mut out = Vec::new();
        let field = NextHopField::Write;
        pack(&set(&format!("{HOP}{text}")), &mut Writer::new(&mut out), negotiated, field).unwrap();
        Hex(&out).to_string().to_ascii_lowercase()
    }

    #[test]
    fn what_every_route_has() {
        let inside = "40010100400200400304c63364074005040000";
        for (text, hex) in [
            ("", "0064"),
            ("local-preference 350", "015e"),
            ("aigp 1000", "0064801a0b01000b00000000000003e8"),
            ("attribute [ 0x63 0xc0 0x0102030405 ]", "0064c063050102030405"),
            ("attribute [ 0x63 0xd0 0x01 ]", "0064d063000101"),
            ("community [ ]", "0064"),
            ("bgp-prefix-sid [ 777 ]", "0064c0280a01000700000000000309"),
            (
                "originator-id 192.0.2.200 cluster-list [ 192.0.2.1 192.0.2.2 ]",
                "0064800904c00002c8800a08c0000201c0000202",
            ),
        ] {
            assert_eq!(packed(text, &internal()), format!("{inside}{hex}"), "{text}");
        }
    }

    #[test]
    fn external_sessions_get_our_as_and_no_preference() {
        for (text, hex) in [
            ("", "4001010040020602010000fdf2400304c6336407"),
            ("local-preference 350", "4001010040020602010000fdf2400304c6336407"),
            ("aigp 1000", "4001010040020602010000fdf2400304c6336407"),
            ("as-path [ ]", "40010100400200400304c6336407"),
            ("as-path 64700", "4001010040020602010000fcbc400304c6336407"),
            ("med 0 origin egp", "4001010140020602010000fdf2400304c633640780040400000000"),
        ] {
            assert_eq!(packed(text, &external()), hex, "{text}");
        }
        let accumulating = Negotiated { aigp: true, ..external() };
        let hex = "4001010040020602010000fdf2400304c6336407801a0b01000b00000000000003e8";
        assert_eq!(packed("aigp 0x3e8", &accumulating), hex);
    }

    #[test]
    fn old_peers_get_beside_it_what_they_cannot_read() {
        let hop = "400304c6336407";
        assert_eq!(
            packed("", &old(external())),
            format!("4001010040020402 01fdf2{hop}").replace(' ', "")
        );
        assert_eq!(
            packed("as-path [ 64700 4200000001 64702 ]", &old(external())),
            format!("400101004002080203fcbc5ba0fcbec0110e02030000fcbcfa56ea010000fcbe{hop}")
        );
        let preference = "40050400000064";
        let inside = format!("40010100400200{hop}{preference}");
        assert_eq!(
            packed("aggregator ( 4200000001:192.0.2.33 )", &old(internal())),
            format!("{inside}c007065ba0c0000221c01208fa56ea01c0000221")
        );
        assert_eq!(
            packed("aggregator ( 64700:192.0.2.33 )", &old(internal())),
            format!("{inside}c00706fcbcc0000221")
        );
        let wide = Negotiated { local_as: Asn(4_200_000_010), ..external() };
        assert_eq!(
            packed("", &old(wide)),
            format!("40010100400204 02015ba0c011060201fa56ea0a{hop}").replace(' ', "")
        );
    }

    #[test]
    fn codes_ascend_whatever_was_said_first() {
        let text = "large-community 64700:1:1 community 64700:1 med 5 local-preference 200 \
                    as-path [ 64700 ] origin egp atomic-aggregate aggregator \
                    ( 64700:192.0.2.33 ) extended-community target:64700:1 originator-id \
                    192.0.2.200 cluster-list [ 192.0.2.1 ]";
        assert_eq!(
            packed(text, &internal()),
            "4001010140020602010000fcbc400304c633640780040400000005400504000000c8400600\
             c007080000fcbcc0000221c00804fcbc0001800904c00002c8800a04c0000201\
             c010080002fcbc00000001c0200c0000fcbc0000000100000001"
        );
    }

    #[test]
    fn written_octets_take_the_place_of_their_code() {
        let hop = "400304c6336407";
        assert_eq!(
            packed("attribute [ 0x04 0x80 0x00000064 ]", &internal()),
            format!("40010100400200{hop}8004040000006440050400000064")
        );
        for (text, hex) in [
            ("attribute [ 0x01 0x40 0x02 ]", format!("40010102400200{hop}40050400000064")),
            ("attribute [ 0x02 0x40 0x ]", format!("40010100400200{hop}40050400000064")),
            ("attribute [ 0x05 0x40 0x ]", format!("40010100400200{hop}400500")),
            (
                "attribute [ 0x03 0x40 0x01 ]",
                "4001010040020040030101".to_owned() + "40050400000064",
            ),
        ] {
            assert_eq!(packed(text, &internal()), hex, "{text}");
        }
    }

    #[test]
    fn long_values_have_long_lengths() {
        let hex = packed(&format!("attribute [ 0x63 0xc0 0x{} ]", "ab".repeat(256)), &internal());
        let (_, value) = hex.split_once("40050400000064").unwrap();
        assert_eq!(value, format!("d0630100{}", "ab".repeat(256)));
        let longest =
            packed(&format!("attribute [ 0x63 0xc0 0x{} ]", "ab".repeat(65535)), &internal());
        assert!(longest.contains("d063ffffab"));
    }

    #[test]
    fn what_fits_no_length_is_an_error() {
        let text = format!("community [ {} ]", "1:1 ".repeat(16384));
        let mut out = vec![7];
        let result = pack(&set(&text), &mut Writer::new(&mut out), &internal(), NextHopField::Skip);
        assert_eq!(result, Err(TooLong { length: 65536 }));
    }

    #[test]
    fn next_hops_that_are_no_ipv4_address_are_not_here() {
        let bare = "4001010040020040050400000064";
        for hop in [NextHop::None, NextHop::Address("2001:db8::1".parse().unwrap())] {
            let mut out = Vec::new();
            let moved = set("").with_next_hop(hop);
            pack(&moved, &mut Writer::new(&mut out), &internal(), NextHopField::Write).unwrap();
            assert_eq!(Hex(&out).to_string(), bare);
        }
    }
}
