//! The rules an attribute obeys beside its layout: flags, what a fault does to the routes, where
//! it is sent and accepted.
//!
//! RFC 4271 section 4.3 for the flags, RFC 7606 for the faults.

use super::super::{Element, Negotiated};

/// The flag octet of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flags(pub u8);

impl Flags {
    /// Well-known, and so transitive.
    pub const WELL_KNOWN: Self = Self(0x40);
    /// Optional, dropped by speakers that do not know it.
    pub const OPTIONAL: Self = Self(0x80);
    /// Optional, passed on by speakers that do not know it.
    pub const OPTIONAL_TRANSITIVE: Self = Self(0xc0);

    /// Set by a speaker that passed on what it did not know.
    pub(super) const PARTIAL: u8 = 0x20;
    const TRANSITIVE: u8 = 0x40;
    const EXTENDED: u8 = 0x10;

    /// Whether the two bits that classify an attribute are the same; the others never matter.
    pub fn agrees(self, other: Self) -> bool {
        (self.0 ^ other.0) & Self::OPTIONAL_TRANSITIVE.0 == 0
    }

    /// Whether speakers that do not know the attribute pass it on.
    pub fn is_transitive(self) -> bool {
        self.0 & Self::TRANSITIVE != 0
    }

    /// Whether the length takes two octets.
    pub fn is_extended(self) -> bool {
        self.0 & Self::EXTENDED != 0
    }

    /// With a length of two octets.
    #[must_use]
    pub fn extended(self) -> Self {
        Self(self.0 | Self::EXTENDED)
    }
}

/// What a malformed attribute does, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnFault {
    /// The attribute is dropped as if it had not been sent.
    Ignore,
    /// The attribute is dropped, and the fault told.
    Discard,
    /// The routes of the message are treated as withdrawn.
    Withdraw,
}

/// What each attribute declares beside its codec.
pub trait Policy: Element {
    /// The flags it is sent with.
    const FLAGS: Flags;
    /// What a malformed value does.
    const ON_FAULT: OnFault;
    /// What flags of another class do.
    const ON_WRONG_FLAGS: OnFault = Self::ON_FAULT;
    /// Whether a value of no octets is one.
    const EMPTY_IS_VALID: bool = false;

    /// What a malformed value does on this session.
    fn on_fault(_: &Negotiated) -> OnFault {
        Self::ON_FAULT
    }

    /// Whether it leaves on this session.
    fn sent(_: &Negotiated) -> bool {
        true
    }

    /// Whether it is taken from this session.
    fn accepted(_: &Negotiated) -> bool {
        true
    }
}

/// The [`Policy`] of one attribute, as a value.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub name: &'static str,
    pub flags: Flags,
    pub on_wrong_flags: OnFault,
    pub empty_is_valid: bool,
    pub on_fault: fn(&Negotiated) -> OnFault,
    pub sent: fn(&Negotiated) -> bool,
    pub accepted: fn(&Negotiated) -> bool,
}

impl Rules {
    /// What `T` declares.
    pub const fn of<T: Policy>() -> Self {
        Self {
            name: T::NAME,
            flags: T::FLAGS,
            on_wrong_flags: T::ON_WRONG_FLAGS,
            empty_is_valid: T::EMPTY_IS_VALID,
            on_fault: T::on_fault,
            sent: T::sent,
            accepted: T::accepted,
        }
    }
}
