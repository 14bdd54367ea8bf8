//! `capability { … }`: what is offered in our OPEN.

use super::draft::{given, switch};
use crate::bgp::neighbor::{AddPath, Capabilities};
use crate::configuration::scope::{Given, Scope};
use crate::configuration::section::{Keyword, PLAIN, Section};
use crate::text::{Error, Tokens, Word};

/// The longest restart time: the field has 12 bits (RFC 4724 section 3).
const RESTART_MAX: u16 = 4095;

/// Declares the switches, which all merge alike.
macro_rules! draft {
    ( $( $name:ident: $type:ty, )* ) => {
        /// What a `capability` section says.
        #[derive(Clone, Debug, Default)]
        pub(crate) struct Draft {
            $( pub(crate) $name: Given<$type>, )*
        }

        impl Draft {
            /// Takes over each value that `other` has.
            pub(crate) fn overwrite(&mut self, other: &Self) {
                $( if other.$name.is_some() { self.$name = other.$name; } )*
            }
        }
    };
}

draft! {
    asn4: bool,
    route_refresh: bool,
    // `Some(0)`: the hold time.
    graceful_restart: Option<u16>,
    software_version: bool,
    nexthop: bool,
    add_path: AddPath,
    multi_session: bool,
    operational: bool,
    aigp: bool,
    extended_message: bool,
    link_local_nexthop: bool,
    link_local_prefer: bool,
}

/// A switch; `$bare` is what it means alone.
macro_rules! switch {
    ($name:literal => $field:ident, $bare:literal) => {
        Keyword {
            name: $name,
            syntax: concat!($name, " [enable|disable]"),
            read: |scope, tokens| {
                scope.neighbor.capability.$field = switch(tokens, $bare)?;
                Ok(())
            },
        }
    };
}

pub(crate) static CAPABILITY: Section = Section {
    name: "capability",
    syntax: "capability { … }",
    keywords: &[
        switch!("asn4" => asn4, true),
        switch!("route-refresh" => route_refresh, true),
        Keyword {
            name: "graceful-restart",
            syntax: "graceful-restart [<seconds below 4096>|disable]",
            read: graceful_restart,
        },
        switch!("software-version" => software_version, false),
        switch!("nexthop" => nexthop, true),
        Keyword {
            name: "add-path",
            syntax: "add-path send|receive|send/receive|disable",
            read: |scope, tokens| {
                scope.neighbor.capability.add_path = given(tokens, add_path)?;
                Ok(())
            },
        },
        switch!("multi-session" => multi_session, true),
        switch!("operational" => operational, true),
        switch!("aigp" => aigp, true),
        switch!("extended-message" => extended_message, true),
        Keyword {
            name: "link-local-nexthop",
            syntax: "link-local-nexthop enable|disable",
            read: |scope, tokens| {
                scope.neighbor.capability.link_local_nexthop = given(tokens, Tokens::boolean)?;
                Ok(())
            },
        },
        switch!("link-local-prefer" => link_local_prefer, false),
    ],
    gone: &[
        ("refresh", "write route-refresh"),
        ("route", "write route-refresh"),
        ("as4", "write asn4"),
        ("add_path", "write add-path"),
    ],
    ..PLAIN
};

fn graceful_restart(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    let off = |word: &Word<'_>| {
        word.eq_ignore_ascii_case("disable") || word.eq_ignore_ascii_case("disabled")
    };
    let value = if tokens.is_done() {
        Some((Some(0), tokens.last()))
    } else if tokens.peek().is_some_and(off) {
        given(tokens, |tokens| tokens.word("disable").map(|_| None))?
    } else {
        given(tokens, |tokens| tokens.number::<u16>("a number of seconds below 4096").map(Some))?
    };
    scope.neighbor.capability.graceful_restart = match value {
        Some((Some(seconds), span)) if seconds > RESTART_MAX => {
            let what = format!(
                "graceful-restart: \"{seconds}\" is taken for {RESTART_MAX}: the field has 12 bits"
            );
            scope.warn(span, what);
            Some((Some(RESTART_MAX), span))
        }
        value => value,
    };
    Ok(())
}

fn add_path(tokens: &mut Tokens<'_>) -> Result<AddPath, Error> {
    let word = tokens.word("send, receive, send/receive or disable")?;
    match word.to_ascii_lowercase().as_str() {
        "send" => Ok(AddPath::Send),
        "receive" => Ok(AddPath::Receive),
        "send/receive" => Ok(AddPath::Both),
        "disable" | "disabled" => Ok(AddPath::Disabled),
        "receive/send" => Err(word.fault("is written send/receive")),
        _ => Err(word.fault("is no direction")),
    }
}

impl Draft {
    /// What was written over what is the case where nothing is. `hold_time` is the restart time
    /// of a bare `graceful-restart`.
    pub(crate) fn complete(&self, hold_time: u16) -> Capabilities {
        let default = Capabilities::default();
        let restart = self.graceful_restart.map_or(default.graceful_restart, |(value, _)| value);
        Capabilities {
            asn4: self.asn4.map_or(default.asn4, |(value, _)| value),
            extended_message: self.extended_message.map_or(default.extended_message, |(v, _)| v),
            route_refresh: self.route_refresh.map_or(default.route_refresh, |(value, _)| value),
            graceful_restart: restart
                .map(|seconds| if seconds == 0 { hold_time.min(RESTART_MAX) } else { seconds }),
            add_path: self.add_path.map_or(default.add_path, |(value, _)| value),
            nexthop: self.nexthop.map(|(value, _)| value),
            multi_session: self.multi_session.map_or(default.multi_session, |(value, _)| value),
            operational: self.operational.map_or(default.operational, |(value, _)| value),
            aigp: self.aigp.map_or(default.aigp, |(value, _)| value),
            software_version: self.software_version.map_or(default.software_version, |(v, _)| v),
            link_local_nexthop: self.link_local_nexthop.map(|(value, _)| value),
            link_local_prefer: self.link_local_prefer.map_or(default.link_local_prefer, |(v, _)| v),
        }
    }
}
