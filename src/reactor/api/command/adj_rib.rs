//! `show adj-rib in|out`: the routes of peers, a line each.

use std::rc::Rc;

use super::neighbor::is_at;
use super::{Outcome, Reply, Request};
use crate::reactor::api::context::{Peer, Peers};
use crate::reactor::api::job::{Class, Form, Job, Routes, Table, Wanted};

pub(super) fn show_in<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    show(request, Table::In)
}

pub(super) fn show_out<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    show(request, Table::Out)
}

/// `[<ip>] [inet|flow|l2vpn] [extensive] [json]`, in any order. Any other word is an address, and
/// an address that nobody has shows nothing.
fn show<P: Peers>(request: &mut Request<'_, P>, table: Table) -> Outcome {
    let mut class = None;
    let mut extensive = false;
    let mut only: Vec<String> = Vec::new();
    while let Ok(word) = request.tokens.word("a filter") {
        match &*word {
            "extensive" => extensive = true,
            "flow" => class = Some(Class::Flow),
            "inet" => class = Some(Class::Inet),
            "json" => request.json = true,
            "l2vpn" => class = Some(Class::L2vpn),
            "text" => {}
            _ => only.push(word.text.into_owned()),
        }
    }
    let chosen = request.chosen.iter().filter_map(|place| request.peers.peer(*place));
    let chosen = chosen.filter(|peer| only.iter().all(|only| is_at(*peer, only)));
    let names: Vec<Rc<str>> = chosen.map(|peer| Rc::clone(peer.name())).collect();
    let form = if request.json { Form::Json } else { Form::Text };
    let dialect = request.dialect;
    let wanted = Wanted { table, form, class, afi: None, safi: None, extensive, dialect };
    Ok(Reply::Job(Job::Routes(Routes::new(wanted, names))))
}
