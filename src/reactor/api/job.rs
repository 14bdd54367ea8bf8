//! Long answers, given step by step.

/// A command that goes on.
#[derive(Debug)]
pub(super) enum Job {}
