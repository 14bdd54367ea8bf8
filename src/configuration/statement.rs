//! Routes as the statements that make them: what was received or shown, to be said again.

use crate::bgp::attribute::{Attribute, NextHop};
use crate::bgp::nlri::{About, Draft, Nlri, Rule, Welcome};
use crate::json::Dialect;
use crate::protocol::{Family, Safi};
use crate::rib::Route;

/// A route as the statement that makes it, in commands behind `announce` or `withdraw`: its
/// family, its NLRI, its next hop and its attributes, each in the form that is read.
pub fn statement(route: &Route) -> String {
    let family = route.nlri.family();
    let (next_hop, pair) = match route.attributes.next_hop() {
        NextHop::WithLinkLocal(global, local) => (NextHop::None, Some([global, local])),
        next_hop => (next_hop, None),
    };
    let about = About { family, path_id: route.nlri.path_id(), next_hop, dialect: Dialect::V4 };
    let mut out = Vec::new();
    if let Ok(nlri) = Nlri::unpack(route.nlri.bytes(), family) {
        let unicast = matches!(family, Family::IPV4_UNICAST | Family::IPV6_UNICAST);
        let routed =
            nlri.prefix().is_some_and(|prefix| Draft::new(prefix.masked()).family() == family);
        out = if unicast && routed { b"route ".to_vec() } else { format!("{family} ").into() };
        nlri.statement(&mut out, &about);
    }
    let mut out = String::from_utf8_lossy(&out).into_owned();
    if let Some([global, local]) = pair {
        out += &format!(" next-hop [ {global} {local} ]");
    }
    let wording = Rule::of(family).and_then(|rule| rule.shape.grammar());
    let wording = wording.map(|grammar| (grammar.start)(family));
    let refuses = |word: &str| {
        wording.as_ref().is_some_and(|wording| wording.welcome(word) == Welcome::Refused)
    };
    for attribute in route.attributes.iter() {
        // A segment-routing policy is said by the words of its own statement.
        let policy = match attribute {
            Attribute::TunnelEncapsulation(tunnels) if family.safi == Safi::SR_POLICY => {
                // An empty policy has no word of its own.
                tunnels.policy_words().filter(|words| !words.is_empty())
            }
            _ => None,
        };
        let words = policy.unwrap_or_else(|| attribute.statement());
        let keyword = words.split(' ').next().unwrap_or_default();
        out.push(' ');
        out += &if refuses(keyword) { attribute.octets() } else { words };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::Negotiated;
    use crate::configuration::{Intent, RouteParser};
    use crate::text::Tokens;
    use crate::wire::Writer;

    /// The route of a command, without its first word.
    fn route(command: &str) -> Route {
        let mut routes = Vec::new();
        let mut tokens = Tokens::line(command);
        let read = RouteParser::new().command(&mut tokens, Intent::Announce, &mut routes);
        assert!(read.is_ok(), "{command}: {read:?}");
        routes.pop().unwrap()
    }

    /// The attributes as they are sent.
    fn sent(route: &Route) -> Vec<(u8, Vec<u8>)> {
        let octets = |attribute: &Attribute| {
            let mut bytes = Vec::new();
            attribute.pack(&mut Writer::new(&mut bytes), &Negotiated::wide());
            (attribute.code(), bytes)
        };
        route.attributes.iter().map(octets).collect()
    }

    #[test]
    fn a_statement_makes_the_route_again() {
        for command in [
            "ipv4 unicast 10.0.0.0/8 next-hop 192.0.2.1 as-path [ 1 ] ( 2 3 ) origin egp",
            "ipv6 unicast 2001:db8::/32 next-hop [ 2001:db8::1 fe80::1 ]",
            "ipv4 unicast 10.0.0.0/8 next-hop 192.0.2.1 attribute [ 0x02 0x40 0x030100000001 ]",
            "ipv4 mcast-vpn source-ad source 192.0.2.10 group 232.1.1.1 rd 1:1 next-hop 192.0.2.1 \
             community 1:2 med 5",
            "ipv6 mcast-vpn raw 0x0902abcd next-hop 2001:db8::1",
            "ipv4 mup mup-isd 10.0.1.0/24 rd 100:100 next-hop 2001::1 extended-community \
             target:10:10 bgp-prefix-sid-srv6 ( l3-service 2001:db8:: 0x48 [64,24,16,0,0,0] )",
            "ipv4 mup mup-t2st 10.0.0.1 rd 100:100 teid 5/3 next-hop 192.0.2.1 \
             attribute [ 0x04 0x80 0x00000005 ]",
            "ipv6 mup mup-isd 2001:db8:1::/48 rd 1:1 next-hop 192.0.2.9",
            "sr-policy distinguisher 1 color 2 endpoint 2001:db8::7 next-hop 2001:db8::9 \
             preference 5 binding-sid null segment-list weight 1 segment type-a mpls 16",
            "ipv4 sr-policy distinguisher 1 color 2 endpoint 192.0.2.7 next-hop 192.0.2.9 \
             attribute [ 0x17 0xc0 0x000800010a ] extended-community target:1:1",
        ] {
            let made = route(command);
            let again = statement(&made);
            let same = route(&again);
            assert_eq!(made.nlri, same.nlri, "{again}");
            assert_eq!(made.attributes.next_hop(), same.attributes.next_hop(), "{again}");
            assert_eq!(sent(&made), sent(&same), "{again}");
            assert_eq!(statement(&same), again);
        }
    }

    #[test]
    fn attributes_that_a_family_does_not_read_are_said_by_octets() {
        let mup = route("ipv4 mup mup-dsd 10.0.0.1 rd 1:1 next-hop ::1");
        let other = route("route 10.0.0.0/8 next-hop ::1 med 5");
        let both = Route { nlri: mup.nlri, attributes: other.attributes };
        assert_eq!(
            statement(&both),
            "ipv4 mup mup-dsd 10.0.0.1 rd 1:1 next-hop ::1 attribute [ 0x04 0x80 0x00000005 ]"
        );
    }
}
