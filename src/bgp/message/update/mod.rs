//! UPDATE, RFC 4271 section 4.3: routes withdrawn, attributes, routes announced.
//!
//! Received ones are views ([`Update`]); sent ones are written straight into an outbox
//! ([`Packing`]).

mod decode;
mod pack;
mod render;
mod sent;
#[cfg(test)]
mod tests;

pub use decode::{Section, Update};
pub use pack::{Packed, Packing, Refusal, end_of_rib};
pub use render::Lines;
pub use sent::Sent;
