//! An NLRI taken apart where it lies, and its JSON.

use crate::bgp::attribute::bgpls::tlv;
use crate::json;
use crate::protocol::Distinguisher;
use crate::wire::{Malformed, Reader};

use super::WHAT;
use super::descriptor::{self, Descriptor, LOCAL_NODE};
use super::kind::Kind;
use super::node;

/// One NLRI.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) code: u16,
    pub(super) content: Content<'a>,
}

/// What an NLRI holds.
#[derive(Debug)]
pub(super) enum Content<'a> {
    /// The type is not known.
    Unknown,
    Known(Known<'a>),
}

/// An NLRI of a known type.
#[derive(Debug)]
pub(super) struct Known<'a> {
    pub(super) kind: Kind,
    pub(super) distinguisher: Option<Distinguisher>,
    pub(super) protocol: u8,
    /// The identifier of the instance of the protocol.
    pub(super) identifier: u64,
    /// TLVs.
    pub(super) descriptors: &'a [u8],
}

impl<'a> View<'a> {
    /// Takes the fields apart that every type has.
    pub(super) fn of(bytes: &'a [u8], vpn: bool) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let code = reader.u16(WHAT)?;
        let length = reader.u16(WHAT)?;
        let mut value = reader.sub(WHAT, usize::from(length))?;
        reader.done(WHAT)?;
        let Some(kind) = Kind::of(code) else {
            return Ok(Self { code, content: Content::Unknown });
        };
        let distinguisher =
            if vpn { Some(Distinguisher(value.array("route distinguisher")?)) } else { None };
        let protocol = value.u8("protocol-id")?;
        let identifier = value.u64("l3-routing-topology")?;
        let descriptors = value.rest();
        let known = Known { kind, distinguisher, protocol, identifier, descriptors };
        Ok(Self { code, content: Content::Known(known) })
    }

    /// Whether everything can be read.
    pub(super) fn check(&self) -> Result<(), Malformed> {
        match &self.content {
            Content::Unknown => Ok(()),
            Content::Known(known) => known.check(),
        }
    }
}

impl<'a> Known<'a> {
    fn check(&self) -> Result<(), Malformed> {
        let mut reader = Reader::new(self.descriptors);
        let (mut first, mut reach) = (None, false);
        while !reader.is_empty() {
            let (code, value) = tlv::next(&mut reader, "descriptor")?;
            let descriptor = Descriptor::of((code, value), self.kind, self.protocol)?;
            first = first.or(Some(code));
            reach |= matches!(descriptor, Descriptor::Reach(_));
        }
        match self.kind {
            Kind::Node | Kind::Srv6Sid if first != Some(LOCAL_NODE) => {
                Err(Malformed::Short { what: "local node descriptors" })
            }
            Kind::PrefixV4 | Kind::PrefixV6 if !reach => {
                Err(Malformed::Short { what: "IP reachability information" })
            }
            _ => Ok(()),
        }
    }

    /// The descriptors, with their types.
    pub(super) fn walk(&self) -> impl Iterator<Item = (u16, Descriptor<'a>)> {
        let (kind, protocol) = (self.kind, self.protocol);
        tlv::walk(self.descriptors).filter_map(move |(code, value)| {
            Some((code, Descriptor::of((code, value), kind, protocol).ok()?))
        })
    }

    /// Writes the members of its JSON object.
    pub(super) fn members(&self, object: &mut json::Object<'_, '_>) {
        object.field("ls-nlri-type").string(self.kind.told().1);
        object.field("l3-routing-topology").number(self.identifier);
        object.field("protocol-id").number(self.protocol);
        match self.kind {
            Kind::Node => {
                self.nodes("node-descriptors", LOCAL_NODE, object);
                self.unknown(object);
            }
            Kind::Link => self.link(object),
            Kind::PrefixV4 | Kind::PrefixV6 => self.prefix(object),
            Kind::Srv6Sid => self.sid(object),
        }
        if let Some(distinguisher) = self.distinguisher {
            object.field("rd").display(&distinguisher);
        }
    }

    /// The descriptors of the nodes of that type.
    fn nodes(&self, key: &'static str, code: u16, object: &mut json::Object<'_, '_>) {
        object.field(key).list(|list| {
            for (_, value) in tlv::walk(self.descriptors).filter(|(there, _)| *there == code) {
                node::json(value, self.protocol, list);
            }
        });
    }

    fn link(&self, object: &mut json::Object<'_, '_>) {
        self.nodes("local-node-descriptors", LOCAL_NODE, object);
        self.nodes("remote-node-descriptors", descriptor::REMOTE_NODE, object);
        object.field("interface-addresses").list(|list| {
            for (_, descriptor) in self.walk() {
                if let Descriptor::Interface(address) = descriptor {
                    list.element().address(address);
                }
            }
        });
        object.field("neighbor-addresses").list(|list| {
            for (_, descriptor) in self.walk() {
                if let Descriptor::Neighbor(address) = descriptor {
                    list.element().address(address);
                }
            }
        });
        object.field("multi-topology-ids").list(|list| {
            self.topologies(|number| list.element().number(number));
        });
        object.field("link-identifiers").list(|list| {
            for (_, descriptor) in self.walk() {
                if let Descriptor::LinkIdentifiers(local, remote) = descriptor {
                    list.element().object(|object| {
                        object.field("link-local-id").number(local);
                        object.field("link-remote-id").number(remote);
                    });
                }
            }
        });
        self.unknown(object);
    }

    /// The first topology of each descriptor that has them.
    fn topologies(&self, mut each: impl FnMut(u16)) {
        for (_, descriptor) in self.walk() {
            if let Descriptor::Topologies(value) = descriptor {
                descriptor::topologies(value).take(1).for_each(&mut each);
            }
        }
    }

    fn prefix(&self, object: &mut json::Object<'_, '_>) {
        self.nodes("node-descriptors", LOCAL_NODE, object);
        let (mut reach, mut route, mut topologies) = (None, None, false);
        for (_, descriptor) in self.walk() {
            match descriptor {
                Descriptor::Reach(prefix) => reach = Some(prefix),
                Descriptor::OspfRoute(number) => route = Some(number),
                Descriptor::Topologies(_) => topologies = true,
                _ => {}
            }
        }
        if let Some(reach) = reach {
            object.field("ip-reachability-tlv").display(&reach);
            object.field("ip-reach-prefix").display(&reach);
        }
        if let Some(route) = route {
            object.field("ospf-route-type").number(route);
        }
        if topologies {
            object.field("multi-topology-ids").list(|list| {
                self.topologies(|number| list.element().number(number));
            });
        }
        self.unknown(object);
    }

    fn sid(&self, object: &mut json::Object<'_, '_>) {
        self.nodes("node-descriptors", LOCAL_NODE, object);
        object.field("srv6-sid-descriptors").tight_object(|object| {
            object.field("multi-topology-ids").tight_list(|list| {
                self.topologies(|number| list.element().display(&number));
            });
            let sid = self.walk().find_map(|(_, descriptor)| match descriptor {
                Descriptor::Sid(sid) => Some(sid),
                _ => None,
            });
            if let Some(sid) = sid {
                object.field("srv6-sid").ipv6(sid);
            }
            self.unknown(object);
        });
    }

    /// What has no key of its own: each type once, with its octets. The work grows with the
    /// number of descriptors, not with its square.
    fn unknown(&self, object: &mut json::Object<'_, '_>) {
        let unknown = self.walk().filter_map(|(code, descriptor)| match descriptor {
            Descriptor::Unknown(_, value) => Some((code, value)),
            _ => None,
        });
        let mut unknown: Vec<_> = unknown.collect();
        unknown.sort_by_key(|(code, _)| *code);
        for of_one_type in unknown.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((code, _)) = of_one_type.first() else { continue };
            object.field(&Descriptor::generic(*code)).tight_list(|list| {
                of_one_type.iter().for_each(|(_, value)| list.element().hex(value));
            });
        }
    }
}
