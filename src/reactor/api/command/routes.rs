//! `routes [<afi> [<safi>]] list|add|remove`: routes that are named by an index.

use std::rc::Rc;

use super::announce::{apply, is_kind, read};
use super::{Outcome, Refusal, Reply, Request, index};
use crate::configuration::Intent;
use crate::json::{Dialect, Writer};
use crate::protocol::{Afi, Safi};
use crate::reactor::api::context::{Peer, Peers};
use crate::reactor::api::job::{Form, Job, Routes, Table, Wanted, told};
use crate::rib::Route;
use crate::text::Tokens;

pub(super) fn routes<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    let mut family = Vec::new();
    while let Ok(word) = request.tokens.word("an action") {
        match &*word {
            "list" => return list(request, &family),
            "add" => return add(request, &family),
            "remove" => return remove(request, &family),
            _ => family.push(word.text.into_owned()),
        }
    }
    Err(Refusal::always("routes requires action: list, add, or remove"))
}

/// Every announced route of the chosen peers, in one array.
fn list<P: Peers>(request: &mut Request<'_, P>, family: &[String]) -> Outcome {
    let (mut afi, mut safi) = (None, None);
    if let Some(name) = family.first() {
        afi = Some(Afi::from_name(name).ok_or_else(|| unknown(name))?);
    }
    if let Some(name) = family.get(1) {
        safi = Some(Safi::from_name(name).ok_or_else(|| unknown(name))?);
    }
    let peers = request.chosen.iter().filter_map(|place| request.peers.peer(*place));
    let names: Vec<Rc<str>> = peers.map(|peer| Rc::clone(peer.name())).collect();
    let dialect = request.dialect;
    let (table, form) = (Table::Out, Form::Array);
    let wanted = Wanted { table, form, class: None, afi, safi, extensive: true, dialect };
    Ok(Reply::Job(Job::Routes(Routes::new(wanted, names))))
}

fn unknown(name: &str) -> Refusal {
    Refusal::always(format!("{name} is of no family"))
}

fn add<P: Peers>(request: &mut Request<'_, P>, family: &[String]) -> Outcome {
    if request.tokens.is_done() {
        return Err(Refusal::always("routes add requires route specification"));
    }
    let routes = specified(request, family, Intent::Announce)?;
    let mut results = Vec::new();
    for route in &routes {
        let one = std::slice::from_ref(route);
        let takers = apply(request.peers, request.chosen, request.parser, Intent::Announce, one);
        results.push(takers > 0);
    }
    let dialect = request.dialect;
    show(request.out, &routes, |json, route, place| {
        json.raw("{\"index\": ");
        json.string(&index::of(&route.nlri));
        json.raw(", \"route\": ");
        json.string(&told(&route.nlri, &route.attributes, dialect));
        json.raw(", \"success\": ");
        json.boolean(results.get(place).copied().unwrap_or(false));
        json.raw("}");
    });
    Ok(Reply::Done)
}

fn remove<P: Peers>(request: &mut Request<'_, P>, family: &[String]) -> Outcome {
    if request.tokens.is_done() {
        return Err(Refusal::always("routes remove requires route spec or index"));
    }
    if request.tokens.accept("index") {
        let word = request.tokens.word("an index").map_err(Refusal::fault)?;
        let named = index::parse(&word).map_err(Refusal::always)?;
        let removed = named.is_some_and(|nlri| {
            let mut removed = false;
            request.each(|peer| {
                if let Some(attributes) = peer.outgoing().get(&nlri).cloned() {
                    peer.withdraw(&Route { nlri: nlri.clone(), attributes });
                    removed = true;
                }
            });
            removed
        });
        request.json_line(|json| {
            json.raw("{\"removed\": ");
            json.boolean(removed);
            json.raw(", \"index\": ");
            json.string(&word);
            json.raw("}");
        });
        return Ok(Reply::Done);
    }
    let routes = specified(request, family, Intent::Withdraw)?;
    let mut results = Vec::new();
    for route in &routes {
        let peers = request.chosen.iter().filter_map(|place| request.peers.peer(*place));
        results.push(peers.filter(|peer| peer.outgoing().get(&route.nlri).is_some()).count() > 0);
        let one = std::slice::from_ref(route);
        apply(request.peers, request.chosen, request.parser, Intent::Withdraw, one);
    }
    let dialect = request.dialect;
    show(request.out, &routes, |json, route, place| {
        json.raw("{\"removed\": ");
        json.boolean(results.get(place).copied().unwrap_or(false));
        json.raw(", \"route\": ");
        json.string(&told(&route.nlri, &route.attributes, dialect));
        json.raw(", \"index\": ");
        json.string(&index::of(&route.nlri));
        json.raw("}");
    });
    Ok(Reply::Done)
}

/// The routes that are written: with their kind, or behind the family in `family`, or bare.
fn specified<P>(
    request: &mut Request<'_, P>,
    family: &[String],
    intent: Intent,
) -> Result<Vec<Route>, Refusal> {
    let has_kind = request.tokens.peek().is_some_and(|word| is_kind(&word.text));
    let read = if has_kind {
        read(request.parser, &mut request.tokens, intent)
    } else {
        let kind = if family.is_empty() { "route".to_owned() } else { family.join(" ") };
        let text = format!("{kind} {}", request.tokens.remaining());
        // The places of faults are those of another line.
        read(request.parser, &mut Tokens::line(&text), intent)
            .map_err(|refusal| Refusal { fault: None, ..refusal })
    };
    read.map_err(|refusal| Refusal { telling: super::Telling::Always, ..refusal })
}

/// One object, or an array of as many as there are routes.
fn show(out: &mut Vec<u8>, routes: &[Route], object: impl Fn(&mut Writer<'_>, &Route, usize)) {
    let mut json = Writer::new(out, Dialect::V4);
    if let [route] = routes {
        object(&mut json, route, 0);
    } else {
        json.tight_list(|list| {
            for (place, route) in routes.iter().enumerate() {
                object(list.element(), route, place);
            }
        });
    }
    json.raw("\n");
}
