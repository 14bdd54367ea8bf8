//! The program and GoBGP, over Ethernet VPN, VPLS and route target membership: what it installed is
//! what was announced, what it announces is what our events say.
#![cfg(test)]

mod support;

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Value, json};
use support::router::Gobgp;
use support::{Daemon, Helper, Link, place, until};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// GoBGP with the three families, waiting for the program's call.
fn gobgp() -> Option<Gobgp> {
    let address = place::own_address();
    let families: String = ["l2vpn-evpn", "l2vpn-vpls", "rtc"]
        .iter()
        .map(|name| {
            format!(
                "  [[neighbors.afi-safis]]\n    [neighbors.afi-safis.config]\n    \
                 afi-safi-name = \"{name}\"\n"
            )
        })
        .collect();
    let neighbor = format!(
        "[[neighbors]]
  [neighbors.config]
    neighbor-address = \"{LOCAL}\"
    peer-as = 65000
  [neighbors.transport.config]
    passive-mode = true
    local-address = \"{address}\"
{families}"
    );
    Gobgp::start(address, &neighbor)
}

/// The program's side: `routes` are sections.
fn section(gobgp: &Gobgp, helper: &Helper, routes: &str) -> String {
    format!(
        "{}neighbor {} {{
    router-id 10.0.0.1; local-address {LOCAL}; local-as 65000; peer-as 65001; connect {};
    family {{ l2vpn evpn; l2vpn vpls; ipv4 rtc; }}
{}
{routes}
}}
",
        helper.process(),
        gobgp.address(),
        gobgp.port(),
        helper.api("neighbor-changes; receive { parsed; update; }"),
    )
}

/// The first NLRI of the next event that announces or withdraws some of a family.
fn told(link: &mut Link, gobgp: &Gobgp, verb: &str, family: &str) -> Value {
    loop {
        let event = link.event_at(&format!("/neighbor/message/update/{verb}"), None);
        let routes = &event["neighbor"]["message"]["update"][verb][family];
        let routes = if verb == "announce" { &routes[gobgp.address().to_string()] } else { routes };
        if !routes.is_null() {
            return routes[0].clone();
        }
    }
}

/// What GoBGP keeps of a route of Ethernet VPN.
fn installed(gobgp: &Gobgp, name: &str) -> Value {
    gobgp.ask("global rib -a evpn")[name][0].clone()
}

/// A route of each type, and what GoBGP calls it and holds of it.
const ROUTES: &[(&str, &str, &str)] = &[
    (
        "ethernet-ad rd 65000:1 esi 00:11:22:33:44:55:66:77:88:99 ethernet-tag 5 label 100",
        "[type:A-D][rd:65000:1][esi:ESI_ARBITRARY | 11:22:33:44:55:66:77:88:99][etag:5]",
        r#"{"etag": 5, "label": 1601}"#,
    ),
    (
        "mac rd 65000:1 mac aa:bb:cc:dd:ee:fd vni 7",
        "[type:macadv][rd:65000:1][etag:0][mac:aa:bb:cc:dd:ee:fd][ip:<nil>]",
        r#"{"labels": [7], "esi": "single-homed"}"#,
    ),
    (
        "mac rd 192.0.2.1:7 ethernet-tag 9 mac aa:bb:cc:dd:ee:ff ip 10.0.0.1 label 100",
        "[type:macadv][rd:192.0.2.1:7][etag:9][mac:aa:bb:cc:dd:ee:ff][ip:10.0.0.1]",
        r#"{"labels": [1601], "etag": 9}"#,
    ),
    (
        "mac rd 65000:1 esi 00:11:22:33:44:55:66:77:88:99 mac aa:bb:cc:dd:ee:fe ip 2001:db8::1 \
         vni [ 70000 70001 ]",
        "[type:macadv][rd:65000:1][etag:0][mac:aa:bb:cc:dd:ee:fe][ip:2001:db8::1]",
        r#"{"labels": [70000, 70001], "ip": "2001:db8::1"}"#,
    ),
    (
        "multicast rd 65000:1 ethernet-tag 5 ip 192.0.2.1",
        "[type:multicast][rd:65000:1][etag:5][ip:192.0.2.1]",
        r#"{"ip": "192.0.2.1"}"#,
    ),
    (
        "ethernet-segment rd 65000:1 esi 00:11:22:33:44:55:66:77:88:99 ip 192.0.2.1",
        "[type:esi][rd:65000:1][esi:ESI_ARBITRARY | 11:22:33:44:55:66:77:88:99][ip:192.0.2.1]",
        r#"{"ip": "192.0.2.1"}"#,
    ),
    (
        "prefix rd 65000:1 ip 10.5.5.0/24 gateway 192.0.2.7 vni 70",
        "[type:Prefix][rd:65000:1][etag:0][prefix:10.5.5.0/24]",
        r#"{"gateway": "192.0.2.7", "label": 70}"#,
    ),
    (
        "prefix rd 65000:1 ip 2001:db8:5::/48 label 71",
        "[type:Prefix][rd:65000:1][etag:0][prefix:2001:db8:5::/48]",
        r#"{"gateway": "::", "label": 1137}"#,
    ),
];

#[test]
fn gobgp_installs_our_ethernet_vpn() {
    let Some(gobgp) = gobgp() else { return };
    let helper = Helper::new("helper");
    let routes: String = ROUTES
        .iter()
        .map(|(words, ..)| {
            format!(
                "evpn {words} next-hop 192.0.2.1 \
                 extended-community [ target:65000:1 0x030c000000000008 ];\n"
            )
        })
        .collect();
    let routes = format!("announce {{ l2vpn {{\n{routes}}} }}");
    let _daemon = Daemon::start(&section(&gobgp, &helper, &routes));
    let mut link = helper.accept();
    let mut names: Vec<&str> = ROUTES.iter().map(|(_, name, _)| *name).collect();
    names.sort_unstable();
    gobgp.has("evpn", &names);
    for (words, name, held) in ROUTES {
        let route = installed(&gobgp, name);
        let held: serde_json::Map<String, Value> = serde_json::from_str(held).unwrap();
        for (key, value) in held {
            assert_eq!(route["nlri"]["value"][&key], value, "{words}: {key} in {route}");
        }
        for fact in [r#""nexthop":"192.0.2.1""#, r#""value":"65000:1""#] {
            assert!(route.to_string().contains(fact), "{words}: no {fact} in {route}");
        }
    }

    // A label is no part of what a route is: another one takes the place of the first.
    let (words, name, _) = ROUTES[1];
    let moved = words.replace("vni 7", "vni 8 esi 00:11:22:33:44:55:66:77:88:99");
    link.done(&format!("announce l2vpn evpn {moved} next-hop 2001:db8::9"));
    until("the new label", || {
        let route = installed(&gobgp, name).to_string();
        (route.contains(r#""labels":[8]"#) && route.contains("2001:db8::9")).then_some(())
    });
    gobgp.has("evpn", &names);
    for (words, ..) in ROUTES {
        link.done(&format!("withdraw evpn {words}"));
    }
    gobgp.has("evpn", &[]);
}

#[test]
fn our_events_say_what_gobgp_announces() {
    let Some(gobgp) = gobgp() else { return };
    let helper = Helper::new("helper");
    let routes = "announce { ipv4 { rtc origin-as 65000 route-target 65001:9 next-hop self; } }";
    let _daemon = Daemon::start(&section(&gobgp, &helper, routes));
    let mut link = helper.accept();
    link.state("up");
    gobgp.has("rtc", &["65000:65001:9"]);
    let lacp = "01:AA:BB:CC:DD:EE:FF:00:64:00";
    for (words, expected) in [
        (
            "macadv aa:bb:cc:dd:ee:01 10.0.0.9 etag 3 label 1000 rd 65001:9",
            json!({"code": 2, "parsed": true, "name": "MAC/IP advertisement", "rd": "65001:9",
                "raw": "02250000FDE900000009000000000000000000000000000330AABBCCDDEE01200A0000090003E8",
                "esi": "-", "ethernet-tag": 3, "mac": "AA:BB:CC:DD:EE:01", "label": [[62, 1000]],
                "ip": "10.0.0.9"}),
        ),
        (
            "multicast 2001:db8::2 etag 3 rd 65001:9",
            json!({"code": 3, "parsed": true, "name": "Inclusive Multicast Ethernet Tag",
                "raw": "031D0000FDE900000009000000038020010DB8000000000000000000000002",
                "rd": "65001:9", "ethernet-tag": 3, "ip": "2001:db8::2"}),
        ),
        (
            "prefix 10.9.0.0/16 gw 10.0.0.9 etag 3 label 1001 rd 65001:9",
            json!({"code": 5, "parsed": true, "name": "IP Prefix Advertisement", "rd": "65001:9",
                "raw": "05220000FDE9000000090000000000000000000000000003100A0900000A0000090003E9",
                "esi": "-", "ethernet-tag": 3, "label": [[62, 1001]], "ip": "10.9.0.0",
                "iplen": 16, "gateway": "10.0.0.9"}),
        ),
        (
            "a-d esi LACP aa:bb:cc:dd:ee:ff 100 etag 3 label 1002 rd 65001:9",
            json!({"code": 1, "parsed": true, "name": "Ethernet Auto-Discovery", "rd": "65001:9",
                "raw": "01190000FDE90000000901AABBCCDDEEFF006400000000030003EA",
                "esi": lacp, "ethernet-tag": 3, "label": [[62, 1002]]}),
        ),
        (
            "esi 192.0.2.2 esi LACP aa:bb:cc:dd:ee:ff 100 rd 65001:9",
            json!({"code": 4, "parsed": true, "name": "Ethernet Segment", "rd": "65001:9",
                "raw": "04170000FDE90000000901AABBCCDDEEFF00640020C0000202",
                "esi": lacp, "ip": "192.0.2.2"}),
        ),
    ] {
        gobgp.ask(&format!("global rib add -a evpn {words} rt 65001:9"));
        assert_eq!(told(&mut link, &gobgp, "announce", "l2vpn evpn"), expected, "{words}");
        gobgp.ask(&format!("global rib del -a evpn {words} rt 65001:9"));
        let gone = told(&mut link, &gobgp, "withdraw", "l2vpn evpn");
        assert_eq!(gone["code"], expected["code"], "{words}: {gone}");
        assert_eq!(gone["rd"], expected["rd"], "{words}: {gone}");
    }
}

#[test]
fn gobgp_tells_the_routes_whose_targets_we_ask_for() {
    let Some(gobgp) = gobgp() else { return };
    let helper = Helper::new("helper");
    let routes = "announce { ipv4 {
        rtc origin-as 65000 route-target target:65001:9 next-hop self;
        rtc origin-as 65000 route-target target:192.0.2.9:77 next-hop self;
    } }";
    let _daemon = Daemon::start(&section(&gobgp, &helper, routes));
    let mut link = helper.accept();
    link.state("up");
    gobgp.has("rtc", &["65000:192.0.2.9:77", "65000:65001:9"]);
    // Nobody asked for the first one.
    for (tag, target) in [(8, "65001:8"), (9, "65001:9")] {
        let words = format!("multicast 192.0.2.2 etag {tag} rd 65001:1 rt {target}");
        gobgp.ask(&format!("global rib add -a evpn {words}"));
    }
    assert_eq!(told(&mut link, &gobgp, "announce", "l2vpn evpn")["ethernet-tag"], 9);
    link.done("announce ipv4 rtc origin-as 65000 route-target target:65001:8 next-hop self");
    assert_eq!(told(&mut link, &gobgp, "announce", "l2vpn evpn")["ethernet-tag"], 8);

    gobgp.ask("vrf add red rd 65001:7 rt both 65001:7");
    let membership = told(&mut link, &gobgp, "announce", "ipv4 rtc");
    assert_eq!(membership, json!({"origin": 65001, "route-target": "target:65001:7"}));
    gobgp.ask("vrf del red");
    assert_eq!(told(&mut link, &gobgp, "withdraw", "ipv4 rtc"), membership);

    for target in ["192.0.2.9:77", "65001:8", "65001:9"] {
        link.done(&format!("withdraw rtc origin-as 65000 route-target {target}"));
    }
    gobgp.has("rtc", &[]);
}

/// How many VPLS routes GoBGP took: its command line can count them and not show them.
fn vpls(gobgp: &Gobgp) -> u64 {
    let neighbors = gobgp.ask("neighbor");
    let families = neighbors[0]["afi_safis"].as_array().cloned().unwrap_or_default();
    let states = families.iter().map(|family| &family["state"]);
    let mut vpls = states.filter(|state| state["family"] == json!({"afi": 25, "safi": 65}));
    vpls.next().and_then(|state| state["accepted"].as_u64()).unwrap_or(0)
}

#[test]
fn gobgp_accepts_our_vpls() {
    let Some(gobgp) = gobgp() else { return };
    let helper = Helper::new("helper");
    let routes = "l2vpn {
        vpls rd 65000:1 endpoint 5 base 10702 offset 1 size 8 next-hop self \
            extended-community [ target:65000:1 l2info:19:0:1500:111 ];
        vpls two { rd 192.0.2.1:7; endpoint 6; base 1000000; offset 1; size 8; next-hop self; }
    }";
    let _daemon = Daemon::start(&section(&gobgp, &helper, routes));
    let mut link = helper.accept();
    link.state("up");
    until("two blocks of labels", || (vpls(&gobgp) == 2).then_some(()));
    link.done("announce vpls rd 65000:2 endpoint 5 base 1 offset 1 size 8 next-hop 192.0.2.1");
    until("three blocks of labels", || (vpls(&gobgp) == 3).then_some(()));
    link.done("withdraw vpls rd 65000:2 endpoint 5 base 1 offset 1 size 8 next-hop 192.0.2.1");
    link.done("withdraw l2vpn vpls rd 65000:1 endpoint 5 base 10702 offset 1 size 8");
    until("one block of labels", || (vpls(&gobgp) == 1).then_some(()));
}
