//! A route: what it is about, and the attributes it shares with others.

use std::rc::Rc;

use crate::bgp::attribute::Attributes;
use crate::bgp::nlri::Packed;

/// A packed NLRI and an interned attribute set, next hop included.
#[derive(Clone, Debug)]
pub struct Route {
    pub nlri: Packed,
    pub attributes: Rc<Attributes>,
}
