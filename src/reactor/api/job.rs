//! Commands that take longer than their turn: they go on in steps, or wait for something.
//!
//! The commands of a process are executed in their order, so while one goes on the next ones wait.

use std::rc::Rc;

use super::context::{Context, Peer, Peers};

/// A command that goes on.
#[derive(Debug)]
pub(super) enum Job {
    /// What waits for each helper, told when all of them can be looked at.
    Queues { json: bool },
    #[expect(dead_code, reason = "made when routes are announced")]
    /// Done when the peers, by name, have sent what was announced.
    Sent { peers: Vec<Rc<str>> },
}

/// What a step has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    #[expect(dead_code, reason = "said by the jobs that show routes")]
    /// There is more to do at once.
    Again,
    /// Nothing can be done before something happens.
    Wait,
    Done,
}

impl Job {
    /// Goes on; what it has to show is appended to `out`, in whole lines.
    pub(super) fn step<P: Peers>(&mut self, context: &Context<'_, P>, _out: &mut Vec<u8>) -> Step {
        match self {
            Self::Queues { .. } => Step::Done,
            Self::Sent { peers } => {
                peers.retain(|name| !is_flushed(context.peers, name));
                if peers.is_empty() { Step::Done } else { Step::Wait }
            }
        }
    }
}

/// A peer that is there no more has nothing to send.
fn is_flushed<P: Peers>(peers: &P, name: &Rc<str>) -> bool {
    let mut peers = (0..peers.count()).filter_map(|place| peers.peer(place));
    peers.find(|peer| peer.name() == name).is_none_or(Peer::is_flushed)
}
