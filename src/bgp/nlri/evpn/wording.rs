//! The words that routes of Ethernet VPN are written with: a type, then what it holds in any
//! order; or `raw` and the octets of any NLRI.

use super::said::{self, Said};
use super::{Evpn, KINDS, Kind};
use crate::bgp::attribute::Builder;
use crate::bgp::nlri::layout::{Grammar, Wording};
use crate::bgp::nlri::{Layout as _, Nlri, Packed};
use crate::text::{Error, Span, Tokens, Word};
use crate::wire::from_hex;

pub(super) static GRAMMAR: Grammar = Grammar {
    syntax: "evpn ethernet-ad|mac|multicast|ethernet-segment|prefix rd <distinguisher> \
             [esi -|<octets>] [ethernet-tag <number>] [mac <octets>] [ip <address>] \
             [iplen <mask length>] [gateway <address>] [label <label>|vni <number>] \
             next-hop <address>|self [<attribute> <value> …], or evpn raw <octets> next-hop …",
    words: said::WORDS,
    needs_next_hop: true,
    start: |_| Box::<Statement>::default(),
};

/// What was said of a route so far.
#[derive(Clone, Debug, Default)]
struct Statement {
    kind: Option<&'static Kind>,
    said: Said,
    raw: Option<Evpn>,
}

impl Statement {
    fn typed(
        &mut self,
        kind: &'static Kind,
        word: &Word<'_>,
        tokens: &mut Tokens<'_>,
    ) -> Option<Result<(), Error>> {
        let name = match &*word.text {
            "route-distinguisher" => "rd",
            "vni" => "label",
            name => name,
        };
        if name == "rd" || kind.words.contains(&name) {
            return Some(self.said.read(word, tokens)?.map_err(|error| error.of(word)));
        }
        let known = said::WORDS.iter().any(|(known, _)| *known == name);
        known.then(|| Err(word.fault(&format!("is not said of a route of type {}", kind.name))))
    }
}

impl Wording for Statement {
    fn field(
        &mut self,
        word: &Word<'_>,
        tokens: &mut Tokens<'_>,
        _: &mut Builder,
    ) -> Option<Result<(), Error>> {
        if let Some(kind) = self.kind {
            return self.typed(kind, word, tokens);
        }
        if &*word.text == "raw" {
            let read = raw(tokens).map(|route| self.raw = Some(route));
            return Some(read.map_err(|error| error.of("raw")));
        }
        self.kind = KINDS.iter().find(|kind| kind.name == &*word.text);
        match self.kind {
            Some(_) => Some(Ok(())),
            None if said::WORDS.iter().any(|(known, _)| *known == &*word.text) => {
                Some(Err(word.fault("comes before the type of the route").syntax(TYPES)))
            }
            None => None,
        }
    }

    fn finish(&mut self, _: &mut Builder, span: Span) -> Result<Packed, Error> {
        let route = match (self.raw.take(), self.kind) {
            (Some(route), None) => route,
            (Some(_), Some(_)) => return Err(Error::new(span, "raw goes with no type")),
            (None, Some(kind)) => (kind.build)(&self.said)
                .map_err(|what| Error::new(span, format!("evpn {}: {what}", kind.name)))?,
            (None, None) => {
                return Err(Error::new(span, "the evpn route has no type").syntax(TYPES));
            }
        };
        Ok(Nlri::Evpn(route).packed(Evpn::FAMILY, None))
    }

    fn boxed(&self) -> Box<dyn Wording> {
        Box::new(self.clone())
    }
}

const TYPES: &str = "evpn ethernet-ad|mac|multicast|ethernet-segment|prefix … or evpn raw …";

fn raw(tokens: &mut Tokens<'_>) -> Result<Evpn, Error> {
    let word = tokens.word("octets")?;
    let bytes = from_hex(word.strip_prefix("0x").unwrap_or(&word));
    let route = bytes.ok().and_then(|bytes| Evpn::unpack(&bytes, Evpn::FAMILY).ok());
    route.ok_or_else(|| word.fault("is not the hexadecimal form of an EVPN NLRI"))
}
