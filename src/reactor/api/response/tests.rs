//! Events, letter by letter: what helpers of old have always been told.

use mio::unix::pipe::Receiver;

use super::*;
use crate::bgp::attribute::Interner;
use crate::bgp::message::refresh::Subtype;
use crate::bgp::neighbor::{SessionSettings, Subscription, Wishes};
use crate::configuration::Process as Program;
use crate::protocol::{Asn, Family, Prefix};
use crate::reactor::api::Options;
use crate::reactor::clock::Clock;
use crate::wire::from_hex;

/// Helpers that hear of one neighbor, their pipes never written to.
struct Stage {
    api: Api,
    audience: Audience,
    _pipes: Vec<Receiver>,
}

const ALL: Wishes = Wishes {
    parsed: true,
    packets: false,
    consolidate: false,
    open: true,
    update: true,
    notification: true,
    keepalive: true,
    refresh: true,
    operational: true,
};

fn everything(process: &str) -> Subscription {
    Subscription {
        process: process.into(),
        neighbor_changes: true,
        negotiated: false,
        fsm: true,
        signal: true,
        send: ALL,
        receive: ALL,
    }
}

impl Stage {
    fn new(helpers: &[(Encoder, Dialect)], wishes: impl Fn(&mut Subscription)) -> Self {
        let mut api = Api::new(Options::default(), &Clock::new());
        api.envelope = Envelope::new("vm", 7, 6);
        let mut settings = SessionSettings::new(Prefix::host("127.0.0.1".parse().unwrap()));
        settings.local_address = Some("127.0.0.1".parse().unwrap());
        settings.local_as = Some(Asn(65000));
        settings.peer_as = Some(Asn(65000));
        settings.router_id = Some("10.0.0.2".parse().unwrap());
        let mut pipes = Vec::new();
        for (index, (encoder, dialect)) in helpers.iter().enumerate() {
            let name = format!("p{index}");
            let mut subscription = everything(&name);
            wishes(&mut subscription);
            settings.api.push(subscription);
            let id = api.place(&Program {
                name: name.into(),
                run: Vec::new(),
                encoder: *encoder,
                respawn: false,
                version: Some(*dialect),
            });
            let (sender, receiver) = mio::unix::pipe::new().unwrap();
            slot(&mut api.processes, id).unwrap().attach(sender);
            pipes.push(receiver);
        }
        let audience = Audience::new(&settings);
        Self { api, audience, _pipes: pipes }
    }

    fn json(wishes: impl Fn(&mut Subscription)) -> Self {
        Self::new(&[(Encoder::Json, Dialect::V4)], wishes)
    }

    fn text() -> Self {
        Self::new(&[(Encoder::Text, Dialect::V4)], |_| {})
    }

    /// What helper `index` has been told.
    fn heard(&mut self, index: usize) -> String {
        let process = slot(&mut self.api.processes, ProcessId(index)).unwrap();
        let told = String::from_utf8(process.queue.events.pending().to_vec()).unwrap();
        process.queue.events.clear();
        told
    }

    /// The one JSON event told, from its type on and without the identity of the neighbor.
    fn event(&mut self) -> String {
        let told = self.heard(0);
        assert_eq!(told.matches('\n').count(), 1, "{told}");
        let value: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(value["host"], "vm");
        let (_, content) = told.trim_end().split_once("\"type\"").unwrap();
        squeeze(&format!("\"type\"{content}")).replace(&squeeze(NEIGHBOR), "NB")
    }

    fn parsed(&mut self, direction: Direction, content: Content<'_>, header: &str, body: &str) {
        let (header, body) = (from_hex(header).unwrap(), from_hex(body).unwrap());
        let frame = Frame { header: &header, body: &body };
        let message = Message { direction, frame, negotiated: None };
        self.api.packet(&mut self.audience, content.kind(), message);
        self.api.parsed(&mut self.audience, content, message);
    }

    fn update(&mut self, body: &str) {
        let bytes = from_hex(body).unwrap();
        let negotiated = Negotiated::wide();
        let update = Update::decode(&bytes, &negotiated, &mut Interner::new()).unwrap();
        self.parsed(Direction::Receive, Content::Update(&update), HEADER, body);
    }
}

const HEADER: &str = "ffffffffffffffffffffffffffffffff001b02";
const NEIGHBOR: &str = concat!(
    r#""neighbor": { "address": { "local": "127.0.0.1", "peer": "127.0.0.1" }, "#,
    r#""asn": { "local": 65000, "peer": 65000 }, "router-id": "10.0.0.2" "#,
);

/// Without the blanks between values, which readers of JSON do not see.
fn squeeze(json: &str) -> String {
    let mut quoted = false;
    let mut escaped = false;
    let keep = |character: &char| {
        let keep = quoted || *character != ' ';
        quoted ^= *character == '"' && !escaped;
        escaped = quoted && *character == '\\' && !escaped;
        keep
    };
    json.chars().filter(keep).collect()
}

fn expect(stage: &mut Stage, literal: &str) {
    let expected = squeeze(&literal.replace("NB", NEIGHBOR));
    assert_eq!(stage.event(), expected.replace(&squeeze(NEIGHBOR), "NB"));
}

#[test]
fn changes_of_a_session() {
    let mut stage = Stage::json(|_| {});
    stage.api.connected(&mut stage.audience);
    expect(&mut stage, r#""type": "state", NB , "state": "connected" } }"#);
    stage.api.up(&mut stage.audience);
    expect(&mut stage, r#""type": "state", NB , "state": "up" } }"#);
    stage.api.down(&mut stage.audience, "notification sent (3,10)");
    let down = r#""type": "state", NB , "state": "down", "reason": "notification sent (3,10)" } }"#;
    expect(&mut stage, down);
    stage.api.fsm(&mut stage.audience, "OPENSENT");
    expect(&mut stage, r#""type": "fsm", NB , "state": "OPENSENT" } }"#);
    stage.api.signal(&mut stage.audience, 10, "SIGUSR1");
    expect(&mut stage, r#""type": "signal", NB , "code": "10", "name": "SIGUSR1" } }"#);
}

#[test]
fn the_envelope_is_complete_and_counts() {
    let mut stage = Stage::new(
        &[(Encoder::Json, Dialect::V4), (Encoder::Json, Dialect::V6), (Encoder::Text, Dialect::V4)],
        |_| {},
    );
    stage.api.tick(std::time::UNIX_EPOCH + std::time::Duration::from_micros(1_795_326_766_150_021));
    stage.api.up(&mut stage.audience);
    let start = r#", "time": 1795326766.150021, "host" : "vm", "pid" : 7, "ppid" : 6, "counter": "#;
    let end = format!(", \"type\": \"state\", {NEIGHBOR}, \"state\": \"up\" }} }}\n");
    assert_eq!(stage.heard(0), format!("{{ \"exabgp\": \"5.0.0\"{start}1{end}"));
    assert_eq!(stage.heard(1), format!("{{ \"exabgp\": \"6.0.0\"{start}2{end}"));
    assert_eq!(stage.heard(2), "neighbor 127.0.0.1 up\n\n");
    stage.api.up(&mut stage.audience);
    assert_eq!(stage.heard(0), format!("{{ \"exabgp\": \"5.0.0\"{start}3{end}"));
}

#[test]
fn the_end_of_the_program() {
    let mut stage =
        Stage::new(&[(Encoder::Json, Dialect::V4), (Encoder::Text, Dialect::V4)], |_| {});
    stage.api.shutdown();
    let told = stage.heard(0);
    assert!(told.starts_with(r#"{ "exabgp": "5.0.0", "time": "#), "{told}");
    let end = r#""pid" : 7, "ppid" : 6, "type": "notification", "notification": "shutdown" }"#;
    assert!(told.ends_with(&format!("{end}\n")), "{told}");
    assert_eq!(stage.heard(1), "shutdown 7 6\n\n");
}

#[test]
fn small_messages() {
    let mut stage = Stage::json(|_| {});
    stage.parsed(Direction::Receive, Content::Keepalive, "", "");
    expect(&mut stage, r#""type": "keepalive", NB , "direction": "receive"  } }"#);
    let refresh = RouteRefresh { family: Family::IPV4_UNICAST, subtype: Subtype::Query };
    stage.parsed(Direction::Receive, Content::RouteRefresh(refresh), "", "");
    expect(
        &mut stage,
        r#""type": "refresh", NB , "direction": "receive", "route-refresh": { "afi": "ipv4", "safi": "unicast", "subtype": "query" } } }"#,
    );
    let notify = Notify::unpack(&from_hex("06020568656c6c6f").unwrap());
    stage.parsed(Direction::Receive, Content::Notification(&notify), "", "");
    expect(
        &mut stage,
        r#""type": "notification", NB , "direction": "receive", "notification": { "code": 6, "subcode": 2, "data": "0x53687574646F776E20436F6D6D756E69636174696F6E3A202268656C6C6F22", "message": "Shutdown Communication: \"hello\"" }  } }"#,
    );
    let body = from_hex("0004000f0001010a00000200000001000000c8").unwrap();
    let counter = Operational::unpack(&body).unwrap();
    stage.parsed(Direction::Receive, Content::Operational(&counter), "", "");
    expect(
        &mut stage,
        r#""type": "operational", NB , "direction": "receive", "operational": { "name": "RPCP", "afi": "ipv4", "safi": "unicast", "router-id": "10.0.0.2", "sequence": 1, "counter": 200 } } }"#,
    );
}

#[test]
fn an_open_is_keyed_by_code_or_by_name() {
    let body = "04fde800b40a0000010e020c01040001000141040000fde8";
    let open = Open::unpack(&from_hex(body).unwrap()).unwrap();
    for (direction, first, second) in
        [(Direction::Receive, "1", "65"), (Direction::Send, "multiprotocol", "asn4")]
    {
        let mut stage = Stage::json(|_| {});
        stage.parsed(direction, Content::Open(&open), "", "");
        let word = direction.word();
        expect(
            &mut stage,
            &format!(
                r#""type": "open", NB , "direction": "{word}", "open": {{ "version": 4, "asn": 65000, "hold_time": 180, "router_id": "10.0.0.1", "capabilities": {{ "{first}": {{ "name": "multiprotocol", "families": [ "ipv4/unicast" ] }}, "{second}": {{ "name": "asn4", "asn4": 65000 }} }} }} }} }}"#
            ),
        );
    }
}

const ANNOUNCE: &str = "00000015400101004002004003040a00000940050400000064 18c63364";

#[test]
fn updates_and_their_forms() {
    let update = &ANNOUNCE.replace(' ', "");
    let parsed = r#""direction": "receive", "message": { "update": { "attribute": { "origin": "igp", "local-preference": 100 }, "announce": { "ipv4 unicast": { "10.0.0.9": [ { "nlri": "198.51.100.0/24" } ] } } } } } }"#;
    let upper = update.to_uppercase();
    let (header, body) = (HEADER.to_uppercase(), upper.as_str());

    let mut stage = Stage::json(|_| {});
    stage.update(update);
    expect(&mut stage, &format!(r#""type": "update", NB , {parsed}"#));

    let mut stage = Stage::json(|wishes| wishes.receive.consolidate = true);
    stage.update(update);
    expect(
        &mut stage,
        &format!(r#""type": "update", "header": "0x{header}", "body": "0x{body}", NB , {parsed}"#),
    );

    let mut stage = Stage::json(|wishes| {
        wishes.receive.parsed = false;
        wishes.receive.packets = true;
    });
    stage.update(update);
    expect(
        &mut stage,
        &format!(
            r#""type": "update", NB , "direction": "receive", "message": {{ "category": 2, "header": "0x{header}", "body": "0x{body}" }} }} }}"#
        ),
    );

    let mut stage = Stage::json(|wishes| wishes.receive.packets = true);
    stage.update(update);
    let both = stage.heard(0);
    let lines: Vec<&str> = both.lines().collect();
    assert!(lines[0].contains("category") && lines[1].contains("announce"), "{both}");

    let mut stage = Stage::json(|wishes| wishes.receive.update = false);
    stage.update(update);
    assert_eq!(stage.heard(0), "");
}

#[test]
fn the_end_of_a_rib_is_valid_in_every_dialect() {
    let mut stage = Stage::json(|_| {});
    stage.update("00000000");
    expect(
        &mut stage,
        r#""type": "update", NB , "direction": "receive", "message": { "eor": { "afi" : "ipv4", "safi" : "unicast" } } } }"#,
    );
}

#[test]
fn the_agreement_goes_with_updates_where_it_should() {
    let agreed = r#""negotiated": { "message_size": 65535, "hold_time": 180, "asn4": true, "multisession": false, "operational": false, "refresh": "absent", "families": ["ipv4 unicast"], "nexthop": [], "add_path": {"send": [], "receive": []} }"#;
    let eor = r#""type": "update", NB , "direction": "receive", "message": { "eor": { "afi" : "ipv4", "safi" : "unicast" } }"#;
    let mut negotiated = Negotiated::wide();
    negotiated.families.truncate(1);

    // Dialect 4, asked for: an event of its own, then with each update until the session ends.
    let mut stage = Stage::json(|wishes| wishes.negotiated = true);
    stage.api.negotiated(&mut stage.audience, &negotiated);
    expect(&mut stage, &format!(r#""type": "negotiated", NB , {agreed}  }} }}"#));
    stage.update("00000000");
    expect(&mut stage, &format!("{eor}, {agreed} }} }}"));
    stage.api.down(&mut stage.audience, "");
    stage.heard(0);
    stage.update("00000000");
    expect(&mut stage, &format!("{eor} }} }}"));

    // Dialect 6: always.
    let mut stage = Stage::new(&[(Encoder::Json, Dialect::V6)], |_| {});
    stage.api.negotiated(&mut stage.audience, &negotiated);
    stage.update("00000000");
    expect(&mut stage, &format!("{eor}, {agreed} }} }}"));
    stage.api.down(&mut stage.audience, "");
    stage.heard(0);
    stage.update("00000000");
    assert!(stage.event().ends_with(&squeeze(
        r#""message_size": 4096, "hold_time": 0, "asn4": false, "multisession": false, "operational": false, "refresh": "absent", "families": [], "nexthop": [], "add_path": {"send": [], "receive": []} } } }"#
    )));
}

#[test]
fn prefixes_may_be_compact() {
    let mut stage = Stage::json(|_| {});
    stage.api.options.compact = true;
    stage.update(&ANNOUNCE.replace(' ', ""));
    assert!(stage.event().contains(r#"{"10.0.0.9":["198.51.100.0/24"]}"#));
}

#[test]
fn helpers_that_want_the_same_hear_the_same() {
    let json = (Encoder::Json, Dialect::V4);
    let mut stage = Stage::new(&[json, (Encoder::Text, Dialect::V4), json], |_| {});
    stage.update(&ANNOUNCE.replace(' ', ""));
    let (first, second) = (stage.heard(0), stage.heard(2));
    assert_eq!(first.replace("\"counter\": 1,", "\"counter\": 2,"), second);
    assert!(stage.heard(1).starts_with("neighbor 127.0.0.1 receive update start\n"));
}

#[test]
fn whatever_a_peer_says_an_event_is_one_line_of_ascii() {
    let reason = "\u{1f600}\n\r\t\"\\\u{0}\u{7f}\u{2028}é";
    let mut stage =
        Stage::new(&[(Encoder::Json, Dialect::V4), (Encoder::Text, Dialect::V4)], |_| {});
    stage.api.down(&mut stage.audience, reason);
    let told = stage.heard(0);
    assert!(told.is_ascii() && told.matches('\n').count() == 1, "{told}");
    let value: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(value["neighbor"]["reason"], reason);
    let told = stage.heard(1);
    assert_eq!(told.matches('\n').count(), 2, "{told:?}");

    let data = [6, 2, 5, 0xff, 0xfe, b'\n', b'"', 0];
    let notify = Notify::unpack(&data);
    stage.parsed(Direction::Receive, Content::Notification(&notify), "", "");
    let told = stage.heard(0);
    assert!(told.is_ascii() && told.matches('\n').count() == 1, "{told}");
    serde_json::from_str::<serde_json::Value>(&told).unwrap();
    assert_eq!(stage.heard(1).matches('\n').count(), 2);
}

#[test]
fn text() {
    let mut stage = Stage::text();
    stage.api.connected(&mut stage.audience);
    assert_eq!(stage.heard(0), "neighbor 127.0.0.1 connected\n\n");
    stage.api.down(&mut stage.audience, "notification received (6,2)");
    assert_eq!(stage.heard(0), "neighbor 127.0.0.1 down - notification received (6,2)\n\n");
    stage.api.fsm(&mut stage.audience, "IDLE");
    assert_eq!(stage.heard(0), "");
    stage.parsed(Direction::Receive, Content::Keepalive, "", "");
    assert_eq!(stage.heard(0), "neighbor 127.0.0.1 receive keepalive\n\n");
    let refresh = RouteRefresh::query(Family::IPV4_UNICAST);
    stage.parsed(Direction::Send, Content::RouteRefresh(refresh), "", "");
    let expected = "neighbor 127.0.0.1 send route-refresh afi ipv4 safi unicast query\n\n";
    assert_eq!(stage.heard(0), expected);
    stage.update(&ANNOUNCE.replace(' ', ""));
    assert_eq!(
        stage.heard(0),
        concat!(
            "neighbor 127.0.0.1 receive update start\n",
            "neighbor 127.0.0.1 receive update announced 198.51.100.0/24 next-hop 10.0.0.9 origin igp \
         local-preference 100\n",
            "neighbor 127.0.0.1 receive update end\n\n",
        )
    );
    let body = from_hex("0004000f0001010a00000200000001000000c8").unwrap();
    let counter = Operational::unpack(&body).unwrap();
    stage.parsed(Direction::Receive, Content::Operational(&counter), "", "");
    assert_eq!(
        stage.heard(0),
        "neighbor 127.0.0.1 receive operational RPCP afi ipv4 safi unicast router-id 10.0.0.2 \
         sequence 1 counter 200\n"
    );
}

#[test]
fn text_with_bytes() {
    let mut stage = Stage::new(&[(Encoder::Text, Dialect::V4)], |wishes| {
        wishes.receive.consolidate = true;
        wishes.send.packets = true;
        wishes.send.parsed = false;
    });
    stage.update("000418c633640000");
    assert_eq!(
        stage.heard(0),
        concat!(
            "neighbor 127.0.0.1 receive update start\n",
            "neighbor 127.0.0.1 receive update withdrawn 198.51.100.0/24\n",
            " header 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001B02 body 0x000418C633640000\n",
            "neighbor 127.0.0.1 receive update end\n\n",
        )
    );
    stage.parsed(Direction::Send, Content::Keepalive, HEADER, "");
    let packet = "neighbor 127.0.0.1 send 4 header 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001B02\n\n";
    assert_eq!(stage.heard(0), packet);
}
