//! What a session is configured to be: plain data, read by the FSM, the codecs and the reactor.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use crate::protocol::{Afi, Asn, Family, Prefix};

/// Directions in which path identifiers are offered (RFC 7911).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddPath {
    #[default]
    Disabled,
    Receive,
    Send,
    Both,
}

impl AddPath {
    /// Whether we offer to send.
    pub fn sends(self) -> bool {
        matches!(self, Self::Send | Self::Both)
    }

    /// Whether we offer to receive.
    pub fn receives(self) -> bool {
        matches!(self, Self::Receive | Self::Both)
    }
}

/// The `capability` section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    pub asn4: bool,
    pub extended_message: bool,
    pub route_refresh: bool,
    /// Seconds, 0 to 4095.
    pub graceful_restart: Option<u16>,
    pub add_path: AddPath,
    /// `None`: offered when a `nexthop` section names families.
    pub nexthop: Option<bool>,
    pub multi_session: bool,
    pub operational: bool,
    pub aigp: bool,
    pub software_version: bool,
    pub link_local_nexthop: Option<bool>,
    pub link_local_prefer: bool,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self {
            asn4: true,
            extended_message: true,
            route_refresh: false,
            graceful_restart: None,
            add_path: AddPath::Disabled,
            nexthop: None,
            multi_session: false,
            operational: false,
            aigp: false,
            software_version: false,
            link_local_nexthop: None,
            link_local_prefer: false,
        }
    }
}

/// An entry of the `add-path` section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddPathFamily {
    pub family: Family,
    /// How many paths of a prefix we want; `None` leaves it to the peer.
    pub limit: Option<u16>,
}

/// How an event is told: the forms asked for in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    pub parsed: bool,
    pub packets: bool,
    pub consolidate: bool,
    pub open: bool,
    pub update: bool,
    pub notification: bool,
    pub keepalive: bool,
    pub refresh: bool,
    pub operational: bool,
}

impl Wishes {
    /// Everything that either asks for.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            parsed: self.parsed | other.parsed,
            packets: self.packets | other.packets,
            consolidate: self.consolidate | other.consolidate,
            open: self.open | other.open,
            update: self.update | other.update,
            notification: self.notification | other.notification,
            keepalive: self.keepalive | other.keepalive,
            refresh: self.refresh | other.refresh,
            operational: self.operational | other.operational,
        }
    }
}

/// The authentication codes of TCP-AO that may be configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AoAlgorithm {
    /// HMAC-SHA-1-96, RFC 5926 section 3.2.1.
    HmacSha1,
    /// AES-128-CMAC-96, RFC 5926 section 3.2.2.
    AesCmac,
    /// HMAC-SHA-256, with a code of 96 bits.
    HmacSha256,
}

impl AoAlgorithm {
    /// Every algorithm, in the order in which they are listed.
    pub const ALL: [Self; 3] = [Self::HmacSha1, Self::AesCmac, Self::HmacSha256];

    /// The name in a configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "hmac-sha-1-96",
            Self::AesCmac => "aes-128-cmac-96",
            Self::HmacSha256 => "hmac-sha-256",
        }
    }
}

/// The key of TCP-AO (RFC 5925), as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcpAo {
    /// Names the key in both directions.
    pub keyid: u8,
    pub algorithm: AoAlgorithm,
    pub password: Box<str>,
    /// The password is in base64.
    pub base64: bool,
}

/// What one process hears of a neighbor: the union of the `api` sections that name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    /// The name of the process.
    pub process: Rc<str>,
    pub neighbor_changes: bool,
    pub negotiated: bool,
    pub fsm: bool,
    pub signal: bool,
    pub send: Wishes,
    pub receive: Wishes,
}

/// A neighbor as configured, without its routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSettings {
    pub description: Option<Box<str>>,
    /// One address, or a range from which connections are taken.
    pub peer: Prefix,
    /// The interface after `%` in a link-local peer address.
    pub scope: Option<Box<str>>,
    /// `None`: taken from the connection.
    pub local_address: Option<IpAddr>,
    pub local_link_local: Option<Ipv6Addr>,
    pub router_id: Option<Ipv4Addr>,
    /// `None`: the peer's.
    pub local_as: Option<Asn>,
    /// `None`: whatever the peer says.
    pub peer_as: Option<Asn>,
    /// Seconds.
    pub hold_time: u16,
    /// UPDATEs a second, 0 for no limit.
    pub rate_limit: u32,
    pub host_name: Option<Box<str>>,
    pub domain_name: Option<Box<str>>,
    pub source_interface: Option<Box<str>>,
    pub passive: bool,
    /// The port to listen on for this neighbor, 0 for none.
    pub listen: u16,
    /// The port to connect to, 0 for the default.
    pub connect: u16,
    pub outgoing_ttl: Option<u8>,
    pub incoming_ttl: Option<u8>,
    /// As written.
    pub md5_password: Option<Box<str>>,
    pub md5_base64: bool,
    pub md5_ip: Option<IpAddr>,
    /// Never together with an MD5 password.
    pub tcp_ao: Option<TcpAo>,
    pub group_updates: bool,
    pub auto_flush: bool,
    pub adj_rib_in: bool,
    pub adj_rib_out: bool,
    pub manual_eor: bool,
    pub capability: Capabilities,
    /// Sorted by AFI then SAFI.
    pub families: Vec<Family>,
    /// Whether `families` was written, rather than being all that is known.
    pub families_written: bool,
    /// Empty: every family that may have path identifiers.
    pub add_path: Vec<AddPathFamily>,
    pub nexthop: Vec<(Family, Afi)>,
    /// One entry a process that may speak about this neighbor, in the order of the file.
    pub api: Vec<Subscription>,
}

impl SessionSettings {
    /// Whether the peer may be further than one hop away.
    pub fn is_multihop(&self) -> bool {
        self.outgoing_ttl.is_some_and(|ttl| ttl > 1)
    }

    /// The settings of a neighbor about which nothing but its address is said.
    pub fn new(peer: Prefix) -> Self {
        Self {
            description: None,
            peer,
            scope: None,
            local_address: None,
            local_link_local: None,
            router_id: None,
            local_as: None,
            peer_as: None,
            hold_time: 180,
            rate_limit: 0,
            host_name: None,
            domain_name: None,
            source_interface: None,
            passive: false,
            listen: 0,
            connect: 0,
            outgoing_ttl: None,
            incoming_ttl: None,
            md5_password: None,
            md5_base64: false,
            md5_ip: None,
            tcp_ao: None,
            group_updates: true,
            auto_flush: true,
            adj_rib_in: true,
            adj_rib_out: true,
            manual_eor: false,
            capability: Capabilities::default(),
            families: Family::KNOWN.to_vec(),
            families_written: false,
            add_path: Vec::new(),
            nexthop: Vec::new(),
            api: Vec::new(),
        }
    }

    /// Families of IPv6 that were told to have next hops of IPv4.
    pub fn ipv4_next_hops(&self) -> Vec<Family> {
        let told =
            |(family, through): &&(Family, Afi)| family.afi == Afi::IPV6 && *through == Afi::IPV4;
        self.nexthop.iter().filter(told).map(|(family, _)| *family).collect()
    }

    /// The name of the neighbor: its identity in the API, in logs and across reloads.
    pub fn name(&self) -> String {
        let peer = if self.peer.is_range() {
            self.peer.to_string()
        } else {
            self.peer.address().to_string()
        };
        let or_auto = |value: Option<String>| value.unwrap_or_else(|| "auto".to_owned());
        let local = or_auto(self.local_address.map(|address| address.to_string()));
        let local_as = or_auto(self.local_as.map(|asn| asn.to_string()));
        let peer_as = or_auto(self.peer_as.map(|asn| asn.to_string()));
        let id = self.router_id.map_or_else(|| "None".to_owned(), |id| id.to_string());
        let families = if self.capability.multi_session {
            let named = self.families.iter().map(|f| format!("{}-{}", f.afi, f.safi));
            named.collect::<Vec<_>>().join("/")
        } else {
            "in-open".to_owned()
        };
        format!(
            "neighbor {peer} local-ip {local} local-as {local_as} peer-as {peer_as} \
             router-id {id} family-allowed {families}"
        )
    }
}

#[cfg(test)]
impl SessionSettings {
    /// A neighbor on loopback with these AS numbers and IPv4 unicast alone.
    pub(crate) fn for_test(local_as: u32, peer_as: u32) -> Self {
        let mut settings = Self::new(Prefix::host(Ipv4Addr::LOCALHOST.into()));
        settings.local_address = Some(Ipv4Addr::LOCALHOST.into());
        settings.local_as = Some(Asn(local_as));
        settings.peer_as = Some(Asn(peer_as));
        settings.families = vec![Family::IPV4_UNICAST];
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_spells_what_identifies() {
        let mut settings = SessionSettings::new(Prefix::host("192.0.2.1".parse().unwrap()));
        settings.local_as = Some(Asn(65000));
        assert_eq!(
            settings.name(),
            "neighbor 192.0.2.1 local-ip auto local-as 65000 peer-as auto router-id None \
             family-allowed in-open"
        );
    }
}
