//! Path attributes: one file each, and the sets in which routes carry them.
//!
//! A new attribute is a file with its five faces (octets both ways, text both ways, JSON) and its
//! [`Policy`], and a line in the registry below. The set writes flags, codes and lengths, and
//! decides what a fault does (RFC 7606); an attribute only knows its value.

mod aggregator;
mod aigp;
mod as_path;
mod atomic_aggregate;
pub(super) mod bgpls;
mod builder;
mod cluster_list;
pub mod community;
mod intern;
mod local_preference;
mod med;
mod memo;
mod origin;
mod originator_id;
mod otc;
mod pack;
pub(super) mod pieces;
mod pmsi;
mod policy;
pub mod prefix_sid;
mod receive;
mod set;
mod statement;
#[cfg(test)]
mod testing;
pub mod tunnel;
mod unknown;

pub use aggregator::{Aggregator, As4Aggregator};
pub use aigp::Aigp;
pub use as_path::{As4Path, AsPath, Kind};
pub use atomic_aggregate::AtomicAggregate;
pub use bgpls::LinkState;
pub use builder::Builder;
pub use cluster_list::ClusterList;
pub use community::{Communities, ExtendedCommunities, ExtendedCommunitiesV6, LargeCommunities};
pub use intern::Interner;
pub use local_preference::LocalPreference;
pub use med::Med;
pub use memo::{Key, Memo};
pub use origin::Origin;
pub use originator_id::OriginatorId;
pub use otc::OnlyToCustomer;
pub use pack::{NextHopField, Profile};
pub use pmsi::Pmsi;
pub use policy::{Flags, OnFault, Policy, Rules};
pub use prefix_sid::PrefixSid;
pub use receive::{Announced, Codes, Fault, Received, Verdict};
pub use set::{Attributes, NextHop};
pub use tunnel::TunnelEncapsulation;
pub use unknown::Unknown;

/// The codes that the set itself must know.
pub mod code {
    pub const ORIGIN: u8 = 1;
    pub const AS_PATH: u8 = 2;
    pub const NEXT_HOP: u8 = 3;
    pub const LOCAL_PREF: u8 = 5;
    pub const AGGREGATOR: u8 = 7;
    pub const MP_REACH: u8 = 14;
    pub const MP_UNREACH: u8 = 15;
    pub const AS4_PATH: u8 = 17;
    pub const AS4_AGGREGATOR: u8 = 18;
}

crate::registry! {
    /// Path attributes by type code (IANA: BGP Path Attributes). NEXT_HOP, MP_REACH and
    /// MP_UNREACH are not here: a set holds its next hop beside them.
    pub enum Attribute: u8, unknown Box<Unknown>, rules Rules {
        1 => Origin(Origin) text,
        2 => AsPath(AsPath) text,
        4 => Med(Med) text,
        5 => LocalPreference(LocalPreference) text,
        6 => AtomicAggregate(AtomicAggregate) text,
        7 => Aggregator(Aggregator) text,
        8 => Communities(Communities) text,
        9 => OriginatorId(OriginatorId) text,
        10 => ClusterList(ClusterList) text,
        16 => Extended(ExtendedCommunities) text,
        17 => As4Path(As4Path),
        18 => As4Aggregator(As4Aggregator),
        22 => Pmsi(Pmsi) text,
        23 => TunnelEncapsulation(TunnelEncapsulation),
        25 => ExtendedV6(ExtendedCommunitiesV6) text,
        26 => Aigp(Aigp) text,
        29 => LinkState(LinkState) text,
        32 => Large(LargeCommunities) text,
        35 => OnlyToCustomer(OnlyToCustomer) text,
        40 => PrefixSid(PrefixSid) text,
    }
}
