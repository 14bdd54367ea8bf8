//! The program and real routers: BIRD 2 and GoBGP, started here, on the loopback network.
//!
//! Routes are announced and read back from the router; the router's routes are read as events of a
//! helper; sessions are lost and return; a reload is seen from the other side.
#![cfg(test)]

mod support;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use nix::sys::signal::Signal;
use serde_json::Value;
use support::router::{Bird, Gobgp};
use support::{Daemon, Helper, Link, place};

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
const EVENTS: &str = "neighbor-changes; receive { parsed; update; refresh; }";

/// The program's side of a session with a router.
fn section(local: IpAddr, router: IpAddr, port: u16, rest: &str) -> String {
    format!(
        "neighbor {router} {{
    router-id 10.0.0.1;
    local-address {local};
    local-as 65000;
    peer-as 65001;
    connect {port};
    family {{ ipv4 unicast; ipv6 unicast; }}
{rest}
}}
"
    )
}

fn statics(routes: &[&str]) -> String {
    let list: String = routes.iter().map(|route| format!("        route {route};\n")).collect();
    format!("    static {{\n{list}    }}\n")
}

/// BIRD with both families, waiting for the program's call.
fn bird(address: IpAddr, program: IpAddr, rest: &str) -> Option<Bird> {
    let text = format!(
        "protocol static four {{ ipv4; route 198.51.100.0/24 blackhole; }}
protocol static six {{ ipv6; route 2001:db8:beef::/48 blackhole; }}
protocol bgp program {{
    local $ADDRESS port $PORT as 65001;
    neighbor {program} as 65000;
    multihop;
    passive;
    connect delay time 1; error wait time 1, 1;
    ipv4 {{ import all; next hop address 192.0.2.2; export filter {{
        if source != RTS_STATIC then reject;
        bgp_med = 42;
        bgp_community.add((65001, 7));
        accept;
    }}; }};
    ipv6 {{ import all; next hop address 2001:db8::2; export where source = RTS_STATIC; }};
{rest}
}}
"
    );
    Bird::start(address, &text)
}

/// The next event that announces a prefix of a family.
fn announced(link: &mut Link, family: &str, prefix: &str) -> Value {
    loop {
        let event = link.event_at("/neighbor/message/update/announce", None);
        if event["neighbor"]["message"]["update"]["announce"][family].to_string().contains(prefix) {
            return event;
        }
    }
}

#[test]
fn bird_takes_our_routes_and_we_take_its() {
    for (local, address) in [(V4, place::own_address()), (V6, V6)] {
        let Some(bird) = bird(address, local, "") else { return };
        let helper = Helper::new("helper");
        let routes = statics(&[
            "10.0.0.0/24 next-hop 10.0.0.9 med 7 community [ 65000:1 no-export ]",
            "2001:db8:1::/48 next-hop 2001:db8::1 large-community [ 65000:1:2 ]",
            "10.0.1.0/24 next-hop 10.0.0.9 as-path [ 65000 70000 65009 ]",
        ]);
        let rest = format!("{routes}{}", helper.api(EVENTS));
        let configuration = section(local, address, bird.port(), &rest);
        let _daemon = Daemon::start(&format!("{}{configuration}", helper.process()));
        let mut link = helper.accept();
        bird.established("program");
        bird.has("program", &["10.0.0.0/24", "10.0.1.0/24", "2001:db8:1::/48"]);
        let shown = bird.ask("show route 10.0.0.0/24 all");
        for fact in [
            "BGP.as_path: 65000",
            "BGP.next_hop: 10.0.0.9",
            "BGP.med: 7",
            "BGP.community: (65000,1) (65535,65281)",
        ] {
            assert!(shown.contains(fact), "no '{fact}' in {shown}");
        }
        let shown = bird.ask("show route 10.0.1.0/24 all");
        assert!(shown.contains("BGP.as_path: 65000 70000 65009"), "{shown}");
        let shown = bird.ask("show route 2001:db8:1::/48 all");
        assert!(shown.contains("BGP.large_community: (65000, 1, 2)"), "{shown}");

        link.state("up");
        let mut seen = (false, false);
        while seen != (true, true) {
            let event = link.event_at("/neighbor/message/update/announce", None);
            let update = &event["neighbor"]["message"]["update"];
            if update["announce"]["ipv4 unicast"].to_string().contains("198.51.100.0/24") {
                assert_eq!(update["attribute"]["med"], 42, "{event}");
                assert_eq!(update["attribute"]["community"][0], serde_json::json!([65001, 7]));
                seen.0 = true;
            }
            seen.1 |= update["announce"]["ipv6 unicast"].to_string().contains("2001:db8:beef::/48");
        }

        link.done("announce route 10.0.2.0/24 next-hop 10.0.0.9");
        link.done("withdraw route 10.0.0.0/24 next-hop 10.0.0.9");
        link.done("withdraw route 2001:db8:1::/48 next-hop 2001:db8::1");
        bird.has("program", &["10.0.1.0/24", "10.0.2.0/24"]);
        bird.ask("disable four");
        let event = link.event_at("/neighbor/message/update/withdraw", None);
        let gone = event.pointer("/neighbor/message/update/withdraw/ipv4 unicast/0/nlri");
        assert_eq!(gone, Some(&"198.51.100.0/24".into()), "{event}");
    }
}

#[test]
fn a_session_with_bird_is_lost_and_returns() {
    let address = place::own_address();
    let Some(mut bird) = bird(address, V4, "") else { return };
    let helper = Helper::new("helper");
    let rest = format!("{}{}", statics(&["10.0.0.0/24 next-hop 10.0.0.9"]), helper.api(EVENTS));
    let configuration = section(V4, address, bird.port(), &rest);
    let _daemon = Daemon::start(&format!("{}{configuration}", helper.process()));
    let mut link = helper.accept();
    bird.has("program", &["10.0.0.0/24"]);
    link.state("up");
    link.done("announce route 10.0.1.0/24 next-hop 10.0.0.9");
    bird.has("program", &["10.0.0.0/24", "10.0.1.0/24"]);

    bird.ask("disable program");
    let down = link.state("down");
    assert_eq!(down["neighbor"]["reason"], "notification received (6,2)");
    bird.ask("enable program");
    link.state("up");
    announced(&mut link, "ipv4 unicast", "198.51.100.0/24");
    bird.has("program", &["10.0.0.0/24", "10.0.1.0/24"]);

    bird.restart();
    link.state("down");
    link.state("up");
    announced(&mut link, "ipv4 unicast", "198.51.100.0/24");
    bird.has("program", &["10.0.0.0/24", "10.0.1.0/24"]);
}

#[test]
fn a_reload_is_seen_by_bird() {
    let address = place::own_address();
    let Some(bird) = bird(address, V4, "") else { return };
    let configuration = |routes: &[&str]| section(V4, address, bird.port(), &statics(routes));
    let daemon = Daemon::start(&configuration(&[
        "10.0.0.0/24 next-hop 10.0.0.9",
        "10.0.1.0/24 next-hop 10.0.0.9",
        "2001:db8:1::/48 next-hop 2001:db8::1",
    ]));
    bird.has("program", &["10.0.0.0/24", "10.0.1.0/24", "2001:db8:1::/48"]);
    let since = bird.ask("show protocols program");
    daemon.reconfigure(&configuration(&[
        "10.0.1.0/24 next-hop 10.0.0.9 med 3",
        "10.0.2.0/24 next-hop 10.0.0.9",
        "2001:db8:2::/48 next-hop 2001:db8::1",
    ]));
    daemon.signal(Signal::SIGUSR1);
    bird.has("program", &["10.0.1.0/24", "10.0.2.0/24", "2001:db8:2::/48"]);
    bird.until("show route 10.0.1.0/24 all", |answer| answer.contains("BGP.med: 3"));
    assert_eq!(bird.ask("show protocols program"), since, "the same session");
    drop(daemon);
    bird.has("program", &[]);
}

#[test]
fn bird_may_call_and_may_ask_for_a_key() {
    let address = place::own_address();
    let door = place::free_port(V4);
    let dialing = format!(
        "protocol bgp program {{
    local $ADDRESS port $PORT as 65001;
    neighbor 127.0.0.1 port {door} as 65000;
    multihop;
    password \"between us\";
    connect delay time 1; error wait time 1, 1;
    ipv4 {{ import all; export none; }};
}}
"
    );
    let Some(bird) = Bird::start(address, &dialing) else { return };
    let rest = format!(
        "    passive;\n    listen {door};\n    md5-password 'between us';\n{}",
        statics(&["10.0.0.0/24 next-hop 10.0.0.9"])
    );
    let _daemon = Daemon::start(&section(V4, address, bird.port(), &rest));
    bird.established("program");
    bird.has("program", &["10.0.0.0/24"]);
}

#[test]
fn we_may_call_bird_with_a_key() {
    let address = place::own_address();
    let Some(bird) = bird(address, V4, "    password \"between us\";") else { return };
    let rest =
        format!("    md5-password 'between us';\n{}", statics(&["10.0.0.0/24 next-hop 10.0.0.9"]));
    let _daemon = Daemon::start(&section(V4, address, bird.port(), &rest));
    bird.has("program", &["10.0.0.0/24"]);
}

#[test]
fn bird_may_ask_for_everything_again() {
    let address = place::own_address();
    let Some(bird) = bird(address, V4, "") else { return };
    let helper = Helper::new("helper");
    let rest = format!(
        "    capability {{ route-refresh enable; }}\n{}{}",
        statics(&["10.0.0.0/24 next-hop 10.0.0.9"]),
        helper.api(EVENTS)
    );
    let configuration = section(V4, address, bird.port(), &rest);
    let _daemon = Daemon::start(&format!("{}{configuration}", helper.process()));
    let mut link = helper.accept();
    bird.has("program", &["10.0.0.0/24"]);
    bird.ask("reload in program");
    let event = link.event_at("/neighbor/route-refresh", None);
    assert_eq!(event["neighbor"]["route-refresh"]["subtype"], "query");
    // The refresh is framed, so whatever was not sent again would be gone.
    link.done("announce route 10.0.1.0/24 next-hop 10.0.0.9");
    bird.has("program", &["10.0.0.0/24", "10.0.1.0/24"]);
    // And we may ask the same of BIRD.
    link.done("announce route-refresh ipv4 unicast");
    announced(&mut link, "ipv4 unicast", "198.51.100.0/24");
}

#[test]
fn bird_keeps_our_routes_over_a_graceful_restart() {
    let address = place::own_address();
    let Some(bird) = bird(address, V4, "    graceful restart on;") else { return };
    let rest = format!(
        "    capability {{ graceful-restart 30; }}\n{}",
        statics(&["10.0.0.0/24 next-hop 10.0.0.9"])
    );
    let configuration = section(V4, address, bird.port(), &rest);
    let mut daemon = Daemon::start(&configuration);
    bird.has("program", &["10.0.0.0/24"]);
    assert_eq!(daemon.stop(), Some(0));
    bird.until("show protocols program", |answer| !answer.contains("Established"));
    assert_eq!(bird.prefixes("program"), ["10.0.0.0/24"], "kept");
    let _daemon = Daemon::start(&configuration.replace("10.0.0.0/24", "10.0.1.0/24"));
    bird.has("program", &["10.0.1.0/24"]);
}

/// A neighbor of GoBGP: the program at this address, both families.
fn gobgp_neighbor(program: IpAddr, local: IpAddr) -> String {
    let families: String = ["ipv4-unicast", "ipv6-unicast"]
        .iter()
        .map(|name| {
            format!(
                "  [[neighbors.afi-safis]]\n    [neighbors.afi-safis.config]\n    \
                 afi-safi-name = \"{name}\"\n"
            )
        })
        .collect();
    format!(
        "[[neighbors]]
  [neighbors.config]
    neighbor-address = \"{program}\"
    peer-as = 65000
  [neighbors.transport.config]
    passive-mode = true
    local-address = \"{local}\"
{families}"
    )
}

#[test]
fn gobgp_takes_our_routes_and_we_take_its() {
    for (local, address) in [(V4, place::own_address()), (V6, V6)] {
        let Some(gobgp) = Gobgp::start(address, &gobgp_neighbor(local, address)) else { return };
        let helper = Helper::new("helper");
        let routes = statics(&[
            "10.0.0.0/24 next-hop 10.0.0.9 med 7 community [ 65000:1 ]",
            "2001:db8:1::/48 next-hop 2001:db8::1",
        ]);
        let rest = format!("{routes}{}", helper.api(EVENTS));
        let configuration = section(local, address, gobgp.port(), &rest);
        let _daemon = Daemon::start(&format!("{}{configuration}", helper.process()));
        let mut link = helper.accept();
        gobgp.has("ipv4", &["10.0.0.0/24"]);
        gobgp.has("ipv6", &["2001:db8:1::/48"]);
        let shown = gobgp.ask("global rib 10.0.0.0/24 -a ipv4").to_string();
        assert!(shown.contains("10.0.0.9") && shown.contains("\"metric\":7"), "{shown}");

        link.state("up");
        gobgp.ask("global rib add 198.51.100.0/24 nexthop 192.0.2.1 med 42 -a ipv4");
        let event = announced(&mut link, "ipv4 unicast", "198.51.100.0/24");
        let path = &event["neighbor"]["message"]["update"]["attribute"]["as-path"]["0"]["value"];
        assert_eq!(path, &serde_json::json!([65001]), "{event}");
        gobgp.ask("global rib add 2001:db8:beef::/48 nexthop 2001:db8::2 -a ipv6");
        announced(&mut link, "ipv6 unicast", "2001:db8:beef::/48");
        gobgp.ask("global rib del 198.51.100.0/24 -a ipv4");
        link.event_at("/neighbor/message/update/withdraw", None);

        link.done("announce route 10.0.1.0/24 next-hop 10.0.0.9");
        link.done("withdraw route 10.0.0.0/24 next-hop 10.0.0.9");
        gobgp.has("ipv4", &["10.0.1.0/24"]);

        gobgp.ask(&format!("neighbor {local} softresetin"));
        link.done("announce route 10.0.2.0/24 next-hop 10.0.0.9");
        gobgp.has("ipv4", &["10.0.1.0/24", "10.0.2.0/24"]);
        gobgp.ask(&format!("neighbor {local} disable"));
        let down = link.state("down");
        assert_eq!(down["neighbor"]["reason"], "notification received (6,2)");
        gobgp.ask(&format!("neighbor {local} enable"));
        link.state("up");
        gobgp.has("ipv4", &["10.0.1.0/24", "10.0.2.0/24"]);
    }
}

#[test]
fn a_reload_is_seen_by_gobgp() {
    let address = place::own_address();
    let Some(gobgp) = Gobgp::start(address, &gobgp_neighbor(V4, address)) else { return };
    let configuration = |routes: &[&str]| section(V4, address, gobgp.port(), &statics(routes));
    let daemon = Daemon::start(&configuration(&[
        "10.0.0.0/24 next-hop 10.0.0.9",
        "2001:db8:1::/48 next-hop 2001:db8::1",
    ]));
    gobgp.has("ipv4", &["10.0.0.0/24"]);
    gobgp.has("ipv6", &["2001:db8:1::/48"]);
    daemon.reconfigure(&configuration(&[
        "10.0.1.0/24 next-hop 10.0.0.9",
        "2001:db8:1::/48 next-hop 2001:db8::1",
    ]));
    daemon.signal(Signal::SIGUSR1);
    gobgp.has("ipv4", &["10.0.1.0/24"]);
    gobgp.has("ipv6", &["2001:db8:1::/48"]);
    drop(daemon);
    gobgp.has("ipv4", &[]);
}
