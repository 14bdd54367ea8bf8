//! Prefixes of a VPN, RFC 4364 and RFC 4659.
//!
//! Wire format: the length in bits of all that follows, the label stack, the distinguisher, the
//! prefix.

use super::parts::Parts;
use super::{About, Identity, Layout, inet, label, text};
use crate::json::{self, Dialect};
use crate::protocol::{Distinguisher, Family, Label, Prefix};
use crate::wire::{Malformed, Reader, Writer};

/// A prefix, the VPN it belongs to, and the labels to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpVpn {
    pub labels: Vec<Label>,
    pub distinguisher: Distinguisher,
    pub prefix: Prefix,
}

/// The bits of the distinguisher.
const RD: u8 = 64;

impl Layout for IpVpn {
    fn extent(mut ahead: Reader<'_>, _: Family) -> Result<usize, Malformed> {
        Ok(1 + usize::from(ahead.u8("NLRI")?.div_ceil(8)))
    }

    fn check(bytes: &[u8], family: Family) -> Result<(), Malformed> {
        Parts::of(bytes, RD, family.afi).map(drop)
    }

    fn unpack(bytes: &[u8], family: Family) -> Result<Self, Malformed> {
        let parts = Parts::of(bytes, RD, family.afi)?;
        Ok(Self {
            labels: label::stack(parts.labels),
            distinguisher: Distinguisher(
                Reader::new(parts.distinguisher).array("route distinguisher")?,
            ),
            prefix: label::prefix(parts, family.afi)?,
        })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.u8(label::length(&self.labels, RD, self.prefix));
        Label::pack_stack(&self.labels, writer);
        writer.bytes(&self.distinguisher.0);
        self.prefix.pack_bits(writer);
    }

    fn identity(bytes: &[u8], family: Family, path_id: Option<u32>) -> Identity<'_> {
        Parts::identity(bytes, RD, family, path_id)
    }

    fn members(&self, object: &mut json::Object<'_, '_>, about: &About) {
        inet::members(object, self.prefix, about.path_id);
        label::member(object, &self.labels);
        object.field("rd").display(&self.distinguisher);
    }

    fn text(&self, out: &mut Vec<u8>, about: &About) {
        text::prefix(out, self.prefix, about.path_id);
        text::labels(out, &self.labels, about.dialect);
        if about.dialect == Dialect::V4 {
            text::next_hop(out, about.next_hop);
        }
        text::display(out, format_args!(" rd {}", self.distinguisher));
        if about.dialect == Dialect::V6 {
            text::next_hop(out, about.next_hop);
        }
    }

    fn statement(&self, out: &mut Vec<u8>, about: &About) {
        text::prefix(out, self.prefix.masked(), about.path_id);
        text::label_words(out, &self.labels);
        text::display(out, format_args!(" rd {}", self.distinguisher.exact()));
        text::next_hop(out, about.next_hop);
    }

    fn prefix(&self) -> Option<Prefix> {
        Some(self.prefix)
    }
}
