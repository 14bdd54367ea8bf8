//! Routes as the statements that make them: what was received or shown, to be said again.

use crate::bgp::attribute::{AsPath, Attribute, Kind as Segment, Unknown};
use crate::bgp::nlri::{About, Draft, Nlri};
use crate::bgp::{Element as _, Negotiated};
use crate::json::Dialect;
use crate::protocol::Family;
use crate::rib::Route;
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
    for attribute in route.attributes.iter() {
        let name = attribute.name().unwrap_or(Unknown::NAME);
        match (attribute, attribute.to_string()) {
            (Attribute::AsPath(path), _) => out += &path_words(path),
            (_, value) if value.is_empty() => out += &format!(" {name}"),
            (_, value) => out += &format!(" {name} {value}"),
        }
    }
    out
}

/// Paths by the brackets that are read, which are not those that are shown. Confederations
/// cannot be written by name, and are given by their bytes.
fn path_words(path: &AsPath) -> String {
    let confederation = |kind| matches!(kind, Segment::ConfedSequence | Segment::ConfedSet);
    if path.segments().any(|(kind, _)| confederation(kind)) {
        let mut bytes = Vec::new();
        path.pack(&mut Writer::new(&mut bytes), &Negotiated::wide());
        return format!(" attribute [ 0x02 0x40 0x{} ]", Hex(&bytes).to_string().to_lowercase());
    }
    if path.is_empty() {
        return " as-path [ ]".to_owned();
    }
    let mut text = " as-path".to_owned();
    for (kind, numbers) in path.segments() {
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let (open, close) = if kind == Segment::Set { ("(", ")") } else { ("[", "]") };
        text += &format!(" {open} {} {close}", numbers.join(" "));
    }
    text
}
