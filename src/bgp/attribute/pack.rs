//! A set as octets: order, flags, lengths, the attributes every route has, what a session may not
//! see, and what an old peer cannot read.
//!
//! RFC 4271 section 4.3 for the layout, RFC 6793 for AS_TRANS, AS4_PATH and AS4_AGGREGATOR.

use std::net::IpAddr;

use crate::bgp::Negotiated;
use crate::protocol::Asn;
use crate::wire::{TooLong, Writer};

use super::aggregator::As4Aggregator;
use super::as_path::As4Path;
use super::{
    AsPath, Attribute, Attributes, Flags, LocalPreference, NextHop, Origin, Policy, Unknown, code,
};

/// Whether NEXT_HOP, code 3, is written when the next hop is an IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextHopField {
    Write,
    /// The next hop is in MP_REACH only, or there is none.
    Skip,
}

/// All of an agreement that changes the octets of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Profile {
    asn4: bool,
    internal: bool,
    aigp: bool,
    local_as: Asn,
}

impl Profile {
    /// The profile of a session. Sets leave alike on sessions of one profile.
    pub fn of(negotiated: &Negotiated) -> Self {
        Self {
            asn4: negotiated.asn4,
            internal: negotiated.is_internal(),
            aigp: negotiated.aigp,
            local_as: negotiated.local_as,
        }
    }

    /// What of the profile changes how received octets are read.
    pub(super) fn received(self) -> u8 {
        u8::from(self.asn4) | u8::from(self.internal) << 1 | u8::from(self.aigp) << 2
    }
}

/// Writes every attribute but MP_REACH and MP_UNREACH.
pub(super) fn pack(
    set: &Attributes,
    writer: &mut Writer<'_>,
    negotiated: &Negotiated,
    field: NextHopField,
) -> Result<(), TooLong> {
    let mut packing = Packing { writer, negotiated };
    let mut items = set.iter().peekable();
    let mut upto = |packing: &mut Packing<'_, '_>, last: u8| {
        let mut found = false;
        while let Some(item) = items.next_if(|item| item.code() <= last) {
            found = item.code() == last;
            packing.item(item)?;
        }
        Ok(found)
    };
    if !upto(&mut packing, code::ORIGIN)? {
        packing.value(code::ORIGIN, &Origin::default())?;
    }
    if !upto(&mut packing, code::AS_PATH)? {
        let external = [negotiated.local_as];
        let path = AsPath::sequence(if negotiated.is_internal() { &[] } else { &external });
        packing.path(&path)?;
    }
    if !upto(&mut packing, code::NEXT_HOP)?
        && field == NextHopField::Write
        && let NextHop::Address(IpAddr::V4(address)) = set.next_hop()
    {
        let octets = address.octets();
        packing.attribute(code::NEXT_HOP, Flags::WELL_KNOWN, |writer| writer.bytes(&octets))?;
    }
    if !upto(&mut packing, code::LOCAL_PREF)? && LocalPreference::sent(negotiated) {
        packing.value(code::LOCAL_PREF, &LocalPreference::DEFAULT)?;
    }
    upto(&mut packing, u8::MAX).map(drop)
}

struct Packing<'w, 'o> {
    writer: &'w mut Writer<'o>,
    negotiated: &'w Negotiated,
}

impl Packing<'_, '_> {
    fn item(&mut self, item: &Attribute) -> Result<(), TooLong> {
        let negotiated = self.negotiated;
        match item {
            Attribute::Unknown(unknown) => self.unknown(unknown),
            Attribute::AsPath(path) => self.path(path),
            Attribute::Aggregator(aggregator) => {
                self.value(code::AGGREGATOR, aggregator)?;
                if !negotiated.asn4 && aggregator.asn.is_wide() {
                    self.value(code::AS4_AGGREGATOR, &As4Aggregator(*aggregator))?;
                }
                Ok(())
            }
            known => match Attribute::rules(known.code()) {
                Some(rules) if (rules.sent)(negotiated) => {
                    let start = self.writer.position();
                    self.attribute(known.code(), rules.flags, |writer| {
                        known.pack(writer, negotiated);
                    })?;
                    if !rules.empty_is_valid && self.writer.position() == start + 3 {
                        // Nothing to say: an optional attribute without a value is not sent.
                        self.writer.truncate(start);
                    }
                    Ok(())
                }
                _ => Ok(()),
            },
        }
    }

    /// AS_PATH, and behind it what an old peer cannot read.
    fn path(&mut self, path: &AsPath) -> Result<(), TooLong> {
        self.value(code::AS_PATH, path)?;
        match As4Path::beside(path) {
            Some(wide) if !self.negotiated.asn4 => self.value(code::AS4_PATH, &wide),
            _ => Ok(()),
        }
    }

    /// As it was written: it has a long length where it needs one, or was asked for one.
    fn unknown(&mut self, unknown: &Unknown) -> Result<(), TooLong> {
        self.attribute(unknown.code, unknown.flags, |writer| writer.bytes(&unknown.value))
    }

    fn value<T: Policy>(&mut self, code: u8, value: &T) -> Result<(), TooLong> {
        let negotiated = self.negotiated;
        self.attribute(code, T::FLAGS, |writer| value.pack(writer, negotiated))
    }

    fn attribute(
        &mut self,
        code: u8,
        flags: Flags,
        value: impl Fn(&mut Writer<'_>),
    ) -> Result<(), TooLong> {
        let start = self.writer.position();
        self.writer.u8(flags.0);
        self.writer.u8(code);
        if !flags.is_extended() {
            if self.writer.sized_u8(&value).is_ok() {
                return Ok(());
            }
            self.writer.patch(start, &[flags.extended().0]);
        }
        self.writer.sized_u16(value)
    }
}
