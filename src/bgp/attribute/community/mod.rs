//! Communities: marks on a route whose meaning neighbours agree on.
//!
//! Each attribute is a list of marks of one size: [`Marks`] is that list, [`Listed`] one of them.

pub mod extended;
mod extended_v6;
mod large;
mod marks;
mod standard;

pub use extended::{ExtendedCommunities, ExtendedCommunity};
pub use extended_v6::{ExtendedCommunitiesV6, ExtendedCommunityV6};
pub use large::{LargeCommunities, LargeCommunity};
pub use marks::{Listed, Marks};
pub use standard::{Communities, Community};
