//! The attributes of a received UPDATE: each decoded by its own file, its faults judged here.
//!
//! RFC 7606: a fault costs the attribute, or the routes, and rarely the session. The strongest
//! verdict wins. RFC 6793: what an old speaker could not read is put back.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use crate::bgp::Negotiated;
use crate::bgp::message::Notify;
use crate::protocol::Asn;
use crate::wire::{Malformed, Reader};

use super::{
    Aggregator, AsPath, Attribute, Attributes, Flags, NextHop, OnFault, Rules, Unknown, code,
};

/// What the attributes of an UPDATE are, and what is to be done about it.
#[derive(Clone, Debug)]
pub struct Received<'a> {
    /// Everything but MP_REACH and MP_UNREACH; the next hop is the one of NEXT_HOP.
    pub attributes: Rc<Attributes>,
    /// The value of MP_REACH.
    pub mp_reach: Option<&'a [u8]>,
    /// The value of MP_UNREACH.
    pub mp_unreach: Option<&'a [u8]>,
    pub verdict: Verdict,
}

/// What is to be done with an UPDATE, weakest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    #[default]
    Keep,
    /// The attributes named were dropped; the routes are good.
    Discard(Codes),
    /// Every route of the message is withdrawn.
    Withdraw(Fault),
    /// The session ends.
    Reset(Notify),
}

/// Why routes are treated as withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The attributes do not end where their lengths say.
    Overrun,
    /// An attribute without octets that must have some.
    Empty { code: u8 },
    /// The flags are of another class.
    Flags { code: u8 },
    /// An attribute that every route has is missing.
    Missing { code: u8 },
    /// The value cannot be read.
    Value { code: u8, malformed: Malformed },
}

/// A set of attribute codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Codes([u128; 2]);

/// Where an UPDATE announces routes, and so which attributes it must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announced {
    Nothing,
    /// In MP_REACH, which holds the next hop.
    InMpReach,
    /// In the field of IPv4 unicast.
    InNlri,
}

impl Verdict {
    /// The `error` member of the `attribute` object, for what is not kept whole.
    pub fn error(&self) -> Option<impl fmt::Display> {
        match self {
            Self::Keep | Self::Reset(_) => None,
            Self::Discard(_) => Some(Told { what: "discard", due: None }),
            Self::Withdraw(fault) => {
                let due = match fault {
                    Fault::Empty { code } => name(*code),
                    _ => None,
                };
                Some(Told { what: "treat-as-withdraw", due })
            }
        }
    }

    /// Whether the routes are not to be taken.
    pub fn withdraws(&self) -> bool {
        matches!(self, Self::Withdraw(_) | Self::Reset(_))
    }

    fn raise(&mut self, fault: Fault, code: u8, to: OnFault) {
        match (to, &mut *self) {
            (OnFault::Ignore, _) | (_, Self::Withdraw(_) | Self::Reset(_)) => {}
            (OnFault::Discard, Self::Discard(codes)) => drop(codes.insert(code)),
            (OnFault::Discard, Self::Keep) => {
                let mut codes = Codes::default();
                codes.insert(code);
                *self = Self::Discard(codes);
            }
            (OnFault::Withdraw, _) => *self = Self::Withdraw(fault),
        }
    }
}

struct Told {
    what: &'static str,
    due: Option<&'static str>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)?;
        self.due.map_or(Ok(()), |name| write!(f, " due to {name}"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let called = |code: u8| name(code).unwrap_or("attribute");
        match self {
            Self::Overrun => f.write_str("attributes: end elsewhere than their lengths say"),
            Self::Empty { code } => write!(f, "{}: no value", called(*code)),
            Self::Flags { code } => write!(f, "{}: wrong flags", called(*code)),
            Self::Missing { code } => write!(f, "{}: missing", called(*code)),
            Self::Value { malformed, .. } => malformed.fmt(f),
        }
    }
}

/// The name of a code in messages.
fn name(of: u8) -> Option<&'static str> {
    match of {
        code::NEXT_HOP => Some("next-hop"),
        code::MP_REACH => Some("mp-reach-nlri"),
        code::MP_UNREACH => Some("mp-unreach-nlri"),
        other => Attribute::rules(other).map(|rules| rules.name),
    }
}

impl Codes {
    /// Adds a code; false when it was there.
    pub fn insert(&mut self, code: u8) -> bool {
        let [low, high] = &mut self.0;
        let half = if code < 128 { low } else { high };
        let bit = 1 << (code & 127);
        let new = *half & bit == 0;
        *half |= bit;
        new
    }

    /// Whether a code is there.
    pub fn contains(&self, code: u8) -> bool {
        let mut copy = *self;
        !copy.insert(code)
    }

    /// The names of the codes that have one, in their order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        (0..=u8::MAX).filter(|code| self.contains(*code)).filter_map(name)
    }
}

impl Received<'_> {
    /// Whether the attributes that every announced route has are there (RFC 7606 section 3.d).
    pub fn require(&mut self, announced: Announced) {
        let missing = |code: u8| self.attributes.get(code).is_none();
        let absent = match announced {
            Announced::Nothing => return,
            Announced::InMpReach | Announced::InNlri if missing(code::ORIGIN) => code::ORIGIN,
            Announced::InMpReach | Announced::InNlri if missing(code::AS_PATH) => code::AS_PATH,
            Announced::InNlri if self.attributes.next_hop() == NextHop::None => code::NEXT_HOP,
            Announced::InMpReach | Announced::InNlri => return,
        };
        self.verdict.raise(Fault::Missing { code: absent }, absent, OnFault::Withdraw);
    }
}

impl Attributes {
    /// Decodes the attributes of an UPDATE. What they say about missing ones is left to
    /// [`Received::require`].
    pub fn unpack<'a>(bytes: &'a [u8], negotiated: &Negotiated) -> Received<'a> {
        let mut receiving = Receiving::new(negotiated);
        let mut reader = Reader::new(bytes);
        while !reader.is_empty() {
            let Ok(raw) = Raw::read(&mut reader) else {
                receiving.verdict.raise(Fault::Overrun, 0, OnFault::Withdraw);
                break;
            };
            if let Err(notify) = receiving.take(&raw) {
                receiving.verdict = Verdict::Reset(notify);
                break;
            }
        }
        receiving.finish()
    }
}

/// An attribute before its value is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw<'a> {
    pub(super) flags: Flags,
    pub(super) code: u8,
    pub(super) value: &'a [u8],
}

impl<'a> Raw<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let what = "attribute";
        let flags = Flags(reader.u8(what)?);
        let code = reader.u8(what)?;
        let length = if flags.is_extended() {
            usize::from(reader.u16(what)?)
        } else {
            usize::from(reader.u8(what)?)
        };
        Ok(Self { flags, code, value: reader.take(what, length)? })
    }
}

struct Receiving<'a, 'n> {
    negotiated: &'n Negotiated,
    seen: Codes,
    items: Vec<Attribute>,
    next_hop: NextHop,
    wide_path: Option<AsPath>,
    wide_aggregator: Option<Aggregator>,
    mp_reach: Option<&'a [u8]>,
    mp_unreach: Option<&'a [u8]>,
    verdict: Verdict,
}

/// NOTIFICATION 3/1 and 3/9.
fn reset(subcode: u8) -> Notify {
    Notify::new(3, subcode)
}

impl<'a, 'n> Receiving<'a, 'n> {
    fn new(negotiated: &'n Negotiated) -> Self {
        Self {
            negotiated,
            seen: Codes::default(),
            items: Vec::with_capacity(8),
            next_hop: NextHop::None,
            wide_path: None,
            wide_aggregator: None,
            mp_reach: None,
            mp_unreach: None,
            verdict: Verdict::Keep,
        }
    }

    fn take(&mut self, raw: &Raw<'a>) -> Result<(), Notify> {
        let multiprotocol = matches!(raw.code, code::MP_REACH | code::MP_UNREACH);
        if !self.seen.insert(raw.code) {
            // Of other attributes the first counts, RFC 7606 section 3.g.
            return if multiprotocol { Err(reset(1)) } else { Ok(()) };
        }
        match raw.code {
            code::MP_REACH | code::MP_UNREACH if !raw.flags.agrees(Flags::OPTIONAL) => {
                return Err(reset(9));
            }
            code::MP_REACH => self.mp_reach = Some(raw.value),
            code::MP_UNREACH => self.mp_unreach = Some(raw.value),
            code::NEXT_HOP => self.take_next_hop(raw),
            other => match Attribute::rules(other) {
                Some(rules) => self.take_known(raw, rules),
                // What is not ours to pass on is dropped, RFC 4271 section 5.
                None if raw.flags.is_transitive() => {
                    let unknown = Unknown::received(raw.code, raw.flags, raw.value);
                    self.items.push(Attribute::Unknown(unknown));
                }
                None => {}
            },
        }
        Ok(())
    }

    fn take_next_hop(&mut self, raw: &Raw<'_>) {
        let code = raw.code;
        if !raw.flags.agrees(Flags::WELL_KNOWN) {
            return self.verdict.raise(Fault::Flags { code }, code, OnFault::Withdraw);
        }
        let fault = match <[u8; 4]>::try_from(raw.value) {
            Ok(octets) => {
                self.next_hop = NextHop::Address(IpAddr::V4(Ipv4Addr::from(octets)));
                return;
            }
            Err(_) if raw.value.is_empty() => Fault::Empty { code },
            Err(_) => {
                let malformed = Malformed::Length { what: "next-hop", got: raw.value.len() };
                Fault::Value { code, malformed }
            }
        };
        self.verdict.raise(fault, code, OnFault::Withdraw);
    }

    fn take_known(&mut self, raw: &Raw<'_>, rules: &Rules) {
        let code = raw.code;
        if !(rules.accepted)(self.negotiated) {
            return;
        }
        if !raw.flags.agrees(rules.flags) {
            return self.verdict.raise(Fault::Flags { code }, code, rules.on_wrong_flags);
        }
        let fault = if raw.value.is_empty() && !rules.empty_is_valid {
            Fault::Empty { code }
        } else {
            let mut reader = Reader::new(raw.value);
            let value = Attribute::unpack(code, &mut reader, self.negotiated);
            match value.map(|value| value.and_then(|value| reader.done(rules.name).map(|()| value)))
            {
                Some(Ok(Attribute::As4Path(path))) => return self.wide_path = Some(path.0),
                Some(Ok(Attribute::As4Aggregator(wide))) => {
                    return self.wide_aggregator = Some(wide.0);
                }
                Some(Ok(value)) => return self.items.push(value),
                Some(Err(malformed)) => Fault::Value { code, malformed },
                None => return,
            }
        };
        self.verdict.raise(fault, code, (rules.on_fault)(self.negotiated));
    }

    /// RFC 6793 section 4.2.3.
    fn merge_wide(&mut self) {
        let wide = self.wide_aggregator.take();
        for item in &mut self.items {
            if let Attribute::Aggregator(aggregator) = item
                && let Some(wide) = wide
            {
                if aggregator.asn != Asn::TRANS {
                    // An old speaker replaced the aggregator: both attributes are out of date.
                    return;
                }
                *aggregator = wide;
            }
        }
        let Some(wide) = self.wide_path.take() else { return };
        for item in &mut self.items {
            if let Attribute::AsPath(path) = item {
                *path = path.merged(&wide);
            }
        }
    }

    fn finish(mut self) -> Received<'a> {
        self.merge_wide();
        self.items.sort_by_key(Attribute::code);
        Received {
            attributes: Rc::new(Attributes::new(self.next_hop, Rc::from(self.items))),
            mp_reach: self.mp_reach,
            mp_unreach: self.mp_unreach,
            verdict: self.verdict,
        }
    }
}
