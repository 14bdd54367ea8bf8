//! The traits of everything that has a code point, and the macro that lists them.

use crate::json;
use crate::text::{self, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::Negotiated;

/// Something with a code point on the wire.
pub trait Element: Sized {
    /// The keyword, and the JSON key unless [`Element::KEY`] differs.
    const NAME: &'static str;
    /// The JSON key.
    const KEY: &'static str = Self::NAME;

    /// Reads the value: everything up to the end of `reader`.
    fn unpack(reader: &mut Reader<'_>, negotiated: &Negotiated) -> Result<Self, Malformed>;
    /// Writes the value, without code point or length.
    fn pack(&self, writer: &mut Writer<'_>, negotiated: &Negotiated);
    /// Writes the value as JSON, without key.
    fn json(&self, json: &mut json::Writer<'_>);
}

/// Something that can be written in a configuration or a command.
pub trait FromText: Sized {
    /// Shown in errors, help and completion.
    const SYNTAX: &'static str;

    /// Reads the words after the keyword.
    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, text::Error>;
}

/// Lists the members of a numbered space: makes the enum and its dispatch, and nothing else.
///
/// Each line is `code => Variant(type)`, with `text` behind it when the type implements
/// [`FromText`]. The last variant, `Unknown`, keeps what no line names.
///
/// A space whose members obey rules of their own names the type that holds them, `rules Rules`:
/// `Rules::of::<Type>()` is then reachable by code point.
#[macro_export]
macro_rules! registry {
    (
        $(#[$doc:meta])*
        pub enum $name:ident: $int:ty, unknown $unknown:ty $(, rules $rules:ident)? {
            $( $code:literal => $variant:ident($type:ty) $($face:ident)? ),* $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $( $variant($type), )*
            /// A code point without a line here: its bytes, kept.
            Unknown($unknown),
        }

        impl $name {
            /// Every code point listed, with its name.
            pub const KNOWN: &'static [($int, &'static str)] =
                &[ $( ($code, <$type as $crate::bgp::Element>::NAME) ),* ];

            /// The keyword and the syntax of every line marked `text`.
            pub fn keywords() -> impl Iterator<Item = (&'static str, &'static str)> {
                [ $( $crate::registry!(@keyword [$($face)?] $type) ),* ].into_iter().flatten()
            }

            /// The code point.
            pub fn code(&self) -> $int {
                match self {
                    $( Self::$variant(_) => $code, )*
                    Self::Unknown(unknown) => unknown.code,
                }
            }

            /// The keyword of a known member.
            pub fn name(&self) -> Option<&'static str> {
                match self {
                    $( Self::$variant(_) => Some(<$type as $crate::bgp::Element>::NAME), )*
                    Self::Unknown(_) => None,
                }
            }

            /// The JSON key of a known member.
            pub fn key(&self) -> Option<&'static str> {
                match self {
                    $( Self::$variant(_) => Some(<$type as $crate::bgp::Element>::KEY), )*
                    Self::Unknown(_) => None,
                }
            }

            /// Reads the value of `code`; `None` when no line names it.
            #[deny(unreachable_patterns)]
            pub fn unpack(
                code: $int,
                reader: &mut $crate::wire::Reader<'_>,
                negotiated: &$crate::bgp::Negotiated,
            ) -> Option<Result<Self, $crate::wire::Malformed>> {
                match code {
                    $( $code => Some(
                        <$type as $crate::bgp::Element>::unpack(reader, negotiated)
                            .map(Self::$variant),
                    ), )*
                    _ => None,
                }
            }

            $crate::registry!(@rules [$($rules)?] $int, $( $code => $type ),*);

            /// Writes the value.
            pub fn pack(
                &self,
                writer: &mut $crate::wire::Writer<'_>,
                negotiated: &$crate::bgp::Negotiated,
            ) {
                match self {
                    $( Self::$variant(value) => {
                        $crate::bgp::Element::pack(value, writer, negotiated)
                    } )*
                    Self::Unknown(unknown) => writer.bytes(unknown.bytes()),
                }
            }

            /// Writes the value as JSON.
            pub fn json(&self, json: &mut $crate::json::Writer<'_>) {
                match self {
                    $( Self::$variant(value) => $crate::bgp::Element::json(value, json), )*
                    Self::Unknown(unknown) => unknown.json(json),
                }
            }

            /// Reads the words after `keyword`; `None` when no line marked `text` has that name.
            pub fn parse(
                keyword: &str,
                tokens: &mut $crate::text::Tokens<'_>,
            ) -> Option<Result<Self, $crate::text::Error>> {
                $( $crate::registry!(@parse [$($face)?] keyword, tokens, $variant, $type); )*
                // A registry without a line marked `text` looks at neither.
                let _ = (keyword, tokens);
                None
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $( Self::$variant(value) => std::fmt::Display::fmt(value, f), )*
                    Self::Unknown(unknown) => std::fmt::Display::fmt(unknown, f),
                }
            }
        }
    };
    (@rules [] $int:ty, $( $code:literal => $type:ty ),*) => {};
    (@rules [$rules:ident] $int:ty, $( $code:literal => $type:ty ),*) => {
        /// The rules of `code`; `None` when no line names it.
        pub fn rules(code: $int) -> Option<&'static $rules> {
            match code {
                $( $code => Some(const { &$rules::of::<$type>() }), )*
                _ => None,
            }
        }
    };
    (@keyword [text] $type:ty) => {
        Some((<$type as $crate::bgp::Element>::NAME, <$type as $crate::bgp::FromText>::SYNTAX))
    };
    (@keyword [] $type:ty) => {
        None::<(&'static str, &'static str)>
    };
    (@parse [text] $keyword:ident, $tokens:ident, $variant:ident, $type:ty) => {
        if $keyword == <$type as $crate::bgp::Element>::NAME {
            let value = <$type as $crate::bgp::FromText>::parse($tokens);
            return Some(value.map(Self::$variant).map_err(|error| {
                error.syntax(<$type as $crate::bgp::FromText>::SYNTAX)
            }));
        }
    };
    (@parse [] $keyword:ident, $tokens:ident, $variant:ident, $type:ty) => {};
}
