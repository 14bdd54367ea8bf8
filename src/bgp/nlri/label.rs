//! Labelled prefixes, RFC 8277.
//!
//! Wire format: the length in bits of all that follows, the label stack, the prefix.

use crate::json::{self, Dialect};
use crate::protocol::{Afi, Label, Prefix};
use crate::wire::{Malformed, Reader, Writer};

use super::Shape;
use super::walk::Parts;

/// A prefix and the labels to reach it, the outermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    pub labels: Vec<Label>,
    pub prefix: Prefix,
}

impl Labelled {
    /// Reads the bytes of one NLRI.
    pub fn unpack(bytes: &[u8], afi: Afi) -> Result<Self, Malformed> {
        let parts = Parts::of(bytes, Shape::Label, afi)?;
        Ok(Self { labels: stack(parts.labels), prefix: prefix(parts, afi)? })
    }

    /// Writes the bytes of one NLRI.
    pub fn pack(&self, writer: &mut Writer<'_>) {
        writer.u8(length(&self.labels, 0, self.prefix));
        Label::pack_stack(&self.labels, writer);
        self.prefix.pack_bits(writer);
    }
}

/// The entries of a stack.
pub(super) fn stack(octets: &[u8]) -> Vec<Label> {
    octets.as_chunks().0.iter().copied().map(Label::from_octets).collect()
}

/// The prefix of an NLRI taken apart.
pub(super) fn prefix(parts: Parts<'_>, afi: Afi) -> Result<Prefix, Malformed> {
    Prefix::unpack_bits(&mut Reader::new(parts.prefix), afi, parts.length, "prefix")
}

/// The length octet: labels, distinguisher and prefix.
pub(super) fn length(labels: &[Label], distinguisher: u8, prefix: Prefix) -> u8 {
    let labels = u8::try_from(labels.len() * Label::OCTETS * 8).unwrap_or(u8::MAX);
    labels.saturating_add(distinguisher).saturating_add(prefix.length())
}

/// `"label": [ [300, 4801] ]`; without the raw 24 bits as ExaBGP 5.0 says it.
pub(super) fn member(object: &mut json::Object<'_, '_>, labels: &[Label]) {
    let dialect = object.dialect();
    object.field("label").list(|list| {
        for label in labels {
            list.element().tight_list(|list| {
                list.element().number(label.value());
                if dialect == Dialect::V6 {
                    list.element().number(label.raw());
                }
            });
        }
    });
}
