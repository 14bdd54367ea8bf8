//! Routes of every family, read by a decoder that is not ours: tshark.
//!
//! `qa/decoders/statements` holds the routes. Each becomes an UPDATE; tshark reads all of them from
//! one capture, finds nothing malformed and shows what was said; our own decoder reads them too,
//! and what it tells leaves again in the same octets.
#![cfg(test)]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use exabgp::bgp::Negotiated;
use exabgp::bgp::attribute::Interner;
use exabgp::bgp::message::HEADER;
use exabgp::bgp::message::update::{Packing, Update};
use exabgp::bgp::nlri::Rule;
use exabgp::configuration::{Intent, RouteParser, statement};
use exabgp::protocol::{Afi, Family};
use exabgp::rib::Route;
use exabgp::text::{Source, Tokens};
use support::{Place, hex, left_out};

/// A route as it is said, and what a decoder must show of it.
struct Case {
    said: String,
    /// tshark 4.0 does not know the family or the type: it shows the attribute alone.
    beyond_tshark: bool,
    shown: Vec<String>,
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("qa/decoders/statements");
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut parts = line.split('|').map(|part| part.trim().to_owned());
            let said = parts.next().unwrap();
            let (marks, shown): (Vec<_>, Vec<_>) = parts.partition(|part| part == "?");
            Case { said, beyond_tshark: !marks.is_empty(), shown }
        })
        .collect()
}

/// The one route that a statement makes.
fn route(parser: &mut RouteParser, said: &str) -> Route {
    let mut routes = Vec::new();
    let source = Source::new("statement", said);
    let read = parser.command(&mut Tokens::command(&source), Intent::Announce, &mut routes);
    read.unwrap_or_else(|error| panic!("{}", error.render(&source)));
    assert_eq!(routes.len(), 1, "{said}");
    routes.remove(0)
}

/// A session in which everything may be said.
fn session() -> Negotiated {
    let nexthop = vec![(Family::IPV4_UNICAST, Afi::IPV6)];
    Negotiated { aigp: true, nexthop, ..Negotiated::wide() }
}

/// The message that announces a route.
fn message(route: &Route) -> Vec<u8> {
    let negotiated = session();
    let mut out = Vec::new();
    let rule = Rule::of(route.nlri.family()).unwrap();
    let mut packing = Packing::announce(&mut out, &negotiated, rule, &route.attributes).unwrap();
    assert!(packing.push(route.nlri.path_id(), route.nlri.bytes()));
    packing.finish();
    out
}

/// Every message, in the order of the cases.
fn messages() -> Vec<(Case, Route, Vec<u8>)> {
    let mut parser = RouteParser::new();
    cases()
        .into_iter()
        .map(|case| {
            let route = route(&mut parser, &case.said);
            let message = message(&route);
            (case, route, message)
        })
        .collect()
}

#[test]
fn every_family_is_said_and_leaves_again_in_the_same_octets() {
    let mut families = BTreeSet::new();
    let mut parser = RouteParser::new();
    let mut interner = Interner::new();
    for (case, sent, whole) in messages() {
        families.insert(sent.nlri.family().to_string());
        let negotiated = session();
        let update = Update::decode(&whole[HEADER..], &negotiated, &mut interner)
            .unwrap_or_else(|notify| panic!("{notify}: {}", case.said));
        assert_eq!(update.verdict.error().map(|error| error.to_string()), None, "{}", case.said);
        let section = update.announced().next().unwrap();
        let entry = section.run.entries().next().unwrap();
        let received = Route {
            nlri: entry.pack(section.run.family()),
            attributes: section.attributes.clone(),
        };
        assert_eq!(hex(received.nlri.bytes()), hex(sent.nlri.bytes()), "{}", case.said);
        let told = statement(&received);
        let again = message(&route(&mut parser, &told));
        assert_eq!(hex(&again), hex(&whole), "{}\n told as {told}", case.said);
    }
    let known: BTreeSet<String> = Family::KNOWN.iter().map(ToString::to_string).collect();
    assert_eq!(families, known, "every family has a route");
}

/// A capture (pcap, raw IPv4) of one TCP connection to port 179 that carries the messages, each in
/// its own segment.
fn capture(messages: &[Vec<u8>]) -> Vec<u8> {
    const RAW_IP: u32 = 101;
    let mut out = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0002_0004, 0, 0, 0xffff, RAW_IP] {
        out.extend(word.to_ne_bytes());
    }
    // The second word is two of sixteen bits, major first.
    out[4..8].copy_from_slice(&[2_u16.to_ne_bytes(), 4_u16.to_ne_bytes()].concat());
    let mut sequence = 1_u32;
    for (index, message) in messages.iter().enumerate() {
        let length = u16::try_from(40 + message.len()).unwrap();
        let mut packet = vec![0x45, 0];
        packet.extend(length.to_be_bytes());
        packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 2]);
        packet.extend([0xc0, 0x01, 0, 179]);
        packet.extend(sequence.to_be_bytes());
        packet.extend([0, 0, 0, 1, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
        packet.extend(message);
        let captured = u32::try_from(packet.len()).unwrap();
        for word in [u32::try_from(index).unwrap(), 0, captured, captured] {
            out.extend(word.to_ne_bytes());
        }
        out.extend(packet);
        sequence += u32::try_from(message.len()).unwrap();
    }
    out
}

/// What tshark prints with these arguments, or nothing where it is not there.
fn tshark(capture: &Path, arguments: &[&str]) -> Option<String> {
    let run = Command::new("tshark").arg("-r").arg(capture).args(arguments).output().ok()?;
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    Some(String::from_utf8_lossy(&run.stdout).into_owned())
}

#[test]
fn tshark_reads_every_family() {
    let all = messages();
    let place = Place::new();
    let path = place.path().join("updates.pcap");
    let octets: Vec<Vec<u8>> = all.iter().map(|(.., message)| message.clone()).collect();
    fs::write(&path, capture(&octets)).unwrap();
    let Some(told) = tshark(&path, &["-V", "-O", "bgp"]) else {
        return left_out("tshark is not installed: no decoder but ours reads the messages");
    };
    let packets: Vec<&str> = told.split("\nFrame ").collect();
    assert_eq!(packets.len(), all.len(), "one packet a message");
    let mut wrong = String::new();
    for (packet, (case, ..)) in packets.iter().zip(&all) {
        if !case.beyond_tshark
            && (packet.contains("Malformed") || packet.contains("Expert Info (Error"))
        {
            writeln!(wrong, "malformed: {}\n{packet}", case.said).unwrap();
        }
        if packet.matches("UPDATE Message").count() == 0 {
            writeln!(wrong, "no UPDATE: {}", case.said).unwrap();
        }
        for shown in &case.shown {
            if !packet.contains(shown.as_str()) {
                writeln!(wrong, "without {shown}: {}\n{packet}", case.said).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
