//! Routes from words, and what leaves a RIB as hexadecimal text: for the tests beside the code.

use crate::bgp::Negotiated;
use crate::bgp::attribute::{Attributes, Interner};
use crate::bgp::nlri::Draft;
use crate::protocol::{Asn, Family};
use crate::text::Tokens;
use crate::wire::Hex;

use super::{Budget, Event, Observer, Options, Outgoing, Route};

/// Reads routes; equal attributes are one set.
#[derive(Default)]
pub(crate) struct Words {
    interner: Interner,
}

impl Words {
    /// A route such as `10.0.0.0/8 next-hop 192.0.2.1 med 5`.
    pub(crate) fn route(&mut self, text: &str) -> Route {
        let mut tokens = Tokens::line(text);
        let mut draft = Draft::parse(&mut tokens).unwrap();
        let mut builder = Attributes::builder();
        while !tokens.is_done() {
            let word = tokens.word("a field").unwrap();
            let field = draft.field(&word, &mut tokens);
            field.or_else(|| builder.parse(&word, &mut tokens)).expect(text).expect(text);
        }
        let nlri = draft.finish(draft.family()).unwrap();
        Route { nlri, attributes: self.interner.intern(builder.build()) }
    }
}

/// An empty RIB with the usual options.
pub(crate) fn outgoing() -> Outgoing {
    Outgoing::new(Options { keep: true, group: true, manual_eor: false }, 7)
}

/// A session inside AS 65010 for these families, with messages of 65535 octets.
pub(crate) fn internal(families: &[Family]) -> Negotiated {
    Negotiated {
        local_as: Asn(65010),
        peer_as: Asn(65010),
        families: families.to_vec(),
        ..Negotiated::wide()
    }
}

/// Everything that leaves, as the hexadecimal text of message bodies. `RR` stands before a
/// ROUTE-REFRESH, `KA` for a KEEPALIVE.
pub(crate) fn drain(rib: &mut Outgoing, negotiated: &Negotiated) -> Vec<String> {
    let mut heard = Heard::default();
    let mut outbox = Vec::new();
    let budget = Budget { messages: usize::MAX, octets: usize::MAX };
    let progress = rib.next(negotiated, &mut outbox, budget, &mut heard);
    assert!(!progress.more && !rib.has_pending());
    assert_eq!(progress.octets, outbox.len());
    let mut bodies = Vec::new();
    let mut rest = outbox.as_slice();
    while let Some((header, _)) = rest.split_first_chunk::<19>() {
        let length = usize::from(u16::from_be_bytes([header[16], header[17]]));
        assert!(length <= negotiated.message_size);
        assert_eq!(header[..16], [0xff; 16]);
        let body = Hex(&rest[19..length]).to_string().to_ascii_lowercase();
        bodies.push(match header[18] {
            2 => body,
            4 => "KA".to_owned(),
            _ => format!("RR{body}"),
        });
        rest = &rest[length..];
    }
    assert_eq!(heard.told, bodies.len(), "each message is told once");
    bodies.extend((0..heard.refused).map(|_| "refused".to_owned()));
    bodies
}

/// As [`drain`], without End-of-RIB markers.
pub(crate) fn routes(rib: &mut Outgoing, negotiated: &Negotiated) -> Vec<String> {
    let is_marker = |body: &String| body == "00000000" || body.starts_with("00000007900f0003");
    drain(rib, negotiated).into_iter().filter(|body| !is_marker(body)).collect()
}

#[derive(Default)]
struct Heard {
    told: usize,
    refused: usize,
}

impl Observer for Heard {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Refused(..) => self.refused += 1,
            _ => self.told += 1,
        }
    }
}
