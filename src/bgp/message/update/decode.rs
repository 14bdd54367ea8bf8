//! A received UPDATE as a view: one set of attributes, and runs of NLRI where they lie.
//!
//! RFC 4271 section 4.3 for the layout, RFC 4760 for MP_REACH and MP_UNREACH, RFC 7606 for what a
//! fault costs: an attribute, the routes, or the session.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use crate::bgp::Negotiated;
use crate::bgp::attribute::{Announced, Attributes, Interner, NextHop, Verdict};
use crate::bgp::message::Notify;
use crate::bgp::nlri::{Refused, Rule, Run};
use crate::protocol::{Afi, Family, Safi};
use crate::wire::{Malformed, Reader};

/// What an UPDATE says: a view of its bytes.
#[derive(Clone, Debug)]
pub struct Update<'a> {
    /// The attributes that its routes share; the next hop is the one of NEXT_HOP.
    pub attributes: Rc<Attributes>,
    /// Routes announced: those of the IPv4 field, then those of MP_REACH.
    pub announced: [Option<Section<'a>>; 2],
    /// Routes withdrawn: those of the IPv4 field, then those of MP_UNREACH, then announced ones
    /// that are treated as withdrawn.
    pub withdrawn: [Option<Run<'a>>; 4],
    /// The family whose table is complete (RFC 4724), when the message says nothing else.
    pub end_of_rib: Option<Family>,
    /// What faults of the attributes cost.
    pub verdict: Verdict,
}

/// Routes of one family announced with one next hop.
#[derive(Clone, Debug)]
pub struct Section<'a> {
    /// The shared attributes with the next hop of these routes.
    pub attributes: Rc<Attributes>,
    pub run: Run<'a>,
}

impl<'a> Update<'a> {
    /// Reads what follows the header of an UPDATE. The error is what ends the session.
    pub fn decode(
        body: &'a [u8],
        negotiated: &Negotiated,
        interner: &mut Interner,
    ) -> Result<Self, Notify> {
        let fields = Fields::split(body)?;
        let mut received = interner.receive(fields.attributes, negotiated);
        if let Verdict::Reset(notify) = received.verdict {
            return Err(notify);
        }
        let unicast = |bytes| {
            let path_ids = negotiated.receives_path_id(Family::IPV4_UNICAST);
            Run::check(bytes, Family::IPV4_UNICAST, path_ids).map_err(network_field)
        };
        let withdrawn = unicast(fields.withdrawn)?;
        let announced = unicast(fields.announced)?;
        let unreach = received.mp_unreach.map(|value| unreach(value, negotiated)).transpose()?;
        let reach = received.mp_reach.map(|value| Reach::read(value, negotiated)).transpose()?;

        received.require(match (&reach, announced.is_empty()) {
            (_, false) => Announced::InNlri,
            (Some(_), true) => Announced::InMpReach,
            (None, true) => Announced::Nothing,
        });
        let bare = received.attributes.is_empty() && received.verdict == Verdict::Keep;
        let silent = withdrawn.is_empty() && announced.is_empty() && bare;
        let end_of_rib = match (&reach, &unreach) {
            (None, None) if silent => Some(Family::IPV4_UNICAST),
            (None, Some(run)) if silent && run.is_empty() => Some(run.family()),
            (Some(reach), None) if reach.run.is_empty() && silent => Some(reach.run.family()),
            (Some(reach), _) if reach.run.is_empty() => {
                return Err(optional(Malformed::Short { what: "NLRI of mp-reach-nlri" }));
            }
            _ => None,
        };
        let attributes = received.attributes;
        let reached = reach.filter(|reach| reach.run.has_entries()).map(|reach| Section {
            attributes: interner.with_next_hop(&attributes, reach.next_hop),
            run: reach.run,
        });
        let full = |run: &Run<'_>| run.has_entries();
        let section = |run| Section { attributes: Rc::clone(&attributes), run };
        let mut update = Update {
            announced: [Some(announced).filter(full).map(section), reached],
            withdrawn: [Some(withdrawn).filter(full), unreach.filter(full), None, None],
            end_of_rib,
            verdict: received.verdict,
            attributes,
        };
        if update.verdict.withdraws() {
            update.treat_as_withdrawn();
        }
        Ok(update)
    }

    /// Whether it announces or withdraws a route.
    pub fn has_routes(&self) -> bool {
        self.announced().next().is_some() || self.withdrawn().next().is_some()
    }

    /// What is announced, by section.
    pub fn announced(&self) -> impl Iterator<Item = &Section<'a>> {
        self.announced.iter().flatten()
    }

    /// What is withdrawn, by run.
    pub fn withdrawn(&self) -> impl Iterator<Item = Run<'a>> {
        self.withdrawn.iter().flatten().copied()
    }

    fn treat_as_withdrawn(&mut self) {
        let [_, _, plain, reached] = &mut self.withdrawn;
        let [announced, mp_announced] = &mut self.announced;
        *plain = announced.take().map(|section| section.run);
        *reached = mp_announced.take().map(|section| section.run);
    }
}

/// The three fields of a body.
pub(super) struct Fields<'a> {
    withdrawn: &'a [u8],
    pub(super) attributes: &'a [u8],
    announced: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn split(body: &'a [u8]) -> Result<Self, Notify> {
        if body.len() < 4 {
            let length = u16::try_from(19 + body.len()).unwrap_or(u16::MAX);
            return Err(Notify::with_data(1, 2, &length.to_be_bytes()));
        }
        let mut reader = Reader::new(body);
        let mut field = |what| {
            let length = reader.u16(what)?;
            reader.take(what, usize::from(length))
        };
        let lists = |malformed: Malformed| Notify::with_text(3, 1, malformed);
        let withdrawn = field("withdrawn routes").map_err(lists)?;
        let attributes = field("path attributes").map_err(lists)?;
        Ok(Self { withdrawn, attributes, announced: reader.rest() })
    }
}

/// MP_REACH, read.
struct Reach<'a> {
    next_hop: NextHop,
    run: Run<'a>,
}

impl<'a> Reach<'a> {
    fn read(value: &'a [u8], negotiated: &Negotiated) -> Result<Self, Notify> {
        const WHAT: &str = "mp-reach-nlri";
        let mut reader = Reader::new(value);
        let rule = family(&mut reader, WHAT, negotiated)?;
        let hops = reader.u8(WHAT).map_err(optional)?;
        let hops = reader.take(WHAT, usize::from(hops)).map_err(optional)?;
        // Reserved, ignored on receipt (RFC 4760 section 3).
        reader.u8(WHAT).map_err(optional)?;
        if !rule.allows_next_hop(hops.len(), negotiated) {
            let length = Malformed::Length { what: "next hop of mp-reach-nlri", got: hops.len() };
            return Err(optional(length));
        }
        let next_hop = next_hop(hops, rule)
            .ok_or(Malformed::Value { what: "next hop of mp-reach-nlri", got: 0 })
            .map_err(optional)?;
        let run = run(reader.rest(), rule.family, negotiated)?;
        Ok(Self { next_hop, run })
    }
}

/// MP_UNREACH: its routes, or none for an End-of-RIB.
fn unreach<'a>(value: &'a [u8], negotiated: &Negotiated) -> Result<Run<'a>, Notify> {
    let mut reader = Reader::new(value);
    let rule = family(&mut reader, "mp-unreach-nlri", negotiated)?;
    run(reader.rest(), rule.family, negotiated)
}

fn family(
    reader: &mut Reader<'_>,
    what: &'static str,
    negotiated: &Negotiated,
) -> Result<&'static Rule, Notify> {
    let afi = Afi(reader.u16(what).map_err(optional)?);
    let safi = Safi(reader.u8(what).map_err(optional)?);
    let family = Family::new(afi, safi);
    Rule::of(family)
        .filter(|_| negotiated.has(family))
        .ok_or_else(|| Notify::with_text(3, 9, format_args!("{what}: {family} was not negotiated")))
}

fn run<'a>(bytes: &'a [u8], family: Family, negotiated: &Negotiated) -> Result<Run<'a>, Notify> {
    let path_ids = negotiated.receives_path_id(family);
    Run::check(bytes, family, path_ids).map_err(network_field)
}

/// The next hop of MP_REACH, whose length is one that the family may have. `None` when a
/// distinguisher before it is not zero.
fn next_hop(octets: &[u8], rule: &Rule) -> Option<NextHop> {
    let mut reader = Reader::new(octets);
    let mut distinguished = |wanted: bool| {
        let zero = |octets: &[u8]| octets.iter().all(|octet| *octet == 0);
        !wanted || reader.take("", 8).is_ok_and(zero)
    };
    if !distinguished(rule.has_distinguished_next_hop() && !octets.is_empty()) {
        return None;
    }
    Some(match reader.len() {
        4 => NextHop::Address(IpAddr::V4(Ipv4Addr::from(reader.array::<4>("").ok()?))),
        16 => NextHop::Address(IpAddr::V6(Ipv6Addr::from(reader.array::<16>("").ok()?))),
        32 | 40 => {
            let global = Ipv6Addr::from(reader.array::<16>("").ok()?);
            if reader.len() > 16 {
                reader.take("", 8).ok().filter(|octets| octets.iter().all(|octet| *octet == 0))?;
            }
            NextHop::WithLinkLocal(global, Ipv6Addr::from(reader.array::<16>("").ok()?))
        }
        _ => NextHop::None,
    })
}

/// Optional Attribute Error, RFC 4271 section 6.3.
fn optional(malformed: Malformed) -> Notify {
    Notify::with_text(3, 9, malformed)
}

/// What is wrong with NLRI.
fn network_field(refused: Refused) -> Notify {
    Notify::with_text(3, refused.subcode, refused)
}
