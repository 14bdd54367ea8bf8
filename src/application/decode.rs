//! `exabgp decode`: messages in hexadecimal, told as the events that helpers read.
//!
//! One message on the command line, or one a line on standard input, at whatever length: lines
//! are decoded where they lie and answers leave in large pieces.

use std::io::{IsTerminal as _, Read as _};
use std::process::ExitCode;
use std::rc::Rc;

use super::single::agreed;
use super::{Call, Subcommand, missing, output, server};
use crate::bgp::Negotiated;
use crate::bgp::attribute::{Attributes, Interner, NextHop};
use crate::bgp::message::update::Update;
use crate::bgp::message::{self, Frame, HEADER, Kind, Notify, Open, Operational, RouteRefresh};
use crate::bgp::neighbor::SessionSettings;
use crate::bgp::nlri::{About, Entry, Nlri, Run};
use crate::configuration::{self, RouteParser};
use crate::environment::ApiVersion;
use crate::json::{self, Dialect};
use crate::protocol::{Afi, Asn, Family, Prefix, Safi};
use crate::reactor::api::{self, Content, Direction, Printer};
use crate::reactor::clock::Clock;
use crate::rib::Route;
use crate::wire::from_hex_into;

pub(super) static DECODE: Subcommand = Subcommand {
    name: "decode",
    arguments: "[HEX]",
    summary: "tell what messages in hexadecimal say, as JSON",
    options: |options| {
        options.optflag("n", "nlri", "the data are NLRI alone");
        options.optflag("u", "update", "the data are an UPDATE, when there is no header");
        options.optflag("o", "open", "the data are an OPEN, when there is no header");
        options.optopt("c", "configuration", "take the session from this file", "FILE");
        options.optopt("f", "family", "families: pairs of words, or all", "\"AFI SAFI ...\"");
        options.optflag("i", "path-information", "NLRI have path identifiers (ADD-PATH)");
        options.optflag("g", "generic", "show attributes as hexadecimal only where unknown");
        options.optflag("j", "json", "print JSON (the default)");
        options.optflag("m", "command", "print the commands that would announce the same");
        options.optflag("d", "debug", "accepted for compatibility, without effect");
        options.optflag("p", "pdb", "accepted for compatibility, without effect");
    },
    run,
};

/// How much output is gathered before it is written, in octets.
const PIECE: usize = 64 * 1024;

/// Octets read from standard input at a time.
const READ: usize = 1024 * 1024;

fn run(call: &Call) -> ExitCode {
    let mut decoder = match Decoder::new(call) {
        Ok(decoder) => decoder,
        Err(why) => {
            output::error(&why);
            return ExitCode::FAILURE;
        }
    };
    let text = call.matches.free.join("");
    let good = if !text.is_empty() {
        decoder.line(text.as_bytes());
        decoder.flush();
        decoder.good
    } else if std::io::stdin().is_terminal() {
        return missing(&DECODE, "no data on the command line or on standard input", 1);
    } else {
        decoder.stream()
    };
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What is printed of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Events,
    Commands,
    Nlri(Family),
}

/// Decodes one text after the other.
struct Decoder {
    negotiated: Negotiated,
    interner: Interner,
    printer: Printer,
    form: Form,
    dialect: Dialect,
    /// What a text without header is.
    bare: Kind,
    bytes: Vec<u8>,
    out: Vec<u8>,
    count: usize,
    good: bool,
}

impl Decoder {
    fn new(call: &Call) -> Result<Self, String> {
        let settings = settings(call)?;
        let mut negotiated = agreed(&settings);
        let families = families(call)?;
        if let Some(families) = &families {
            negotiated.families.clone_from(families);
        }
        if call.has("path-information") {
            negotiated.addpath_receive.clone_from(&negotiated.families);
        }
        negotiated.nexthop = Family::KNOWN.iter().map(|family| (*family, Afi::IPV6)).collect();
        // An internal session allows it to be sent, not to be received.
        negotiated.aigp = settings.capability.aigp;
        let form = if call.has("nlri") {
            let named = families.as_ref().and_then(|families| families.first());
            Form::Nlri(named.copied().unwrap_or(Family::IPV4_UNICAST))
        } else if call.has("command") {
            Form::Commands
        } else {
            Form::Events
        };
        let api = &call.environment.settings.api;
        let dialect = match api.version {
            ApiVersion::Four => Dialect::V4,
            ApiVersion::Six => Dialect::V6,
        };
        Ok(Self {
            printer: Printer::new(&settings, &negotiated, &Clock::new())
                .speaking(dialect, api.compact)
                .telling_whole_labels(),
            interner: Interner::new(),
            bare: if call.has("open") { Kind::Open } else { Kind::Update },
            bytes: Vec::new(),
            out: Vec::new(),
            count: 0,
            good: true,
            negotiated,
            form,
            dialect,
        })
    }

    /// Decodes standard input, line by line. True when all of it was good.
    fn stream(&mut self) -> bool {
        let mut input = std::io::stdin().lock();
        let mut buffer = vec![0; READ];
        let mut rest: Vec<u8> = Vec::new();
        loop {
            match input.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => rest.extend_from_slice(buffer.get(..count).unwrap_or_default()),
                Err(error) => {
                    output::error(&format!("standard input: {error}"));
                    self.good = false;
                    break;
                }
            }
            let Some(end) = memchr::memrchr(b'\n', &rest) else { continue };
            let lines = std::mem::take(&mut rest);
            let (whole, part) = lines.split_at_checked(end + 1).unwrap_or((&lines, &[]));
            for line in whole.split(|byte| *byte == b'\n') {
                self.line(line);
            }
            rest = part.to_vec();
        }
        self.line(&rest);
        self.flush();
        self.good
    }

    fn flush(&mut self) {
        output::print_bytes(&self.out);
        self.out.clear();
    }

    /// Decodes one text; a blank one says nothing.
    fn line(&mut self, text: &[u8]) {
        self.count += 1;
        if text.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        if let Err(why) = self.decode(text, &mut bytes) {
            self.good = false;
            self.out.extend_from_slice(why.as_bytes());
            self.out.push(b'\n');
        }
        self.bytes = bytes;
        if self.out.len() >= PIECE {
            self.flush();
        }
    }

    fn decode(&mut self, text: &[u8], bytes: &mut Vec<u8>) -> Result<(), String> {
        hexadecimal(text, bytes)?;
        if let Form::Nlri(family) = self.form {
            return self.nlri(family, bytes);
        }
        let mut rest: &[u8] = &[];
        if bytes.starts_with(&message::MARKER) {
            rest = bytes;
        } else {
            let body = bytes.as_slice();
            let header = header(self.bare, body.len());
            self.message(Frame { kind: self.bare, header: &header, body })?;
        }
        while !rest.is_empty() {
            let size = Negotiated::EXTENDED_MESSAGE_SIZE;
            let frame = message::frame(rest, size).map_err(|notify| invalid(&notify))?;
            let Some(frame) = frame else {
                return Err("invalid payload: the message is cut short".to_owned());
            };
            let length = frame.len();
            self.message(frame)?;
            rest = rest.get(length..).unwrap_or_default();
        }
        Ok(())
    }

    fn message(&mut self, frame: Frame<'_>) -> Result<(), String> {
        let told = api::Message {
            direction: Direction::Receive,
            frame: api::Frame { header: frame.header, body: frame.body },
            negotiated: Some(&self.negotiated),
        };
        let Self { printer, out, .. } = self;
        match frame.kind {
            Kind::Update => {
                let update = Update::decode(frame.body, &self.negotiated, &mut self.interner);
                let update = update.map_err(|notify| invalid(&notify))?;
                if self.form == Form::Commands {
                    commands(&update, self.dialect, out);
                } else {
                    printer.line(Content::Update(&update), told, out);
                }
            }
            Kind::Open => {
                let open = Open::unpack(frame.body).map_err(|notify| invalid(&notify))?;
                printer.line(Content::Open(&open), told, out);
            }
            Kind::Notification => {
                printer.line(Content::Notification(&Notify::unpack(frame.body)), told, out);
            }
            Kind::Keepalive => printer.line(Content::Keepalive, told, out),
            Kind::RouteRefresh => {
                let refresh = RouteRefresh::unpack(frame.body).map_err(|n| invalid(&n))?;
                printer.line(Content::RouteRefresh(refresh), told, out);
            }
            Kind::Operational => {
                let advice = Operational::unpack(frame.body).map_err(|n| invalid(&n))?;
                printer.line(Content::Operational(&advice), told, out);
            }
        }
        Ok(())
    }

    /// Prints each NLRI as an object of its own.
    fn nlri(&mut self, family: Family, bytes: &[u8]) -> Result<(), String> {
        let path_ids = self.negotiated.receives_path_id(family);
        let run = Run::check(bytes, family, path_ids)
            .map_err(|fault| format!("invalid payload: {fault}"))?;
        for Entry { path_id, bytes } in run.entries() {
            let nlri =
                Nlri::unpack(bytes, family).map_err(|fault| format!("invalid payload: {fault}"))?;
            let about = About { family, path_id, next_hop: NextHop::None, dialect: self.dialect };
            let mut json = json::Writer::new(&mut self.out, self.dialect);
            json.whole_labels = true;
            json.object(|object| nlri.members(object, &about));
            self.out.push(b'\n');
        }
        Ok(())
    }
}

fn invalid(notify: &Notify) -> String {
    format!("invalid payload: {notify}")
}

/// The octets of a text in which blanks and colons say nothing.
fn hexadecimal(text: &[u8], bytes: &mut Vec<u8>) -> Result<(), String> {
    let said = |byte: &u8| !byte.is_ascii_whitespace() && *byte != b':';
    let bad = |error| format!("invalid hexadecimal: {error}");
    if text.iter().all(said) {
        return from_hex_into(text, bytes).map_err(bad);
    }
    let digits: Vec<u8> = text.iter().copied().filter(said).collect();
    from_hex_into(&digits, bytes).map_err(bad)
}

/// The header that a body would have.
fn header(kind: Kind, body: usize) -> [u8; HEADER] {
    let mut header = [0xff; HEADER];
    let [high, low] = u16::try_from(HEADER + body).unwrap_or(u16::MAX).to_be_bytes();
    if let Some(end) = header.last_chunk_mut::<3>() {
        *end = [high, low, kind.code()];
    }
    header
}

/// The session to assume: the first neighbor of a file, or one inside AS 65533 on loopback.
fn settings(call: &Call) -> Result<SessionSettings, String> {
    let Some(name) = call.matches.opt_str("configuration") else {
        let loopback = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
        let mut settings = SessionSettings::new(Prefix::host(loopback));
        settings.local_address = Some(loopback);
        settings.router_id = Some(std::net::Ipv4Addr::LOCALHOST);
        settings.local_as = Some(Asn(65533));
        settings.peer_as = Some(Asn(65533));
        settings.capability.aigp = false;
        return Ok(settings);
    };
    let file = server::locate(&name, &call.environment)?;
    let options = server::options(&call.environment, false);
    match configuration::load(&file, &options, &mut RouteParser::new()) {
        Ok(read) => match read.neighbors.first() {
            Some(neighbor) => Ok((*neighbor.settings).clone()),
            None => Err(format!("{name}: no neighbor defined in configuration")),
        },
        Err(errors) => Err(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

/// The families named on the command line.
fn families(call: &Call) -> Result<Option<Vec<Family>>, String> {
    let Some(text) = call.matches.opt_str("family") else { return Ok(None) };
    if text == "all" {
        return Ok(Some(Family::KNOWN.to_vec()));
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut families = Vec::new();
    for pair in words.chunks(2) {
        let [afi, safi] = pair else {
            return Err(format!("family \"{text}\": words come in pairs, AFI then SAFI"));
        };
        let afi = Afi::from_name(afi);
        let safi = Safi::from_name(safi);
        match (afi, safi) {
            (Some(afi), Some(safi)) => families.push(Family::new(afi, safi)),
            _ => return Err(format!("family \"{}\" is unknown", pair.join(" "))),
        }
    }
    Ok(Some(families))
}

/// Prints the commands that announce and withdraw what an UPDATE does.
fn commands(update: &Update<'_>, dialect: Dialect, out: &mut Vec<u8>) {
    let start = match dialect {
        Dialect::V4 => "",
        Dialect::V6 => "peer * ",
    };
    let mut line = |verb: &str, run: Run<'_>, attributes: &Rc<Attributes>| {
        for entry in run.entries() {
            let nlri = entry.pack(run.family());
            let route = Route { nlri, attributes: Rc::clone(attributes) };
            let statement = configuration::statement(&route);
            out.extend_from_slice(format!("{start}{verb} {statement}\n").as_bytes());
        }
    };
    let nothing = Rc::new(Attributes::builder().build());
    for run in update.withdrawn() {
        line("withdraw", run, &nothing);
    }
    for section in update.announced() {
        line("announce", section.run, &section.attributes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_colons_say_nothing() {
        let mut bytes = Vec::new();
        assert_eq!(hexadecimal(b"ff:00 1a", &mut bytes), Ok(()));
        assert_eq!(bytes, [0xff, 0, 0x1a]);
        assert!(hexadecimal(b"f", &mut Vec::new()).is_err());
    }

    #[test]
    fn a_header_is_made_up_for_a_bare_body() {
        let bytes = header(Kind::Update, 4);
        let mut whole = bytes.to_vec();
        whole.extend_from_slice(&[0; 4]);
        let frame = message::frame(&whole, 4096).unwrap().unwrap();
        assert_eq!((frame.kind, frame.body.len()), (Kind::Update, 4));
    }

    #[test]
    fn commands_are_what_would_announce_the_same() {
        let body = crate::wire::from_hex(
            "0000001f4001010240020a02020000fde90000fdea4003040a00000940050400000064180a0003",
        );
        let body = body.unwrap();
        let mut out = Vec::new();
        let negotiated = Negotiated::wide();
        let update = Update::decode(&body, &negotiated, &mut Interner::new()).unwrap();
        commands(&update, Dialect::V4, &mut out);
        let expected = "announce route 10.0.3.0/24 next-hop 10.0.0.9 origin incomplete \
                        as-path [ 65001 65002 ] local-preference 100\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
