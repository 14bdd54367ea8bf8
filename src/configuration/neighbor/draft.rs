//! A neighbor being read: what was written, and where; and what a template changes in it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use super::api::Draft as ApiDraft;
use super::capability::Draft as CapabilityDraft;
use super::tcp_ao::Draft as TcpAoDraft;
use crate::bgp::message::Operational;
use crate::bgp::neighbor::AddPathFamily;
use crate::configuration::RouteList;
use crate::configuration::routes::Gathered;
use crate::configuration::scope::Given;
use crate::protocol::{Afi, Asn, Family, Prefix};
use crate::text::{Error, Span, Tokens};

/// What stands in a `neighbor` section, or in one of a template.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    /// How many errors were told when the section was opened.
    pub(crate) told: usize,
    /// The address of the first line was at fault, which was told.
    pub(crate) is_nameless: bool,
    pub(crate) inherit: Vec<(Box<str>, Span)>,
    pub(crate) peer: Given<Peer>,
    pub(crate) scalars: Scalars,
    pub(crate) capability: CapabilityDraft,
    pub(crate) tcp_ao: TcpAoDraft,
    /// In the order of the file; `all` stands for every family.
    pub(crate) families: Vec<Family>,
    pub(crate) all_families: bool,
    pub(crate) add_path: Vec<AddPathFamily>,
    pub(crate) add_path_all: bool,
    pub(crate) nexthop: Vec<(Family, Afi)>,
    pub(crate) apis: Vec<ApiDraft>,
    /// The routes of this very section.
    pub(crate) routes: Gathered,
    /// The routes of templates.
    pub(crate) lists: Vec<Rc<RouteList>>,
    pub(crate) operational: Vec<Operational>,
}

/// Whom we speak with: an address or a range, and the interface of a link-local address.
pub(crate) type Peer = (Prefix, Option<Box<str>>);

/// Declares the values of which the last one written counts, and of which a template's wins.
macro_rules! scalars {
    ( $( $name:ident: $type:ty, )* ) => {
        /// The single values of a neighbor.
        #[derive(Clone, Debug, Default)]
        pub(crate) struct Scalars {
            $( pub(crate) $name: Given<$type>, )*
        }

        impl Scalars {
            /// Takes over each value that `other` has.
            fn overwrite(&mut self, other: &Self) {
                $( if other.$name.is_some() { self.$name.clone_from(&other.$name); } )*
            }
        }
    };
}

scalars! {
    description: Box<str>,
    router_id: Ipv4Addr,
    local_address: Option<IpAddr>,
    local_link_local: Ipv6Addr,
    local_as: Option<Asn>,
    peer_as: Option<Asn>,
    hold_time: u16,
    rate_limit: u32,
    host_name: Box<str>,
    domain_name: Box<str>,
    source_interface: Box<str>,
    passive: bool,
    listen: u16,
    connect: u16,
    outgoing_ttl: Option<u8>,
    incoming_ttl: Option<u8>,
    md5_password: Box<str>,
    md5_base64: bool,
    md5_ip: IpAddr,
    group_updates: bool,
    auto_flush: bool,
    adj_rib_in: bool,
    adj_rib_out: bool,
    manual_eor: bool,
}

impl Draft {
    /// Adds what a template says: its single values win over those written here, its lists are
    /// appended, its sections are merged by the same rule. ExaBGP has it so.
    pub(crate) fn inherit(&mut self, template: &Self) {
        let Self { peer, scalars, capability, tcp_ao, families, all_families, .. } = template;
        if peer.is_some() {
            self.peer.clone_from(peer);
        }
        self.scalars.overwrite(scalars);
        self.capability.overwrite(capability);
        self.tcp_ao.overwrite(tcp_ao);
        self.families.extend(families);
        self.all_families |= all_families;
        self.add_path.extend(&template.add_path);
        self.add_path_all |= template.add_path_all;
        self.nexthop.extend(&template.nexthop);
        self.lists.extend(template.lists.iter().cloned());
        self.operational.extend(template.operational.iter().cloned());
        for api in &template.apis {
            match self.apis.iter_mut().find(|own| own.name.is_some() && own.name == api.name) {
                Some(own) => own.inherit(api),
                None => self.apis.push(api.clone()),
            }
        }
    }
}

/// A value with its place.
pub(crate) fn given<'a, T>(
    tokens: &mut Tokens<'a>,
    read: impl FnOnce(&mut Tokens<'a>) -> Result<T, Error>,
) -> Result<Given<T>, Error> {
    let start = tokens.span();
    let value = read(tokens)?;
    Ok(Some((value, start.to(tokens.last()))))
}

/// A switch with its place; alone it means `bare`.
pub(crate) fn switch(tokens: &mut Tokens<'_>, bare: bool) -> Result<Given<bool>, Error> {
    if tokens.is_done() {
        return Ok(Some((bare, tokens.last())));
    }
    given(tokens, Tokens::boolean)
}
