//! Commands: what reaches the wire, in which order, and what is answered.

use std::fmt::Write;

use super::Stage;
use crate::support::wire::{self, Open};
use crate::support::{BOTH, Daemon, Helper, IPV4, Listener, Peer, neighbor, place};

#[test]
fn routes_reach_the_wire_in_both_grammars() {
    let Stage { daemon: _daemon, mut peer, mut link, .. } = Stage::new("");
    let cases = [
        (
            "announce route 10.0.0.0/24 next-hop 10.0.0.9 med 5",
            "0000001b4001010040020602010000fde84003040a00000980040400000005180a0000",
        ),
        (
            "neighbor 127.0.0.1 announce route 10.0.1.0/24 next-hop self",
            "000000144001010040020602010000fde84003047f000001180a0001",
        ),
        (
            "peer * announce route 10.0.2.0/24 next-hop 10.0.0.9 as-path [ 65000 65009 ]",
            "000000184001010040020a02020000fde80000fdf14003040a000009180a0002",
        ),
        (
            "peer 127.0.0.1 announce ipv4 unicast 10.0.3.0/24 next-hop 10.0.0.9 origin egp",
            "000000144001010140020602010000fde84003040a000009180a0003",
        ),
        (
            "announce attributes next-hop 10.0.0.8 nlri 10.0.5.0/24 10.0.4.0/24",
            "000000144001010040020602010000fde84003040a000008180a0004180a0005",
        ),
        ("withdraw route 10.0.0.0/24", "0004180a00000000"),
        ("peer * withdraw route 10.0.1.0/24 next-hop self", "0004180a00010000"),
        ("announce eor ipv4 unicast", "00000000"),
    ];
    for (command, expected) in cases {
        link.done(command);
        assert_eq!(peer.update_hex(), expected, "{command}");
    }
}

#[test]
fn what_changes_nothing_sends_nothing() {
    let Stage { daemon: _daemon, mut peer, mut link, .. } = Stage::new("");
    link.done("announce route 10.0.0.0/24 next-hop 10.0.0.9");
    assert_eq!(peer.update().announced, ["10.0.0.0/24"]);
    link.done("announce route 10.0.0.0/24 next-hop 10.0.0.9");
    link.done("announce route 10.0.1.0/24 next-hop 10.0.0.9");
    assert_eq!(peer.update().announced, ["10.0.1.0/24"]);
    link.done("announce route 10.0.0.0/24 next-hop 10.0.0.9 med 1");
    let changed = peer.update();
    assert_eq!((changed.announced.len(), changed.attribute(4)), (1, Some("00000001".to_owned())));
    link.done("withdraw route 10.9.9.0/24 next-hop 10.0.0.9");
    assert_eq!(peer.update().withdrawn, ["10.9.9.0/24"], "even what was never announced");
}

#[test]
fn what_is_wrong_is_refused_and_leaves_no_trace() {
    let Stage { mut daemon, mut peer, mut link, .. } = Stage::new("");
    let wrong = [
        "announce",
        "withdraw",
        "announce route",
        "announce route nonsense",
        "announce route 10.0.0.0/24",
        "announce route 10.0.0.0/33 next-hop 10.0.0.9",
        "announce route 10.0.0.1/24 next-hop 10.0.0.9",
        "announce route 10.0.0.0/24 next-hop 10.0.0.9 med banana",
        "announce route 10.0.0.0/24 next-hop 10.0.0.9 as-path [ 65001 ( 65002 ]",
        "announce route 10.0.0.0/24 next-hop 10.0.0.9 bgp-prefix-sid [ 1, [ ( ]",
        "announce nonsense 10.0.0.0/24",
        "neighbor 127.0.0.99 announce route 10.0.0.0/24 next-hop 10.0.0.9",
        "peer 127.0.0.99 announce route 10.0.0.0/24 next-hop 10.0.0.9",
        "neighbor 127.0.0.1 unknown-key 5 announce route 10.0.0.0/24 next-hop 10.0.0.9",
        "announce eor ipv4",
        "announce eor ipv4 nonsense",
        "announce route-refresh ipv4",
        "teardown",
        "neighbor 127.0.0.1 teardown banana",
        "flush adj-rib in",
        "show adj-rib sideways",
        "nonsense",
    ];
    for command in wrong {
        link.refused(command);
    }
    link.done("announce route 10.0.1.0/24 next-hop 10.0.0.9");
    assert_eq!(
        peer.update_hex(),
        "000000144001010040020602010000fde84003040a000009180a0001",
        "the first thing on the wire"
    );
    daemon.lives();
}

#[test]
fn commands_are_done_in_the_order_in_which_they_were_said() {
    const COUNT: usize = 2000;
    let Stage { daemon: _daemon, mut peer, mut link, .. } = Stage::new("");
    let mut said = String::new();
    for number in 0..COUNT {
        let (high, low) = (number / 256, number % 256);
        writeln!(said, "announce route 10.{high}.{low}.0/24 next-hop 10.0.0.9 med {number}")
            .unwrap();
    }
    link.raw(said.as_bytes());
    let meds: Vec<String> = (0..COUNT).filter_map(|_| peer.update().attribute(4)).collect();
    let expected: Vec<String> = (0..COUNT).map(|number| format!("{number:08x}")).collect();
    assert_eq!(meds, expected);
    for _ in 0..COUNT {
        assert_eq!(link.reply().verdict, "done");
    }
}

#[test]
fn selectors_choose_the_neighbors() {
    let helper = Helper::new("helper");
    let listeners: Vec<Listener> = (0..3).map(|_| Listener::bind(place::own_address())).collect();
    let rest = format!("{IPV4}{}", helper.api(""));
    let foreign = neighbor(&listeners[2], IPV4);
    let configuration = format!(
        "{}{}{}{foreign}",
        helper.process(),
        neighbor(&listeners[0], &rest),
        neighbor(&listeners[1], &rest).replace("peer-as 65001", "peer-as 65002"),
    );
    let _daemon = Daemon::start(&configuration);
    let mut link = helper.accept();
    let mut first = listeners[0].establish(&Open::ipv4());
    let mut second = listeners[1].establish(&Open::ipv4().asn(65002));
    let mut third = listeners[2].establish(&Open::ipv4());
    for peer in [&mut first, &mut second, &mut third] {
        peer.updates_until_eor();
    }
    let [one, two, three] = [0, 1, 2].map(|index| listeners[index].ip());
    let route = |number: u8| format!("announce route 10.0.{number}.0/24 next-hop 10.0.0.9");

    link.done(&format!("neighbor {one} {}", route(1)));
    link.done(&format!("peer {two} {}", route(2)));
    link.done(&format!("neighbor {one} peer-as 65001 {}", route(3)));
    link.done(&format!("neighbor {two} local-as 65000 router-id 10.0.0.1 {}", route(4)));
    link.done(&format!("neighbor {one}, neighbor {two} {}", route(5)));
    link.refused(&format!("neighbor {one} peer-as 65002 {}", route(6)));
    link.refused(&format!("neighbor {three} {}", route(7)));
    link.done(&route(8));
    let announced = |peer: &mut Peer, count: usize| -> Vec<String> {
        let mut found = Vec::new();
        while found.len() < count {
            found.extend(peer.update().announced);
        }
        found
    };
    assert_eq!(
        announced(&mut first, 4),
        ["10.0.1.0/24", "10.0.3.0/24", "10.0.5.0/24", "10.0.8.0/24"]
    );
    assert_eq!(
        announced(&mut second, 4),
        ["10.0.2.0/24", "10.0.4.0/24", "10.0.5.0/24", "10.0.8.0/24"]
    );
    // The third neighbor does not name the helper: a refresh shows that it has nothing.
    third.send(&wire::eor());
    assert_eq!(third.only_keepalives(std::time::Duration::from_millis(200)), 0);
}

#[test]
fn acknowledgements_can_be_switched() {
    let Stage { daemon: _daemon, mut peer, mut link, .. } = Stage::new("");
    link.done("disable-ack");
    link.say("announce route 10.0.0.0/24 next-hop 10.0.0.9");
    link.say("nonsense");
    assert_eq!(peer.update().announced, ["10.0.0.0/24"]);
    assert_eq!(link.done("enable-ack"), Vec::<String>::new(), "nothing came before");
    link.say("silence-ack");
    link.say("announce route 10.0.1.0/24 next-hop 10.0.0.9");
    assert_eq!(peer.update().announced, ["10.0.1.0/24"]);
    assert_eq!(link.done("enable-ack"), Vec::<String>::new());
    link.done("session ack disable");
    link.say("announce route 10.0.2.0/24 next-hop 10.0.0.9");
    assert_eq!(peer.update().announced, ["10.0.2.0/24"]);
    assert_eq!(link.done("session ack enable"), Vec::<String>::new());
    assert_eq!(link.done("# a remark"), Vec::<String>::new());
}

#[test]
fn acknowledgements_can_be_off_from_the_start() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let rest = format!("{IPV4}{}", helper.api(""));
    let _daemon = Daemon::with(&format!("{}{}", helper.process(), neighbor(&listener, &rest)))
        .set("api.ack", "false")
        .start();
    let mut link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    link.say("announce route 10.0.0.0/24 next-hop 10.0.0.9");
    assert_eq!(peer.update().announced, ["10.0.0.0/24"]);
    let answer = link.done("enable-ack");
    assert_eq!(answer, Vec::<String>::new());
}

#[test]
fn a_teardown_says_why_and_the_session_returns() {
    let Stage { daemon: _daemon, listener, mut peer, mut link, .. } = Stage::new("");
    link.done("announce route 10.0.0.0/24 next-hop 10.0.0.9");
    peer.update();
    link.done("neighbor 127.0.0.1 teardown 4");
    assert_eq!(peer.notified(), (6, 4), "Administrative Reset");
    let mut peer = listener.establish(&Open::ipv4());
    let updates = peer.updates_until_eor();
    assert_eq!(updates[0].announced, ["10.0.0.0/24"], "what was announced before");
    link.done("peer * teardown 2");
    assert_eq!(peer.notified(), (6, 2), "Administrative Shutdown");
    listener.establish(&Open::ipv4());
}

#[test]
fn routes_wait_for_the_session() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let rest = format!("{IPV4}{}", helper.api(""));
    let _daemon = Daemon::start(&format!("{}{}", helper.process(), neighbor(&listener, &rest)));
    let mut link = helper.accept();
    for number in 0..5 {
        link.done(&format!("announce route 10.0.{number}.0/24 next-hop 10.0.0.9"));
    }
    link.done("withdraw route 10.0.3.0/24");
    let updates = listener.establish(&Open::ipv4()).updates_until_eor();
    let announced: Vec<String> = updates.into_iter().flat_map(|update| update.announced).collect();
    assert_eq!(announced, ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.4.0/24"]);
}

#[test]
fn the_outgoing_rib_can_be_flushed_and_cleared() {
    let Stage { daemon: _daemon, mut peer, mut link, .. } = Stage::new("");
    link.done("announce route 10.0.0.0/24 next-hop 10.0.0.9");
    link.done("announce route 10.0.1.0/24 next-hop 10.0.0.9 med 1");
    peer.update();
    peer.update();
    link.done("flush adj-rib out");
    let mut again = peer.update().announced;
    again.extend(peer.update().announced);
    assert_eq!(again, ["10.0.0.0/24", "10.0.1.0/24"]);
    link.done("neighbor 127.0.0.1 clear adj-rib out");
    let mut gone = Vec::new();
    while gone.len() < 2 {
        gone.extend(peer.update().withdrawn);
    }
    gone.sort();
    assert_eq!(gone, ["10.0.0.0/24", "10.0.1.0/24"]);
    assert!(link.done("show adj-rib out").is_empty());
}

#[test]
fn a_route_refresh_is_asked_of_the_peer() {
    let rest = format!("{BOTH}    capability {{ route-refresh enable; }}\n");
    let open = Open::new(&[(1, 1), (2, 1)]).with(2, &[]);
    let Stage { daemon: _daemon, mut peer, mut link, .. } = Stage::with("", &rest, &open);
    assert_eq!(peer.update_hex(), "00000007900f0003000201", "the second End-of-RIB");
    link.done("announce route-refresh ipv6 unicast");
    assert_eq!(peer.next().bytes(), wire::refresh(2, 0, 1));
}

#[test]
fn a_group_shares_its_updates() {
    let Stage { daemon: _daemon, mut peer, mut link, .. } = Stage::new("");
    link.done("announce route 10.9.0.0/24 next-hop 10.0.0.9");
    assert_eq!(peer.update().announced, ["10.9.0.0/24"]);
    link.done("group start");
    for number in 0..300 {
        let (high, low) = (number / 256, number % 256);
        link.done(&format!("announce route 10.{high}.{low}.0/24 next-hop 10.0.0.9"));
    }
    link.done("withdraw route 10.9.0.0/24");
    // What is no route is not held back.
    let other = "neighbor 127.0.0.1 show adj-rib out";
    assert_eq!(link.done(other).len(), 1);
    let told = link.done("group end");
    assert_eq!(told, [r#"{"status": "group processed", "announced": 300, "withdrawn": 1}"#]);
    assert_eq!(peer.update().withdrawn, ["10.9.0.0/24"]);
    assert_eq!(peer.update().announced.len(), 300);
}

#[test]
fn a_command_may_be_very_long() {
    const COUNT: usize = 40_000;
    let Stage { daemon: _daemon, mut peer, mut link, .. } = Stage::new("");
    let prefixes = (0..COUNT).map(|number| format!("10.{}.{}.0/24", number >> 8, number & 255));
    let prefixes: Vec<String> = prefixes.collect();
    for (command, announced) in [("announce", true), ("withdraw", false)] {
        let text = format!("{command} attributes next-hop 10.0.0.9 nlri {}", prefixes.join(" "));
        assert!(text.len() > 400_000);
        link.done(&text);
        let mut found = Vec::new();
        while found.len() < COUNT {
            let update = peer.update();
            found.extend(if announced { update.announced } else { update.withdrawn });
        }
        found.sort_unstable();
        let mut expected = prefixes.clone();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }
}

#[test]
fn neighbors_come_and_go_by_command() {
    let mut stage = Stage::new("");
    let listener = Listener::bind(place::own_address());
    let words = format!(
        "{} local-address 127.0.0.1 local-as 65009 peer-as 65001 router-id 10.0.0.6 connect {} \
         family-allowed ipv4-unicast/ipv6-unicast api helper",
        listener.ip(),
        listener.port()
    );
    let route = "announce route 10.0.0.0/24 next-hop 10.0.0.9";
    // The second command is about what the first one makes, in the same breath.
    let selector = format!("peer {}", listener.ip());
    stage.link.say(&format!("peer create {words}\n{selector} {route}"));
    assert_eq!(stage.link.reply().verdict, "done");
    assert_eq!(stage.link.reply().verdict, "done");
    let told = stage.link.refused(&format!("create neighbor {words}"));
    assert!(told[0].starts_with("error: peer already exists: neighbor 127."), "{told:?}");
    let mut peer = listener.accept();
    let open = peer.their_open();
    assert_eq!(open.asn, 65009);
    peer.send(&Open::ipv4().id("10.0.0.7").bytes());
    peer.send(&wire::keepalive());
    let updates = peer.updates_until_eor();
    let announced: Vec<&str> =
        updates.iter().flat_map(|update| &update.announced).map(String::as_str).collect();
    assert_eq!(announced, ["10.0.0.0/24"]);
    assert_eq!(stage.link.done("peer list").concat().matches("ESTABLISHED").count(), 2);
    stage.link.done(&format!("peer delete {} router-id 10.0.0.6", listener.ip()));
    assert_eq!(peer.notified(), (6, 3));
    crate::support::until("the neighbor is gone", || {
        (stage.link.done("peer list").concat().matches("peer-as").count() == 1).then_some(())
    });
    stage.link.refused(&format!("{selector} {route}"));
    // Others have not noticed.
    stage.link.done(route);
    assert_eq!(stage.peer.update().announced, ["10.0.0.0/24"]);
    stage.daemon.lives();
}

#[test]
fn a_neighbor_made_by_command_is_gone_with_the_next_reload() {
    let mut stage = Stage::new("");
    let words = "127.0.0.1 local-address 127.0.0.1 local-as 65009 peer-as 65001";
    stage.link.done(&format!("peer create {words} connect {}", stage.listener.port()));
    assert_eq!(stage.link.done("peer list").concat().matches("peer-as").count(), 2);
    stage.link.done("reload");
    crate::support::until("the neighbor is gone", || {
        (stage.link.done("peer list").concat().matches("peer-as").count() == 1).then_some(())
    });
    stage.daemon.lives();
}

#[test]
fn watchdogs_hold_routes_back() {
    let rest = format!(
        "{IPV4}    static {{
        route 10.0.0.0/24 next-hop 10.0.0.9 watchdog dog withdraw;
        route 10.0.1.0/24 next-hop 10.0.0.9 watchdog dog;
        route 10.0.2.0/24 next-hop 10.0.0.9 watchdog cat;
    }}\n"
    );
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let rest = format!("{rest}{}", helper.api(""));
    let _daemon = Daemon::start(&format!("{}{}", helper.process(), neighbor(&listener, &rest)));
    let mut link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    let first: Vec<String> =
        peer.updates_until_eor().into_iter().flat_map(|update| update.announced).collect();
    assert_eq!(first, ["10.0.1.0/24", "10.0.2.0/24"]);
    link.done("announce watchdog dog");
    assert_eq!(peer.update().announced, ["10.0.0.0/24"]);
    link.done("withdraw watchdog dog");
    let mut gone = Vec::new();
    while gone.len() < 2 {
        gone.extend(peer.update().withdrawn);
    }
    gone.sort();
    assert_eq!(gone, ["10.0.0.0/24", "10.0.1.0/24"]);
    link.done("announce watchdog unheard-of");
}

#[test]
fn the_daemon_is_commanded() {
    let Stage { mut daemon, mut peer, mut link, .. } = Stage::new("");
    let version = link.done("version");
    assert!(version[0].starts_with("exabgp "), "{version:?}");
    assert!(link.done("help").len() > 10);
    let answer = link.done("shutdown");
    assert_eq!(answer, ["shutdown in progress"]);
    assert_eq!(peer.notified(), (6, 2));
    assert_eq!(daemon.finish().code(), Some(0));
}
