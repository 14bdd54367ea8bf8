//! Communities: marks on a route whose meaning neighbours agree on.

pub mod extended;
mod extended_v6;
mod large;
mod standard;

use std::fmt;

pub use extended::ExtendedCommunities;
pub use extended_v6::{ExtendedCommunitiesV6, ExtendedCommunityV6};
pub use large::LargeCommunities;
pub use standard::Communities;

/// Calls `each` for every item in ascending order; what is in order already is not copied.
fn ascending<T: Copy + Ord>(items: &[T], each: impl FnMut(&T)) {
    if items.is_sorted() {
        items.iter().for_each(each);
    } else {
        let mut sorted = items.to_vec();
        sorted.sort_unstable();
        sorted.iter().for_each(each);
    }
}

/// `[ a b ]`, or `a` alone, in ascending order.
fn write_list<T: Copy + Ord + fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
) -> fmt::Result {
    if let [only] = items {
        return only.fmt(f);
    }
    f.write_str("[ ")?;
    let mut result = Ok(());
    ascending(items, |item| result = result.and_then(|()| write!(f, "{item} ")));
    result.and_then(|()| f.write_str("]"))
}
