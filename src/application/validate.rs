//! `exabgp validate`: reads configurations and tells what is wrong with them.

use std::path::Path;
use std::process::ExitCode;

use super::{Call, Subcommand, USAGE, missing, output, server, single};
use crate::bgp::message::update::Update;
use crate::configuration::{self, Configuration, Error, Neighbor, RouteParser, render};
use crate::environment::Level;
use crate::json::{self, Dialect};
use crate::rib::Route;
use crate::wire::Hex;

/// The flag of an attribute that somebody on the way did not know.
const PARTIAL: u8 = 0x20;

pub(super) static VALIDATE: Subcommand = Subcommand {
    name: "validate",
    arguments: "CONFIGURATION...",
    summary: "check configurations",
    options: |options| {
        options.optflag("n", "neighbor", "write each neighbor as it is understood");
        options.optflag("r", "route", "encode and decode each route");
        options.optflag("v", "verbose", "tell everything that is looked at");
        options.optflag("", "strict", "take warnings for errors");
        options.optflag("d", "debug", "as -v");
        options.optflag("p", "pdb", "accepted for compatibility, without effect");
    },
    run,
};

fn run(call: &Call) -> ExitCode {
    if call.matches.free.is_empty() {
        return missing(&VALIDATE, "no configuration was given", USAGE);
    }
    let mut environment = call.environment.clone();
    if call.has("verbose") || call.has("debug") {
        environment.settings.log.enable = true;
        environment.settings.log.all = true;
        environment.settings.log.level = Level::Debug;
    }
    if let Err(why) = server::start_log(&environment) {
        output::error(&why);
        return ExitCode::FAILURE;
    }
    let options = server::options(&environment, call.has("strict"));
    let mut last = None;
    for name in &call.matches.free {
        let mut parser = RouteParser::new();
        let checked = read(call, name, &options, &mut parser).and_then(|configuration| {
            for warning in &configuration.warnings {
                log::warn!(target: "configuration", "{warning}");
            }
            log::info!(target: "configuration", "✓ loading");
            check(call, &configuration, &mut parser).map(|()| configuration)
        });
        match checked {
            Ok(configuration) => last = Some((configuration, parser)),
            Err(why) => {
                output::error(&why);
                return ExitCode::FAILURE;
            }
        }
    }
    // The end of the program frees a million routes faster than one after the other.
    std::mem::forget(last);
    ExitCode::SUCCESS
}

/// The configuration of a word of the command line; `-` is standard input.
fn read(
    call: &Call,
    name: &str,
    options: &configuration::Options,
    parser: &mut RouteParser,
) -> Result<Configuration, String> {
    log::info!(target: "configuration", "loading {name}");
    let read = if name == "-" {
        let text = server::standard_input()?;
        configuration::parse("-", text.as_bytes(), options, parser)
    } else {
        let file = server::locate(name, &call.environment)?;
        // Errors and relative programs go by the name that was given, where that is enough.
        let file = if Path::new(name).is_file() { Path::new(name).to_owned() } else { file };
        configuration::load(&file, options, parser)
    };
    read.map_err(|errors| invalid(name, &errors))
}

fn invalid(name: &str, errors: &[Error]) -> String {
    let count = errors.len();
    let plural = if count == 1 { "" } else { "s" };
    let mut text = format!("{name} is not a valid config file: {count} error{plural}");
    for error in errors {
        text += &format!("\n{error}");
    }
    text
}

fn check(
    call: &Call,
    configuration: &Configuration,
    parser: &mut RouteParser,
) -> Result<(), String> {
    if call.has("neighbor") {
        log::info!(target: "configuration", "checking neighbors");
        for neighbor in &configuration.neighbors {
            log::debug!(target: "configuration", "{}", neighbor.render());
            let address = neighbor.settings.peer.address();
            log::info!(target: "configuration", "✓ neighbor  {address}");
        }
    }
    if call.has("route") {
        log::info!(target: "configuration", "checking routes");
        for neighbor in &configuration.neighbors {
            for (route, _) in neighbor.routes() {
                check_route(neighbor, route, parser)?;
            }
        }
        log::info!(target: "configuration", "✓ routes");
    }
    Ok(())
}

/// Encodes a route, reads the message, encodes what was read: nothing may change on the way.
fn check_route(neighbor: &Neighbor, route: &Route, parser: &mut RouteParser) -> Result<(), String> {
    let route = single::resolved(route, neighbor.our_address(&route.nlri), parser.interner());
    let text = render::route(&route, None, Dialect::V4);
    let invalid = |what: String| format!("{}: the route {text} is invalid: {what}", neighbor.name);
    let negotiated = single::generous(route.nlri.family(), route.nlri.path_id());
    let message = single::announce(&route, &negotiated).map_err(invalid)?;
    log::debug!(target: "parser", "parsed route {text}");
    log::debug!(target: "parser", "parsed hex   {}", Hex(&message));
    if log::log_enabled!(target: "parser", log::Level::Debug) {
        let body = message.get(single::HEADER..).unwrap_or_default();
        if let Ok(update) = Update::decode(body, &negotiated, parser.interner()) {
            let mut line = Vec::new();
            update.json(&mut json::Writer::new(&mut line, Dialect::V4), false);
            log::debug!(target: "parser", "decoded json {}", String::from_utf8_lossy(&line));
        }
    }
    let back = single::read_back(&message, &negotiated, parser.interner()).map_err(invalid)?;
    let again = single::announce(&back, &negotiated).map_err(invalid)?;
    let recoded = render::route(&back, None, Dialect::V4);
    log::debug!(target: "parser", "recoded route {recoded}");
    log::debug!(target: "parser", "recoded hex   {}", Hex(&again));
    if back.nlri != route.nlri {
        return Err(invalid(format!("it reads as {recoded}")));
    }
    // An attribute that is not known is passed on with its Partial bit set (RFC 4271 section 5).
    let same = |(one, other): (&u8, &u8)| (one ^ other) & !PARTIAL == 0;
    if again.len() != message.len() || !again.iter().zip(&message).all(same) {
        return Err(invalid(format!("{} reads as {}", Hex(&message), Hex(&again))));
    }
    Ok(())
}
