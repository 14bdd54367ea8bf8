//! `announce` and `withdraw`: routes, and the messages that are made by hand.

use super::{Outcome, Refusal, Reply, Request};
use crate::bgp::message::Operational;
use crate::protocol::Family;
use crate::reactor::api::context::{Gate, Peer, Peers};

pub(super) fn unknown_announce<P>(request: &mut Request<'_, P>) -> Outcome {
    unknown(request, "announce")
}

pub(super) fn unknown_withdraw<P>(request: &mut Request<'_, P>) -> Outcome {
    unknown(request, "withdraw")
}

fn unknown<P>(request: &mut Request<'_, P>, verb: &str) -> Outcome {
    Err(match request.tokens.peek() {
        Some(word) => Refusal::told(format!("unknown {verb} type: {}", &**word)),
        None => Refusal::new(format!("{verb} needs a type")),
    })
}

pub(super) fn eor<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    let family = if request.tokens.is_done() { Family::IPV4_UNICAST } else { family(request)? };
    to_established(request, |peer| peer.eor(family))
}

pub(super) fn refresh<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    let family = family(request)?;
    to_established(request, |peer| peer.refresh(family))
}

/// An unknown type sends nothing and is no error.
pub(super) fn operational<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    let fault = |error: crate::text::Error| Refusal::new(error.to_string());
    let keyword = request.tokens.word("the type of the message").map_err(fault)?;
    // A router identifier of another speaker is for configurations alone.
    let foreign = request.tokens.peek().is_some_and(|word| word.text == "router-id");
    let message = match Operational::parse(&keyword, &mut request.tokens) {
        Some(_) if foreign => return Err(Refusal::new("router-id is not known here")),
        Some(message) => message.map_err(fault)?,
        None => return Ok(Reply::Done),
    };
    request.each(|peer| {
        if peer.is_established() {
            peer.operational(message.clone());
        }
    });
    Ok(Reply::Done)
}

pub(super) fn watchdog_open<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    watchdog(request, Gate::Open)
}

pub(super) fn watchdog_close<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    watchdog(request, Gate::Closed)
}

/// Acts on every peer, whatever the selector: a watchdog is a name of the whole configuration.
fn watchdog<P: Peers>(request: &mut Request<'_, P>, gate: Gate) -> Outcome {
    let word = request.tokens.word("a name").ok();
    let name = word.as_deref().unwrap_or(request.process);
    for place in 0..request.peers.count() {
        if let Some(peer) = request.peers.peer_mut(place) {
            peer.watchdog(name, gate);
        }
    }
    Ok(Reply::Done)
}

/// `<afi> <safi>`
fn family<P>(request: &mut Request<'_, P>) -> Result<Family, Refusal> {
    let fault = |error: crate::text::Error| Refusal::new(error.to_string());
    let afi = request.tokens.word("an address family").map_err(fault)?;
    let safi = request.tokens.word("a subsequent address family").map_err(fault)?;
    Family::from_names(&afi, &safi)
        .ok_or_else(|| Refusal::new(format!("{} {} is not a family", &*afi, &*safi)))
}

fn to_established<P: Peers>(
    request: &mut Request<'_, P>,
    mut act: impl FnMut(&mut P::Peer),
) -> Outcome {
    let mut acted = false;
    request.each(|peer| {
        if peer.is_established() {
            act(peer);
            acted = true;
        }
    });
    if acted { Ok(Reply::Done) } else { Err(Refusal::new("no chosen neighbor is established")) }
}
