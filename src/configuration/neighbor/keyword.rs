//! The statements of a neighbor.

use super::draft::{Peer, given, switch};
use crate::configuration::scope::Scope;
use crate::configuration::section::Keyword;
use crate::protocol::{Asn, Prefix, PrefixError};
use crate::text::{Error, Tokens, Word};

/// What stood here in older releases, and what to write today.
pub(crate) const GONE: &[(&str, &str)] = &[
    ("ttl-security", "write outgoing-ttl and incoming-ttl"),
    ("md5", "write md5-password"),
    ("process", "a process is defined outside, and named here in api { processes [ <name> ]; }"),
    ("route", "routes are written in static { … } or announce { … }"),
    ("attributes", "routes are written in static { … }"),
    ("graceful-restart", "write it in capability { … }"),
    ("route-refresh", "write it in capability { … }"),
    ("asn4", "write it in capability { … }"),
    ("multi-session", "write it in capability { … }"),
    ("receive", "write it in api { … }"),
    ("send", "write it in api { … }"),
];

/// A statement with one value.
macro_rules! value {
    ($name:literal $syntax:literal => $field:ident, $read:expr) => {
        Keyword {
            name: $name,
            syntax: concat!($name, " ", $syntax),
            read: |scope, tokens| {
                scope.neighbor.scalars.$field = given(tokens, $read)?;
                Ok(())
            },
        }
    };
}

/// A switch; `$bare` is what it means alone.
macro_rules! switch {
    ($name:literal => $field:ident, $bare:literal) => {
        Keyword {
            name: $name,
            syntax: concat!($name, " [true|false]"),
            read: |scope, tokens| {
                scope.neighbor.scalars.$field = switch(tokens, $bare)?;
                Ok(())
            },
        }
    };
}

/// The statements of a neighbor, in the order in which they are printed.
pub(crate) const KEYWORDS: &[Keyword] = &[
    Keyword {
        name: "description",
        syntax: "description \"<text>\"",
        read: |scope, tokens| {
            scope.neighbor.scalars.description = given(tokens, text_or_nothing)?;
            Ok(())
        },
    },
    value!("router-id" "<IPv4 address>" => router_id, Tokens::ipv4),
    Keyword {
        name: "host-name",
        syntax: "host-name <name>",
        read: |scope, tokens| {
            scope.neighbor.scalars.host_name = host_name(scope, tokens, "host-name")?;
            Ok(())
        },
    },
    Keyword {
        name: "domain-name",
        syntax: "domain-name <name>",
        read: |scope, tokens| {
            scope.neighbor.scalars.domain_name = host_name(scope, tokens, "domain-name")?;
            Ok(())
        },
    },
    Keyword {
        name: "peer-address",
        syntax: "peer-address <address>[/<mask length>]",
        read: |scope, tokens| {
            scope.neighbor.peer = given(tokens, peer)?;
            Ok(())
        },
    },
    value!("local-address" "<address>|auto" => local_address, |tokens| {
        or_auto(tokens, Tokens::address)
    }),
    value!("local-link-local" "<address in fe80::/10>" => local_link_local, |tokens| {
        let address = tokens.ipv6()?;
        let bad = || Error::new(tokens.last(), format!("\"{address}\" is not in fe80::/10"));
        if address.is_unicast_link_local() { Ok(address) } else { Err(bad()) }
    }),
    value!("source-interface" "<interface>" => source_interface, text_or_nothing),
    value!("local-as" "<AS number>|auto" => local_as, |tokens| or_auto(tokens, Asn::parse)),
    value!("peer-as" "<AS number>|auto" => peer_as, |tokens| or_auto(tokens, Asn::parse)),
    value!("hold-time" "0 or 3-65535" => hold_time, |tokens| {
        let seconds = tokens.number::<u16>("a hold time of at most 65535 seconds")?;
        let bad = || Error::new(tokens.last(), format!("\"{seconds}\" is neither 0 nor at least 3"));
        if matches!(seconds, 1 | 2) { Err(bad()) } else { Ok(seconds) }
    }),
    Keyword { name: "rate-limit", syntax: "rate-limit <messages a second>|disable", read: rate },
    switch!("manual-eor" => manual_eor, false),
    switch!("passive" => passive, true),
    value!("listen" "<port>" => listen, port),
    value!("connect" "<port>" => connect, port),
    switch!("group-updates" => group_updates, true),
    switch!("auto-flush" => auto_flush, true),
    Keyword {
        name: "adj-rib-in",
        syntax: "adj-rib-in true|false",
        read: |scope, tokens| {
            bare_is_off(scope, tokens, "adj-rib-in");
            scope.neighbor.scalars.adj_rib_in = switch(tokens, false)?;
            Ok(())
        },
    },
    Keyword {
        name: "adj-rib-out",
        syntax: "adj-rib-out true|false",
        read: |scope, tokens| {
            bare_is_off(scope, tokens, "adj-rib-out");
            scope.neighbor.scalars.adj_rib_out = switch(tokens, false)?;
            Ok(())
        },
    },
    Keyword {
        name: "md5-password",
        syntax: "md5-password \"<text of at most 80 octets>\"",
        read: password,
    },
    value!("md5-base64" "true|false|auto" => md5_base64, |tokens| {
        if tokens.is_done() || tokens.accept("auto") { Ok(false) } else { tokens.boolean() }
    }),
    value!("md5-ip" "<address>" => md5_ip, Tokens::address),
    value!("outgoing-ttl" "0-255|disable" => outgoing_ttl, ttl),
    value!("incoming-ttl" "0-255|disable" => incoming_ttl, ttl),
    Keyword { name: "inherit", syntax: "inherit <template> or [ <template> … ]", read: inherit },
];

/// An address, a range, or a link-local address with its interface.
pub(crate) fn peer(tokens: &mut Tokens<'_>) -> Result<Peer, Error> {
    let word = tokens.word("the address of the peer")?;
    let (text, scope) = match word.split_once('%') {
        Some((address, interface)) if address.starts_with("fe80:") && !interface.is_empty() => {
            (address, Some(Box::from(interface)))
        }
        _ => (&*word.text, None),
    };
    let prefix = Prefix::from_text_lenient(text).map_err(|error| {
        word.fault(match error {
            PrefixError::Length => "has a mask that is too long",
            PrefixError::Syntax | PrefixError::HostBits => "is neither an address nor a range",
        })
    })?;
    Ok((prefix, scope))
}

/// A value, or `auto` for none.
fn or_auto<'a, T>(
    tokens: &mut Tokens<'a>,
    read: impl FnOnce(&mut Tokens<'a>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    if tokens.accept("auto") { Ok(None) } else { read(tokens).map(Some) }
}

fn text_or_nothing(tokens: &mut Tokens<'_>) -> Result<Box<str>, Error> {
    if tokens.is_done() { Ok(Box::default()) } else { Ok((*tokens.word("text")?.text).into()) }
}

fn port(tokens: &mut Tokens<'_>) -> Result<u16, Error> {
    tokens.number("a port")
}

fn ttl(tokens: &mut Tokens<'_>) -> Result<Option<u8>, Error> {
    let off = |word: &Word<'_>| {
        let names = ["disable", "disabled", "false"];
        names.iter().any(|name| word.eq_ignore_ascii_case(name))
    };
    if tokens.peek().is_some_and(off) {
        tokens.word("disable")?;
        return Ok(None);
    }
    tokens.number("a number below 256").map(Some)
}

/// ExaBGP turns the table off where the word stands alone.
fn bare_is_off(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>, name: &'static str) {
    if tokens.is_done() {
        let what = format!("{name}: alone it means false: write {name} true or {name} false");
        scope.warn(tokens.last(), what);
    }
}

fn rate(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    let word = tokens.word("messages a second")?;
    let off = word.eq_ignore_ascii_case("disable") || word.eq_ignore_ascii_case("disabled");
    let digits = word.strip_prefix('-').unwrap_or(&word);
    let rate = if off {
        0
    } else if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(word.fault("is neither a number nor disable"));
    } else if word.starts_with('-') {
        scope.warn(word.span, format!("rate-limit: \"{}\" is taken for no limit", word.text));
        0
    } else {
        digits.parse().unwrap_or(u32::MAX)
    };
    scope.neighbor.scalars.rate_limit = Some((rate, word.span));
    Ok(())
}

/// The capability has one octet for the length of a name, and no more than that is checked in
/// every release: anything else that is wrong with a name is told and let through.
fn host_name(
    scope: &mut Scope<'_>,
    tokens: &mut Tokens<'_>,
    keyword: &str,
) -> Result<Option<(Box<str>, crate::text::Span)>, Error> {
    if tokens.is_done() {
        scope.warn(tokens.last(), format!("{keyword}: a name is missing"));
        return Ok(None);
    }
    let word = tokens.word("a name")?;
    let bytes = word.as_bytes();
    let end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
    if bytes.len() > 255 {
        return Err(word.fault("is longer than 255 octets"));
    }
    let good = end(bytes.first()) && end(bytes.last()) && bytes.iter().all(inner);
    if !good || word.contains("..") {
        scope.warn(word.span, format!("{keyword}: \"{}\" is not the name of a host", word.text));
    }
    let name = (!bytes.is_empty()).then(|| (Box::from(&*word.text), word.span));
    Ok(name)
}

fn password(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    if tokens.is_done() {
        scope.warn(tokens.last(), "md5-password: a password is missing, none is used");
        return Ok(());
    }
    scope.neighbor.scalars.md5_password = given(tokens, text_or_nothing)?;
    Ok(())
}

fn inherit(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    if tokens.is_done() {
        return Err(tokens.missing("the name of a template"));
    }
    tokens.list(|tokens| {
        let word = tokens.word("the name of a template")?;
        scope.neighbor.inherit.push((Box::from(&*word.text), word.span));
        Ok(())
    })
}
