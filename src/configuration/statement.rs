//! Routes as the statements that make them: what was received or shown, to be said again.

use crate::bgp::Negotiated;
use crate::bgp::attribute::{AsPath, Attribute, Attributes, Kind as Segment, Unknown};
use crate::bgp::nlri::{About, Draft, Nlri, Rule, Welcome};
use crate::json::Dialect;
use crate::protocol::{Family, Safi};
use crate::rib::Route;
use crate::text::Tokens;
use crate::wire::{Hex, Writer};

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
    let flags = Attribute::rules(code).map_or(0, |rules| rules.flags.0);
    let value = Hex(&bytes).to_string().to_lowercase();
    format!("{} [ 0x{code:02x} 0x{flags:02x} 0x{value} ]", Unknown::NAME)
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
