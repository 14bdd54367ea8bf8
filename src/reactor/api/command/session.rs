//! Commands about the conversation with a process, and about the sessions of peers.

use super::{Outcome, Refusal, Reply, Request};
use crate::reactor::api::context::{Peer, Peers};
use crate::reactor::api::process::Ack;

pub(super) fn enable_ack<P>(request: &mut Request<'_, P>) -> Outcome {
    *request.ack = Ack::On;
    Ok(Reply::Done)
}

pub(super) fn disable_ack<P>(request: &mut Request<'_, P>) -> Outcome {
    *request.ack = Ack::Off;
    Ok(Reply::Told)
}

pub(super) fn silence_ack<P>(request: &mut Request<'_, P>) -> Outcome {
    *request.ack = Ack::Off;
    Ok(Reply::Done)
}

/// Sessions that are not established are left alone.
pub(super) fn teardown<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    let word = request.tokens.word("a subcode of Cease").map_err(|error| error.to_string());
    let subcode = word.and_then(|word| {
        word.parse::<u8>().map_err(|_| format!("{} is not a subcode of Cease", &*word))
    });
    let subcode = subcode.map_err(Refusal::new)?;
    request.each(|peer| {
        if peer.is_established() {
            peer.teardown(subcode);
        }
    });
    Ok(Reply::Done)
}
