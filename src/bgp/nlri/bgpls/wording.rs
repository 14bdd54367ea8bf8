//! Routes of link state as they are written: the keys of JSON, each with its value.
//!
//! Descriptors leave in the order of their types, RFC 9552 section 5.1, whatever the order of the
//! words. What was received in another order, or says what the words cannot, is told as `raw`.

use std::fmt::Write as _;

use crate::bgp::attribute::Builder;
use crate::bgp::attribute::bgpls::{tlv, words};
use crate::bgp::attribute::pieces::Pieces;
use crate::bgp::nlri::{Grammar, Packed, Wording};
use crate::protocol::{Afi, Distinguisher, Family, Safi};
use crate::text::{Error, Span, Tokens, Word};
use crate::wire::Writer;

use super::descriptor::{self, Said};
use super::kind::{KINDS, Kind, PROTOCOLS};
use super::view::{Content, View};

pub(super) static GRAMMAR: Grammar = Grammar {
    syntax: "bgp-ls bgp-ls|bgp-ls-vpn bgpls-node|bgpls-link|bgpls-prefix-v4|bgpls-prefix-v6|\
             bgpls-srv6sid protocol-id <n> node-descriptors ( … ) … next-hop <address>|self",
    words: &[
        (
            "ls-nlri-type",
            "ls-nlri-type bgpls-node|bgpls-link|bgpls-prefix-v4|bgpls-prefix-v6|bgpls-srv6sid",
        ),
        ("bgpls-node", "bgpls-node"),
        ("bgpls-link", "bgpls-link"),
        ("bgpls-prefix-v4", "bgpls-prefix-v4"),
        ("bgpls-prefix-v6", "bgpls-prefix-v6"),
        ("bgpls-srv6sid", "bgpls-srv6sid"),
        ("l3-routing-topology", "l3-routing-topology <64 bits number>"),
        (
            "protocol-id",
            "protocol-id isis_l1|isis_l2|ospf_v2|direct|static|ospfv3|freertr|<8 bits number>",
        ),
        (
            "node-descriptors",
            "node-descriptors ( autonomous-system <n> bgp-ls-identifier <n> \
          ospf-area-id <address> router-id <address>|<digits> )",
        ),
        ("local-node-descriptors", "local-node-descriptors ( … ), as node-descriptors"),
        ("remote-node-descriptors", "remote-node-descriptors ( … ), as node-descriptors"),
        ("interface-addresses", "interface-addresses <address>|[ <address> … ]"),
        ("neighbor-addresses", "neighbor-addresses <address>|[ <address> … ]"),
        ("link-identifiers", "link-identifiers ( link-local-id <n> link-remote-id <n> )"),
        ("multi-topology-ids", "multi-topology-ids <n>|[ <n> … ]"),
        ("ospf-route-type", "ospf-route-type <8 bits number>"),
        ("ip-reach-prefix", "ip-reach-prefix <prefix>"),
        ("ip-reachability-tlv", "ip-reachability-tlv <prefix>"),
        ("srv6-sid", "srv6-sid <IPv6 address>"),
        ("rd", "rd <AS>:<number> or <IPv4>:<number>"),
        ("raw", "raw 0x<type, length and value>"),
    ],
    needs_next_hop: true,
    start: |family| Box::new(Route::new(family.safi == Safi::BGP_LS_VPN)),
};

/// A route of which something was said.
#[derive(Clone, Debug)]
struct Route {
    vpn: bool,
    kind: Option<Kind>,
    protocol: Option<u8>,
    identifier: u64,
    distinguisher: Option<Distinguisher>,
    said: Vec<Said>,
    raw: Option<Box<[u8]>>,
}

impl Route {
    fn new(vpn: bool) -> Self {
        Self {
            vpn,
            kind: None,
            protocol: None,
            identifier: 0,
            distinguisher: None,
            said: Vec::new(),
            raw: None,
        }
    }

    fn family(&self) -> Family {
        Family::new(Afi::BGP_LS, if self.vpn { Safi::BGP_LS_VPN } else { Safi::BGP_LS })
    }

    /// Reads what follows `word`; `None` when it is none of ours.
    fn read(&mut self, word: &str, tokens: &mut Tokens<'_>) -> Option<Result<(), Error>> {
        if let Some(kind) = Kind::named(word) {
            self.kind = Some(kind);
            return Some(Ok(()));
        }
        Some(match word {
            "ls-nlri-type" => self.read_kind(tokens),
            "l3-routing-topology" => {
                tokens.number("a number of 64 bits").map(|number| self.identifier = number)
            }
            "protocol-id" => self.read_protocol(tokens),
            "rd" => Distinguisher::parse(tokens).map(|rd| self.distinguisher = Some(rd)),
            "raw" => pieces(tokens, |pieces| {
                self.raw = Some(words::octets(pieces)?);
                Ok(())
            }),
            _ => return None,
        })
    }

    fn read_kind(&mut self, tokens: &mut Tokens<'_>) -> Result<(), Error> {
        let word = tokens.word("a type")?;
        let names: Vec<_> = KINDS.iter().map(|(_, _, name)| *name).collect();
        let wrong = || word.fault(&format!("is none of {}", names.join(", ")));
        self.kind = Some(Kind::named(&word).ok_or_else(wrong)?);
        Ok(())
    }

    fn read_protocol(&mut self, tokens: &mut Tokens<'_>) -> Result<(), Error> {
        let named = tokens.peek().and_then(|word| {
            PROTOCOLS.iter().find(|(name, _)| *name == &*word.text).map(|(_, number)| *number)
        });
        self.protocol = Some(match named {
            Some(number) => tokens.word("a protocol").map(|_| number)?,
            None => tokens.number("a protocol or a number of 8 bits")?,
        });
        Ok(())
    }

    /// The octets of what was said.
    fn bytes(&self, span: Span) -> Result<Vec<u8>, Error> {
        if let Some(raw) = &self.raw {
            if self.kind.is_some() || !self.said.is_empty() || self.distinguisher.is_some() {
                return Err(Error::new(span, "raw tells all of a route: nothing stands beside it"));
            }
            return Ok(raw.to_vec());
        }
        let kind = self.kind.ok_or_else(|| Error::new(span, "the route has no ls-nlri-type"))?;
        let protocol =
            self.protocol.ok_or_else(|| Error::new(span, "the route has no protocol-id"))?;
        let (code, name) = kind.told();
        if let Some(strange) =
            self.said.iter().find(|said| said.named && !descriptor::belongs(said.code, kind))
        {
            let what = format!("{name} has no descriptor of type {}", strange.code);
            return Err(Error::new(span, what));
        }
        match (self.vpn, self.distinguisher) {
            (true, None) => return Err(Error::new(span, "the route has no rd")),
            (false, Some(_)) => {
                return Err(Error::new(span, "an rd stands in routes of bgp-ls-vpn alone"));
            }
            (true, Some(_)) | (false, None) => {}
        }
        let mut sorted: Vec<&Said> = self.said.iter().collect();
        sorted.sort_by_key(|said| said.code);
        let mut bytes = Vec::new();
        let writer = &mut Writer::new(&mut bytes);
        writer.u16(code);
        let mut descriptors = Vec::new();
        let mut whole = true;
        for said in sorted {
            whole &= tlv::write(&mut descriptors, said.code, &said.value);
        }
        let sized = writer.sized_u16(|writer| {
            if let Some(Distinguisher(octets)) = self.distinguisher {
                writer.bytes(&octets);
            }
            writer.u8(protocol);
            writer.u64(self.identifier);
            writer.bytes(&descriptors);
        });
        if whole && sized.is_ok() {
            return Ok(bytes);
        }
        Err(Error::new(span, "the route is longer than its length can say"))
    }

    /// The octets, if they are a route.
    fn checked(&self, span: Span) -> Result<Vec<u8>, Error> {
        let bytes = self.bytes(span)?;
        let checked = View::of(&bytes, self.vpn).and_then(|view| view.check());
        checked.map_err(|fault| Error::new(span, fault.to_string()))?;
        Ok(bytes)
    }
}

/// Reads pieces, of which none may be left.
fn pieces<'a>(
    tokens: &mut Tokens<'a>,
    read: impl FnOnce(&mut Pieces<'_, 'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut pieces = Pieces::new(tokens);
    read(&mut pieces)?;
    pieces.done()
}

impl Wording for Route {
    fn field(
        &mut self,
        word: &Word<'_>,
        tokens: &mut Tokens<'_>,
        _: &mut Builder,
    ) -> Option<Result<(), Error>> {
        let read = match self.read(&word.text, tokens) {
            Some(read) => read,
            None if descriptor::known(&word.text) => pieces(tokens, |pieces| {
                descriptor::parse(&word.clone().into(), pieces, &mut self.said)
            }),
            None => return None,
        };
        Some(read.map_err(|error| error.of(&word.text)))
    }

    fn finish(&mut self, _: &mut Builder, span: Span) -> Result<Packed, Error> {
        let bytes = self.checked(span)?;
        Ok(Packed::new(self.family(), None, &bytes))
    }

    fn boxed(&self) -> Box<dyn Wording> {
        Box::new(self.clone())
    }
}

/// The words of a route that was checked.
pub(super) fn words(bytes: &[u8], vpn: bool) -> String {
    let told = View::of(bytes, vpn).ok().and_then(|view| match view.content {
        Content::Unknown => None,
        Content::Known(known) => {
            let (_, name) = known.kind.told();
            let mut words = format!(
                "{name} l3-routing-topology {} protocol-id {}",
                known.identifier, known.protocol
            );
            if let Some(distinguisher) = known.distinguisher {
                let written = write!(words, " rd {distinguisher}");
                debug_assert!(written.is_ok(), "a string takes everything");
            }
            for (code, descriptor) in known.walk() {
                words.push(' ');
                words.push_str(&descriptor.show(code, known.kind, known.protocol));
            }
            (read_back(&words, vpn).as_deref() == Some(bytes)).then_some(words)
        }
    });
    told.unwrap_or_else(|| format!("raw {}", words::Octets(bytes)))
}

/// The octets that words are read as.
fn read_back(words: &str, vpn: bool) -> Option<Vec<u8>> {
    let mut tokens = Tokens::line(words);
    let mut route = Route::new(vpn);
    let mut attributes = Builder::default();
    while !tokens.is_done() {
        let word = tokens.word("a word").ok()?;
        route.field(&word, &mut tokens, &mut attributes)?.ok()?;
    }
    route.checked(tokens.last()).ok()
}
