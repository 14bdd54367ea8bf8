//! Labelled prefixes, RFC 8277.
//!
//! Wire format: the length in bits of all that follows, the label stack, the prefix.

use super::parts::Parts;
use super::{About, Identity, Layout, inet, text};
use crate::json;
use crate::protocol::{Afi, Family, Label, Prefix};
use crate::wire::{Malformed, Reader, Writer};

/// A prefix and the labels to reach it, the outermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    pub labels: Vec<Label>,
    pub prefix: Prefix,
}

/// The bits of the distinguisher, which there is none of.
const RD: u8 = 0;

impl Layout for Labelled {
    fn extent(mut ahead: Reader<'_>, _: Family) -> Result<usize, Malformed> {
        Ok(1 + usize::from(ahead.u8("NLRI")?.div_ceil(8)))
    }

    fn check(bytes: &[u8], family: Family) -> Result<(), Malformed> {
        Parts::of(bytes, RD, family.afi).map(drop)
    }

    fn unpack(bytes: &[u8], family: Family) -> Result<Self, Malformed> {
        let parts = Parts::of(bytes, RD, family.afi)?;
        Ok(Self { labels: stack(parts.labels), prefix: prefix(parts, family.afi)? })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.u8(length(&self.labels, RD, self.prefix));
        Label::pack_stack(&self.labels, writer);
        self.prefix.pack_bits(writer);
    }

    fn identity(bytes: &[u8], family: Family, path_id: Option<u32>) -> Identity<'_> {
        Parts::identity(bytes, RD, family, path_id)
    }

    fn members(&self, object: &mut json::Object<'_, '_>, about: &About) {
        inet::members(object, self.prefix, about.path_id);
        member(object, &self.labels);
    }

    fn text(&self, out: &mut Vec<u8>, about: &About) {
        text::prefix(out, self.prefix, about.path_id);
        text::labels(out, &self.labels, about.dialect);
        text::next_hop(out, about.next_hop);
    }

    fn statement(&self, out: &mut Vec<u8>, about: &About) {
        text::prefix(out, self.prefix.masked(), about.path_id);
        text::label_words(out, &self.labels);
        text::next_hop(out, about.next_hop);
    }

    fn prefix(&self) -> Option<Prefix> {
        Some(self.prefix)
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
    let whole = object.whole_labels();
    object.field("label").list(|list| {
        for label in labels {
            list.element().tight_list(|list| {
                list.element().number(label.value());
                if whole {
                    list.element().number(label.raw());
                }
            });
        }
    });
}
