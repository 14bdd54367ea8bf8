//! Routes asked for again: by the peer (RFC 2918), or by an operator who flushes.
//!
//! With the enhanced capability (RFC 7313) markers stand before and behind the routes. Requests
//! that come while one is answered are answered together afterwards.

use std::collections::VecDeque;

use crate::protocol::Family;

use super::slots::Id;

/// What was asked for, and what is left of the answer.
#[derive(Debug, Default)]
pub(super) struct Refreshes {
    requested: Vec<Family>,
    framed: bool,
    answer: VecDeque<Part>,
}

/// A part of an answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Begin(Family),
    /// The routes of a family, from a place in their order, or from the first.
    Routes(Family, Option<Cursor>),
    End(Family),
}

/// A place in the routes of a family.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    pub(super) at: Id,
    /// How many routes may follow: those that come meanwhile are not part of the answer.
    pub(super) left: usize,
}

impl Refreshes {
    /// Asks for the routes of a family, framed if the session has the enhanced capability.
    pub(super) fn request(&mut self, family: Family, framed: bool) {
        self.framed = framed;
        if !self.requested.contains(&family) {
            self.requested.push(family);
        }
    }

    /// Whether nothing is left to be sent.
    pub(super) fn is_empty(&self) -> bool {
        self.answer.is_empty() && self.requested.is_empty()
    }

    /// What is to be sent next; it stays until it is done.
    pub(super) fn next(&mut self) -> Option<Part> {
        if self.answer.is_empty() {
            let families = std::mem::take(&mut self.requested);
            let families = || families.iter().copied();
            if self.framed {
                self.answer.extend(families().map(Part::Begin));
            }
            self.answer.extend(families().map(|family| Part::Routes(family, None)));
            if self.framed {
                self.answer.extend(families().map(Part::End));
            }
        }
        self.answer.front().copied()
    }

    /// The part that is next was sent.
    pub(super) fn done(&mut self) {
        self.answer.pop_front();
    }

    /// The routes that are next were sent up to a place.
    pub(super) fn advance(&mut self, to: Cursor) {
        if let Some(Part::Routes(_, cursor)) = self.answer.front_mut() {
            *cursor = Some(to);
        }
    }

    /// A slot leaves the routes of its family: the answer goes on behind it.
    pub(super) fn skip(&mut self, gone: Id, after: Id) {
        if let Some(Part::Routes(_, Some(cursor))) = self.answer.front_mut()
            && cursor.at == gone
        {
            *cursor = Cursor { at: after, left: cursor.left.saturating_sub(1) };
        }
    }

    /// Forgets every request.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
