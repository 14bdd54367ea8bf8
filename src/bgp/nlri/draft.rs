//! A prefix route as words give it, before its family is settled.

use crate::protocol::{Afi, Distinguisher, Family, Label, Prefix, Safi};
use crate::text::{Error, Tokens};

use super::{Inet, IpVpn, Labelled, Nlri, Packed, Rule, Shape};

/// What has been said of a route to a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub prefix: Prefix,
    pub path_id: Option<u32>,
    /// The outermost first; empty when none was given.
    pub labels: Vec<Label>,
    pub distinguisher: Option<Distinguisher>,
}

/// Why a draft makes no route of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// The prefix is of another address family.
    Address,
    /// The family needs a label.
    Label,
    /// The family needs a route distinguisher.
    Distinguisher,
    /// The labels, the distinguisher and the prefix are together over 255 bits.
    Length,
    /// The family is not one of prefixes.
    Shape,
}

impl Draft {
    /// A route to this prefix.
    pub fn new(prefix: Prefix) -> Self {
        Self { prefix, path_id: None, labels: Vec::new(), distinguisher: None }
    }

    /// Reads `address/length`, or an address alone.
    pub fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        Prefix::parse(tokens).map(Self::new)
    }

    /// Reads what follows `keyword`; `None` when the word says nothing of a prefix.
    pub fn field(&mut self, keyword: &str, tokens: &mut Tokens<'_>) -> Option<Result<(), Error>> {
        Some(match keyword {
            "path-information" => path_id(tokens).map(|value| self.path_id = Some(value)),
            "label" => Label::parse_stack(tokens).map(|value| self.labels = value),
            "rd" | "route-distinguisher" => {
                Distinguisher::parse(tokens).map(|value| self.distinguisher = Some(value))
            }
            _ => return None,
        })
    }

    /// The family of a route that does not name one: what was said of it decides, and
    /// 224.0.0.0/4 up to 239.255.255.255 is multicast.
    pub fn family(&self) -> Family {
        let safi = if self.distinguisher.is_some() {
            Safi::MPLS_VPN
        } else if !self.labels.is_empty() {
            Safi::NLRI_MPLS
        } else {
            match self.prefix.address() {
                std::net::IpAddr::V4(address) if address.is_multicast() => Safi::MULTICAST,
                _ => Safi::UNICAST,
            }
        };
        Family::new(self.prefix.afi(), safi)
    }

    /// The NLRI, when everything that `family` needs was said. What it has no place for is left
    /// out.
    pub fn finish(&self, family: Family) -> Result<Packed, Unfinished> {
        if self.prefix.afi() != family.afi {
            return Err(Unfinished::Address);
        }
        let shape = Rule::of(family).map(|rule| rule.shape);
        let nlri = match shape {
            Some(Shape::Inet) => Nlri::Inet(Inet { prefix: self.prefix }),
            Some(Shape::Label | Shape::IpVpn) if self.labels.is_empty() => {
                return Err(Unfinished::Label);
            }
            Some(Shape::Label) => {
                self.fits(0)?;
                Nlri::Label(Labelled { labels: self.labels.clone(), prefix: self.prefix })
            }
            Some(Shape::IpVpn) => {
                self.fits(64)?;
                Nlri::IpVpn(IpVpn {
                    labels: self.labels.clone(),
                    distinguisher: self.distinguisher.ok_or(Unfinished::Distinguisher)?,
                    prefix: self.prefix,
                })
            }
            _ => return Err(Unfinished::Shape),
        };
        Ok(nlri.packed(family, self.path_id))
    }

    fn fits(&self, distinguisher: usize) -> Result<(), Unfinished> {
        let labels = self.labels.len() * Label::OCTETS * 8;
        let bits = labels + distinguisher + usize::from(self.prefix.length());
        if bits <= 255 { Ok(()) } else { Err(Unfinished::Length) }
    }
}

impl Unfinished {
    /// A phrase for a diagnostic.
    pub fn what(self) -> &'static str {
        match self {
            Self::Address => "the prefix is not of the address family announced",
            Self::Label => "the route needs a label",
            Self::Distinguisher => "the route needs a route distinguisher",
            Self::Length => "the label stack is too long",
            Self::Shape => "the family has no routes to prefixes",
        }
    }
}

/// A path identifier: a dotted quad or a number.
fn path_id(tokens: &mut Tokens<'_>) -> Result<u32, Error> {
    if tokens.peek().is_some_and(|word| word.contains('.')) {
        return tokens.ipv4().map(u32::from);
    }
    tokens.number("a path identifier")
}

/// The address family of a prefix family, for callers that read the prefix later.
pub fn is_prefix_family(family: Family) -> bool {
    let known = family.afi == Afi::IPV4 || family.afi == Afi::IPV6;
    known
        && Rule::of(family)
            .is_some_and(|rule| matches!(rule.shape, Shape::Inet | Shape::Label | Shape::IpVpn))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Hex;

    fn draft(text: &str) -> Result<Draft, Error> {
        let mut tokens = Tokens::line(text);
        let mut draft = Draft::parse(&mut tokens)?;
        while !tokens.is_done() {
            let word = tokens.word("a field")?;
            draft.field(&word, &mut tokens).unwrap_or_else(|| Err(word.fault("is unknown")))?;
        }
        Ok(draft)
    }

    fn packed(text: &str, family: Family) -> String {
        Hex(draft(text).unwrap().finish(family).unwrap().bytes()).to_string()
    }

    #[test]
    fn what_was_said_decides_the_family() {
        for (text, family) in [
            ("10.0.0.0/8", "ipv4 unicast"),
            ("232.1.0.0/16", "ipv4 multicast"),
            ("2001:db8::/32", "ipv6 unicast"),
            ("10.0.0.0/8 label 3", "ipv4 nlri-mpls"),
            ("2001:db8::/32 rd 1:1 label 3", "ipv6 mpls-vpn"),
        ] {
            assert_eq!(draft(text).unwrap().family().to_string(), family);
        }
    }

    #[test]
    fn bytes_of_the_acceptance_vectors() {
        let mpls = Family::new(Afi::IPV4, Safi::NLRI_MPLS);
        assert_eq!(packed("172.16.8.0/24 label 300", mpls), "300012C1AC1008");
        assert_eq!(packed("172.16.8.0/24 label [ 300 301 ]", mpls), "480012C00012D1AC1008");
        assert_eq!(packed("172.16.8.0/24 label 0", mpls), "30000001AC1008");
        assert_eq!(packed("172.16.8.0/24 label 3", mpls), "30000031AC1008");
        let vpn = Family::new(Afi::IPV4, Safi::MPLS_VPN);
        let text = "172.16.8.0/24 rd 192.0.2.5:12 label 300";
        assert_eq!(packed(text, vpn), "700012C10001C0000205000CAC1008");
        assert_eq!(packed("10.128.0.0/9", Family::IPV4_UNICAST), "090A80");
    }

    #[test]
    fn path_identifiers_are_quads_or_numbers() {
        assert_eq!(
            draft("10.0.0.0/8 path-information 1.2.3.4").unwrap().path_id,
            Some(0x0102_0304)
        );
        assert_eq!(draft("10.0.0.0/8 path-information 258").unwrap().path_id, Some(258));
        assert!(draft("10.0.0.0/8 path-information 4294967296").is_err());
    }

    #[test]
    fn what_is_missing_is_named() {
        let vpn = Family::new(Afi::IPV4, Safi::MPLS_VPN);
        let finish = |text: &str, family| draft(text).unwrap().finish(family);
        assert_eq!(finish("10.0.0.0/8 rd 1:1", vpn), Err(Unfinished::Label));
        assert_eq!(finish("10.0.0.0/8 label 3", vpn), Err(Unfinished::Distinguisher));
        assert_eq!(finish("10.0.0.0/8", Family::IPV6_UNICAST), Err(Unfinished::Address));
        assert!(draft("10.0.0.1/8").is_err());
    }
}
