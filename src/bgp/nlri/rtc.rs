//! Route target membership, RFC 4684: the route targets whose routes a peer wants.
//!
//! Wire format: a length of 0 or 32 to 96 bits, then as many bits of an origin AS (32) and a route
//! target (64). Length 0 asks for everything.
//!
//! Text: `rtc default`, `rtc origin-as 65000 route-target target:65000:1`. A target that is not
//! whole is written by its octets and its bits, `0x0002FDE8/32`; one of no bits is left out.

use super::layout::{Grammar, Wording};
use super::{About, Identity, Layout, Nlri, Packed, text};
use crate::bgp::attribute::{Builder, ExtendedCommunities};
use crate::bgp::{Element as _, FromText as _, Negotiated};
use crate::json;
use crate::protocol::{Asn, Family, Safi};
use crate::text::{Error, Span, Tokens, Word};
use crate::wire::{Hex, Malformed, Reader, Writer, from_hex};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rtc {
    /// Every route.
    Default,
    /// The routes of the targets that begin alike.
    Targets { origin: Asn, target: Target },
}

/// The beginning of a route target; bits beyond it are kept as received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// At most 64.
    bits: u8,
    octets: [u8; 8],
}

const WHAT: &str = "RTC NLRI";

/// The bits of the origin AS.
const ORIGIN: u8 = 32;

/// The bits of a whole route target.
const WHOLE: u8 = 64;

impl Target {
    /// The octets that hold it.
    fn octets(&self) -> &[u8] {
        self.octets.get(..usize::from(self.bits.div_ceil(8))).unwrap_or_default()
    }

    /// The beginning of `octets`; `None` where their number does not fit the bits.
    fn new(bits: u8, octets: &[u8]) -> Option<Self> {
        let mut target = Self { bits, octets: [0; 8] };
        let fits = bits <= WHOLE && octets.len() == usize::from(bits.div_ceil(8));
        target.octets.get_mut(..octets.len()).filter(|_| fits)?.copy_from_slice(octets);
        Some(target)
    }

    /// As an extended community says it, of a whole one.
    fn community(&self) -> Option<String> {
        let mut reader = Reader::new(&self.octets);
        let community = ExtendedCommunities::unpack(&mut reader, &Negotiated::wide());
        community.ok().filter(|_| self.bits == WHOLE).map(|community| community.to_string())
    }

    /// As events tell it: `target:65000:1`, or octets and bits.
    fn shown(&self) -> String {
        self.community().unwrap_or_else(|| self.hex())
    }

    /// As a word that is read back to the same octets.
    fn word(&self) -> String {
        let exact = self.community().filter(|text| Self::from_text(text) == Ok(*self));
        exact.unwrap_or_else(|| self.hex())
    }

    /// `0x0002FDE800000001`, or `0x0002FDE8/32` when it is not whole.
    fn hex(&self) -> String {
        match self.bits {
            WHOLE => format!("0x{}", Hex(&self.octets)),
            bits => format!("0x{}/{bits}", Hex(self.octets())),
        }
    }

    fn from_text(text: &str) -> Result<Self, &'static str> {
        if let Some(digits) = text.strip_prefix("0x") {
            let (digits, bits) = digits.split_once('/').unwrap_or((digits, "64"));
            let bits = bits.parse().ok().filter(|_| bits.bytes().all(|digit| digit != b'+'));
            let target = bits.zip(from_hex(digits).ok());
            let target = target.and_then(|(bits, octets)| Self::new(bits, &octets));
            return target.ok_or("is not 0x, octets, and as many bits as they hold: 0x0002/16");
        }
        let mut octets = Vec::with_capacity(8);
        let community = ExtendedCommunities::parse(&mut Tokens::line(text));
        let community = community.map_err(|_| "is not a route target")?;
        community.pack(&mut Writer::new(&mut octets), &Negotiated::wide());
        // The subtype of route targets, whatever the type.
        let is_target = octets.get(1) == Some(&0x02);
        Self::new(WHOLE, &octets).filter(|_| is_target).ok_or("is not a route target")
    }
}

impl Layout for Rtc {
    const GRAMMAR: Option<&'static Grammar> = Some(&GRAMMAR);

    fn extent(mut ahead: Reader<'_>, _: Family) -> Result<usize, Malformed> {
        let bits = ahead.u8(WHAT)?;
        if (1..ORIGIN).contains(&bits) || bits > ORIGIN + WHOLE {
            return Err(Malformed::Value { what: "RTC length", got: u32::from(bits) });
        }
        Ok(1 + usize::from(bits.div_ceil(8)))
    }

    fn check(bytes: &[u8], family: Family) -> Result<(), Malformed> {
        Self::unpack(bytes, family).map(drop)
    }

    fn unpack(bytes: &[u8], _: Family) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let bits = reader.u8(WHAT)?;
        if bits == 0 {
            reader.done(WHAT)?;
            return Ok(Self::Default);
        }
        let wrong = Malformed::Value { what: "RTC length", got: u32::from(bits) };
        let origin = Asn(reader.u32(WHAT)?);
        let target = bits.checked_sub(ORIGIN).and_then(|bits| Target::new(bits, reader.rest()));
        Ok(Self::Targets { origin, target: target.ok_or(wrong)? })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Default => writer.u8(0),
            Self::Targets { origin, target } => {
                writer.u8(ORIGIN + target.bits);
                writer.u32(origin.0);
                writer.bytes(target.octets());
            }
        }
    }

    fn identity(bytes: &[u8], family: Family, path_id: Option<u32>) -> Identity<'_> {
        match bytes {
            [bits, octets @ ..] => Identity::prefix(family, path_id, *bits, octets),
            [] => Identity::whole(family, path_id, bytes),
        }
    }

    fn members(&self, object: &mut json::Object<'_, '_>, _: &About) {
        match self {
            Self::Default => {
                object.field("origin").number(0_u32);
                object.field("route-target").null();
            }
            Self::Targets { origin, target } => {
                object.field("origin").number(origin.0);
                match target.bits {
                    0 => object.field("route-target").null(),
                    _ => object.field("route-target").string(&target.shown()),
                }
                // What is not whole is told by its length from the default and from what is.
                if target.bits < WHOLE {
                    object.field("length").number(ORIGIN + target.bits);
                }
            }
        }
    }

    fn text(&self, out: &mut Vec<u8>, about: &About) {
        out.extend_from_slice(b"rtc ");
        self.statement(out, about);
    }

    fn statement(&self, out: &mut Vec<u8>, about: &About) {
        match self {
            Self::Default => out.extend_from_slice(b"default"),
            Self::Targets { origin, target } => {
                text::display(out, format_args!("origin-as {origin}"));
                if target.bits > 0 {
                    text::display(out, format_args!(" route-target {}", target.word()));
                }
            }
        }
        text::next_hop(out, about.next_hop);
    }
}

static GRAMMAR: Grammar = Grammar {
    syntax: "rtc default|origin-as <AS> [route-target <target>] next-hop <address>|self \
             [<attribute> <value> …]",
    words: &[
        ("default", "default"),
        ("origin-as", "origin-as <AS>"),
        ("route-target", "route-target target:<AS or IPv4>:<number>|0x<octets>[/<bits>]"),
    ],
    needs_next_hop: true,
    start: |family| Box::new(Said { family, is_default: false, origin: None, target: None }),
};

/// What was said of a membership so far.
#[derive(Clone, Debug)]
struct Said {
    family: Family,
    is_default: bool,
    origin: Option<Asn>,
    target: Option<Target>,
}

impl Wording for Said {
    fn field(
        &mut self,
        word: &Word<'_>,
        tokens: &mut Tokens<'_>,
        _: &mut Builder,
    ) -> Option<Result<(), Error>> {
        let read = match &*word.text {
            "default" => {
                self.is_default = true;
                Ok(())
            }
            "origin-as" => Asn::parse(tokens).map(|origin| self.origin = Some(origin)),
            "route-target" => tokens.word("a route target").and_then(|word| {
                let target = Target::from_text(&word).map_err(|what| word.fault(what))?;
                self.target = Some(target);
                Ok(())
            }),
            _ => return None,
        };
        Some(read.map_err(|error| error.of(&word.text)))
    }

    fn finish(&mut self, _: &mut Builder, span: Span) -> Result<Packed, Error> {
        let rtc = match (self.is_default, self.origin, self.target) {
            (true, None, None) => Rtc::Default,
            (true, ..) => {
                let what = "rtc default asks for everything: it has no origin-as or route-target";
                return Err(Error::new(span, what));
            }
            (false, Some(origin), target) => {
                Rtc::Targets { origin, target: target.unwrap_or_default() }
            }
            (false, None, _) => return Err(Error::new(span, "the rtc route has no origin-as")),
        };
        debug_assert_eq!(self.family.safi, Safi::RTC);
        Ok(Nlri::Rtc(rtc).packed(self.family, None))
    }

    fn boxed(&self) -> Box<dyn Wording> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::nlri::testing::{check, parse, refuse, refuse_octets, told};
    use crate::protocol::Afi;

    const FAMILY: Family = Family::new(Afi::IPV4, Safi::RTC);

    #[test]
    fn every_face() {
        for (words, hex, json) in [
            ("default", "00", r#"{ "origin": 0, "route-target": null }"#),
            (
                "origin-as 65000 route-target target:65000:1",
                "600000FDE80002FDE800000001",
                r#"{ "origin": 65000, "route-target": "target:65000:1" }"#,
            ),
            (
                "origin-as 4200000001 route-target target:192.0.2.9:77",
                "60FA56EA010102C0000209004D",
                r#"{ "origin": 4200000001, "route-target": "target:192.0.2.9:77" }"#,
            ),
            (
                "origin-as 0 route-target target:4200000001:77",
                "60000000000202FA56EA01004D",
                r#"{ "origin": 0, "route-target": "target:4200000001:77" }"#,
            ),
            (
                "origin-as 1 route-target 0x0123456789ABCDEF",
                "60000000010123456789ABCDEF",
                r#"{ "origin": 1, "route-target": "0x0123456789ABCDEF" }"#,
            ),
        ] {
            let text = format!("rtc {words}");
            check(words, FAMILY, hex, json, [&text, &text]);
        }
        let (packed, _) = parse("origin-as 1.10 route-target 65000:1", FAMILY).unwrap();
        assert_eq!(Hex(packed.bytes()).to_string(), "600001000A0002FDE800000001");
    }

    #[test]
    fn what_is_not_whole_is_read_as_far_as_it_goes() {
        for (words, hex, json) in [
            (
                "origin-as 65000",
                "200000FDE8",
                r#"{ "origin": 65000, "route-target": null, "length": 32 }"#,
            ),
            (
                "origin-as 65000 route-target 0x0002FDE8/32",
                "400000FDE80002FDE8",
                r#"{ "origin": 65000, "route-target": "0x0002FDE8/32", "length": 64 }"#,
            ),
            (
                "origin-as 65000 route-target 0x0002F8/21",
                "350000FDE80002F8",
                r#"{ "origin": 65000, "route-target": "0x0002F8/21", "length": 53 }"#,
            ),
        ] {
            let text = format!("rtc {words}");
            check(words, FAMILY, hex, json, [&text, &text]);
        }
        let octets = [0, 0, 0xfd, 0xe8, 0, 2, 0xfd, 0xe8, 0, 0, 0, 1];
        for bits in 32..=96_u8 {
            let mut bytes = vec![bits];
            bytes.extend_from_slice(&octets[..usize::from(bits.div_ceil(8))]);
            let (packed, _) = parse(&told(&bytes, FAMILY), FAMILY).unwrap();
            assert_eq!(packed.bytes(), bytes, "{bits} bits are neither rounded nor taken for 96");
        }
    }

    #[test]
    fn bits_beyond_the_length_do_not_count() {
        let packed = |hex: &str| Packed::new(FAMILY, None, &from_hex(hex).unwrap());
        let [one, same, other] = ["250000FDE80F", "250000FDE808", "250000FDE810"].map(packed);
        assert_eq!(one.identity(), same.identity());
        assert_ne!(one.identity(), other.identity());
        assert_ne!(packed("200000FDE8").identity(), packed("00").identity());
    }

    #[test]
    fn anything_else_is_refused() {
        refuse(
            FAMILY,
            &[
                ("", "the rtc route has no origin-as"),
                ("route-target 1:1", "the rtc route has no origin-as"),
                ("default origin-as 1", "has no origin-as or route-target"),
                ("origin-as x", "origin-as: \"x\" is not an AS number"),
                ("origin-as 1 route-target origin:1:1", "route-target: \"origin:1:1\" is not"),
                ("origin-as 1 route-target 0x0002/17", "as many bits as they hold"),
                ("origin-as 1 route-target 0x0002/8", "as many bits as they hold"),
                ("origin-as 1 route-target 0x000200000000000000/72", "as many bits"),
                ("origin-as 1 route-target 0x0002", "as many bits as they hold"),
                ("origin-as 1 route-target", "expected a route target"),
            ],
        );
        let with = |bits: u8| format!("{bits:02X}{}", "00".repeat(usize::from(bits.div_ceil(8))));
        for bits in (1..32).chain(97..=255) {
            refuse_octets(FAMILY, &[&with(bits)]);
        }
        refuse_octets(FAMILY, &["600000FDE80002FDE8000000", "20", "2000"]);
    }
}
