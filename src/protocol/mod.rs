//! Small values without a session: families, addresses, prefixes, AS numbers.
//!
//! Pure: no I/O, no clock, nothing negotiated.

mod asn;
mod family;
mod prefix;

pub use asn::Asn;
pub use family::{Afi, Family, Safi};
pub use prefix::{Prefix, PrefixError};
