//! Neighbors that come and go by command.

use super::*;

#[test]
fn neighbors_come_and_go_by_command() {
    let mut talk = Talk::new(Dialect::V4);
    let words = "127.0.0.1 local-address 127.0.0.1 local-as 65009 peer-as 65001 router-id 10.0.0.6";
    assert_eq!(talk.say(format!("peer create {words} api p")), ["done"]);
    let name = "neighbor 127.0.0.1 local-ip 127.0.0.1 local-as 65009 peer-as 65001 \
        router-id 10.0.0.6 family-allowed in-open";
    let created = talk.requests.last().map(|request| match request {
        Control::Create(neighbor) => neighbor.name.to_string(),
        _ => format!("{request:?}"),
    });
    assert_eq!(created.as_deref(), Some(name));
    let exists = format!("error: peer already exists: {name}");
    assert_eq!(talk.say(format!("create neighbor {words}")), [&exists, "error"]);
    let there = "127.0.0.1 local-address 127.0.0.1 local-as 65000 peer-as 65001 router-id 10.0.0.2";
    let told = talk.say(format!("peer create {there}"));
    assert!(told[0].starts_with("error: peer already exists: "), "{told:?}");
    assert_eq!(
        talk.say("peer create 127.0.0.1 local-as 65009"),
        ["error: missing required parameters: local-address, peer-as", "error"]
    );
    talk.requests.clear();
    for line in [
        "peer delete 127.0.0.1 router-id 10.0.0.5",
        "delete neighbor 127.0.0.1 router-id 10.0.0.5",
        "peer delete [127.0.0.1 router-id 10.0.0.5]",
    ] {
        assert_eq!(talk.say(line), ["done"], "{line}");
        let names = vec![Rc::clone(talk.table.peers[3].name())];
        assert_eq!(talk.requests.pop(), Some(Control::Delete(names)), "{line}");
    }
    // Those of others are not among all.
    assert_eq!(talk.say("peer delete *"), ["done"]);
    assert!(matches!(talk.requests.pop(), Some(Control::Delete(names)) if names.len() == 3));
}
