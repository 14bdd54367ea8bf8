//! Sections and routes that this build knows by name and can not read.

use super::section::{PLAIN, Read, Section};
use crate::text::Error;

/// A section whose content is not read.
const fn section(name: &'static str, open: Read) -> Section {
    Section { name, syntax: name, open, ..PLAIN }
}

pub(super) static FLOW: Section = section("flow", |_, tokens| {
    Err(Error::new(tokens.last(), "routes of flow are not supported by this build"))
});
