//! Routes as the statements that make them: what was received or shown, to be said again.

use crate::bgp::Negotiated;
use crate::bgp::attribute::{AsPath, Attribute, Attributes, Flags, Kind as Segment, Unknown};
use crate::bgp::nlri::{About, Draft, Nlri, Rule, Welcome};
use crate::json::Dialect;
use crate::protocol::{Family, Safi};
use crate::rib::Route;
use crate::text::Tokens;
use crate::wire::Writer;

/// A route as the statement that makes it, in commands behind `announce` or `withdraw`: its
/// family, its NLRI, its next hop and its attributes, each in the form that is read.
pub fn statement(route: &Route) -> String {
    let family = route.nlri.family();
    let next_hop = route.attributes.next_hop();
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
    let wording = Rule::of(family).and_then(|rule| rule.shape.grammar());
    let wording = wording.map(|grammar| (grammar.start)(family));
    let refuses = |word: &str| {
        wording.as_ref().is_some_and(|wording| wording.welcome(word) == Welcome::Refused)
    };
    for attribute in route.attributes.iter() {
        let words = words(attribute, family);
        let keyword = words.split(' ').next().unwrap_or_default();
        out.push(' ');
        if !refuses(keyword) && reads_as(&words, attribute, family) {
            out += &words;
        } else {
            out += &octets(attribute);
        }
    }
    out
}

/// An attribute by its name, which most can be read by.
fn words(attribute: &Attribute, family: Family) -> String {
    match attribute {
        Attribute::AsPath(path) => path_words(path),
        Attribute::TunnelEncapsulation(tunnel) if family.safi == Safi::SR_POLICY => {
            tunnel.policy_words().unwrap_or_default()
        }
        _ => {
            let name = attribute.name().unwrap_or(Unknown::NAME);
            format!("{name} {attribute}").trim_end().to_owned()
        }
    }
}

/// Whether `words` make exactly this attribute.
fn reads_as(words: &str, attribute: &Attribute, family: Family) -> bool {
    let mut tokens = Tokens::line(words);
    let mut builder = Attributes::builder();
    while let Ok(keyword) = tokens.word("a keyword") {
        let policy = (family.safi == Safi::SR_POLICY)
            .then(|| builder.parse_policy(&keyword, &mut tokens))
            .flatten();
        let read = policy.or_else(|| builder.parse(&keyword, &mut tokens));
        if !matches!(read, Some(Ok(()))) {
            return false;
        }
    }
    builder.build().iter().eq([attribute])
}

/// An attribute by its octets, as every attribute can be said.
fn octets(attribute: &Attribute) -> String {
    let mut bytes = Vec::new();
    attribute.pack(&mut Writer::new(&mut bytes), &Negotiated::wide());
    let code = attribute.code();
    let flags = Attribute::rules(code).map_or(Flags(0), |rules| rules.flags);
    format!("{} {}", Unknown::NAME, Unknown { code, flags, value: bytes.into() })
}

/// Paths by the brackets that are read, which are not those that are shown.
fn path_words(path: &AsPath) -> String {
    if path.is_empty() {
        return "as-path [ ]".to_owned();
    }
    let mut text = "as-path".to_owned();
    for (kind, numbers) in path.segments() {
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let (open, close) = if kind == Segment::Set { ("(", ")") } else { ("[", "]") };
        text += &format!(" {open} {} {close}", numbers.join(" "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::{Intent, RouteParser};

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
