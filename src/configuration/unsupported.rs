//! Sections and routes that this build knows by name and can not read.

use super::section::{PLAIN, Read, Section};
use crate::text::Error;

/// A section whose content is not read.
const fn section(name: &'static str, open: Read) -> Section {
    Section { name, syntax: name, open, ..PLAIN }
}

pub(super) static L2VPN: Section = section("l2vpn", |_, tokens| {
    Err(Error::new(tokens.last(), "routes of l2vpn are not supported by this build"))
});

/// Routes of a family that can not be read.
pub(super) const ROUTES: Read = |_, tokens| {
    let name = tokens.slice(tokens.last().start, tokens.last().end).to_owned();
    Err(Error::new(tokens.last(), format!("routes of {name} are not supported by this build")))
};
