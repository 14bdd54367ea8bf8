//! VPLS, RFC 4761 section 3.2.2: a block of labels by which a site is reached from others.
//!
//! Wire format: a length of two octets, at least 17; distinguisher, site (endpoint), offset and
//! size of the block in 16 bits each, its first label in 24. What follows is kept.
//!
//! Text: `vpls rd 64700:12 endpoint 7 base 10700 offset 1 size 8`. Octets that these words cannot
//! make are told by `raw`.

use super::layout::{Grammar, Wording};
use super::{About, Layout, Nlri, Packed, text};
use crate::bgp::attribute::Builder;
use crate::json;
use crate::protocol::{Afi, Distinguisher, Family, Label, Safi};
use crate::text::{Error, Span, Tokens, Word};
use crate::wire::{Hex, Malformed, Reader, Writer, from_hex};

/// A block of labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpls {
    pub distinguisher: Distinguisher,
    /// The site that others reach by the block.
    pub endpoint: u16,
    /// The first of the sites that use it.
    pub offset: u16,
    /// How many sites that is.
    pub size: u16,
    /// The label of the first.
    pub base: Label,
    /// What a peer sent behind it.
    pub more: Box<[u8]>,
}

const WHAT: &str = "VPLS NLRI";

/// The octets of everything that is known, without the length.
const KNOWN: usize = 17;

impl Vpls {
    const FAMILY: Family = Family::new(Afi::L2VPN, Safi::VPLS);

    /// Reads an NLRI; what is behind the label comes beside it.
    fn read(bytes: &[u8]) -> Result<(Self, &[u8]), Malformed> {
        let mut reader = Reader::new(bytes);
        let length = usize::from(reader.u16(WHAT)?);
        let mut known = reader.sub(WHAT, length)?;
        reader.done(WHAT)?;
        if length < KNOWN {
            return Err(Malformed::Length { what: WHAT, got: length });
        }
        let vpls = Self {
            distinguisher: Distinguisher(known.array(WHAT)?),
            endpoint: known.u16(WHAT)?,
            offset: known.u16(WHAT)?,
            size: known.u16(WHAT)?,
            base: Label::from_octets(known.array(WHAT)?),
            more: Box::default(),
        };
        Ok((vpls, known.rest()))
    }

    /// Whether words other than `raw` make the same octets.
    fn has_words(&self) -> bool {
        let fits = self.base.value() <= Label::MAX - u32::from(self.size);
        let plain = Label::new(self.base.value()).is_some_and(|base| base.at_bottom() == self.base);
        fits && plain && self.more.is_empty()
    }
}

impl Layout for Vpls {
    const GRAMMAR: Option<&'static Grammar> = Some(&GRAMMAR);

    fn extent(mut ahead: Reader<'_>, _: Family) -> Result<usize, Malformed> {
        Ok(2 + usize::from(ahead.u16(WHAT)?))
    }

    fn check(bytes: &[u8], _: Family) -> Result<(), Malformed> {
        Self::read(bytes).map(drop)
    }

    fn unpack(bytes: &[u8], _: Family) -> Result<Self, Malformed> {
        let (vpls, more) = Self::read(bytes)?;
        Ok(Self { more: more.into(), ..vpls })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        let length = KNOWN + self.more.len();
        writer.u16(u16::try_from(length).unwrap_or(u16::MAX));
        writer.bytes(&self.distinguisher.0);
        writer.u16(self.endpoint);
        writer.u16(self.offset);
        writer.u16(self.size);
        writer.u24(self.base.raw());
        writer.bytes(&self.more);
    }

    fn members(&self, object: &mut json::Object<'_, '_>, _: &About) {
        object.field("rd").display(&self.distinguisher);
        object.field("endpoint").number(self.endpoint);
        object.field("base").number(self.base.value());
        object.field("offset").number(self.offset);
        object.field("size").number(self.size);
    }

    fn text(&self, out: &mut Vec<u8>, about: &About) {
        out.extend_from_slice(b"vpls ");
        self.statement(out, about);
    }

    fn statement(&self, out: &mut Vec<u8>, about: &About) {
        if self.has_words() {
            let Self { distinguisher, endpoint, offset, size, base, .. } = self;
            let rd = distinguisher.exact();
            let words =
                format_args!("rd {rd} endpoint {endpoint} base {base} offset {offset} size {size}");
            text::display(out, words);
        } else {
            let mut bytes = Vec::new();
            self.pack(&mut Writer::new(&mut bytes));
            text::display(out, format_args!("raw {}", Hex(&bytes)));
        }
        text::next_hop(out, about.next_hop);
    }
}

static GRAMMAR: Grammar = Grammar {
    syntax: "vpls rd <distinguisher> endpoint <number> base <label> offset <number> \
             size <number> next-hop <address>|self [<attribute> <value> …]",
    words: &[
        ("rd", "rd <AS>:<number> or <IPv4>:<number>"),
        ("route-distinguisher", "route-distinguisher <AS>:<number> or <IPv4>:<number>"),
        ("endpoint", "endpoint <0-65535>"),
        ("base", "base <0-1048575>"),
        ("offset", "offset <0-65535>"),
        ("size", "size <0-65535>"),
        ("raw", "raw <octets of the NLRI in hexadecimal>"),
    ],
    needs_next_hop: true,
    start: |_| Box::<Said>::default(),
};

/// What was said of a block so far.
#[derive(Clone, Debug, Default)]
struct Said {
    distinguisher: Option<Distinguisher>,
    endpoint: Option<u16>,
    base: Option<Label>,
    offset: Option<u16>,
    size: Option<u16>,
    raw: Option<Vpls>,
}

impl Said {
    fn read(&mut self, word: &str, tokens: &mut Tokens<'_>) -> Option<Result<(), Error>> {
        const SHORT: &str = "a number below 65536";
        Some(match word {
            "rd" | "route-distinguisher" => {
                Distinguisher::parse(tokens).map(|rd| self.distinguisher = Some(rd))
            }
            "endpoint" => tokens.number(SHORT).map(|number| self.endpoint = Some(number)),
            "offset" => tokens.number(SHORT).map(|number| self.offset = Some(number)),
            "size" => tokens.number(SHORT).map(|number| self.size = Some(number)),
            "base" => label(tokens).map(|label| self.base = Some(label)),
            "raw" => raw(tokens).map(|vpls| self.raw = Some(vpls)),
            _ => return None,
        })
    }

    /// The block; the error says what is missing or does not fit.
    fn block(&self) -> Result<Vpls, String> {
        let missing = |name: &str| format!("the vpls route has no {name}");
        let vpls = Vpls {
            distinguisher: self.distinguisher.ok_or_else(|| missing("rd"))?,
            endpoint: self.endpoint.ok_or_else(|| missing("endpoint"))?,
            offset: self.offset.ok_or_else(|| missing("offset"))?,
            size: self.size.ok_or_else(|| missing("size"))?,
            base: self.base.ok_or_else(|| missing("base"))?.at_bottom(),
            more: Box::default(),
        };
        let Vpls { base, size, .. } = vpls;
        if vpls.has_words() {
            return Ok(vpls);
        }
        Err(format!("{size} labels do not fit above base {base}: the last label is {}", Label::MAX))
    }
}

impl Wording for Said {
    fn field(
        &mut self,
        word: &Word<'_>,
        tokens: &mut Tokens<'_>,
        _: &mut Builder,
    ) -> Option<Result<(), Error>> {
        let read = self.read(&word.text, tokens)?;
        Some(read.map_err(|error| error.of(&word.text)))
    }

    fn finish(&mut self, _: &mut Builder, span: Span) -> Result<Packed, Error> {
        let vpls = match self.raw.take() {
            Some(vpls) => vpls,
            None => self.block().map_err(|what| Error::new(span, what))?,
        };
        Ok(Nlri::Vpls(vpls).packed(Vpls::FAMILY, None))
    }

    fn boxed(&self) -> Box<dyn Wording> {
        Box::new(self.clone())
    }
}

fn label(tokens: &mut Tokens<'_>) -> Result<Label, Error> {
    let word = tokens.word("a label")?;
    let digits = word.bytes().all(|digit| digit.is_ascii_digit());
    let label = digits.then(|| word.parse().ok().and_then(Label::new)).flatten();
    label.ok_or_else(|| word.fault("is not a number below 1048576"))
}

fn raw(tokens: &mut Tokens<'_>) -> Result<Vpls, Error> {
    let word = tokens.word("octets")?;
    let bytes = from_hex(word.strip_prefix("0x").unwrap_or(&word));
    let vpls = bytes.ok().and_then(|bytes| Vpls::unpack(&bytes, Vpls::FAMILY).ok());
    vpls.ok_or_else(|| word.fault("is not the hexadecimal form of a VPLS NLRI"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::nlri::testing::{check, parse, refuse, refuse_octets, shows, told};

    const WORDS: &str = "rd 192.168.201.1:123 endpoint 5 base 10702 offset 1 size 8";
    const JSON: &str = concat!(
        "{ \"rd\": \"192.168.201.1:123\", \"endpoint\": 5, \"base\": 10702, ",
        "\"offset\": 1, \"size\": 8 }"
    );

    fn hex_of(words: &str) -> String {
        Hex(parse(words, Vpls::FAMILY).unwrap().0.bytes()).to_string()
    }

    #[test]
    fn every_face() {
        let text = format!("vpls {WORDS}");
        let hex = "00110001C0A8C901007B000500010008029CE1";
        check(WORDS, Vpls::FAMILY, hex, JSON, [&text, &text]);
        let alias = WORDS.replace("rd", "route-distinguisher");
        assert_eq!(hex_of(&alias), hex, "either name of the distinguisher");
    }

    #[test]
    fn what_the_words_can_not_make_is_told_by_octets() {
        for (hex, why) in [
            ("00110001C0A8C901007B000500010008029CE0", "not the bottom of a stack"),
            ("00130001C0A8C901007B000500010008029CE10102", "more than is known"),
            ("00110001C0A8C901007B000500010008FFFFF1", "a block beyond the last label"),
        ] {
            let words = format!("raw {hex}");
            assert_eq!(told(&from_hex(hex).unwrap(), Vpls::FAMILY), words, "{why}");
            assert_eq!(hex_of(&words), hex, "{why}");
            assert_eq!(hex_of(&words.replace("raw ", "raw 0x")), hex, "{why}");
        }
        let hex = "00130001C0A8C901007B000500010008029CE10102";
        let text = format!("vpls raw {hex}");
        shows(hex, Vpls::FAMILY, JSON, [&text, &text]);
        let odd = "rd 0x00020000FDE80001 endpoint 0 base 0 offset 0 size 0";
        assert_eq!(hex_of(odd), "001100020000FDE80001000000000000000001");
        assert_eq!(told(&from_hex(&hex_of(odd)).unwrap(), Vpls::FAMILY), odd);
    }

    #[test]
    fn a_base_has_twenty_bits_and_room_for_the_block() {
        let words = |base: u32, size: u16| {
            format!("rd 1:1 endpoint 65535 base {base} offset 65535 size {size}")
        };
        for (base, size) in [(65536, 8), (1_048_567, 8), (1_048_575, 0), (983_040, 65535)] {
            assert!(parse(&words(base, size), Vpls::FAMILY).is_ok(), "{base} {size}");
        }
        refuse(
            Vpls::FAMILY,
            &[
                (&words(1_048_568, 8), "do not fit above base 1048568"),
                (&words(983_041, 65535), "do not fit"),
                (&words(1_048_576, 0), "base: \"1048576\" is not a number below 1048576"),
            ],
        );
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for name in ["rd", "endpoint", "base", "offset", "size"] {
            let mut words = WORDS.split(' ').skip_while(|word| *word != name);
            let said = format!("{name} {}", words.nth(1).unwrap());
            let without = WORDS.replace(&said, "");
            let what = format!("the vpls route has no {name}");
            refuse(Vpls::FAMILY, &[(&without, &what)]);
        }
        refuse(
            Vpls::FAMILY,
            &[
                ("endpoint 65536", "endpoint: \"65536\" is not a number below 65536"),
                ("rd 1", "is not a route distinguisher"),
                ("base +1", "base: "),
                ("raw 0010", "raw: \"0010\" is not the hexadecimal form"),
                ("raw 00110001C0A8C901007B000500010008029CE1FF", "raw: "),
            ],
        );
    }

    #[test]
    fn less_than_seventeen_octets_are_no_block() {
        refuse_octets(
            Vpls::FAMILY,
            &[
                "00100000FCBC0000000C000700010008029C",
                "0000",
                "00",
                "00110001C0A8C901007B000500010008029C",
            ],
        );
    }
}
