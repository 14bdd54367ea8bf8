//! `announce` and `withdraw`: routes, and the messages that are made by hand.

use std::rc::Rc;

use super::{Outcome, Refusal, Reply, Request};
use crate::bgp::message::Operational;
use crate::bgp::message::operational::Advisory;
use crate::bgp::nlri::Rule;
use crate::configuration::{Intent, RouteParser};
use crate::protocol::{Afi, Family};
use crate::reactor::api::context::{Gate, Peer, Peers};
use crate::reactor::api::job::Job;
use crate::rib::Route;
use crate::text::{Error, Tokens};

pub(super) fn announce<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    act(request, Intent::Announce)
}

pub(super) fn withdraw<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    act(request, Intent::Withdraw)
}

fn act<P: Peers>(request: &mut Request<'_, P>, intent: Intent) -> Outcome {
    let routes = read(request.parser, &mut request.tokens, intent)?;
    let Request { peers, chosen, parser, .. } = request;
    apply(&mut **peers, chosen, parser, intent, &routes);
    Ok(acknowledge(request, request.chosen))
}

/// Gives routes to the peers at these places. How many of them have taken the first one.
pub(super) fn apply<P: Peers>(
    peers: &mut P,
    places: &[usize],
    parser: &mut RouteParser,
    intent: Intent,
    routes: &[Route],
) -> usize {
    let mut takers = 0;
    for place in places {
        let Some(peer) = peers.peer_mut(*place) else { continue };
        for (index, route) in routes.iter().enumerate() {
            if !peer.settings().families.contains(&route.nlri.family()) {
                continue;
            }
            takers += usize::from(index == 0);
            match intent {
                Intent::Announce => peer.announce(route, parser.interner()),
                Intent::Withdraw => peer.withdraw(route),
            }
        }
    }
    if let Some(route) = routes.first().filter(|_| takers < places.len()) {
        tell_left_out(peers, places, route.nlri.family(), takers);
    }
    takers
}

/// Says which of the chosen peers a route is none of the business of: when that is all of them,
/// something is wrong.
#[cold]
fn tell_left_out<P: Peers>(peers: &P, places: &[usize], family: Family, takers: usize) {
    let level = if takers == 0 { log::Level::Warn } else { log::Level::Debug };
    if !log::log_enabled!(target: "api", level) {
        return;
    }
    for peer in places.iter().filter_map(|place| peers.peer(*place)) {
        if !peer.settings().families.contains(&family) {
            log::log!(target: "api", level, "route left out neighbor=\"{}\" family=\"{family}\" \
                reason=\"the family is not configured\"", peer.name());
        }
    }
}

/// The routes that the words behind `announce` or `withdraw` tell, all of which are read.
pub(super) fn read(
    parser: &mut RouteParser,
    tokens: &mut Tokens<'_>,
    intent: Intent,
) -> Result<Vec<Route>, Refusal> {
    let verb = match intent {
        Intent::Announce => "announce",
        Intent::Withdraw => "withdraw",
    };
    let Some(kind) = tokens.peek() else {
        return Err(Refusal::new(format!("{verb} needs a type")));
    };
    if !is_kind(&kind.text) {
        let kind = kind.text.escape_default();
        return Err(Refusal::new(format!("unknown {verb} type: {kind}")));
    }
    let is_route = kind.text == "route";
    let text = tokens.remaining();
    let mut routes = Vec::new();
    let read = parser.command(tokens, intent, &mut routes);
    let surplus = read.and_then(|_| match tokens.surplus()? {
        Some(span) => Err(Error::new(span, "words are left over")),
        None => Ok(()),
    });
    match surplus {
        Ok(()) => Ok(routes),
        Err(error) => {
            Err(Refusal { told: is_route.then(|| excuse(text, &error)), ..Refusal::fault(error) })
        }
    }
}

/// Whether a word tells a kind of route, understood yet or not.
pub(super) fn is_kind(word: &str) -> bool {
    let known = ["route", "attribute", "attributes", "flow", "vpls", "sr-policy"];
    known.contains(&word) || Afi::from_name(word).is_some() || Rule::worded(word).is_some()
}

/// What a process of dialect 6 is told of a route that cannot be read.
fn excuse(text: &str, error: &Error) -> String {
    // This fault alone has words of its own.
    if let Some(prefix) = error.what().strip_prefix("the route has no next-hop: ") {
        return format!("announce requires nexthop: {prefix}");
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = words.join(" ");
    if words.is_ascii() {
        format!("Could not parse route: {words}")
    } else {
        format!("Could not parse route: {}", words.escape_default())
    }
}

/// The answer comes at once, or when everything that these peers were given has left.
pub(super) fn acknowledge<P: Peers>(request: &Request<'_, P>, places: &[usize]) -> Reply {
    if !request.sync.unwrap_or(*request.always_sync) {
        return Reply::Done;
    }
    let chosen = places.iter().filter_map(|place| request.peers.peer(*place));
    let waiting = chosen.filter(|peer| !peer.is_flushed());
    let peers: Vec<Rc<str>> = waiting.map(|peer| Rc::clone(peer.name())).collect();
    if peers.is_empty() { Reply::Done } else { Reply::Job(Job::Sent { peers }) }
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
    let keyword = request.tokens.word("the type of the message").map_err(Refusal::fault)?;
    // A router identifier of another speaker is for configurations alone.
    let foreign = request.tokens.peek().is_some_and(|word| word.text == "router-id");
    let advice = match &*keyword {
        "adm" => Some(Advisory::Adm),
        "asm" => Some(Advisory::Asm),
        _ => None,
    };
    if let Some(what) = advice {
        let message = advisory(what, &mut request.tokens).map_err(Refusal::fault)?;
        return send(request, &message);
    }
    let message = match Operational::parse(&keyword, &mut request.tokens) {
        Some(_) if foreign => return Err(Refusal::new("router-id is not known here")),
        Some(message) => message.map_err(Refusal::fault)?,
        None => return Ok(Reply::Done),
    };
    send(request, &message)
}

#[expect(clippy::unnecessary_wraps, reason = "the end of a command")]
fn send<P: Peers>(request: &mut Request<'_, P>, message: &Operational) -> Outcome {
    request.each(|peer| {
        if peer.is_established() {
            peer.operational(message.clone());
        }
    });
    Ok(Reply::Done)
}

/// `afi <afi> safi <safi> advisory <text>`: the text of a command is what stands between blanks,
/// quotes included.
fn advisory(what: Advisory, tokens: &mut Tokens<'_>) -> Result<Operational, Error> {
    tokens.expect("afi")?;
    let afi = tokens.word("an address family")?;
    tokens.expect("safi")?;
    let safi = tokens.word("a subsequent address family")?;
    let family = Family::from_names(&afi, &safi).ok_or_else(|| afi.fault("is of no family"))?;
    tokens.expect("advisory")?;
    let text = tokens.remaining().split_whitespace().next();
    let text = text.ok_or_else(|| tokens.missing("a text"))?.into();
    Ok(Operational::Advisory { what, family, text })
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
    let afi = request.tokens.word("an address family").map_err(Refusal::fault)?;
    let safi = request.tokens.word("a subsequent address family").map_err(Refusal::fault)?;
    Family::from_names(&afi, &safi)
        .ok_or_else(|| Refusal::new(format!("{} {} is not a family", &*afi, &*safi)))
}

/// Acts on the chosen peers that are established, of which there must be one.
pub(super) fn to_established<P: Peers>(
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
    if acted { Ok(Reply::Done) } else { Err(Refusal::object("no chosen neighbor is established")) }
}
