//! Routes as the statements that make them: what was received or shown, to be said again.

use crate::bgp::attribute::Attribute;
use crate::bgp::nlri::{About, Draft, Nlri, Rule, Welcome};
use crate::json::Dialect;
use crate::protocol::{Family, Safi};
use crate::rib::Route;

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
        // A segment-routing policy is said by the words of its own statement.
        let policy = match attribute {
            Attribute::TunnelEncapsulation(tunnels) if family.safi == Safi::SR_POLICY => {
                tunnels.policy_words()
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
