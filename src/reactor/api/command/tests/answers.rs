//! What is answered, to whom, and with how many words.

use super::*;

#[test]
fn acknowledgements_are_given_as_wished() {
    let mut talk = Talk::new(Dialect::V4);
    let version = format!("exabgp {}", crate::version::VERSION);
    assert_eq!(talk.say("version"), [version.as_str(), "done"]);
    assert_eq!(talk.say("disable-ack"), ["done"]);
    assert_eq!(talk.say("version"), [version.as_str()]);
    assert_eq!(talk.say("announce eor"), [""; 0]);
    assert_eq!(talk.say("announce banana"), [""; 0]);
    assert_eq!(talk.say("session ack enable"), ["done"]);
    assert_eq!(talk.say("silence-ack"), [""; 0]);
    assert_eq!(talk.say("session ack disable"), ["done"]);
    assert_eq!(talk.say("enable-ack"), ["done"]);
}

#[test]
fn reasons_are_given_where_they_are_asked_for() {
    let mut talk = Talk::new(Dialect::V4);
    assert_eq!(talk.say("announce ipv4 unicast 10.0.0.0/24 next-hop banana"), ["error"]);
    assert_eq!(talk.say("session ack explain"), ["done"]);
    let told = talk.say("announce ipv4 unicast 10.0.0.0/24 next-hop b\u{e4}nana");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("error: column 44: "), "{told:?}");
    assert!(told[0].is_ascii() && told[0].contains("b\\u{e4}nana"), "{told:?}");
    assert_eq!(talk.say("enable-ack"), ["done"]);
    assert_eq!(talk.say("announce"), ["error"]);
}
