//! The messages of BGP: the header, its checks, and one file a message.
//!
//! Wire format (RFC 4271 section 4.1): sixteen octets of ones, the length of the whole message in
//! 16 bits, the type in 8, then the body. [`frame`] checks all of it before a body is looked at.

pub mod keepalive;
pub mod notification;
pub mod open;
pub mod operational;
pub mod refresh;
pub mod update;

use std::fmt;

use crate::wire::{TooLong, Writer};

pub use notification::Notify;
pub use open::Open;
pub use operational::Operational;
pub use refresh::RouteRefresh;

/// The length of the header, in octets.
pub const HEADER: usize = 19;

/// The octets every message starts with.
pub const MARKER: [u8; 16] = [0xff; 16];

/// The type of a message, by its code point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Open = 1,
    Update,
    Notification,
    Keepalive,
    RouteRefresh,
    Operational,
}

impl Kind {
    /// The kind of a type octet.
    pub fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::Open,
            2 => Self::Update,
            3 => Self::Notification,
            4 => Self::Keepalive,
            5 => Self::RouteRefresh,
            6 => Self::Operational,
            _ => return None,
        })
    }

    /// The type octet.
    pub fn code(self) -> u8 {
        match self {
            Self::Open => 1,
            Self::Update => 2,
            Self::Notification => 3,
            Self::Keepalive => 4,
            Self::RouteRefresh => 5,
            Self::Operational => 6,
        }
    }

    /// The word of the API: the `type` of events and the flag of `send` and `receive` sections.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Update => "update",
            Self::Notification => "notification",
            Self::Keepalive => "keepalive",
            Self::RouteRefresh => "refresh",
            Self::Operational => "operational",
        }
    }

    /// The word of logs and text events; differs from [`Kind::name`] for ROUTE-REFRESH only.
    pub fn long_name(self) -> &'static str {
        match self {
            Self::RouteRefresh => "route-refresh",
            Self::Open
            | Self::Update
            | Self::Notification
            | Self::Keepalive
            | Self::Operational => self.name(),
        }
    }

    /// Whether a message of this kind may be `length` octets long, header included.
    fn allows(self, length: usize) -> bool {
        match self {
            Self::Open => length >= HEADER + 10,
            Self::Update => length >= HEADER + 4,
            Self::Notification => length >= HEADER + 2,
            Self::Keepalive => length == HEADER,
            Self::RouteRefresh => length == HEADER + 4,
            Self::Operational => length >= HEADER,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.long_name())
    }
}

/// A text of the peer on one line: control characters are escaped, so that nobody forges an event.
#[derive(Clone, Copy, Debug)]
pub struct Printable<'a>(pub &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            _ if character.is_control() => write!(f, "{}", character.escape_default()),
            _ => fmt::Write::write_char(f, character),
        })
    }
}

/// The start of a text, cut between two characters so that it has at most `octets` octets.
pub fn cut(text: &str, octets: usize) -> &str {
    let end = (0..=octets.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    end.and_then(|end| text.get(..end)).unwrap_or_default()
}

/// A complete message whose header was found good, where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    pub kind: Kind,
    /// The first [`HEADER`] octets.
    pub header: &'a [u8],
    /// What follows the header.
    pub body: &'a [u8],
}

impl Frame<'_> {
    /// The length of the message in octets, header included: what to consume.
    #[expect(clippy::len_without_is_empty, reason = "a message has a header at least")]
    pub fn len(&self) -> usize {
        self.header.len() + self.body.len()
    }
}

/// The message at the start of `bytes`; `None` when more bytes must come first.
///
/// `message_size` is the longest message allowed, in octets (4096 until both OPENs are known). The
/// header is judged as soon as it is whole, in the order of RFC 4271 section 6.1: 1/1, 1/2 with
/// the length as data, 1/3 with the type as data.
#[inline]
pub fn frame(bytes: &[u8], message_size: usize) -> Result<Option<Frame<'_>>, Notify> {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else { return Ok(None) };
    let [marker @ .., high, low, code] = header;
    if *marker != MARKER {
        return Err(Notify::NOT_SYNCHRONIZED);
    }
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    if length < HEADER || length > message_size {
        return Err(Notify::with_data(1, 2, &[*high, *low]));
    }
    let Some(kind) = Kind::from_code(*code) else {
        return Err(Notify::with_data(1, 3, &[*code]));
    };
    if !kind.allows(length) {
        return Err(Notify::with_data(1, 2, &[*high, *low]));
    }
    Ok(rest.get(..length - HEADER).map(|body| Frame { kind, header, body }))
}

/// Appends a message to `out`: the header, then what `body` writes, the length patched
/// afterwards. A message over 65535 octets is taken back.
pub fn write(
    out: &mut Vec<u8>,
    kind: Kind,
    body: impl FnOnce(&mut Writer<'_>),
) -> Result<(), TooLong> {
    let start = out.len();
    let mut writer = Writer::new(out);
    writer.bytes(&MARKER);
    writer.u16(0);
    writer.u8(kind.code());
    body(&mut writer);
    let length = writer.position() - start;
    match u16::try_from(length) {
        Ok(value) => {
            writer.patch(start + MARKER.len(), &value.to_be_bytes());
            Ok(())
        }
        Err(_) => {
            writer.truncate(start);
            Err(TooLong { length })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Every body that a header lets through yields a value or an error, and a value can be
        /// shown and sent again.
        #[test]
        fn bodies_of_any_octets_never_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut out = Vec::new();
            let mut json = Vec::new();
            let mut json = crate::json::Writer::new(&mut json, crate::json::Dialect::V6);
            if let Ok(open) = Open::unpack(&body) {
                open.pack(&mut out);
                open.json(open::Keys::Codes, &mut json);
            }
            let notify = Notify::unpack(&body);
            notify.pack(&mut out);
            notify.json(&mut json);
            prop_assert!(!notify.to_string().contains('\n'));
            if let Ok(operational) = Operational::unpack(&body) {
                operational.pack(std::net::Ipv4Addr::LOCALHOST, &mut 0, &mut out);
                operational.json(&mut json);
                prop_assert!(!operational.to_string().contains('\n'));
            }
            drop(RouteRefresh::unpack(&body));
            let mut rest = out.as_slice();
            while !rest.is_empty() {
                let found = frame(rest, 65535).unwrap().unwrap();
                rest = &rest[found.len()..];
            }
        }
    }

    /// A header with this length and type, followed by nothing.
    fn header(length: u16, code: u8) -> Vec<u8> {
        let [high, low] = length.to_be_bytes();
        [&MARKER[..], &[high, low, code]].concat()
    }

    fn fault(bytes: &[u8], message_size: usize) -> Option<(u8, u8, Vec<u8>)> {
        frame(bytes, message_size).err().map(|notify| (notify.code, notify.subcode, notify.data))
    }

    #[test]
    fn headers_are_judged_before_bodies() {
        let bad_length = |length: u16| Some((1, 2, length.to_be_bytes().to_vec()));
        let mut unsynchronized = header(19, 4);
        unsynchronized[15] = 0xfe;
        assert_eq!(fault(&unsynchronized, 4096), Some((1, 1, Vec::new())));
        assert_eq!(fault(&header(18, 4), 4096), bad_length(18));
        assert_eq!(fault(&header(5000, 2), 4096), bad_length(5000));
        assert_eq!(fault(&header(5000, 2), 65535), None);
        assert_eq!(fault(&header(28, 1), 4096), bad_length(28));
        assert_eq!(fault(&header(22, 2), 4096), bad_length(22));
        assert_eq!(fault(&header(20, 3), 4096), bad_length(20));
        assert_eq!(fault(&header(20, 4), 4096), bad_length(20));
        assert_eq!(fault(&header(24, 5), 4096), bad_length(24));
        assert_eq!(fault(&header(22, 5), 4096), bad_length(22));
        assert_eq!(fault(&header(19, 6), 4096), None);
        for code in [0, 7, 9, 252, 253, 254, 255] {
            assert_eq!(fault(&header(20, code), 4096), Some((1, 3, vec![code])));
            // The length is judged before the type.
            assert_eq!(fault(&header(18, code), 4096), bad_length(18));
        }
    }

    #[test]
    fn a_message_is_whole_or_not_there() {
        let mut bytes = Vec::new();
        write(&mut bytes, Kind::Update, |writer| writer.bytes(&[0; 4])).unwrap();
        let whole = bytes.clone();
        bytes.extend_from_slice(&keepalive::BYTES);
        for length in 0..whole.len() {
            assert_eq!(frame(&bytes[..length], 4096), Ok(None));
        }
        let found = frame(&bytes, 4096).unwrap().unwrap();
        assert_eq!((found.kind, found.len(), found.body), (Kind::Update, 23, &[0; 4][..]));
        assert_eq!(found.header, &whole[..19]);
        let next = frame(&bytes[found.len()..], 4096).unwrap().unwrap();
        assert_eq!(next.kind, Kind::Keepalive);
    }

    #[test]
    fn a_message_that_is_too_long_is_taken_back() {
        let mut out = vec![1];
        let longest = vec![0; 65535 - HEADER];
        assert_eq!(write(&mut out, Kind::Update, |writer| writer.bytes(&longest)), Ok(()));
        let length = out.len();
        let written = write(&mut out, Kind::Update, |writer| {
            writer.bytes(&longest);
            writer.u8(0);
        });
        assert_eq!(written, Err(TooLong { length: 65536 }));
        assert_eq!(out.len(), length);
    }

    #[test]
    fn flipped_bits_never_panic() {
        let mut bytes = keepalive::BYTES.to_vec();
        bytes.extend([0; 64]);
        for place in 0..HEADER {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[place] ^= 1 << bit;
                if let Ok(Some(found)) = frame(&flipped, 65535) {
                    assert!(found.len() <= flipped.len());
                }
            }
        }
    }

    #[test]
    fn kinds_have_codes_and_names() {
        for code in 1..=6 {
            let kind = Kind::from_code(code).unwrap();
            assert_eq!(kind.code(), code);
        }
        assert_eq!(Kind::RouteRefresh.name(), "refresh");
        assert_eq!(Kind::RouteRefresh.to_string(), "route-refresh");
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
        assert_eq!(cut("", 5), "");
    }
}
