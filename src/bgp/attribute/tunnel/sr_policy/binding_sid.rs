//! Binding SIDs, RFC 9830 sections 2.4.2 and 2.4.3: the segment that stands for the policy.
//!
//! Wire format: flags and a reserved octet; then nothing, an MPLS label stack entry, or an SRv6
//! SID, which in the sub-TLV of its own may be followed by what it does.

use std::fmt;
use std::net::Ipv6Addr;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::segment::{BOTTOM, LABEL_SHIFT, label};
use super::{EndpointBehavior, flags};

/// The label, or SID, that stands for the policy; or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BindingSid {
    flags: u8,
    reserved: u8,
    value: Bound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Bound {
    Null,
    /// A label stack entry.
    Mpls(u32),
    Srv6(Ipv6Addr),
}

impl BindingSid {
    /// What ExaBGP sends before a label. No RFC assigns the bit, and a receiver ignores it.
    const SPECIFIED: u8 = 0x10;

    fn usual_flags(value: Bound) -> u8 {
        match value {
            Bound::Mpls(_) => Self::SPECIFIED,
            Bound::Null | Bound::Srv6(_) => 0,
        }
    }
}

impl Element for BindingSid {
    const NAME: &'static str = "binding-sid";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let what = Self::NAME;
        let [flags, reserved] = reader.array(what)?;
        let value = match reader.len() {
            0 => Bound::Null,
            4 => Bound::Mpls(reader.u32(what)?),
            16 => Bound::Srv6(Ipv6Addr::from(reader.array(what)?)),
            got => return Err(Malformed::Length { what, got: got + 2 }),
        };
        Ok(Self { flags, reserved, value })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.bytes(&[self.flags, self.reserved]);
        match self.value {
            Bound::Null => {}
            Bound::Mpls(entry) => writer.u32(entry),
            Bound::Srv6(sid) => writer.bytes(&sid.octets()),
        }
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        match self.value {
            Bound::Null => json.null(),
            Bound::Mpls(entry) => json.object(|object| {
                object.field("type").string("mpls");
                object.field("label").number(entry >> LABEL_SHIFT);
            }),
            Bound::Srv6(sid) => json.object(|object| {
                object.field("type").string("srv6");
                object.field("sid").ipv6(sid);
            }),
        }
    }
}

impl FromText for BindingSid {
    const SYNTAX: &'static str = "binding-sid mpls <label>|srv6 <SID>|null [flags 0x<8 bits>]";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let word = tokens.word("mpls, srv6 or null")?;
        let value = match &*word {
            "mpls" => Bound::Mpls(label(tokens)? | BOTTOM),
            "srv6" => Bound::Srv6(tokens.ipv6()?),
            "null" => Bound::Null,
            _ => return Err(word.fault("is neither mpls, srv6 nor null")),
        };
        let flags = flags(tokens)?.unwrap_or_else(|| Self::usual_flags(value));
        Ok(Self { flags, reserved: 0, value })
    }
}

impl fmt::Display for BindingSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Bound::Null => write!(f, "{} null", Self::NAME)?,
            Bound::Mpls(entry) => write!(f, "{} mpls {}", Self::NAME, entry >> LABEL_SHIFT)?,
            Bound::Srv6(sid) => write!(f, "{} srv6 {sid}", Self::NAME)?,
        }
        if self.flags == Self::usual_flags(self.value) {
            return Ok(());
        }
        write!(f, " flags {:#04x}", self.flags)
    }
}

/// The SRv6 SID that stands for the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Srv6BindingSid {
    flags: u8,
    reserved: u8,
    sid: Ipv6Addr,
    behavior: Option<EndpointBehavior>,
}

impl Srv6BindingSid {
    /// A behavior follows.
    const BEHAVIOR: u8 = 0x20;
}

impl Element for Srv6BindingSid {
    const NAME: &'static str = "srv6-binding-sid";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let what = Self::NAME;
        let [flags, reserved] = reader.array(what)?;
        let sid = Ipv6Addr::from(reader.array(what)?);
        let follows = flags & Self::BEHAVIOR != 0;
        let behavior = follows.then(|| EndpointBehavior::unpack(reader, what)).transpose()?;
        Ok(Self { flags, reserved, sid, behavior })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.bytes(&[self.flags, self.reserved]);
        writer.bytes(&self.sid.octets());
        if let Some(behavior) = &self.behavior {
            behavior.pack(writer);
        }
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        match &self.behavior {
            None => json.ipv6(self.sid),
            Some(behavior) => json.object(|object| {
                object.field("sid").ipv6(self.sid);
                behavior.members(object);
            }),
        }
    }
}

impl FromText for Srv6BindingSid {
    const SYNTAX: &'static str = "srv6-binding-sid <SID> \
         [endpoint-behavior <behavior> <block> <node> <function> <argument>] [flags 0x<8 bits>]";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let sid = tokens.ipv6()?;
        let follows = tokens.accept(EndpointBehavior::WORD);
        let behavior = follows.then(|| EndpointBehavior::parse(tokens)).transpose()?;
        let usual = if follows { Self::BEHAVIOR } else { 0 };
        let said = flags(tokens)?.map_or(usual, |said| said & !Self::BEHAVIOR | usual);
        Ok(Self { flags: said, reserved: 0, sid, behavior })
    }
}

impl fmt::Display for Srv6BindingSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Self::NAME, self.sid)?;
        if let Some(behavior) = &self.behavior {
            write!(f, " {behavior}")?;
        }
        if self.flags & !Self::BEHAVIOR == 0 {
            return Ok(());
        }
        write!(f, " flags {:#04x}", self.flags)
    }
}
