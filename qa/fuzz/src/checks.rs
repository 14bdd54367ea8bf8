//! The properties: nothing panics, every refusal is a NOTIFICATION that the protocol has or an
//! error that names a line, every event is one line of valid ASCII JSON, and a route that is told
//! as a statement says the same when it is read again.

use exabgp::bgp::Negotiated;
use exabgp::bgp::attribute::{Attributes, Interner};
use exabgp::bgp::message::open::Identity;
use exabgp::bgp::message::update::{Lines, Packing, Update};
use exabgp::bgp::message::{self, HEADER, Kind, Notify, Open, Operational, RouteRefresh};
use exabgp::bgp::neighbor::SessionSettings;
use exabgp::bgp::nlri::{Nlri, Rule, Shape};
use exabgp::configuration::{Intent, RouteParser, parse, statement};
use exabgp::json::Dialect;
use exabgp::protocol::{Afi, Asn, Family, Prefix};
use exabgp::reactor::api::{self, Content, Direction, Printer};
use exabgp::reactor::clock::Clock;
use exabgp::rib::Route;
use exabgp::text::{Source, Tokens};
use exabgp::wire::Writer;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

/// What is given hostile input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A stream of messages.
    Frame,
    /// The body of a message.
    Body(Kind),
    /// The attributes of an UPDATE.
    Attributes,
    /// NLRI of one layout: the first octet says which of its families, and whether path
    /// identifiers stand before them.
    Nlri(Shape),
    /// A file.
    Configuration,
    /// What follows `announce` or `withdraw`.
    Command,
}

/// Every target by its name.
pub const TARGETS: &[(&str, Target)] = &[
    ("frame", Target::Frame),
    ("open", Target::Body(Kind::Open)),
    ("update", Target::Body(Kind::Update)),
    ("notification", Target::Body(Kind::Notification)),
    ("refresh", Target::Body(Kind::RouteRefresh)),
    ("operational", Target::Body(Kind::Operational)),
    ("attributes", Target::Attributes),
    ("inet", Target::Nlri(Shape::Inet)),
    ("label", Target::Nlri(Shape::Label)),
    ("ipvpn", Target::Nlri(Shape::IpVpn)),
    ("flow", Target::Nlri(Shape::Flow)),
    ("mvpn", Target::Nlri(Shape::Mvpn)),
    ("mup", Target::Nlri(Shape::Mup)),
    ("rtc", Target::Nlri(Shape::Rtc)),
    ("sr_policy", Target::Nlri(Shape::SrPolicy)),
    ("vpls", Target::Nlri(Shape::Vpls)),
    ("evpn", Target::Nlri(Shape::Evpn)),
    ("bgpls", Target::Nlri(Shape::BgpLs)),
    ("configuration", Target::Configuration),
    ("command", Target::Command),
];

impl Target {
    /// The target of this name.
    pub fn named(name: &str) -> Option<Self> {
        TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
    }

    /// Gives it `bytes`; panics where a property does not hold.
    pub fn run(self, bytes: &[u8], checks: &mut Checks) {
        match self {
            Self::Frame => checks.frames(bytes),
            Self::Body(kind) => checks.body(kind, bytes),
            Self::Attributes => {
                let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
                let bytes = &bytes[..usize::from(length)];
                let body = [&[0, 0], &length.to_be_bytes(), bytes, &[24, 192, 0, 2]].concat();
                checks.update(&body);
            }
            Self::Nlri(shape) => checks.nlri(shape, bytes),
            Self::Configuration => checks.configuration(bytes),
            Self::Command => checks.command(&String::from_utf8_lossy(bytes)),
        }
    }
}

/// The families of a layout.
pub fn families(shape: Shape) -> impl Iterator<Item = Family> {
    let own = move |family: &Family| Rule::of(*family).is_some_and(|rule| rule.shape == shape);
    Family::KNOWN.iter().copied().filter(own)
}

/// A session in which messages arrive.
struct Session {
    negotiated: Negotiated,
    interner: Interner,
    printers: [Printer; 2],
}

impl Session {
    fn new(negotiated: Negotiated) -> Self {
        let mut settings = SessionSettings::new(Prefix::host(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        settings.local_address = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        settings.router_id = Some(Ipv4Addr::LOCALHOST);
        settings.local_as = Some(negotiated.local_as);
        settings.peer_as = Some(negotiated.peer_as);
        let clock = Clock::new();
        let printer = |dialect| {
            Printer::new(&settings, &negotiated, &clock).speaking(dialect, dialect == Dialect::V6)
        };
        let printers = [Dialect::V4, Dialect::V6].map(printer);
        Self { negotiated, interner: Interner::new(), printers }
    }

    /// Tells a message in both dialects, and reads each line as JSON.
    fn tell(&mut self, content: Content<'_>, body: &[u8]) {
        for printer in &mut self.printers {
            let mut out = Vec::new();
            let told = api::Message {
                direction: Direction::Receive,
                frame: api::Frame { header: &[0xff; HEADER], body },
                negotiated: None,
            };
            printer.line(content, told, &mut out);
            let line = String::from_utf8(out).expect("events are text");
            assert!(line.is_ascii(), "not ASCII: {line}");
            let line = line.strip_suffix('\n').expect("events are lines");
            assert!(!line.contains(['\n', '\r']), "more than a line: {line}");
            let value: Result<serde_json::Value, _> = serde_json::from_str(line);
            assert!(value.is_ok(), "{value:?}: {line}");
        }
    }
}

/// Sessions of several agreements, and a reader of statements.
pub struct Checks {
    sessions: Vec<Session>,
    parser: RouteParser,
    ours: Open,
    settings: SessionSettings,
}

impl Default for Checks {
    fn default() -> Self {
        Self::new()
    }
}

impl Checks {
    /// Nothing has arrived.
    pub fn new() -> Self {
        let wide = Negotiated::wide();
        let paths = Negotiated {
            addpath_receive: Family::KNOWN
                .iter()
                .copied()
                .filter(|family| Rule::of(*family).is_some_and(|rule| rule.path_id))
                .collect(),
            aigp: true,
            ..Negotiated::wide()
        };
        let old = Negotiated {
            local_as: Asn(65010),
            peer_as: Asn(65020),
            asn4: false,
            message_size: Negotiated::MESSAGE_SIZE,
            ..Negotiated::wide()
        };
        let mut settings = SessionSettings::new(Prefix::host(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        settings.families = Family::KNOWN.to_vec();
        settings.local_as = Some(Asn(65000));
        settings.peer_as = Some(Asn(65000));
        let identity =
            Identity { asn: Asn(65000), router_id: Ipv4Addr::LOCALHOST, restarting: true };
        Self {
            sessions: [wide, paths, old].into_iter().map(Session::new).collect(),
            parser: RouteParser::new(),
            ours: Open::from_settings(&settings, identity).expect("the settings are complete"),
            settings,
        }
    }

    /// Messages one behind the other, as a connection brings them.
    pub fn frames(&mut self, mut bytes: &[u8]) {
        loop {
            match message::frame(bytes, Negotiated::MESSAGE_SIZE) {
                Ok(Some(frame)) => {
                    self.body(frame.kind, frame.body);
                    bytes = &bytes[frame.len()..];
                }
                Ok(None) => return,
                Err(notify) => return refused(&notify),
            }
        }
    }

    /// The body of a message.
    pub fn body(&mut self, kind: Kind, body: &[u8]) {
        let [wide, ..] = self.sessions.as_mut_slice() else { return };
        match kind {
            Kind::Open => match Open::unpack(body) {
                Ok(open) => {
                    wide.tell(Content::Open(&open), body);
                    if let Err(notify) = Negotiated::agree(&self.settings, &self.ours, &open) {
                        refused(&notify);
                    }
                }
                Err(notify) => refused(&notify),
            },
            Kind::Update => self.update(body),
            Kind::Notification => wide.tell(Content::Notification(&Notify::unpack(body)), body),
            Kind::Keepalive => wide.tell(Content::Keepalive, body),
            Kind::RouteRefresh => match RouteRefresh::unpack(body) {
                Ok(refresh) => wide.tell(Content::RouteRefresh(refresh), body),
                Err(notify) => refused(&notify),
            },
            Kind::Operational => match Operational::unpack(body) {
                Ok(advice) => wide.tell(Content::Operational(&advice), body),
                Err(notify) => refused(&notify),
            },
        }
    }

    /// An UPDATE, in every session.
    pub fn update(&mut self, body: &[u8]) {
        let Self { sessions, parser, .. } = self;
        for session in sessions {
            let update = match Update::decode(body, &session.negotiated, &mut session.interner) {
                Ok(update) => update,
                Err(notify) => {
                    refused(&notify);
                    continue;
                }
            };
            session.tell(Content::Update(&update), body);
            for dialect in [Dialect::V4, Dialect::V6] {
                let mut out = Vec::new();
                update.text(&mut out, &Lines { start: "neighbor", dialect, octets: None });
                let lines = String::from_utf8(out).expect("lines are text");
                assert!(lines.lines().all(|line| line.starts_with("neighbor")), "{lines}");
            }
            let nothing = Rc::new(Attributes::builder().build());
            let withdrawn = update.withdrawn().map(|run| (run, &nothing));
            let announced = update.announced().map(|section| (section.run, &section.attributes));
            for (run, attributes) in withdrawn.chain(announced) {
                for entry in run.entries().take(4) {
                    let read = Nlri::unpack(entry.bytes, run.family());
                    let nlri = read.unwrap_or_else(|fault| panic!("was checked: {fault}"));
                    let mut back = Vec::new();
                    nlri.pack(&mut Writer::new(&mut back));
                    same_route(run.family(), entry.bytes, &back);
                    let nlri = entry.pack(run.family());
                    said_again(parser, &Route { nlri, attributes: Rc::clone(attributes) });
                }
            }
        }
        self.parser.forget();
    }

    /// An UPDATE that somebody meant: what it announces, told as statements that announce, leaves
    /// in the same octets.
    pub fn exact(&mut self, body: &[u8]) {
        let [Session { negotiated, interner, .. }, ..] = self.sessions.as_mut_slice() else {
            return;
        };
        let Ok(update) = Update::decode(body, negotiated, interner) else { return };
        if update.verdict.error().is_some() {
            return;
        }
        for section in update.announced() {
            for entry in section.run.entries().take(16) {
                let nlri = entry.pack(section.run.family());
                let route = Route { nlri, attributes: Rc::clone(&section.attributes) };
                let said = statement(&route);
                let again = read_back(&mut self.parser, &said, Intent::Announce)
                    .unwrap_or_else(|error| panic!("{error}: {said}"));
                // Bits beyond the length of a prefix are not said.
                assert!(again.nlri.identity() == route.nlri.identity(), "another route: {said}");
                let alone = Route { nlri: again.nlri.clone(), ..route.clone() };
                assert_eq!(packed(&again), packed(&alone), "{said}");
            }
        }
        self.parser.forget();
    }

    /// NLRI alone, announced and withdrawn.
    pub fn nlri(&mut self, shape: Shape, bytes: &[u8]) {
        let Some((choice, bytes)) = bytes.split_first() else { return };
        let families: Vec<Family> = families(shape).collect();
        let family = families[usize::from(*choice) % families.len()];
        let bytes = &bytes[..bytes.len().min(60_000)];
        for body in [reach(family, bytes), unreach(family, bytes)] {
            self.update(&body);
        }
    }

    /// A file: read or refused, and refused with a place.
    pub fn configuration(&mut self, text: &[u8]) {
        if let Err(errors) = parse("hostile.conf", text, &Default::default(), &mut self.parser) {
            assert!(!errors.is_empty(), "refused without an error");
            for error in &errors {
                let empty = error.what.starts_with("no data");
                assert!(empty || error.line > 0 && error.column > 0, "without a place: {error}");
            }
        }
    }

    /// What follows `announce` or `withdraw`.
    pub fn command(&mut self, text: &str) {
        for intent in [Intent::Announce, Intent::Withdraw] {
            let mut routes = Vec::new();
            let source = Source::new("command", text);
            let read = self.parser.command(&mut Tokens::command(&source), intent, &mut routes);
            if read.is_err() {
                assert!(routes.is_empty(), "a refused command left routes: {text}");
            }
            for route in routes.iter().take(4) {
                said_again(&mut self.parser, route);
            }
        }
        self.parser.forget();
    }
}

/// An UPDATE that announces NLRI of a family through a next hop of each length that it may have.
pub fn reach(family: Family, nlri: &[u8]) -> Vec<u8> {
    let wide = Negotiated::wide();
    let rule = Rule::of(family).expect("a known family");
    let length = (1..=48).find(|length| rule.allows_next_hop(*length, &wide)).unwrap_or(0);
    let rd = if rule.has_distinguished_next_hop() { 8 } else { 0 };
    let mut value = family.afi.0.to_be_bytes().to_vec();
    value.extend([family.safi.0, u8::try_from(length).unwrap()]);
    value.extend(std::iter::repeat_n(0, rd));
    value.extend((rd..length).map(|index| u8::try_from(index + 1).unwrap()));
    value.push(0);
    value.extend(nlri);
    around(14, &value)
}

/// An UPDATE that withdraws NLRI of a family.
pub fn unreach(family: Family, nlri: &[u8]) -> Vec<u8> {
    let mut value = family.afi.0.to_be_bytes().to_vec();
    value.push(family.safi.0);
    value.extend(nlri);
    around(15, &value)
}

/// ORIGIN, AS_PATH, LOCAL_PREF and one attribute of extended length.
fn around(code: u8, value: &[u8]) -> Vec<u8> {
    let mut attributes = vec![0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 5, 4, 0, 0, 0, 100, 0x90, code];
    attributes.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
    attributes.extend(value);
    let mut body = vec![0, 0];
    body.extend(u16::try_from(attributes.len()).unwrap().to_be_bytes());
    body.extend(attributes);
    body
}

/// A refusal is one that RFC 4271 and its successors know.
fn refused(notify: &Notify) {
    assert!((1..=7).contains(&notify.code), "{notify}");
    assert!(notify.data.len() <= Negotiated::MESSAGE_SIZE - HEADER - 2, "{notify}");
}

/// What was read is what is written, apart from what does not count: bits beyond the length of a
/// prefix.
fn same_route(family: Family, read: &[u8], written: &[u8]) {
    use exabgp::bgp::nlri::Identity;
    let identity = |bytes| Identity::of(family, None, bytes);
    assert!(
        identity(read) == identity(written),
        "{family}: read {}, written {}",
        exabgp::wire::Hex(read),
        exabgp::wire::Hex(written)
    );
}

/// The statement of a route, read again, is the statement of the same route.
fn said_again(parser: &mut RouteParser, route: &Route) {
    let said = statement(route);
    let again = read_back(parser, &said, Intent::Withdraw);
    let again = again.unwrap_or_else(|error| panic!("{error}: {said}"));
    // An IPv4 next hop of an IPv6 route is mapped when it is announced again, then it stays.
    let third = read_back(parser, &statement(&again), Intent::Withdraw).expect("was just read");
    assert_eq!(statement(&third), statement(&again), "said differently the second time: {said}");
    assert!(again.nlri.identity() == route.nlri.identity(), "another route: {said}");
    // An IPv4 next hop of an IPv6 route is mapped, and loses its attribute.
    let over_ipv4 = matches!(route.attributes.next_hop().address(), Some(IpAddr::V4(_)));
    if over_ipv4 && route.nlri.family().afi == Afi::IPV6 {
        return;
    }
    let alone = |route: &Route| Route { nlri: again.nlri.clone(), ..route.clone() };
    assert_eq!(packed(&alone(&again)), packed(&alone(route)), "other attributes: {said}");
}

/// The UPDATE that announces a route, in hexadecimal.
fn packed(route: &Route) -> String {
    let mut out = Vec::new();
    let wide = Negotiated { aigp: true, ..Negotiated::wide() };
    let rule = Rule::of(route.nlri.family()).expect("a known family");
    if let Ok(mut packing) = Packing::announce(&mut out, &wide, rule, &route.attributes) {
        packing.push(None, route.nlri.bytes());
        packing.finish();
    }
    exabgp::wire::Hex(&out).to_string()
}

/// The one route of a statement.
pub fn read_back(parser: &mut RouteParser, said: &str, intent: Intent) -> Result<Route, String> {
    let mut routes = Vec::new();
    let source = Source::new("statement", said);
    parser
        .command(&mut Tokens::command(&source), intent, &mut routes)
        .map_err(|error| format!("{error:?}"))?;
    match (routes.pop(), routes.len()) {
        (Some(route), 0) => Ok(route),
        (_, more) => Err(format!("{} routes", more + 1)),
    }
}
