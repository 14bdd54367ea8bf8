//! Ethernet VPN, RFC 7432 and RFC 9136.
//!
//! Wire format: a type, a length in octets, and what the type says.
//!
//! A type is a file here and a line in `route_types!`. It says what it holds as [`Said`]; JSON,
//! text and the words of configurations are made of that for all types alike. Types without a
//! line are kept by their bytes.

mod ethernet_ad;
mod ethernet_segment;
mod mac;
mod multicast;
mod prefix;
mod said;
#[cfg(test)]
mod tests;
mod wording;

use super::layout::Grammar;
use super::{About, Identity, Layout, OnFault, Opaque, text};
use crate::json;
use crate::protocol::{Afi, Family, Safi};
use crate::wire::{Hex, Malformed, Reader, Writer};

use said::Said;

/// A type of routes.
trait RouteType: Sized {
    /// The word that comes first: `mac`.
    const NAME: &'static str;
    /// The name in JSON.
    const TITLE: &'static str;
    /// The words that it is said with, besides the first.
    const WORDS: &'static [&'static str];

    /// Reads the value, which has no more than it holds.
    fn unpack(value: &mut Reader<'_>) -> Result<Self, Malformed>;

    /// Writes the value.
    fn pack(&self, writer: &mut Writer<'_>);

    /// What it holds.
    fn said(&self) -> Said;

    /// The route of which this was said; the error names what is missing or does not fit.
    fn build(said: &Said) -> Result<Self, &'static str>;

    /// The octets of a value that tell the route from others; they are in two places.
    fn key(value: &[u8]) -> Option<[&[u8]; 2]>;
}

/// What the grammar knows of a type.
#[derive(Debug)]
struct Kind {
    name: &'static str,
    words: &'static [&'static str],
    build: fn(&Said) -> Result<Evpn, &'static str>,
}

/// Lists the types of routes: makes the enum and its dispatch to [`RouteType`].
macro_rules! route_types {
    ($( $code:literal => $name:ident($type:ty) ),* $(,)?) => {
        /// A route of Ethernet VPN, by type.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Evpn {
            $( $name($type), )*
            /// A type without a line here: its bytes, kept.
            Unknown(Opaque),
        }

        /// Every type that has words.
        static KINDS: &[Kind] = &[
            $( Kind {
                name: <$type>::NAME,
                words: <$type>::WORDS,
                build: |said| <$type>::build(said).map(Evpn::$name),
            }, )*
        ];

        impl Evpn {
            /// The number of its type, its word, its name in JSON, what it holds; `None` for
            /// types without a line.
            fn told(&self) -> Option<(u8, &'static str, &'static str, Said)> {
                match self {
                    $( Self::$name(route) => {
                        Some(($code, <$type>::NAME, <$type>::TITLE, route.said()))
                    } )*
                    Self::Unknown(_) => None,
                }
            }

            /// Reads the value of a type; `None` for types without a line.
            #[deny(unreachable_patterns)]
            fn value(code: u8, value: &mut Reader<'_>) -> Option<Result<Self, Malformed>> {
                match code {
                    $( $code => Some(<$type>::unpack(value).map(Self::$name)), )*
                    _ => None,
                }
            }

            fn pack_value(&self, writer: &mut Writer<'_>) {
                match self {
                    $( Self::$name(route) => route.pack(writer), )*
                    Self::Unknown(_) => {}
                }
            }

            fn key(code: u8, value: &[u8]) -> Option<[&[u8]; 2]> {
                match code {
                    $( $code => <$type>::key(value), )*
                    _ => None,
                }
            }
        }
    };
}

route_types! {
    1 => EthernetAd(ethernet_ad::EthernetAd),
    2 => Mac(mac::MacIp),
    3 => Multicast(multicast::Multicast),
    4 => EthernetSegment(ethernet_segment::EthernetSegment),
    5 => Prefix(prefix::IpPrefix),
}

const WHAT: &str = "EVPN NLRI";

impl Evpn {
    const FAMILY: Family = Family::new(Afi::L2VPN, Safi::EVPN);

    /// Reads one NLRI of a type that has a line.
    fn known(bytes: &[u8]) -> Result<Option<Self>, Malformed> {
        let mut reader = Reader::new(bytes);
        let code = reader.u8(WHAT)?;
        let length = usize::from(reader.u8(WHAT)?);
        let mut value = reader.sub(WHAT, length)?;
        reader.done(WHAT)?;
        let route = Self::value(code, &mut value).transpose()?;
        if route.is_some() {
            value.done(WHAT)?;
        }
        Ok(route)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        self.pack(&mut Writer::new(&mut bytes));
        bytes
    }
}

impl Layout for Evpn {
    const ON_FAULT: OnFault = OnFault::ResetLength;
    const GRAMMAR: Option<&'static Grammar> = Some(&wording::GRAMMAR);

    fn extent(mut ahead: Reader<'_>, _: Family) -> Result<usize, Malformed> {
        ahead.u8(WHAT)?;
        Ok(2 + usize::from(ahead.u8(WHAT)?))
    }

    fn check(bytes: &[u8], _: Family) -> Result<(), Malformed> {
        Self::known(bytes).map(drop)
    }

    fn unpack(bytes: &[u8], _: Family) -> Result<Self, Malformed> {
        let code = bytes.first().copied().map(u16::from);
        let route = Self::known(bytes)?;
        Ok(route.unwrap_or_else(|| Self::Unknown(Opaque::new(code, bytes))))
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        match (self, self.told()) {
            (Self::Unknown(opaque), _) => opaque.pack(writer),
            (_, Some((code, ..))) => {
                writer.u8(code);
                let written = writer.sized_u8(|writer| self.pack_value(writer));
                debug_assert!(written.is_ok(), "no type holds more than 58 octets");
            }
            (_, None) => {}
        }
    }

    /// What a route is about: labels do not count, nor what the RFC of a type makes an attribute
    /// of the route (RFC 7432 7.1, 7.2; RFC 9136 3.1).
    fn identity(bytes: &[u8], family: Family, path_id: Option<u32>) -> Identity<'_> {
        let key = match bytes {
            [code, _, value @ ..] => Self::key(*code, value).map(|key| (*code, key)),
            _ => None,
        };
        match key {
            Some((code, key)) => Identity::parts(family, path_id, code, key),
            None => Identity::whole(family, path_id, bytes),
        }
    }

    fn members(&self, object: &mut json::Object<'_, '_>, _: &About) {
        match (self, self.told()) {
            (Self::Unknown(opaque), _) => opaque.members(object),
            (_, Some((code, _, title, said))) => {
                object.field("code").number(code);
                object.field("parsed").boolean(true);
                let json = object.field("raw");
                json.raw("\"");
                json.hex_digits(&self.bytes());
                json.raw("\"");
                object.field("name").string(title);
                said.members(object);
            }
            (_, None) => {}
        }
    }

    fn text(&self, out: &mut Vec<u8>, about: &About) {
        out.extend_from_slice(b"evpn ");
        self.statement(out, about);
    }

    fn statement(&self, out: &mut Vec<u8>, about: &About) {
        match self.told() {
            Some((_, name, _, said)) => text::display(out, format_args!("{name} {said}")),
            None => text::display(out, format_args!("raw {}", Hex(&self.bytes()))),
        }
        text::next_hop(out, about.next_hop);
    }
}
