//! Small values without a session: families, addresses, prefixes, AS numbers.
//!
//! Pure: no I/O, no clock, nothing negotiated.

mod asn;
mod distinguisher;
mod family;
pub mod ip;
mod label;
mod prefix;

pub use asn::Asn;
pub use distinguisher::Distinguisher;
pub use family::{Afi, Family, Safi};
pub use label::Label;
pub use prefix::{Prefix, PrefixError};
