//! Groups, and routes that are named by an index.

use super::*;

#[test]
fn a_group_takes_effect_at_its_end() {
    for prefix in ["", "peer * ", "neighbor 127.0.0.1 router-id 10.0.0.3 "] {
        let mut talk = Talk::new(Dialect::V4);
        assert_eq!(talk.say("group start"), [r#"{"status": "group started"}"#, "done"]);
        for command in [
            "announce route 10.0.0.0/24 next-hop 1.2.3.4",
            "announce attributes next-hop 1.2.3.4 nlri 10.0.1.0/24 10.0.2.0/24",
            "withdraw route 10.0.3.0/24",
            "announce garbage",
            "announce eor",
        ] {
            assert_eq!(talk.say(format!("{prefix}{command}")), ["done"], "{command}");
        }
        assert_eq!(talk.table.asked(), [""; 0]);
        let errors = r#"["could not parse: announce garbage", "could not parse: announce eor"]"#;
        let status = format!(
            r#"{{"status": "group processed", "announced": 3, "withdrawn": 1, "errors": {errors}}}"#
        );
        assert_eq!(talk.say("group end"), [&status, "done"]);
        let peers = if prefix.starts_with("neighbor") { 1 } else { 3 };
        assert_eq!(talk.table.asked().len(), 4 * peers);
        // Nothing of it is left.
        assert_eq!(talk.say("group end"), [r#"{"error": "not in group block"}"#, "error"]);
        assert_eq!(talk.say("announce route 10.0.0.0/24 next-hop 1.2.3.4"), ["done"]);
        assert_eq!(talk.table.asked().len(), 3);
    }
}

#[test]
fn a_group_without_peers_says_so_and_one_that_is_too_large_is_given_up() {
    let mut talk = Talk::new(Dialect::V4);
    talk.say("group start");
    talk.say("peer 127.0.0.9 announce route 10.0.0.0/24 next-hop 1.2.3.4");
    let told = talk.say("group end");
    assert!(told[0].contains(r#""errors": ["no neighbor has neighbor 127.0.0.9"]"#), "{told:?}");
    assert_eq!(told[1], "done");
    assert_eq!(talk.table.asked(), [""; 0]);
    talk.say("group start");
    for _ in 0..crate::reactor::limits::GROUP_COMMANDS_MAX {
        assert_eq!(talk.say("withdraw route 10.0.0.0/24"), ["done"]);
    }
    let lost = r#"{"error": "group buffer limit reached, group discarded"}"#;
    assert_eq!(talk.say("withdraw route 10.0.0.0/24"), [lost, "error"]);
    assert_eq!(talk.table.asked(), [""; 0]);
    assert!(talk.process.group.is_none());
}

#[test]
fn a_group_on_one_line_shares_its_attributes() {
    let mut talk = Talk::new(Dialect::V4);
    let told = talk.say(
        "peer 127.0.0.1 router-id 10.0.0.2 group attributes med 100 ; announce route 10.0.0.0/24 \
         next-hop 1.2.3.4 ; withdraw route 10.0.1.0/24; zork 1",
    );
    let status = r#"{"status": "group processed", "announced": 1, "withdrawn": 1, "errors": ["unknown action in group: zork"]}"#;
    assert_eq!(told, [status, "done"]);
    assert_eq!(talk.table.asked().len(), 2);
    let shown = talk.say("show adj-rib out extensive");
    assert!(shown[0].contains("10.0.0.0/24 next-hop 1.2.3.4 med 100"), "{shown:?}");
    for empty in ["group", "peer * group", "peer * group ; ;"] {
        assert_eq!(talk.say(empty), [r#"{"error": "empty group"}"#, "error"], "{empty}");
    }
}

#[test]
fn routes_are_removed_by_their_index() {
    let mut talk = Talk::new(Dialect::V4);
    let add = "peer 127.0.0.1 router-id 10.0.0.2 routes add ";
    let added = r#"{"index": "00010100180a1e00", "route": "10.30.0.0/24 next-hop 10.0.0.9 med 5", "success": true}"#;
    for route in ["route ", "ipv4 unicast ", ""] {
        let line = format!("{add}{route}10.30.0.0/24 next-hop 10.0.0.9 med 5");
        assert_eq!(talk.say(&line), [added, "done"], "{line}");
    }
    let two = talk.say(format!("{add}attributes next-hop 10.0.0.9 nlri 10.31.0.0/24 10.32.0.0/24"));
    assert!(two[0].starts_with("[{\"index\": \"00010100180a1f00\", "), "{two:?}");
    let listed = talk.say("peer 127.0.0.1 router-id 10.0.0.2 routes ipv4 unicast list");
    let array: serde_json::Value = serde_json::from_str(&listed[0]).unwrap();
    assert_eq!(array.as_array().unwrap().len(), 3);
    assert_eq!(array[0]["route"], "10.30.0.0/24 next-hop 10.0.0.9 med 5");
    assert_eq!(array[0]["neighbor"], talk.table.peers[0].name().as_ref());
    assert_eq!(talk.say("peer * routes ipv6 list"), ["[]", "done"]);
    let remove = "peer * routes remove index 00010100180a1e00";
    let removed = |was| format!(r#"{{"removed": {was}, "index": "00010100180a1e00"}}"#);
    assert_eq!(talk.say(remove), [&removed(true), "done"]);
    assert_eq!(talk.say(remove), [&removed(false), "done"]);
    assert_eq!(
        talk.say("peer * routes remove 10.31.0.0/24"),
        [r#"{"removed": true, "route": "10.31.0.0/24", "index": "00010100180a1f00"}"#, "done"]
    );
    for (line, reason) in [
        ("routes", "routes requires action: list, add, or remove"),
        ("routes add", "routes add requires route specification"),
        ("routes remove", "routes remove requires route spec or index"),
        ("routes remove index zz", "Invalid hex index: zz"),
        ("routes add route nonsense", "Could not parse route: route nonsense"),
        ("routes banana list", "banana is of no family"),
    ] {
        let told = talk.say(format!("peer * {line}"));
        assert_eq!(told, [&format!("error: {reason}"), "error"], "{line}");
    }
}
