//! BGP bytes, written a second time: nothing here comes from the program under test.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub const OPEN: u8 = 1;
pub const UPDATE: u8 = 2;
pub const NOTIFICATION: u8 = 3;
pub const KEEPALIVE: u8 = 4;
pub const REFRESH: u8 = 5;

/// A message without its header.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// The type octet.
    pub kind: u8,
    /// What follows the header.
    pub body: Vec<u8>,
}

impl Frame {
    /// The body of the message in lower case hexadecimal.
    pub fn hex(&self) -> String {
        hex(&self.body)
    }

    /// The octets on the wire.
    pub fn bytes(&self) -> Vec<u8> {
        message(self.kind, &self.body)
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self.kind {
            OPEN => "OPEN",
            UPDATE => "UPDATE",
            NOTIFICATION => "NOTIFICATION",
            KEEPALIVE => "KEEPALIVE",
            REFRESH => "ROUTE-REFRESH",
            _ => "message of another type",
        };
        write!(formatter, "{name} {}", self.hex())
    }
}

/// Octets as lower case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string grows");
        text
    })
}

/// Hexadecimal as octets; blanks are for the reader.
pub fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| u8::try_from(char::from(byte).to_digit(16).expect("a digit")).expect("small"))
        .collect();
    assert!(digits.len().is_multiple_of(2), "an odd number of digits");
    digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect()
}

/// A whole message: marker, length, type, body.
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(19 + body.len()).expect("a message of legal size");
    let mut bytes = vec![0xff; 16];
    bytes.extend(length.to_be_bytes());
    bytes.push(kind);
    bytes.extend(body);
    bytes
}

/// What our side says in its OPEN.
#[derive(Clone, Debug)]
pub struct Open {
    /// Protocol version, 4.
    pub version: u8,
    /// Our AS; above 65535 the two-octet field holds 23456.
    pub asn: u32,
    /// Proposed hold time, seconds.
    pub hold: u16,
    /// BGP identifier.
    pub id: Ipv4Addr,
    /// Code and value of each capability.
    pub capabilities: Vec<(u8, Vec<u8>)>,
}

impl Open {
    /// AS 65001, hold time 180, identifier 10.0.0.2, four-octet AS numbers and the families.
    pub fn new(families: &[(u16, u8)]) -> Self {
        let open = Self {
            version: 4,
            asn: 65001,
            hold: 180,
            id: Ipv4Addr::new(10, 0, 0, 2),
            capabilities: families.iter().map(|&(afi, safi)| (1, family(afi, safi))).collect(),
        };
        open.with(65, &65001_u32.to_be_bytes())
    }

    /// IPv4 unicast alone.
    pub fn ipv4() -> Self {
        Self::new(&[(1, 1)])
    }

    /// Another AS, in the field and in capability 65.
    pub fn asn(mut self, asn: u32) -> Self {
        self.asn = asn;
        self.capabilities.retain(|(code, _)| *code != 65);
        self.with(65, &asn.to_be_bytes())
    }

    /// Another hold time.
    pub fn hold(mut self, seconds: u16) -> Self {
        self.hold = seconds;
        self
    }

    /// Another identifier.
    pub fn id(mut self, id: &str) -> Self {
        self.id = id.parse().expect("an identifier");
        self
    }

    /// One more capability.
    pub fn with(mut self, code: u8, value: &[u8]) -> Self {
        self.capabilities.push((code, value.to_vec()));
        self
    }

    /// The whole message; each capability in its own parameter.
    pub fn bytes(&self) -> Vec<u8> {
        let mut parameters = Vec::new();
        for (code, value) in &self.capabilities {
            let length = u8::try_from(value.len()).expect("a short capability");
            parameters.extend([2, length + 2, *code, length]);
            parameters.extend(value);
        }
        let mut body = vec![self.version];
        body.extend(u16::try_from(self.asn).unwrap_or(23456).to_be_bytes());
        body.extend(self.hold.to_be_bytes());
        body.extend(self.id.octets());
        body.push(u8::try_from(parameters.len()).expect("short parameters"));
        body.extend(parameters);
        message(OPEN, &body)
    }

    /// Reads an OPEN of the ordinary form (not that of RFC 9072).
    pub fn parse(body: &[u8]) -> Self {
        let mut rest = Octets(body);
        let version = rest.u8();
        let asn = u32::from(rest.u16());
        let hold = rest.u16();
        let id = Ipv4Addr::from(rest.u32());
        let length = usize::from(rest.u8());
        let mut parameters = Octets(rest.take(length));
        assert!(rest.0.is_empty(), "octets after the parameters of an OPEN");
        let mut capabilities = Vec::new();
        while !parameters.0.is_empty() {
            assert_eq!(parameters.u8(), 2, "a parameter that is no capability");
            let length = usize::from(parameters.u8());
            let mut inner = Octets(parameters.take(length));
            while !inner.0.is_empty() {
                let code = inner.u8();
                let length = usize::from(inner.u8());
                capabilities.push((code, inner.take(length).to_vec()));
            }
        }
        Self { version, asn, hold, id, capabilities }
    }

    /// The values of a capability, in order.
    pub fn capability(&self, code: u8) -> Vec<&[u8]> {
        self.capabilities
            .iter()
            .filter(|(other, _)| *other == code)
            .map(|(_, value)| value.as_slice())
            .collect()
    }
}

/// The value of a multiprotocol capability.
pub fn family(afi: u16, safi: u8) -> Vec<u8> {
    let [high, low] = afi.to_be_bytes();
    vec![high, low, 0, safi]
}

/// A KEEPALIVE.
pub fn keepalive() -> Vec<u8> {
    message(KEEPALIVE, &[])
}

/// A NOTIFICATION.
pub fn notification(code: u8, subcode: u8, data: &[u8]) -> Vec<u8> {
    let mut body = vec![code, subcode];
    body.extend(data);
    message(NOTIFICATION, &body)
}

/// A ROUTE-REFRESH.
pub fn refresh(afi: u16, subtype: u8, safi: u8) -> Vec<u8> {
    let [high, low] = afi.to_be_bytes();
    message(REFRESH, &[high, low, subtype, safi])
}

/// The octets of a prefix: length in bits, then as many octets as it needs.
pub fn prefix(text: &str) -> Vec<u8> {
    let (address, bits) = text.split_once('/').expect("a prefix");
    let bits: u8 = bits.parse().expect("a length");
    let octets = match address.parse().expect("an address") {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let mut bytes = vec![bits];
    bytes.extend(&octets[..usize::from(bits).div_ceil(8)]);
    bytes
}

/// One path attribute; the extended length is used where it must be.
pub fn attribute(flags: u8, code: u8, value: &[u8]) -> Vec<u8> {
    let mut bytes = match u8::try_from(value.len()) {
        Ok(length) => vec![flags, code, length],
        Err(_) => {
            let length = u16::try_from(value.len()).expect("a legal attribute");
            let [high, low] = length.to_be_bytes();
            vec![flags | 0x10, code, high, low]
        }
    };
    bytes.extend(value);
    bytes
}

/// ORIGIN igp, an AS_PATH of one sequence, and NEXT_HOP: what every IPv4 announcement needs.
pub fn attributes(path: &[u32], next_hop: &str) -> Vec<u8> {
    let next_hop: Ipv4Addr = next_hop.parse().expect("a next hop");
    let mut value = Vec::new();
    if !path.is_empty() {
        value.extend([2, u8::try_from(path.len()).expect("a short path")]);
        value.extend(path.iter().flat_map(|asn| asn.to_be_bytes()));
    }
    let mut bytes = attribute(0x40, 1, &[0]);
    bytes.extend(attribute(0x40, 2, &value));
    bytes.extend(attribute(0x40, 3, &next_hop.octets()));
    bytes
}

/// An UPDATE of withdrawn prefixes, attributes and announced prefixes.
pub fn update(withdrawn: &[&str], attributes: &[u8], announced: &[&str]) -> Vec<u8> {
    let withdrawn: Vec<u8> = withdrawn.iter().flat_map(|text| prefix(text)).collect();
    let announced: Vec<u8> = announced.iter().flat_map(|text| prefix(text)).collect();
    raw_update(&withdrawn, attributes, &announced)
}

/// An UPDATE of three fields as they are.
pub fn raw_update(withdrawn: &[u8], attributes: &[u8], announced: &[u8]) -> Vec<u8> {
    let mut body = u16::try_from(withdrawn.len()).expect("short").to_be_bytes().to_vec();
    body.extend(withdrawn);
    body.extend(u16::try_from(attributes.len()).expect("short").to_be_bytes());
    body.extend(attributes);
    body.extend(announced);
    message(UPDATE, &body)
}

/// The End-of-RIB of IPv4 unicast.
pub fn eor() -> Vec<u8> {
    update(&[], &[], &[])
}

/// An UPDATE taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// The prefixes of the withdrawn field and of MP_UNREACH_NLRI, in order; NLRI of other
    /// families than unicast in hexadecimal.
    pub withdrawn: Vec<String>,
    /// Flags, code and value of every attribute, as they came.
    pub attributes: Vec<(u8, u8, Vec<u8>)>,
    /// The same of the NLRI field and of MP_REACH_NLRI.
    pub announced: Vec<String>,
    /// The next hop: attribute 3 or the one of MP_REACH_NLRI.
    pub next_hop: Option<IpAddr>,
}

impl Update {
    /// Takes the body of an UPDATE apart; there are no path identifiers.
    pub fn parse(body: &[u8]) -> Self {
        let mut rest = Octets(body);
        let mut update = Self::default();
        let length = usize::from(rest.u16());
        update.withdrawn = prefixes(1, rest.take(length));
        let length = usize::from(rest.u16());
        let mut attributes = Octets(rest.take(length));
        update.announced = prefixes(1, rest.0);
        while !attributes.0.is_empty() {
            let (flags, code) = (attributes.u8(), attributes.u8());
            let length = match flags & 0x10 {
                0 => usize::from(attributes.u8()),
                _ => usize::from(attributes.u16()),
            };
            let value = attributes.take(length).to_vec();
            update.multiprotocol(code, &value);
            update.attributes.push((flags, code, value));
        }
        update
    }

    fn multiprotocol(&mut self, code: u8, value: &[u8]) {
        let mut value = Octets(value);
        match code {
            3 => self.next_hop = Some(IpAddr::V4(value.u32().into())),
            14 => {
                let family = (value.u16(), value.u8());
                let length = usize::from(value.u8());
                let next_hop = value.take(length);
                self.next_hop = (length > 0).then(|| address(next_hop));
                value.u8();
                self.announced.extend(routes(family, value.0));
            }
            15 => {
                let family = (value.u16(), value.u8());
                self.withdrawn.extend(routes(family, value.0));
            }
            _ => {}
        }
    }

    /// The value of an attribute, in hexadecimal.
    pub fn attribute(&self, code: u8) -> Option<String> {
        self.attributes.iter().find(|(_, other, _)| *other == code).map(|(_, _, v)| hex(v))
    }
}

fn address(bytes: &[u8]) -> IpAddr {
    match <[u8; 4]>::try_from(bytes) {
        Ok(octets) => IpAddr::from(octets),
        Err(_) => {
            let octets: [u8; 16] = bytes.get(..16).expect("an address").try_into().expect("16");
            IpAddr::from(octets)
        }
    }
}

/// The prefixes of unicast families; of others, all NLRI as one, in hexadecimal.
fn routes((afi, safi): (u16, u8), bytes: &[u8]) -> Vec<String> {
    match safi {
        1 => prefixes(afi, bytes),
        _ if bytes.is_empty() => Vec::new(),
        _ => vec![hex(bytes)],
    }
}

fn prefixes(afi: u16, bytes: &[u8]) -> Vec<String> {
    let mut rest = Octets(bytes);
    let mut found = Vec::new();
    while !rest.0.is_empty() {
        let bits = rest.u8();
        let octets = rest.take(usize::from(bits).div_ceil(8));
        let mut whole = [0_u8; 16];
        whole[..octets.len()].copy_from_slice(octets);
        let ip = match afi {
            1 => IpAddr::V4(Ipv4Addr::new(whole[0], whole[1], whole[2], whole[3])),
            _ => IpAddr::V6(Ipv6Addr::from(whole)),
        };
        found.push(format!("{ip}/{bits}"));
    }
    found
}

/// Octets that are read from the front; what is missing fails the test.
struct Octets<'a>(&'a [u8]);

impl<'a> Octets<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (front, rest) = self.0.split_at_checked(length).expect("octets of a message");
        self.0 = rest;
        front
    }

    fn u8(&mut self) -> u8 {
        self.take(1)[0]
    }

    fn u16(&mut self) -> u16 {
        u16::from_be_bytes(self.take(2).try_into().expect("two octets"))
    }

    fn u32(&mut self) -> u32 {
        u32::from_be_bytes(self.take(4).try_into().expect("four octets"))
    }
}
