//! Routes that this build knows by name and can not read.

use super::section::Read;
use crate::text::Error;

/// Routes of a family that can not be read.
pub(super) const ROUTES: Read = |_, tokens| {
    let name = tokens.slice(tokens.last().start, tokens.last().end).to_owned();
    Err(Error::new(tokens.last(), format!("routes of {name} are not supported by this build")))
};
