//! What is done with the traffic of a rule: the words that stand for extended communities, RFC
//! 8955 section 7 and the drafts on redirection and on sets of interfaces.
//!
//! Several actions add up. Redirection and copies to an address set the next hop of the route.

use std::net::{IpAddr, Ipv6Addr};

use crate::bgp::attribute::community::extended::{
    Direction, ExtendedCommunity, FourOctetAs, InterfaceSet, Mark, PacketRate, Rate,
    RedirectToAddress, RedirectToNextHop, Sent, TrafficAction, TwoOctetAs,
};
use crate::bgp::attribute::community::{
    ExtendedCommunities, ExtendedCommunitiesV6, ExtendedCommunityV6,
};
use crate::bgp::attribute::{Attribute, Builder, NextHop};
use crate::text::{Error, Tokens, Word};

/// The lowest rate that is not told to be unusual, in octets a second.
const RATE_MIN: u64 = 9600;
/// The highest rate that is sent, in octets a second.
const RATE_MAX: u64 = 1_000_000_000_000;

/// What an action is read into: the attributes, and what was let through.
pub(super) struct Target<'a> {
    pub(super) attributes: &'a mut Builder,
    pub(super) warnings: &'a mut Vec<Error>,
}

/// A word, its syntax, and what reads the words behind it.
pub(super) struct Action {
    pub(super) name: &'static str,
    pub(super) syntax: &'static str,
    pub(super) read: fn(&mut Target<'_>, &mut Tokens<'_>) -> Result<(), Error>,
}

const fn action(
    name: &'static str,
    syntax: &'static str,
    read: fn(&mut Target<'_>, &mut Tokens<'_>) -> Result<(), Error>,
) -> Action {
    Action { name, syntax, read }
}

const TO_NEXT_HOP: &str = RedirectToNextHop::WORD;
const TO_NEXT_HOP_IETF: &str = "redirect-to-nexthop-ietf <IP address>";

/// Every word of `then`.
pub(super) static ACTIONS: [Action; 9] = [
    action("accept", "accept", |_, _| Ok(())),
    action("discard", "discard", |target, _| {
        target.add(&Rate::new(0.0));
        Ok(())
    }),
    action("rate-limit", "rate-limit <number> [bytes|packets]", rate_limit),
    action("redirect", "redirect <AS>:<number>|<IP address>|[<IPv6>]:<number>", redirect),
    action(TO_NEXT_HOP, TO_NEXT_HOP, |target, _| {
        target.add(&RedirectToNextHop { copy: false });
        Ok(())
    }),
    action("redirect-to-nexthop-ietf", TO_NEXT_HOP_IETF, redirect_to_address),
    action("copy", "copy <IP address>", |target, tokens| {
        let address = tokens.address()?;
        target.send_to(address, true);
        Ok(())
    }),
    action("mark", "mark <0 to 63>", mark),
    action("action", "action sample|terminal|sample-terminal", traffic_action),
];

/// The word of `scope`.
pub(super) static SCOPE: Action = action(
    "interface-set",
    "interface-set [ [transitive:|non-transitive:]input|output|input-output:<AS>:<0 to 16383> … ]",
    interface_set,
);

impl Target<'_> {
    fn add(&mut self, community: &impl Sent) {
        self.add_octets(ExtendedCommunity::new(community));
    }

    fn add_octets(&mut self, community: ExtendedCommunity) {
        let communities = ExtendedCommunities::new(vec![community]);
        self.attributes.add(Attribute::Extended(communities));
    }

    fn add_v6(&mut self, community: ExtendedCommunityV6) {
        let communities = ExtendedCommunitiesV6::new(vec![community]);
        self.attributes.add(Attribute::ExtendedV6(communities));
    }

    fn send_to(&mut self, address: IpAddr, copy: bool) {
        self.attributes.set_next_hop(NextHop::Address(address));
        self.add(&RedirectToNextHop { copy });
    }

    fn warn(&mut self, word: &Word<'_>, what: &str) {
        self.warnings.push(word.fault(what));
    }
}

fn rate_limit(target: &mut Target<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    let word = tokens.word("a rate")?;
    if word.is_empty() || !word.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(word.fault("is no rate"));
    }
    // What does not fit 64 bits is above the highest rate all the more.
    let rate: u64 = word.parse().unwrap_or(u64::MAX);
    if tokens.accept("packets") {
        target.add(&PacketRate::new(single(rate)));
        return Ok(());
    }
    tokens.accept("bytes");
    if rate > RATE_MAX {
        target
            .warn(&word, "is above the highest rate, 1000000000000 octets a second, which is sent");
    } else if rate < RATE_MIN && rate != 0 {
        target.warn(&word, "is a very low rate: less than 9600 octets a second");
    }
    target.add(&Rate::new(single(rate.min(RATE_MAX))));
    Ok(())
}

/// The rate as a number with a fraction: it is sent as a single, which has fewer digits anyway.
fn single(rate: u64) -> f64 {
    let half = |bits: u64| f64::from(u32::try_from(bits & 0xffff_ffff).unwrap_or(u32::MAX));
    half(rate >> 32) * 4_294_967_296.0 + half(rate)
}

fn redirect(target: &mut Target<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    if tokens.accept("[") {
        return redirect_v6(target, tokens);
    }
    let word = tokens.word("a route target or an address")?;
    if let Ok(address) = word.parse() {
        target.send_to(address, false);
        return Ok(());
    }
    let (administrator, number) = word
        .split_once(':')
        .ok_or_else(|| word.fault("is neither a route target nor an address"))?;
    if administrator.contains('.') {
        return Err(word.fault("is no redirection: the part before the colon is an AS number"));
    }
    let digits = |text: &str| -> Option<u32> {
        text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok())?
    };
    let wrong =
        || word.fault("has a number that does not fit: <16 bits>:<32 bits> or <32 bits>:<16 bits>");
    let asn = digits(administrator).ok_or_else(wrong)?;
    let number = digits(number).ok_or_else(wrong)?;
    match (u16::try_from(asn), u16::try_from(number)) {
        (Ok(asn), _) => target.add(&TwoOctetAs::<0x08> { asn, number }),
        (Err(_), Ok(number)) => target.add(&FourOctetAs::<0x08> { asn, number }),
        (Err(_), Err(_)) => return Err(wrong()),
    }
    Ok(())
}

/// `[2001:db8::1]`, the next hop; `[2001:db8::1]:5`, the VPN of a target.
fn redirect_v6(target: &mut Target<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    let address: Ipv6Addr = tokens.ipv6()?;
    tokens.expect("]")?;
    let bracket = tokens.last();
    let adjoins = tokens.peek().is_some_and(|word| word.span.start == bracket.end);
    if !adjoins {
        target.send_to(address.into(), false);
        return Ok(());
    }
    let word = tokens.word("a number")?;
    let digits = word.strip_prefix(':').filter(|text| text.bytes().all(|d| d.is_ascii_digit()));
    let number = digits.and_then(|digits| digits.parse().ok());
    let number = number.ok_or_else(|| word.fault("is no number of 16 bits behind a colon"))?;
    target.add_v6(ExtendedCommunityV6::redirect(address, number));
    Ok(())
}

fn redirect_to_address(target: &mut Target<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    match tokens.address()? {
        IpAddr::V4(address) => target.add(&RedirectToAddress { address, copy: false }),
        IpAddr::V6(address) => {
            target.add_v6(ExtendedCommunityV6::redirect_to_address(address, false));
        }
    }
    Ok(())
}

fn mark(target: &mut Target<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    let word = tokens.word("a DSCP value")?;
    let digits = word.bytes().all(|digit| digit.is_ascii_digit());
    let value = word.parse().ok().filter(|value| digits && *value < 64);
    target.add(&Mark(value.ok_or_else(|| word.fault("is no DSCP value below 64"))?));
    Ok(())
}

fn traffic_action(target: &mut Target<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    let word = tokens.word("an action")?;
    let action = TrafficAction::from_word(&word);
    let none = || word.fault("is none of sample, terminal and sample-terminal");
    target.add(&action.ok_or_else(none)?);
    Ok(())
}

fn interface_set(target: &mut Target<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    tokens.list(|tokens| {
        let word = tokens.word("a set of interfaces")?;
        let set = interfaces(&word).ok_or_else(|| word.fault("is no set of interfaces"))?;
        target.add_octets(set);
        Ok(())
    })
}

/// Reads `input:64500:5`, `non-transitive:output:64500:5`.
fn interfaces(word: &str) -> Option<ExtendedCommunity> {
    let (transitive, rest) = match word.split_once(':')? {
        ("transitive", rest) => (true, rest),
        ("non-transitive", rest) => (false, rest),
        _ => (true, word),
    };
    let (direction, rest) = rest.split_once(':')?;
    let (asn, group) = rest.split_once(':')?;
    let digits = [asn, group].iter().all(|text| text.bytes().all(|digit| digit.is_ascii_digit()));
    let set = InterfaceSet {
        asn: asn.parse().ok().filter(|_| digits)?,
        direction: Direction::from_word(direction)?,
        group: group.parse().ok().filter(|group| *group <= InterfaceSet::GROUP_MAX)?,
    };
    let set = ExtendedCommunity::new(&set);
    Some(if transitive { set } else { set.not_transitive() })
}
