//! NLRI of many route types: a code, a length, and a body that the type lays out.
//!
//! Each type is one file with all its faces; `route_types!` lists those of a family. What no
//! words can say is written by its octets: `raw 0x…`, the whole NLRI.

use std::fmt;
use std::marker::PhantomData;
use std::net::IpAddr;

use super::{About, Packed, Run, Welcome, Wording, text};
use crate::bgp::attribute::Builder;
use crate::json::{self, Dialect};
use crate::protocol::{Family, Prefix};
use crate::text::{Error, Span, Tokens, Word};
use crate::wire::{Hex, Malformed, Reader, Writer, from_hex};

/// A route type: what stands behind its code and length. `Display` is its words, keyword first.
pub(super) trait RouteType: Sized + fmt::Display {
    /// Its name in JSON; empty where ExaBGP tells nothing but the octets.
    const NAME: &'static str = "";
    /// The word that starts a route of this type.
    const KEYWORD: &'static str;
    /// The keyword and the words behind it, in their order.
    const SYNTAX: &'static str;

    /// Reads the body, up to its end.
    fn unpack(body: &mut Reader<'_>, family: Family) -> Result<Self, Malformed>;

    /// Writes the body.
    fn pack(&self, writer: &mut Writer<'_>);

    /// Writes the members of its JSON object, beside those that every type has; there are none
    /// where ExaBGP tells nothing but the octets.
    fn members(&self, _: &mut json::Object<'_, '_>) {}

    /// Its text in events and in `show`, in the style of ExaBGP, which leaves the next hop out.
    fn brief(&self, dialect: Dialect) -> String;

    /// Reads the words behind the keyword.
    fn parse(tokens: &mut Tokens<'_>, family: Family) -> Result<Self, Error>;
}

/// The route types of a family: what `route_types!` makes.
pub(super) trait Types: Sized + fmt::Debug {
    /// Reads the words behind `keyword` into the octets of an NLRI; `None` when no type is
    /// called so.
    fn parse(
        keyword: &str,
        tokens: &mut Tokens<'_>,
        family: Family,
    ) -> Option<Result<Vec<u8>, Error>>;

    /// Whether an attribute may be said of a route, by its keyword.
    fn welcome(_: &str) -> Welcome {
        Welcome::Read
    }

    /// What the family makes of attributes that were said.
    fn settle(_: &mut Builder, _: Family) {}
}

pub(super) const RAW: &str = "raw";
pub(super) const RAW_SYNTAX: &str = "raw 0x<octets of the NLRI>";

/// Lists the route types of a family: makes the enum and its dispatch to [`RouteType`], and
/// nothing else.
macro_rules! route_types {
    (
        $(#[$doc:meta])*
        pub enum $name:ident {
            $( $(#[$line:meta])* $code:literal => $variant:ident($type:ty) ),* $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $( $(#[$line])* $variant($type), )*
        }

        impl $name {
            const WORDS: &'static [(&'static str, &'static str)] = &[
                $( (<$type as RouteType>::KEYWORD, <$type as RouteType>::SYNTAX), )*
                ($crate::bgp::nlri::typed::RAW, $crate::bgp::nlri::typed::RAW_SYNTAX),
            ];

            /// The code point.
            fn code(&self) -> u8 {
                match self {
                    $( Self::$variant(_) => $code, )*
                }
            }

            /// The name in JSON.
            fn name(&self) -> &'static str {
                match self {
                    $( Self::$variant(_) => <$type as RouteType>::NAME, )*
                }
            }

            /// Reads a body; `None` when no line names the code.
            fn unpack(
                code: u8,
                mut body: Reader<'_>,
                family: Family,
            ) -> Option<Result<Self, Malformed>> {
                let read = match code {
                    $( $code => <$type>::unpack(&mut body, family).map(Self::$variant), )*
                    _ => return None,
                };
                Some(read.and_then(|route| body.done("NLRI").map(|()| route)))
            }

            fn pack(&self, writer: &mut Writer<'_>) {
                match self {
                    $( Self::$variant(route) => route.pack(writer), )*
                }
            }

            fn members(&self, object: &mut json::Object<'_, '_>) {
                match self {
                    $( Self::$variant(route) => route.members(object), )*
                }
            }

            fn brief(&self, dialect: Dialect) -> String {
                match self {
                    $( Self::$variant(route) => route.brief(dialect), )*
                }
            }

            /// Reads the words behind `keyword`; `None` when no line has it.
            fn parse(
                keyword: &str,
                tokens: &mut Tokens<'_>,
                family: Family,
            ) -> Option<Result<Self, Error>> {
                $(
                    if keyword == <$type>::KEYWORD {
                        let read = <$type>::parse(tokens, family).map(Self::$variant);
                        return Some(read.map_err(|error| {
                            error.of(keyword).syntax(<$type>::SYNTAX)
                        }));
                    }
                )*
                None
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $( Self::$variant(route) => std::fmt::Display::fmt(route, f), )*
                }
            }
        }
    };
}
pub(super) use route_types;

/// A route of such a family being put together.
#[derive(Debug)]
pub(super) struct TypedWords<T> {
    family: Family,
    bytes: Vec<u8>,
    types: PhantomData<T>,
}

impl<T: Types> TypedWords<T> {
    pub(super) fn new(family: Family) -> Self {
        Self { family, bytes: Vec::new(), types: PhantomData }
    }
}

impl<T: Types + 'static> Wording for TypedWords<T> {
    fn field(
        &mut self,
        word: &Word<'_>,
        tokens: &mut Tokens<'_>,
        _: &mut Builder,
    ) -> Option<Result<(), Error>> {
        let read = match &*word.text {
            RAW => raw(tokens, self.family).map_err(|error| error.of(RAW).syntax(RAW_SYNTAX)),
            keyword => T::parse(keyword, tokens, self.family)?,
        };
        Some(read.and_then(|bytes| {
            if !self.bytes.is_empty() {
                return Err(word.fault("comes after another type of route"));
            }
            self.bytes = bytes;
            Ok(())
        }))
    }

    fn welcome(&self, attribute: &str) -> Welcome {
        T::welcome(attribute)
    }

    fn finish(&mut self, attributes: &mut Builder, span: Span) -> Result<Packed, Error> {
        if self.bytes.is_empty() {
            return Err(Error::new(span, "the route has no type"));
        }
        T::settle(attributes, self.family);
        Ok(Packed::new(self.family, None, &self.bytes))
    }

    fn boxed(&self) -> Box<dyn Wording> {
        Box::new(Self { family: self.family, bytes: self.bytes.clone(), types: PhantomData })
    }
}

/// Reads the octets of one NLRI that can be read, with `0x` or, as JSON has them, without.
pub(super) fn raw(tokens: &mut Tokens<'_>, family: Family) -> Result<Vec<u8>, Error> {
    let word = tokens.word("the octets of an NLRI")?;
    let bytes = from_hex(word.strip_prefix("0x").unwrap_or(&word));
    let bytes = bytes.map_err(|fault| word.fault(&format!("is not octets: {fault}")))?;
    let run = Run::check(&bytes, family, false);
    match run.map_err(|fault| Error::new(word.span, fault.to_string()))?.entries().next() {
        Some(entry) if entry.bytes.len() == bytes.len() => Ok(bytes),
        _ => Err(word.fault("is not one NLRI")),
    }
}

/// Appends `words` if they are read back to `bytes`, else the octets; and the next hop.
pub(super) fn statement<T: Types>(out: &mut Vec<u8>, bytes: &[u8], words: &str, about: &About) {
    if reads_as::<T>(words, about.family, bytes) {
        out.extend_from_slice(words.as_bytes());
    } else {
        text::display(out, format_args!("{RAW} 0x{}", Hex(bytes)));
    }
    text::next_hop(out, about.next_hop);
}

fn reads_as<T: Types>(words: &str, family: Family, bytes: &[u8]) -> bool {
    let mut tokens = Tokens::line(words);
    let Ok(keyword) = tokens.word("a keyword") else { return false };
    let read = T::parse(&keyword, &mut tokens, family);
    matches!(read, Some(Ok(read)) if read == bytes) && tokens.is_done()
}

/// `"raw": "05…"`.
pub(super) fn raw_member(object: &mut json::Object<'_, '_>, bytes: &[u8]) {
    let json = object.field(RAW);
    json.raw("\"");
    json.hex_digits(bytes);
    json.raw("\"");
}

/// An address behind its length in bits.
pub(super) fn unpack_address(
    reader: &mut Reader<'_>,
    what: &'static str,
) -> Result<IpAddr, Malformed> {
    match reader.u8(what)? {
        32 => reader.array::<4>(what).map(IpAddr::from),
        128 => reader.array::<16>(what).map(IpAddr::from),
        other => Err(Malformed::Value { what, got: u32::from(other) }),
    }
}

/// The rest as an address, whose length tells its kind.
pub(super) fn unpack_rest(
    reader: &mut Reader<'_>,
    what: &'static str,
) -> Result<IpAddr, Malformed> {
    match reader.len() {
        4 => reader.array::<4>(what).map(IpAddr::from),
        16 => reader.array::<16>(what).map(IpAddr::from),
        got => Err(Malformed::Length { what, got }),
    }
}

/// The octets of an address.
pub(super) fn pack_octets(address: IpAddr, writer: &mut Writer<'_>) {
    match address {
        IpAddr::V4(v4) => writer.bytes(&v4.octets()),
        IpAddr::V6(v6) => writer.bytes(&v6.octets()),
    }
}

/// An address behind its length in bits.
pub(super) fn pack_address(address: IpAddr, writer: &mut Writer<'_>) {
    writer.u8(bits(address));
    pack_octets(address, writer);
}

/// The length of an address in bits.
pub(super) fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The next word as an address of the family that the route is of.
pub(super) fn address(tokens: &mut Tokens<'_>, family: Family) -> Result<IpAddr, Error> {
    let word = tokens.span();
    let address = tokens.address()?;
    if Prefix::host(address).afi() == family.afi {
        return Ok(address);
    }
    Err(Error::new(word, format!("{address} is no address of {}", family.afi)))
}
