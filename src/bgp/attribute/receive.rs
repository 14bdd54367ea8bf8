//! The attributes of a received UPDATE: each decoded by its own file, its faults judged here.
//!
//! RFC 7606: a fault costs the attribute, or the routes, and rarely the session. The strongest
//! verdict wins. RFC 6793: what an old speaker could not read is put back.

use std::fmt;
use std::net::IpAddr;
use std::rc::Rc;

use crate::bgp::Negotiated;
use crate::bgp::message::Notify;
use crate::protocol::Asn;
use crate::wire::{Malformed, Reader};

use super::{
    Aggregator, AsPath, Attribute, Attributes, Flags, NextHop, OnFault, Rules, Unknown, code,
};

/// What the attributes of an UPDATE are, and what is to be done about it.
#[derive(Clone, Debug)]
pub struct Received<'a> {
    /// Everything but MP_REACH and MP_UNREACH; the next hop is the one of NEXT_HOP.
    pub attributes: Rc<Attributes>,
    /// The value of MP_REACH.
    pub mp_reach: Option<&'a [u8]>,
    /// The value of MP_UNREACH.
    pub mp_unreach: Option<&'a [u8]>,
    pub verdict: Verdict,
}

/// What is to be done with an UPDATE, weakest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    #[default]
    Keep,
    /// The attributes named were dropped; the routes are good.
    Discard(Codes),
    /// Every route of the message is withdrawn.
    Withdraw(Fault),
    /// The session ends.
    Reset(Notify),
}

/// Why routes are treated as withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The attributes do not end where their lengths say.
    Overrun,
    /// An attribute without octets that must have some.
    Empty { code: u8 },
    /// The flags are of another class.
    Flags { code: u8 },
    /// An attribute that every route has is missing.
    Missing { code: u8 },
    /// The value cannot be read.
    Value { code: u8, malformed: Malformed },
}

/// A set of attribute codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Codes([u128; 2]);

/// Where an UPDATE announces routes, and so which attributes it must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announced {
    Nothing,
    /// In MP_REACH, which holds the next hop.
    InMpReach,
    /// In the field of IPv4 unicast.
    InNlri,
}

impl Verdict {
    /// The `error` member of the `attribute` object, for what is not kept whole.
    pub fn error(&self) -> Option<impl fmt::Display> {
        match self {
            Self::Keep | Self::Reset(_) => None,
            Self::Discard(_) => Some(Told { what: "discard", due: None }),
            Self::Withdraw(fault) => {
                let due = match fault {
                    Fault::Empty { code } => name(*code),
                    _ => None,
                };
                Some(Told { what: "treat-as-withdraw", due })
            }
        }
    }

    /// Whether the routes are not to be taken.
    pub fn withdraws(&self) -> bool {
        matches!(self, Self::Withdraw(_) | Self::Reset(_))
    }

    fn raise(&mut self, fault: Fault, code: u8, to: OnFault) {
        match (to, &mut *self) {
            (OnFault::Ignore, _) | (_, Self::Withdraw(_) | Self::Reset(_)) => {}
            (OnFault::Discard, Self::Discard(codes)) => drop(codes.insert(code)),
            (OnFault::Discard, Self::Keep) => {
                let mut codes = Codes::default();
                codes.insert(code);
                *self = Self::Discard(codes);
            }
            (OnFault::Withdraw, _) => *self = Self::Withdraw(fault),
        }
    }
}

struct Told {
    what: &'static str,
    due: Option<&'static str>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)?;
        self.due.map_or(Ok(()), |name| write!(f, " due to {name}"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let called = |code: u8| name(code).unwrap_or("attribute");
        match self {
            Self::Overrun => f.write_str("attributes: end elsewhere than their lengths say"),
            Self::Empty { code } => write!(f, "{}: no value", called(*code)),
            Self::Flags { code } => write!(f, "{}: wrong flags", called(*code)),
            Self::Missing { code } => write!(f, "{}: missing", called(*code)),
            Self::Value { malformed, .. } => malformed.fmt(f),
        }
    }
}

/// The name of a code in messages.
fn name(of: u8) -> Option<&'static str> {
    match of {
        code::NEXT_HOP => Some("next-hop"),
        code::MP_REACH => Some("mp-reach-nlri"),
        code::MP_UNREACH => Some("mp-unreach-nlri"),
        other => Attribute::rules(other).map(|rules| rules.name),
    }
}

impl Codes {
    /// Adds a code; false when it was there.
    pub fn insert(&mut self, code: u8) -> bool {
        let [low, high] = &mut self.0;
        let half = if code < 128 { low } else { high };
        let bit = 1 << (code & 127);
        let new = *half & bit == 0;
        *half |= bit;
        new
    }

    /// Whether a code is there.
    pub fn contains(&self, code: u8) -> bool {
        let mut copy = *self;
        !copy.insert(code)
    }

    /// The names of the codes that have one, in their order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        (0..=u8::MAX).filter(|code| self.contains(*code)).filter_map(name)
    }
}

impl Received<'_> {
    /// Whether the attributes that every announced route has are there (RFC 7606 section 3.d).
    pub fn require(&mut self, announced: Announced) {
        let missing = |code: u8| self.attributes.get(code).is_none();
        let absent = match announced {
            Announced::Nothing => return,
            Announced::InMpReach | Announced::InNlri if missing(code::ORIGIN) => code::ORIGIN,
            Announced::InMpReach | Announced::InNlri if missing(code::AS_PATH) => code::AS_PATH,
            Announced::InNlri if self.attributes.next_hop() == NextHop::None => code::NEXT_HOP,
            Announced::InMpReach | Announced::InNlri => return,
        };
        self.verdict.raise(Fault::Missing { code: absent }, absent, OnFault::Withdraw);
    }
}

impl Attributes {
    /// Decodes the attributes of an UPDATE. What is to be said about missing ones is left to
    /// [`Received::require`].
    pub fn unpack<'a>(bytes: &'a [u8], negotiated: &Negotiated) -> Received<'a> {
        let mut items = Vec::with_capacity(8);
        let decoded = decode(bytes, negotiated, &mut items);
        let set = Self::new(decoded.next_hop, items.drain(..).collect());
        decoded.with(Rc::new(set))
    }
}

/// Decodes the attributes of an UPDATE into `items`, which comes empty and leaves in the order of
/// the codes.
pub(super) fn decode<'a>(
    bytes: &'a [u8],
    negotiated: &Negotiated,
    items: &mut Vec<Attribute>,
) -> Decoded<'a> {
    let mut receiving = Receiving {
        negotiated,
        seen: Codes::default(),
        items,
        wide_path: None,
        wide_aggregator: None,
        decoded: Decoded::default(),
    };
    let mut reader = Reader::new(bytes);
    while !reader.is_empty() {
        let Ok(raw) = Raw::read(&mut reader) else {
            receiving.fault(Fault::Overrun, 0, OnFault::Withdraw);
            break;
        };
        if let Err(notify) = receiving.take(&raw) {
            receiving.decoded.verdict = Verdict::Reset(notify);
            break;
        }
    }
    receiving.merge_wide();
    receiving.items.sort_by_key(Attribute::code);
    receiving.decoded
}

/// What a block of attributes says beside its items.
#[derive(Debug, Default)]
pub(super) struct Decoded<'a> {
    pub(super) next_hop: NextHop,
    mp_reach: Option<&'a [u8]>,
    mp_unreach: Option<&'a [u8]>,
    verdict: Verdict,
}

impl<'a> Decoded<'a> {
    /// Together with the set of its items.
    pub(super) fn with(self, attributes: Rc<Attributes>) -> Received<'a> {
        let Self { mp_reach, mp_unreach, verdict, next_hop: _ } = self;
        Received { attributes, mp_reach, mp_unreach, verdict }
    }
}

/// An attribute before its value is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw<'a> {
    pub(super) flags: Flags,
    pub(super) code: u8,
    pub(super) value: &'a [u8],
}

impl<'a> Raw<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let what = "attribute";
        let flags = Flags(reader.u8(what)?);
        let code = reader.u8(what)?;
        let length = if flags.is_extended() {
            usize::from(reader.u16(what)?)
        } else {
            usize::from(reader.u8(what)?)
        };
        Ok(Self { flags, code, value: reader.take(what, length)? })
    }
}

struct Receiving<'a, 'n> {
    negotiated: &'n Negotiated,
    seen: Codes,
    items: &'n mut Vec<Attribute>,
    wide_path: Option<AsPath>,
    wide_aggregator: Option<Aggregator>,
    decoded: Decoded<'a>,
}

/// NOTIFICATION 3/1 and 3/9.
fn reset(subcode: u8) -> Notify {
    Notify::new(3, subcode)
}

impl<'a> Receiving<'a, '_> {
    fn fault(&mut self, fault: Fault, code: u8, to: OnFault) {
        self.decoded.verdict.raise(fault, code, to);
    }

    fn take(&mut self, raw: &Raw<'a>) -> Result<(), Notify> {
        let multiprotocol = matches!(raw.code, code::MP_REACH | code::MP_UNREACH);
        if !self.seen.insert(raw.code) {
            // Of other attributes the first counts, RFC 7606 section 3.g.
            return if multiprotocol { Err(reset(1)) } else { Ok(()) };
        }
        match raw.code {
            code::MP_REACH | code::MP_UNREACH if !raw.flags.agrees(Flags::OPTIONAL) => {
                return Err(reset(9));
            }
            code::MP_REACH => self.decoded.mp_reach = Some(raw.value),
            code::MP_UNREACH => self.decoded.mp_unreach = Some(raw.value),
            code::NEXT_HOP => self.take_next_hop(raw),
            other => match Attribute::rules(other) {
                Some(rules) => self.take_known(raw, rules),
                // What is not ours to pass on is dropped, RFC 4271 section 5.
                None if raw.flags.is_transitive() => {
                    let unknown = Unknown::received(raw.code, raw.flags, raw.value);
                    self.items.push(Attribute::Unknown(Box::new(unknown)));
                }
                None => {}
            },
        }
        Ok(())
    }

    fn take_next_hop(&mut self, raw: &Raw<'_>) {
        let code = raw.code;
        if !raw.flags.agrees(Flags::WELL_KNOWN) {
            return self.fault(Fault::Flags { code }, code, OnFault::Withdraw);
        }
        let fault = match <[u8; 4]>::try_from(raw.value) {
            Ok(octets) => {
                self.decoded.next_hop = NextHop::Address(IpAddr::from(octets));
                return;
            }
            Err(_) if raw.value.is_empty() => Fault::Empty { code },
            Err(_) => {
                let malformed = Malformed::Length { what: "next-hop", got: raw.value.len() };
                Fault::Value { code, malformed }
            }
        };
        self.fault(fault, code, OnFault::Withdraw);
    }

    fn take_known(&mut self, raw: &Raw<'_>, rules: &Rules) {
        let code = raw.code;
        if !(rules.accepted)(self.negotiated) {
            return;
        }
        if !raw.flags.agrees(rules.flags) {
            return self.fault(Fault::Flags { code }, code, rules.on_wrong_flags);
        }
        let fault = if raw.value.is_empty() && !rules.empty_is_valid {
            Fault::Empty { code }
        } else {
            let mut reader = Reader::new(raw.value);
            let value = Attribute::unpack(code, &mut reader, self.negotiated);
            match value.map(|value| value.and_then(|value| reader.done(rules.name).map(|()| value)))
            {
                Some(Ok(Attribute::As4Path(path))) => return self.wide_path = Some(path.0),
                Some(Ok(Attribute::As4Aggregator(wide))) => {
                    return self.wide_aggregator = Some(wide.0);
                }
                Some(Ok(value)) => return self.items.push(value),
                Some(Err(malformed)) => Fault::Value { code, malformed },
                None => return,
            }
        };
        self.fault(fault, code, (rules.on_fault)(self.negotiated));
    }

    /// RFC 6793 section 4.2.3.
    fn merge_wide(&mut self) {
        let wide = self.wide_aggregator.take();
        for item in self.items.iter_mut() {
            if let Attribute::Aggregator(aggregator) = item
                && let Some(wide) = wide
            {
                if aggregator.asn != Asn::TRANS {
                    // An old speaker replaced the aggregator: both attributes are out of date.
                    return;
                }
                *aggregator = wide;
            }
        }
        let Some(wide) = self.wide_path.take() else { return };
        for item in self.items.iter_mut() {
            if let Attribute::AsPath(path) = item {
                *path = path.merged(&wide);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::pack::NextHopField;
    use crate::bgp::attribute::testing::set;
    use crate::wire::{Writer, from_hex};

    const ORIGIN: &str = "40010100";
    const AS_PATH: &str = "400200";
    const NEXT_HOP: &str = "400304c6336407";
    const PREFERENCE: &str = "40050400000064";

    fn internal() -> Negotiated {
        Negotiated { aigp: true, ..Negotiated::wide() }
    }

    fn external() -> Negotiated {
        Negotiated { peer_as: Asn(1), ..internal() }
    }

    fn old() -> Negotiated {
        Negotiated { asn4: false, ..internal() }
    }

    /// What a usual message with `hex` behind it gives.
    fn with<T>(hex: &str, negotiated: &Negotiated, look: impl Fn(&Received<'_>) -> T) -> T {
        whole(&format!("{ORIGIN}{AS_PATH}{NEXT_HOP}{PREFERENCE}{hex}"), negotiated, look)
    }

    fn whole<T>(hex: &str, negotiated: &Negotiated, look: impl Fn(&Received<'_>) -> T) -> T {
        let bytes = from_hex(hex).unwrap();
        let mut received = Attributes::unpack(&bytes, negotiated);
        received.require(Announced::InNlri);
        look(&received)
    }

    fn verdict(received: &Received<'_>) -> Verdict {
        received.verdict.clone()
    }

    fn text(received: &Received<'_>) -> String {
        received.attributes.to_string()
    }

    fn error(received: &Received<'_>) -> Option<String> {
        received.verdict.error().map(|error| error.to_string())
    }

    const USUAL: &str = "origin igp as-path (  ) local-preference 100";

    #[test]
    fn nothing_wrong() {
        let received = |received: &Received<'_>| {
            assert_eq!(received.verdict, Verdict::Keep);
            assert_eq!(received.attributes.next_hop().to_string(), "198.51.100.7");
            text(received)
        };
        assert_eq!(with("", &internal(), received), USUAL);
        // Lengths of two octets, and flags that mean nothing.
        let med = "origin igp as-path (  ) med 5 local-preference 100";
        assert_eq!(with("9004000400000005", &internal(), received), med);
        assert_eq!(with("8f040400000005", &internal(), received), med);
    }

    #[test]
    fn what_is_not_known_is_kept_if_it_may_travel() {
        for (hex, more) in [
            ("c063020102", " attribute [ 0x63 0xE0 0x0102 ]"),
            ("e063020102", " attribute [ 0x63 0xE0 0x0102 ]"),
            ("cf630101", " attribute [ 0x63 0xEF 0x01 ]"),
            ("40630101", " attribute [ 0x63 0x60 0x01 ]"),
            ("c06300", " attribute [ 0x63 0xE0 0x ]"),
            ("8063020102", ""),
        ] {
            assert_eq!(with(hex, &internal(), text), format!("{USUAL}{more}"), "{hex}");
        }
    }

    #[test]
    fn faults_that_withdraw() {
        let told = Some("treat-as-withdraw".to_owned());
        for (hex, text) in [
            (format!("{ORIGIN}{AS_PATH}{NEXT_HOP}{PREFERENCE}40"), USUAL),
            (format!("{ORIGIN}{AS_PATH}{NEXT_HOP}{PREFERENCE}80040800000001"), USUAL),
            (format!("40010103{AS_PATH}{NEXT_HOP}"), "as-path (  )"),
            (format!("4001020000{AS_PATH}{NEXT_HOP}"), "as-path (  )"),
            (format!("c0010100{AS_PATH}{NEXT_HOP}"), "as-path (  )"),
            (format!("{AS_PATH}{NEXT_HOP}"), "as-path (  )"),
            (format!("{ORIGIN}{NEXT_HOP}"), "origin igp"),
            (format!("{ORIGIN}{AS_PATH}"), "origin igp as-path (  )"),
            (format!("{ORIGIN}40020605010000fcbc{NEXT_HOP}"), "origin igp"),
            (format!("{ORIGIN}40020602050000fcbc{NEXT_HOP}"), "origin igp"),
            (format!("{ORIGIN}40020702010000fcbc02{NEXT_HOP}"), "origin igp"),
            (format!("{ORIGIN}c0020602010000fcbc{NEXT_HOP}"), "origin igp"),
            (format!("{ORIGIN}4002020200{NEXT_HOP}"), "origin igp"),
            (format!("{ORIGIN}{AS_PATH}400305c633640700"), "origin igp as-path (  )"),
            (format!("{ORIGIN}{AS_PATH}c00304c6336407"), "origin igp as-path (  )"),
        ] {
            assert_eq!(
                whole(&hex, &internal(), |r| (self::text(r), error(r))),
                (text.to_owned(), told.clone()),
                "{hex}"
            );
        }
        for hex in [
            "800403000001",
            "40040400000001",
            "c00805fcbc000100",
            "800903c00002",
            "800a05c000020100",
            "c010070002fcbc000000",
            "c0160400000000",
            "c0200b0000000000000000000000",
            &format!("c01913{}", "00".repeat(19)),
        ] {
            assert_eq!(
                with(hex, &internal(), |r| (text(r), error(r))),
                (USUAL.to_owned(), told.clone()),
                "{hex}"
            );
        }
    }

    #[test]
    fn an_empty_value_is_told_by_name() {
        let due = |name: &str| Some(format!("treat-as-withdraw due to {name}"));
        assert_eq!(with("c00800", &internal(), error), due("community"));
        assert_eq!(with("c02000", &internal(), error), due("large-community"));
        let hex = format!("400100{AS_PATH}{NEXT_HOP}");
        assert_eq!(whole(&hex, &internal(), error), due("origin"));
        assert_eq!(whole(&format!("{ORIGIN}{AS_PATH}400300"), &internal(), error), due("next-hop"));
    }

    #[test]
    fn faults_that_cost_the_attribute() {
        for (hex, negotiated) in [
            ("40060100", internal()),
            ("c00706fcbcc0000221", internal()),
            ("c00700", internal()),
            ("801a0a01000a000000000003e8", internal()),
            ("c02806010007000000", internal()),
            ("c02809010006000000000003", internal()),
            ("80280a01000700000000000309", internal()),
            ("800903c00002", external()),
            ("800a05c000020100", external()),
            ("c011060205fa56ea01", old()),
        ] {
            let expected = (USUAL.to_owned(), Some("discard".to_owned()));
            assert_eq!(with(hex, &negotiated, |r| (text(r), error(r))), expected, "{hex}");
        }
    }

    #[test]
    fn faults_nobody_is_told_about() {
        for (hex, negotiated) in [
            // Flags of another class, where they never mattered.
            ("400904c00002c8", internal()),
            ("c01a0b01000b00000000000003e8", internal()),
            // Not for this session.
            ("801a0b01000b00000000000003e8", Negotiated { aigp: false, ..internal() }),
            ("c011060205fa56ea01", internal()),
            ("c0110a0202fa56ea01fa56ea02", internal()),
        ] {
            assert_eq!(
                with(hex, &negotiated, |r| (text(r), verdict(r))),
                (USUAL.to_owned(), Verdict::Keep),
                "{hex}"
            );
        }
    }

    #[test]
    fn the_strongest_verdict_wins() {
        let names = |received: &Received<'_>| match &received.verdict {
            Verdict::Discard(codes) => codes.names().collect::<Vec<_>>(),
            _ => vec![],
        };
        let two = "40060100c00700";
        assert_eq!(with(two, &internal(), names), ["atomic-aggregate", "aggregator"]);
        let fault = Verdict::Withdraw(Fault::Empty { code: 8 });
        assert_eq!(with("40060100c00800800403000001", &internal(), verdict), fault);
        let twice = "800e0100800e0100";
        let reset = Verdict::Reset(Notify::new(3, 1));
        assert_eq!(with(&format!("c00800{twice}"), &internal(), verdict), reset);
    }

    #[test]
    fn multiprotocol_attributes_are_handed_on() {
        with("800e020102900f0003000101", &internal(), |received| {
            assert_eq!(received.mp_reach, Some(&[1, 2][..]));
            assert_eq!(received.mp_unreach, Some(&[0, 1, 1][..]));
            assert_eq!(received.attributes.to_string(), USUAL);
        });
        for (hex, subcode) in
            [("c00e0100", 9), ("400f0100", 9), ("800f0100800f0100", 1), ("800e0100800e0100", 1)]
        {
            let reset = Verdict::Reset(Notify::new(3, subcode));
            assert_eq!(with(hex, &internal(), verdict), reset, "{hex}");
        }
    }

    #[test]
    fn the_first_of_two_counts() {
        let hex = format!("{ORIGIN}40010102{AS_PATH}{NEXT_HOP}{PREFERENCE}400504");
        let kept = |received: &Received<'_>| (text(received), verdict(received));
        assert_eq!(
            whole(&format!("{hex}00000001"), &internal(), kept),
            (USUAL.to_owned(), Verdict::Keep)
        );
    }

    #[test]
    fn old_speakers_are_mended() {
        let path = |as_path: &str, more: &str| {
            whole(&format!("{ORIGIN}{as_path}{NEXT_HOP}{more}"), &old(), text)
        };
        assert_eq!(
            path("4002080203fcbc5ba05ba0", "c0110a0202fa56ea01fa56ea02"),
            "origin igp as-path ( 64700 4200000001 4200000002 )"
        );
        assert_eq!(
            path("4002040201fcbc", "c0110a0202fa56ea01fa56ea02"),
            "origin igp as-path ( 64700 )"
        );
        assert_eq!(
            with("c007065ba0c0000221c01208fa56ea01c0000221", &old(), text),
            format!("{USUAL} aggregator ( 4200000001:192.0.2.33 )")
        );
        // The aggregator was replaced by somebody who knew nothing of the others.
        assert_eq!(
            path("40020402015ba0", "c00706fcbcc0000221c01208fa56ea01c0000221c011060201fa56ea01"),
            "origin igp as-path ( 23456 ) aggregator ( 64700:192.0.2.33 )"
        );
        assert_eq!(with("c01208fa56ea01c0000221", &old(), text), USUAL);
    }

    #[test]
    fn routes_in_mp_reach_need_no_next_hop_beside_them() {
        let bytes = from_hex(&format!("{ORIGIN}{AS_PATH}")).unwrap();
        for (announced, kept) in
            [(Announced::Nothing, true), (Announced::InMpReach, true), (Announced::InNlri, false)]
        {
            let mut received = Attributes::unpack(&bytes, &internal());
            received.require(announced);
            assert_eq!(received.verdict == Verdict::Keep, kept, "{announced:?}");
        }
        let mut nothing = Attributes::unpack(&[], &internal());
        nothing.require(Announced::Nothing);
        assert_eq!(nothing.verdict, Verdict::Keep);
    }

    /// Every attribute that can be written, on a session of that kind.
    fn everything(negotiated: &Negotiated) -> (Attributes, Vec<u8>) {
        let set = set("origin incomplete as-path [ 1 2 ] ( 3 ) [ 4 ] next-hop 192.0.2.1 med 5 \
             local-preference 6 atomic-aggregate aggregator 7:192.0.2.7 community [ 8:8 8:9 ] \
             originator-id 192.0.2.9 cluster-list [ 192.0.2.10 192.0.2.11 ] extended-community \
             [ target:16:1 bandwidth:16:2 ] aigp 26 large-community [ 32:1:2 32:3:4 ] \
             pmsi 6:0:22(353):192.0.2.22 otc 35 extended-community-ipv6 target 2001:db8::25 25 \
             bgp-prefix-sid [ 40, [ ( 1,2 ) ] ] attribute [ 0x99 0xe0 0x0102 ]");
        let mut out = Vec::new();
        set.pack(&mut Writer::new(&mut out), negotiated, NextHopField::Write).unwrap();
        (set, out)
    }

    #[test]
    fn what_is_sent_is_what_is_received() {
        for negotiated in [internal(), old()] {
            let (sent, octets) = everything(&negotiated);
            let received = Attributes::unpack(&octets, &negotiated);
            assert_eq!(received.verdict, Verdict::Keep);
            assert_eq!(*received.attributes, sent);
        }
    }

    #[test]
    fn no_octet_is_trusted() {
        let look = |bytes: &[u8], negotiated: &Negotiated| {
            let received = Attributes::unpack(bytes, negotiated);
            let mut out = Vec::new();
            let mut json = crate::json::Writer::new(&mut out, crate::json::Dialect::V4);
            json.object(|object| received.attributes.json(object));
            assert!(out.is_ascii());
            drop(received.attributes.to_string());
        };
        for negotiated in [internal(), external(), old()] {
            let (_, octets) = everything(&negotiated);
            for length in 0..octets.len() {
                look(&octets[..length], &negotiated);
            }
            for at in 0..octets.len() {
                for flip in [0x01, 0x10, 0x80, 0xff] {
                    let mut copy = octets.clone();
                    copy[at] ^= flip;
                    look(&copy, &negotiated);
                }
            }
        }
    }
}
