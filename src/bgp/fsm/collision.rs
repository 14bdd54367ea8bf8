//! Two connections with one peer, RFC 4271 section 6.8 and RFC 6286 section 2.3.
//!
//! The connection opened by the speaker with the higher identifier survives; the loser is told
//! Cease 6/7. While identifiers are unknown both live: a session holds the second connection as a
//! rival until an OPEN arrives on it, or the first one is established, or the peer was silent on
//! both for a second, when its newer connection is taken.

use std::net::Ipv4Addr;

use super::Direction;
use crate::bgp::message::Open;
use crate::protocol::Asn;

/// What tells speakers apart: the identifier, then the AS number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Speaker {
    pub router_id: Ipv4Addr,
    pub asn: Asn,
}

impl From<&Open> for Speaker {
    fn from(open: &Open) -> Self {
        Self { router_id: open.router_id, asn: open.real_as() }
    }
}

/// Which of two connections survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survivor {
    /// The one that was there first.
    Existing,
    /// The one that came second.
    New,
}

/// Decides between two connections of one peer, each given by who opened it.
///
/// Identifiers are compared as unsigned numbers; equal ones, which RFC 6286 allows between
/// different AS, leave it to the AS numbers. Two connections opened by the same side have no rule
/// in the RFC: the new one survives unless we are the higher speaker, as in ExaBGP.
pub fn resolve(local: Speaker, remote: Speaker, existing: Direction, new: Direction) -> Survivor {
    let survives = if local > remote { Direction::Outgoing } else { Direction::Incoming };
    match (existing == new, new == survives) {
        (false, true) => Survivor::New,
        (false, false) => Survivor::Existing,
        (true, _) if local > remote => Survivor::Existing,
        (true, _) => Survivor::New,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{Incoming, Outgoing};

    const LOW: Speaker = Speaker { router_id: Ipv4Addr::new(9, 9, 9, 9), asn: Asn(65010) };
    const HIGH: Speaker = Speaker { router_id: Ipv4Addr::new(192, 0, 2, 99), asn: Asn(65010) };

    #[test]
    fn the_connection_of_the_higher_speaker_survives() {
        assert_eq!(resolve(LOW, HIGH, Outgoing, Incoming), Survivor::New);
        assert_eq!(resolve(HIGH, LOW, Outgoing, Incoming), Survivor::Existing);
        assert_eq!(resolve(LOW, HIGH, Incoming, Outgoing), Survivor::Existing);
        assert_eq!(resolve(HIGH, LOW, Incoming, Outgoing), Survivor::New);
    }

    #[test]
    fn both_sides_keep_the_same_connection() {
        let asn = |asn| Speaker { asn: Asn(asn), ..LOW };
        for (here, there) in [(LOW, HIGH), (HIGH, LOW), (asn(1), asn(70000)), (asn(2), asn(1))] {
            for (first, second) in [(Outgoing, Incoming), (Incoming, Outgoing)] {
                let mirrored = resolve(there, here, second, first);
                assert_eq!(resolve(here, there, first, second), mirrored);
            }
        }
    }

    #[test]
    fn two_of_one_side() {
        assert_eq!(resolve(LOW, HIGH, Incoming, Incoming), Survivor::New);
        assert_eq!(resolve(HIGH, LOW, Incoming, Incoming), Survivor::Existing);
    }
}
