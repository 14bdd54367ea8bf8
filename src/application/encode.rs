//! `exabgp encode`: routes as words in, UPDATE messages as hexadecimal out.

use std::process::ExitCode;

use super::{Call, Subcommand, missing, output, server, single};
use crate::bgp::Negotiated;
use crate::configuration::{self, Intent, RouteParser};
use crate::protocol::{Asn, Family};
use crate::rib::Route;
use crate::text::{Source, Tokens};
use crate::wire::Hex;

pub(super) static ENCODE: Subcommand = Subcommand {
    name: "encode",
    arguments: "[ROUTE]",
    summary: "make messages of routes",
    options: |options| {
        options.optopt("f", "family", "the family of the session (ipv4 unicast)", "FAMILY");
        options.optopt("a", "local-as", "our AS number (65533)", "AS");
        options.optopt("z", "peer-as", "the AS number of the peer (65533)", "AS");
        options.optflag("i", "path-information", "path identifiers are negotiated");
        options.optflag("n", "nlri", "write the NLRI alone");
        options.optflag("", "no-header", "leave out the header of the message");
        options.optopt("c", "configuration", "encode every route of a configuration", "FILE");
        options.optflag("d", "debug", "accepted for compatibility, without effect");
        options.optflag("p", "pdb", "accepted for compatibility, without effect");
    },
    run,
};

fn run(call: &Call) -> ExitCode {
    let configuration = call.matches.opt_str("configuration");
    if call.matches.free.is_empty() && configuration.is_none() {
        return missing(&ENCODE, "neither a route nor a configuration was given", 1);
    }
    let made = match configuration {
        Some(file) => of_file(call, &file),
        None => of_words(call, &call.matches.free.join(" ")),
    };
    match made {
        Ok(lines) => {
            output::print(&lines);
            ExitCode::SUCCESS
        }
        Err(what) => {
            // On standard output, where programs look for it.
            output::print(&format!("{what}\n"));
            ExitCode::FAILURE
        }
    }
}

/// The routes of a statement, for the session that the options describe.
fn of_words(call: &Call, words: &str) -> Result<String, String> {
    let at_fault = |what: String| format!("configuration error: {what}");
    let source = Source::new("route", words);
    let told = |error: crate::text::Error| at_fault(error.render(&source));
    if let Some(error) = source.fault() {
        return Err(told(error.clone()));
    }
    let mut tokens = Tokens::new(&source);
    let mut routes = Vec::new();
    let mut parser = RouteParser::new();
    // A line of a helper is taken whole.
    tokens.accept("announce");
    parser.command(&mut tokens, Intent::Announce, &mut routes).map_err(told)?;
    tokens.accept(";");
    let negotiated = session(call).map_err(at_fault)?;
    if let Some(route) = routes.iter().find(|route| !carries(&negotiated, route)) {
        let family = route.nlri.family();
        return Err(at_fault(format!("{family} is not the family of the session: see -f")));
    }
    let ours = std::net::IpAddr::from([127, 0, 0, 1]);
    let mut lines = String::new();
    for route in &routes {
        let own = (route.nlri.family().afi != crate::protocol::Afi::IPV6).then_some(ours);
        let route = single::resolved(route, own, parser.interner());
        lines += &line(call, &route, &negotiated).map_err(at_fault)?;
    }
    Ok(lines)
}

/// IPv4 unicast needs no agreement.
fn carries(negotiated: &Negotiated, route: &Route) -> bool {
    let family = route.nlri.family();
    family == Family::IPV4_UNICAST || negotiated.has(family)
}

/// The session that the options describe.
fn session(call: &Call) -> Result<Negotiated, String> {
    let number = |option: &str, default: Asn| match call.matches.opt_str(option) {
        None => Ok(default),
        Some(text) => Asn::from_text(&text).ok_or_else(|| format!("\"{text}\" is no AS number")),
    };
    let wide = Negotiated::wide();
    // A statement names its family: it is to be said twice by those alone who want to be sure.
    let named = call.matches.opt_str("family").unwrap_or_else(|| "all".to_owned());
    let words: Vec<&str> = named.split_whitespace().collect();
    let families = match &words[..] {
        ["all"] => Family::KNOWN.to_vec(),
        words => families(words).ok_or_else(|| format!("\"{named}\" is no family"))?,
    };
    let with_path = if call.has("path-information") { families.clone() } else { Vec::new() };
    Ok(Negotiated {
        local_as: number("local-as", wide.local_as)?,
        peer_as: number("peer-as", wide.peer_as)?,
        families,
        addpath_send: with_path.clone(),
        addpath_receive: with_path,
        aigp: true,
        ..wide
    })
}

/// Families named by pairs of words.
fn families(words: &[&str]) -> Option<Vec<Family>> {
    let pairs = words.chunks(2).map(|pair| match pair {
        [afi, safi] => Family::from_names(afi, safi),
        _ => None,
    });
    pairs.collect()
}

/// The routes of every neighbor of a file, each for its own session.
fn of_file(call: &Call, name: &str) -> Result<String, String> {
    let file = server::locate(name, &call.environment)
        .map_err(|what| format!("configuration error: {what}"))?;
    let options = server::options(&call.environment, false);
    let mut parser = RouteParser::new();
    let configuration = configuration::load(&file, &options, &mut parser).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        format!("configuration error: {}", lines.join("\n"))
    })?;
    if configuration.neighbors.is_empty() {
        return Err("no neighbor defined in configuration".to_owned());
    }
    let mut lines = String::new();
    for neighbor in &configuration.neighbors {
        let negotiated = single::agreed(&neighbor.settings);
        for (route, watched) in neighbor.routes() {
            if watched.is_some_and(|watched| watched.withdrawn) || !carries(&negotiated, route) {
                continue;
            }
            let ours = neighbor.our_address(&route.nlri);
            let route = single::resolved(route, ours, parser.interner());
            lines += &line(call, &route, &negotiated)
                .map_err(|what| format!("configuration error: {what}"))?;
        }
    }
    Ok(lines)
}

/// What the options ask for of a route, as one line.
fn line(call: &Call, route: &Route, negotiated: &Negotiated) -> Result<String, String> {
    if call.has("nlri") {
        let family = route.nlri.family();
        let path_id = negotiated.sends_path_id(family).then(|| route.nlri.path_id().unwrap_or(0));
        let path_id = path_id.map(|path_id| format!("{path_id:08X}")).unwrap_or_default();
        return Ok(format!("{path_id}{}\n", Hex(route.nlri.bytes())));
    }
    let message = single::announce(route, negotiated)?;
    let skipped = if call.has("no-header") { single::HEADER } else { 0 };
    Ok(format!("{}\n", Hex(message.get(skipped..).unwrap_or_default())))
}
