//! What routes are about: the family table, the shapes of NLRI, and the packed form that is kept.

mod packed;

pub use packed::Packed;
