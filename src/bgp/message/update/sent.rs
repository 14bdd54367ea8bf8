//! An UPDATE of ours that leaves: what it says, for those who want to hear it.

use std::rc::Rc;

use crate::bgp::Negotiated;
use crate::bgp::attribute::{Interner, NextHop, Verdict};
use crate::bgp::nlri::Run;
use crate::protocol::Family;

use super::decode::{Fields, Section, Update};

/// A message that was written, and what it is made of.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The whole message, header included.
    pub octets: &'a [u8],
    pub family: Family,
    /// Whether its routes are withdrawn.
    pub withdrawn: bool,
    pub next_hop: NextHop,
    /// Its routes, path identifiers included.
    pub routes: &'a [u8],
}

impl<'a> Sent<'a> {
    /// What the message says, with the attributes as the peer reads them: defaults included.
    /// `None` only for bytes that are not a message of ours.
    pub fn view(&self, negotiated: &Negotiated, interner: &mut Interner) -> Option<Update<'a>> {
        let (_, body) = self.octets.split_at_checked(crate::bgp::message::HEADER)?;
        let fields = Fields::split(body).ok()?;
        let attributes = interner.receive(fields.attributes, negotiated).attributes;
        let path_ids = negotiated.sends_path_id(self.family);
        let run = Run::check(self.routes, self.family, path_ids).ok()?;
        let mut update = Update {
            attributes,
            announced: [None, None],
            withdrawn: [None; 4],
            end_of_rib: None,
            verdict: Verdict::Keep,
        };
        if self.withdrawn {
            update.withdrawn = [Some(run), None, None, None];
        } else {
            let attributes = if update.attributes.next_hop() == self.next_hop {
                Rc::clone(&update.attributes)
            } else {
                interner.with_next_hop(&update.attributes, self.next_hop)
            };
            update.announced = [Some(Section { attributes, run }), None];
        }
        Some(update)
    }
}
