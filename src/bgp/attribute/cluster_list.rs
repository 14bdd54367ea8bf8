//! CLUSTER_LIST, RFC 4456 section 8: the reflectors a route went through, the nearest first.
//!
//! Wire format: cluster identifiers, four octets each.

use std::fmt;
use std::net::Ipv4Addr;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::{Flags, OnFault, Policy};

/// The reflectors a route went through, the nearest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClusterList(Box<[Ipv4Addr]>);

impl ClusterList {
    /// The cluster identifiers in order.
    pub fn identifiers(&self) -> &[Ipv4Addr] {
        &self.0
    }
}

impl Element for ClusterList {
    const NAME: &'static str = "cluster-list";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let octets = reader.rest();
        match octets.as_chunks::<4>() {
            (identifiers, []) => {
                Ok(Self(identifiers.iter().copied().map(Ipv4Addr::from).collect()))
            }
            _ => Err(Malformed::Length { what: Self::NAME, got: octets.len() }),
        }
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        self.0.iter().for_each(|identifier| writer.bytes(&identifier.octets()));
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.list(|list| self.0.iter().for_each(|identifier| list.element().ipv4(*identifier)));
    }
}

impl Policy for ClusterList {
    const FLAGS: Flags = Flags::OPTIONAL;
    const ON_FAULT: OnFault = OnFault::Withdraw;
    const ON_WRONG_FLAGS: OnFault = OnFault::Ignore;

    fn on_fault(negotiated: &Negotiated) -> OnFault {
        // RFC 7606 section 7.10: an external peer has no say in it.
        if negotiated.is_internal() { OnFault::Withdraw } else { OnFault::Discard }
    }
}

impl FromText for ClusterList {
    const SYNTAX: &'static str = "cluster-list [ <IPv4 address> … ]";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let mut identifiers = Vec::new();
        let start = tokens.span();
        tokens.list(|tokens| tokens.ipv4().map(|identifier| identifiers.push(identifier)))?;
        if identifiers.is_empty() {
            return Err(Error::new(start.to(tokens.last()), "a list of no clusters"));
        }
        Ok(Self(identifiers.into()))
    }
}

impl fmt::Display for ClusterList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[ ")?;
        self.0.iter().try_for_each(|identifier| write!(f, "{identifier} "))?;
        f.write_str("]")
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_as, refuse, refuse_texts};
    use super::*;

    #[test]
    fn three_faces() {
        let json = r#"[ "192.0.2.1", "192.0.2.2" ]"#;
        check::<ClusterList>("[ 192.0.2.1 192.0.2.2 ]", "c0000201c0000202", json);
        check_as::<ClusterList>("192.0.2.1", "[ 192.0.2.1 ]", "c0000201", r#"[ "192.0.2.1" ]"#);
    }

    #[test]
    fn anything_else_is_refused() {
        let what = "cluster-list";
        refuse::<ClusterList>("c000020100", Malformed::Length { what, got: 5 });
        refuse_texts::<ClusterList>(&["[ ]", "5", "[ 192.0.2.1", "[ ::1 ]", ""]);
    }
}
