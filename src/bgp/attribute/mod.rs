//! Path attributes: one file each, and the sets in which routes carry them.

mod set;

pub use set::{Attributes, NextHop};
