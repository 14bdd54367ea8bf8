//! The few BGP messages that a load peer needs.

/// Type octets.
pub const OPEN: u8 = 1;
pub const UPDATE: u8 = 2;
pub const NOTIFICATION: u8 = 3;
pub const KEEPALIVE: u8 = 4;

/// The largest message without the extended message capability, octets.
pub const MESSAGE_MAX: usize = 4096;

/// Appends a message with its header.
pub fn message(out: &mut Vec<u8>, kind: u8, body: &[u8]) {
    let length = u16::try_from(body.len() + 19).expect("a message of legal size");
    out.extend([0xff; 16]);
    out.extend(length.to_be_bytes());
    out.push(kind);
    out.extend(body);
}

/// OPEN as AS 65001 with IPv4 unicast, four-octet AS numbers and route refresh.
pub fn open(id: u32) -> Vec<u8> {
    let mut body = vec![4, 0xfd, 0xe9, 0, 180];
    body.extend(id.to_be_bytes());
    let parameters = [2, 6, 1, 4, 0, 1, 0, 1, 2, 6, 65, 4, 0, 0, 0xfd, 0xe9, 2, 2, 2, 0];
    body.push(u8::try_from(parameters.len()).expect("short"));
    body.extend(parameters);
    let mut bytes = Vec::new();
    message(&mut bytes, OPEN, &body);
    bytes
}

/// KEEPALIVE.
pub fn keepalive() -> Vec<u8> {
    let mut bytes = Vec::new();
    message(&mut bytes, KEEPALIVE, &[]);
    bytes
}

/// The next whole message of a buffer: its type, its body, and how long it is with its header.
pub fn frame(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let length = usize::from(u16::from_be_bytes([*bytes.get(16)?, *bytes.get(17)?]));
    let kind = *bytes.get(18)?;
    Some((kind, bytes.get(19..length)?, length))
}

/// What an UPDATE holds of IPv4 unicast.
#[derive(Debug, Default)]
pub struct Counts {
    pub announced: usize,
    pub withdrawn: usize,
    pub med: Option<u32>,
    pub eor: bool,
    /// The first and the last prefix announced, where it is a host.
    pub ends: Option<(u32, u32)>,
}

/// Counts the prefixes of an UPDATE; `None` when it cannot be read.
pub fn count(body: &[u8]) -> Option<Counts> {
    let withdrawn_length = usize::from(u16::from_be_bytes([*body.first()?, *body.get(1)?]));
    let (withdrawn, rest) = body.get(2..)?.split_at_checked(withdrawn_length)?;
    let length = usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
    let (attributes, announced) = rest.get(2..)?.split_at_checked(length)?;
    Some(Counts {
        announced: prefixes(announced)?,
        withdrawn: prefixes(withdrawn)?,
        med: med(attributes),
        eor: body.len() == 4,
        ends: ends(announced),
    })
}

fn ends(announced: &[u8]) -> Option<(u32, u32)> {
    let host = |host: Option<&[u8; 5]>| match host? {
        [32, address @ ..] => Some(u32::from_be_bytes(*address)),
        _ => None,
    };
    Some((host(announced.first_chunk())?, host(announced.last_chunk())?))
}

fn prefixes(mut bytes: &[u8]) -> Option<usize> {
    let mut count = 0;
    while let Some((bits, rest)) = bytes.split_first() {
        bytes = rest.get(usize::from(*bits).div_ceil(8)..)?;
        count += 1;
    }
    Some(count)
}

fn med(mut attributes: &[u8]) -> Option<u32> {
    loop {
        let [flags, code, rest @ ..] = attributes else { return None };
        let (length, rest) = if flags & 0x10 == 0 {
            let (length, rest) = rest.split_first()?;
            (usize::from(*length), rest)
        } else {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        };
        let (value, rest) = rest.split_at_checked(length)?;
        if *code == 4 {
            return value.try_into().ok().map(u32::from_be_bytes);
        }
        attributes = rest;
    }
}

/// ORIGIN, AS_PATH of two, NEXT_HOP, and a COMMUNITY that tells the sets apart.
pub fn attributes(set: u32) -> Vec<u8> {
    let mut bytes = vec![0x40, 1, 1, 0];
    bytes.extend([0x40, 2, 10, 2, 2, 0, 0, 0xfb, 0xf5, 0, 0, 0xfb, 0xf6]);
    bytes.extend([0x40, 3, 4, 10, 0, 0, 2]);
    bytes.extend([0xc0, 8, 4]);
    bytes.extend(set.to_be_bytes());
    bytes
}
