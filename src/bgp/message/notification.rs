//! NOTIFICATION, RFC 4271 section 4.5: the last word of a session.
//!
//! Wire format: code, subcode, data. The data of an administrative shutdown or reset is a text
//! behind its length in one octet (RFC 9003), up to 255 octets both ways.

use std::borrow::Cow;
use std::fmt;

use super::{HEADER, Kind, cut, write};
use crate::json;
use crate::wire::{Hex, Malformed, Reader};

/// An error to tell the peer, or told by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    pub code: u8,
    pub subcode: u8,
    pub data: Vec<u8>,
}

impl Notify {
    /// The marker of a header is not all ones.
    pub const NOT_SYNCHRONIZED: Self = Self { code: 1, subcode: 1, data: Vec::new() };
    /// The peer was silent for the hold time.
    pub const HOLD_TIMER_EXPIRED: Self = Self { code: 4, subcode: 0, data: Vec::new() };

    /// A notification without data.
    pub fn new(code: u8, subcode: u8) -> Self {
        Self { code, subcode, data: Vec::new() }
    }

    /// A notification with these octets as data.
    pub fn with_data(code: u8, subcode: u8, data: &[u8]) -> Self {
        Self { code, subcode, data: data.to_vec() }
    }

    /// A notification with a phrase for the operator of the peer as data.
    #[cold]
    pub fn with_text(code: u8, subcode: u8, text: impl fmt::Display) -> Self {
        Self { code, subcode, data: text.to_string().into_bytes() }
    }

    /// A Cease (RFC 4486) whose data is the name of its subcode.
    pub fn cease(subcode: u8) -> Self {
        Self::communicate(subcode, subcode_name(6, subcode).unwrap_or("unspecified"))
    }

    /// A Cease with a text, which subcodes 2 and 4 carry behind its length (RFC 9003). A text over
    /// 255 octets is cut between two characters.
    pub fn communicate(subcode: u8, text: &str) -> Self {
        let text = cut(text, SHUTDOWN_MAX);
        let mut data = Vec::with_capacity(text.len() + 1);
        if is_shutdown(6, subcode) {
            data.extend(u8::try_from(text.len()));
        }
        data.extend_from_slice(text.as_bytes());
        Self { code: 6, subcode, data }
    }

    /// Reads the body of a NOTIFICATION. A body without code and subcode is taken as 0/0, since
    /// nobody can be told of an error in a last word.
    pub fn unpack(body: &[u8]) -> Self {
        match body {
            [code, subcode, data @ ..] => Self::with_data(*code, *subcode, data),
            [] | [_] => Self::new(0, 0),
        }
    }

    /// Appends the message, header included. Data that would make it longer than 4096 octets is
    /// cut.
    pub fn pack(&self, out: &mut Vec<u8>) {
        let room = 4096 - HEADER - 2;
        let data = self.data.get(..room).unwrap_or(&self.data);
        let written = write(out, Kind::Notification, |writer| {
            writer.u8(self.code);
            writer.u8(self.subcode);
            writer.bytes(data);
        });
        debug_assert!(written.is_ok(), "the data was cut to fit");
    }

    /// The name of the code.
    pub fn code_name(&self) -> &'static str {
        CODES.iter().find(|(code, _)| *code == self.code).map_or("unknown error", |(_, name)| name)
    }

    /// The name of the subcode.
    pub fn subcode_name(&self) -> &'static str {
        // The spelling is the one that logs have always shown.
        subcode_name(self.code, self.subcode).unwrap_or("unknow reason")
    }

    /// The data as the API shows it: the octets, or for an administrative shutdown or reset a
    /// sentence about the communication that they carry.
    pub fn interpreted(&self) -> Cow<'_, [u8]> {
        if !is_shutdown(self.code, self.subcode) || self.data.is_empty() {
            return Cow::Borrowed(&self.data);
        }
        Cow::Owned(communication(&self.data).into_bytes())
    }

    /// Writes the `notification` object of an event.
    pub fn json(&self, json: &mut json::Writer<'_>) {
        let data = self.interpreted();
        json.object(|object| {
            object.field("code").number(self.code);
            object.field("subcode").number(self.subcode);
            object.field("data").hex(&data);
            object.field("message").string(&String::from_utf8_lossy(&data));
        });
    }
}

/// The text event, after the words of the neighbor and the direction.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a>(pub &'a Notify);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(notify) = self;
        let data = notify.interpreted();
        write!(f, "notification code {} subcode {}", notify.code, notify.subcode)?;
        write!(f, " data 0x{}", Hex(&data))
    }
}

/// `Cease / Administrative Shutdown`, with the data when there is some: for logs.
impl fmt::Display for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.code_name(), self.subcode_name())?;
        if self.data.is_empty() {
            return Ok(());
        }
        let data = self.interpreted();
        match std::str::from_utf8(&data) {
            Ok(text) if !text.chars().any(char::is_control) => write!(f, ": {text}"),
            _ => write!(f, ": 0x{}", Hex(&data)),
        }
    }
}

/// A message header or body that cannot be read, of a message without finer rules.
impl From<Malformed> for Notify {
    fn from(malformed: Malformed) -> Self {
        Self::with_text(1, 0, malformed)
    }
}

/// The longest shutdown communication, in octets.
const SHUTDOWN_MAX: usize = 255;

fn is_shutdown(code: u8, subcode: u8) -> bool {
    code == 6 && matches!(subcode, 2 | 4)
}

/// The sentence that stands for a shutdown communication, length octet first.
fn communication(data: &[u8]) -> String {
    let mut reader = Reader::new(data);
    let Ok(length) = reader.u8("length") else { return String::new() };
    if length == 0 {
        return "empty Shutdown Communication.".to_owned();
    }
    let invalid = |why: &str, octets: &[u8]| {
        format!("invalid Shutdown Communication ({why}) length : {length} [0x{}]", Hex(octets))
    };
    let rest = reader.remaining();
    let Ok(octets) = reader.take("text", usize::from(length)) else {
        return invalid("buffer underrun", rest);
    };
    let Ok(text) = std::str::from_utf8(octets) else {
        return invalid("invalid UTF-8", octets);
    };
    let mut sentence = format!("Shutdown Communication: \"{}\"", text.replace(['\r', '\n'], " "));
    if !reader.is_empty() {
        sentence += &format!(", trailing data: 0x{}", Hex(reader.rest()));
    }
    sentence
}

/// The name of a subcode, where it has one. Subcode 0 of every known code is `Unspecific`.
fn subcode_name(code: u8, subcode: u8) -> Option<&'static str> {
    let known = SUBCODES.iter().find(|(c, s, _)| (*c, *s) == (code, subcode));
    match known {
        Some((_, _, name)) => Some(name),
        None if subcode == 0 && CODES.iter().any(|(c, _)| *c == code) => Some("Unspecific"),
        None => None,
    }
}

/// IANA: BGP Error (Notification) Codes.
const CODES: &[(u8, &str)] = &[
    (1, "Message header error"),
    (2, "OPEN message error"),
    (3, "UPDATE message error"),
    (4, "Hold timer expired"),
    (5, "State machine error"),
    (6, "Cease"),
    (7, "ROUTE-REFRESH error"),
    (8, "Send hold timer expired"),
];

/// The subcodes, by code.
const SUBCODES: &[(u8, u8, &str)] = &[
    (1, 1, "Connection Not Synchronized"),
    (1, 2, "Bad Message Length"),
    (1, 3, "Bad Message Type"),
    (2, 1, "Unsupported Version Number"),
    (2, 2, "Bad Peer AS"),
    (2, 3, "Bad BGP Identifier"),
    (2, 4, "Unsupported Optional Parameter"),
    (2, 5, "Authentication Notification (Deprecated)"),
    (2, 6, "Unacceptable Hold Time"),
    (2, 7, "Unsupported Capability"),
    (2, 8, "Grouping Conflict"),
    (2, 9, "Grouping Required"),
    (2, 10, "Capability Value Mismatch"),
    (3, 1, "Malformed Attribute List"),
    (3, 2, "Unrecognized Well-known Attribute"),
    (3, 3, "Missing Well-known Attribute"),
    (3, 4, "Attribute Flags Error"),
    (3, 5, "Attribute Length Error"),
    (3, 6, "Invalid ORIGIN Attribute"),
    (3, 7, "AS Routing Loop"),
    (3, 8, "Invalid NEXT_HOP Attribute"),
    (3, 9, "Optional Attribute Error"),
    (3, 10, "Invalid Network Field"),
    (3, 11, "Malformed AS_PATH"),
    (5, 1, "Receive Unexpected Message in OpenSent State"),
    (5, 2, "Receive Unexpected Message in OpenConfirm State"),
    (5, 3, "Receive Unexpected Message in Established State"),
    (6, 1, "Maximum Number of Prefixes Reached"),
    (6, 2, "Administrative Shutdown"),
    (6, 3, "Peer De-configured"),
    (6, 4, "Administrative Reset"),
    (6, 5, "Connection Rejected"),
    (6, 6, "Other Configuration Change"),
    (6, 7, "Connection Collision Resolution"),
    (6, 8, "Out of Resources"),
    (7, 1, "Invalid Message Length"),
    (7, 2, "Malformed Message Subtype"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::message::frame;
    use crate::json::{Dialect, Writer};
    use crate::wire::from_hex;

    fn shown(notify: &Notify) -> serde_json::Value {
        let mut out = Vec::new();
        notify.json(&mut Writer::new(&mut out, Dialect::V4));
        serde_json::from_slice(&out).unwrap()
    }

    /// Asserts what stands for the data in JSON.
    fn shows(hex: &str, data: &[u8]) {
        let body = from_hex(hex).unwrap();
        let notify = Notify::unpack(&body);
        let value = shown(&notify);
        assert_eq!(value["code"], body[0]);
        assert_eq!(value["subcode"], body[1]);
        assert_eq!(value["data"], format!("0x{}", Hex(data)));
        assert_eq!(value["message"], String::from_utf8_lossy(data).into_owned());
        for length in 0..body.len() {
            shown(&Notify::unpack(&body[..length]));
        }
        let mut out = Vec::new();
        notify.pack(&mut out);
        assert_eq!(frame(&out, 4096).unwrap().unwrap().body, body);
    }

    #[test]
    fn data_is_interpreted_for_shutdowns_only() {
        // cease admin shutdown with text
        shows("06020b6d61696e74656e616e6365", b"Shutdown Communication: \"maintenance\"");
        // 6/2 empty
        shows("0602", b"");
        // 6/2 zero length
        shows("060200", b"empty Shutdown Communication.");
        // 6/2 underrun
        shows(
            "0602056162",
            b"invalid Shutdown Communication (buffer underrun) length : 5 [0x6162]",
        );
        // 6/4 invalid utf8
        shows("060402fffe", b"invalid Shutdown Communication (invalid UTF-8) length : 2 [0xFFFE]");
        // 3/5 binary data
        shows("03054001ff", b"@\x01\xff");
        // hold timer
        shows("0400", b"");
        // trailing data
        shows("0602016199", b"Shutdown Communication: \"a\", trailing data: 0x99");
        // unknown 9/9
        shows("0909", b"");
        // 6/9 hard reset
        shows("06090602", b"\x06\x02");
    }

    #[test]
    fn a_communication_may_have_255_octets() {
        for length in [128, 129, 255] {
            let text = "a".repeat(length);
            let notify = Notify::communicate(2, &text);
            assert_eq!(notify.data.len(), length + 1);
            let expected = format!("Shutdown Communication: \"{text}\"");
            assert_eq!(shown(&notify)["message"], expected);
        }
        let cut = Notify::communicate(4, &"é".repeat(200));
        assert_eq!((cut.data.len(), cut.data[0]), (255, 254));
    }

    #[test]
    fn line_ends_become_spaces() {
        let notify = Notify::communicate(2, "a\r\nb");
        assert_eq!(shown(&notify)["message"], "Shutdown Communication: \"a  b\"");
    }

    #[test]
    fn a_cease_says_its_name() {
        assert_eq!(Notify::cease(7).data, b"Connection Collision Resolution");
        assert_eq!(Notify::cease(2).data, b"\x17Administrative Shutdown");
        let expected = "Cease / Administrative Reset: \
                        Shutdown Communication: \"Administrative Reset\"";
        assert_eq!(Notify::cease(4).to_string(), expected);
    }

    #[test]
    fn names() {
        assert_eq!(Notify::new(6, 0).subcode_name(), "Unspecific");
        assert_eq!(Notify::new(9, 0).code_name(), "unknown error");
        assert_eq!(Notify::new(9, 9).subcode_name(), "unknow reason");
        assert!(SUBCODES.is_sorted() && CODES.is_sorted());
    }

    #[test]
    fn too_much_data_is_cut() {
        let mut out = Vec::new();
        Notify::with_data(3, 1, &[7; 70_000]).pack(&mut out);
        assert_eq!(out.len(), 4096);
    }

    #[test]
    fn the_text_event() {
        let text = Text(&Notify::with_data(3, 5, &[0x40, 1])).to_string();
        assert_eq!(text, "notification code 3 subcode 5 data 0x4001");
    }
}
