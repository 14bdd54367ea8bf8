//! Type 1, Ethernet auto-discovery, RFC 7432 section 7.1: a segment that can be reached.
//!
//! Wire format: distinguisher, segment, Ethernet tag, label.

use super::said::{Labels, Said, Segment};
use super::{RouteType, WHAT};
use crate::protocol::Distinguisher;
use crate::wire::{Malformed, Reader, Writer};

/// A segment that can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EthernetAd {
    distinguisher: Distinguisher,
    segment: Segment,
    ethernet_tag: u32,
    label: Labels,
}

impl RouteType for EthernetAd {
    const NAME: &'static str = "ethernet-ad";
    const TITLE: &'static str = "Ethernet Auto-Discovery";
    const WORDS: &'static [&'static str] = &["esi", "ethernet-tag", "label"];

    fn unpack(value: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            distinguisher: Distinguisher(value.array(WHAT)?),
            segment: Segment::unpack(value)?,
            ethernet_tag: value.u32(WHAT)?,
            label: Labels::unpack(value)?,
        })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.distinguisher.0);
        writer.bytes(&self.segment.0);
        writer.u32(self.ethernet_tag);
        self.label.pack(writer);
    }

    fn said(&self) -> Said {
        Said {
            distinguisher: Some(self.distinguisher),
            segment: Some(self.segment),
            ethernet_tag: Some(self.ethernet_tag),
            labels: Some(self.label),
            ..Said::default()
        }
    }

    /// Routes of a whole segment have no label, which is written as zero (section 8.2.1).
    fn build(said: &Said) -> Result<Self, &'static str> {
        Ok(Self {
            distinguisher: said.distinguisher.ok_or("it has no rd")?,
            segment: said.segment.ok_or("it has no esi")?,
            ethernet_tag: said.ethernet_tag.unwrap_or_default(),
            label: said.labels.unwrap_or_default().single()?,
        })
    }

    /// All but the label.
    fn key(value: &[u8]) -> Option<[&[u8]; 2]> {
        value.get(..22).map(|key| [key, &[]])
    }
}
