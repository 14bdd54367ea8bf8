//! What an UPDATE says, as JSON and as lines of text, straight from the view of its bytes.

use crate::bgp::attribute::NextHop;
use crate::bgp::nlri::{About, Entry, Nlri, Rule, Run, Shape, render};
use crate::json::{self, Dialect};
use crate::protocol::{Family, Safi};
use crate::wire::Hex;

use super::decode::{Section, Update};

/// How lines of text are to be written.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'a> {
    /// What starts each line: `neighbor 127.0.0.1 receive`.
    pub start: &'a str,
    pub dialect: Dialect,
    /// Header and body of the message, when they are told too.
    pub octets: Option<(&'a [u8], &'a [u8])>,
}

impl Update<'_> {
    /// Writes the value of `message`: an object with `update`, or with `eor`. In the compact form
    /// a prefix without anything beside it is a string.
    pub fn json(&self, json: &mut json::Writer<'_>, compact: bool) {
        if let Some(family) = self.end_of_rib {
            return end_of_rib(json, family);
        }
        json.object(|message| {
            message.field("update").object(|update| {
                if self.attributes.has_json() || self.verdict.error().is_some() {
                    update.field("attribute").object(|members| {
                        self.attributes.json(members);
                        if let Some(error) = self.verdict.error() {
                            members.field("error").display(&error);
                        }
                    });
                }
                if self.announced().next().is_some() {
                    update.field("announce").object(|families| self.announce(families, compact));
                }
                if self.withdrawn().next().is_some() {
                    update.field("withdraw").object(|families| self.withdraw(families, compact));
                }
            });
        });
    }

    /// By family, then by next hop, in the order of the message.
    fn announce(&self, families: &mut json::Object<'_, '_>, compact: bool) {
        let [plain, reached] = &self.announced;
        let same_family =
            |section: &Section<'_>, other: &Section<'_>| section.run.family() == other.run.family();
        match (plain, reached) {
            (Some(plain), Some(reached)) if same_family(plain, reached) => {
                families.field(name(plain.run.family())).object(|hops| {
                    if plain.attributes.next_hop() == reached.attributes.next_hop() {
                        by_next_hop(hops, plain, &[plain.run, reached.run], compact);
                    } else {
                        by_next_hop(hops, plain, &[plain.run], compact);
                        by_next_hop(hops, reached, &[reached.run], compact);
                    }
                });
            }
            _ => self.announced().for_each(|section| {
                families.field(name(section.run.family())).object(|hops| {
                    by_next_hop(hops, section, &[section.run], compact);
                });
            }),
        }
    }

    /// By family, in the order of the message.
    fn withdraw(&self, families: &mut json::Object<'_, '_>, compact: bool) {
        for (index, run) in self.withdrawn().enumerate() {
            let family = run.family();
            if self.withdrawn().take(index).any(|earlier| earlier.family() == family) {
                continue;
            }
            let json = families.field(name(family));
            let mut listing = Listing::open(json, NextHop::None, compact);
            let runs = self.withdrawn().filter(|other| other.family() == family);
            runs.for_each(|run| listing.run(run));
            listing.close();
        }
    }

    /// Appends a block of lines: a start, one line a route, an end.
    pub fn text(&self, out: &mut Vec<u8>, lines: &Lines<'_>) {
        let line = |out: &mut Vec<u8>, what: &[u8]| {
            out.extend_from_slice(lines.start.as_bytes());
            out.extend_from_slice(b" update");
            out.extend_from_slice(what);
        };
        line(out, b" start\n");
        if let Some(Family { afi, safi }) = self.end_of_rib {
            line(out, b" route eor ");
            display(out, format_args!("{}/{} ({afi} {safi})\n", afi.0, safi.0));
        }
        for run in self.withdrawn() {
            for entry in run {
                line(out, b" withdrawn ");
                entry_text(out, run, entry, NextHop::None, lines.dialect);
                out.push(b'\n');
            }
        }
        if self.announced().next().is_some() {
            let mut attributes = Vec::with_capacity(128);
            display(&mut attributes, format_args!("{}", self.attributes.told()));
            let sections = self.announced().flat_map(|section| {
                let hops = told(section, lines.dialect).into_iter().flatten();
                hops.map(|next_hop| (section.run, next_hop))
            });
            for (run, next_hop) in sections {
                for entry in run {
                    line(out, b" announced ");
                    entry_text(out, run, entry, next_hop, lines.dialect);
                    if !attributes.is_empty() {
                        out.push(b' ');
                        out.extend_from_slice(&attributes);
                    }
                    out.push(b'\n');
                }
            }
        }
        if let Some((header, body)) = lines.octets {
            display(out, format_args!(" header 0x{} body 0x{}\n", Hex(header), Hex(body)));
        }
        line(out, b" end\n");
    }
}

/// `{ "eor": … }`, spaced as its readers know it.
fn end_of_rib(json: &mut json::Writer<'_>, Family { afi, safi }: Family) {
    json.object(|message| {
        let json = message.field("eor");
        json.raw("{ \"afi\" : ");
        json.display(&afi);
        json.raw(", \"safi\" : ");
        json.display(&safi);
        json.raw(" }");
    });
}

fn by_next_hop(
    hops: &mut json::Object<'_, '_>,
    section: &Section<'_>,
    runs: &[Run<'_>],
    compact: bool,
) {
    for next_hop in told(section, hops.dialect()).into_iter().flatten() {
        let json = match next_hop.address() {
            Some(address) => hops.field(render::address(address).as_str()),
            None => hops.field("no-nexthop"),
        };
        let mut listing = Listing::open(json, next_hop, compact);
        runs.iter().for_each(|run| listing.run(*run));
        listing.close();
    }
}

/// The next hops under which routes are told: ExaBGP 5.0 repeats them for the link-local one.
fn told(section: &Section<'_>, dialect: Dialect) -> [Option<NextHop>; 2] {
    match (section.attributes.next_hop(), dialect) {
        (NextHop::WithLinkLocal(global, local), Dialect::V4) => {
            [global, local].map(|address| Some(NextHop::Address(address.into())))
        }
        (next_hop, _) => [Some(next_hop), None],
    }
}

/// A list of NLRI being written.
struct Listing<'w, 'a> {
    json: &'w mut json::Writer<'a>,
    next_hop: NextHop,
    compact: bool,
    empty: bool,
}

impl<'w, 'a> Listing<'w, 'a> {
    fn open(json: &'w mut json::Writer<'a>, next_hop: NextHop, compact: bool) -> Self {
        json.raw("[ ");
        Self { json, next_hop, compact, empty: true }
    }

    fn run(&mut self, run: Run<'_>) {
        for entry in run {
            if !std::mem::take(&mut self.empty) {
                self.json.raw(", ");
            }
            match (run.shape(), entry.bytes) {
                (Shape::Inet, [length, octets @ ..]) => {
                    let prefix = render::prefix(run.family().afi, *length, octets);
                    self.prefix(prefix.as_bytes(), entry.path_id);
                }
                _ => self.other(run, entry),
            }
        }
    }

    fn prefix(&mut self, prefix: &[u8], path_id: Option<u32>) {
        match path_id {
            None if self.compact => {
                self.json.raw("\"");
                self.json.raw_bytes(prefix);
                self.json.raw("\"");
            }
            None => {
                self.json.raw("{ \"nlri\": \"");
                self.json.raw_bytes(prefix);
                self.json.raw("\" }");
            }
            Some(path_id) => {
                self.json.raw("{ \"nlri\": \"");
                self.json.raw_bytes(prefix);
                self.json.raw("\", \"path-information\": \"");
                self.json.raw_bytes(render::dotted(path_id.to_be_bytes()).as_bytes());
                self.json.raw("\" }");
            }
        }
    }

    fn other(&mut self, run: Run<'_>, entry: Entry<'_>) {
        let dialect = self.json.dialect;
        match Nlri::unpack(entry.bytes, run.family()) {
            Ok(nlri) => self.json.object(|object| {
                nlri.members(object, &about(run, entry, self.next_hop, dialect));
            }),
            // A run was checked when it was made.
            Err(_) => self.json.hex(entry.bytes),
        }
    }

    fn close(self) {
        self.json.raw(if self.empty { "]" } else { " ]" });
    }
}

fn about(run: Run<'_>, entry: Entry<'_>, next_hop: NextHop, dialect: Dialect) -> About {
    About { family: run.family(), path_id: entry.path_id, next_hop, dialect }
}

fn entry_text(
    out: &mut Vec<u8>,
    run: Run<'_>,
    entry: Entry<'_>,
    next_hop: NextHop,
    dialect: Dialect,
) {
    if let Ok(nlri) = Nlri::unpack(entry.bytes, run.family()) {
        nlri.text(out, &about(run, entry, next_hop, dialect));
    }
}

/// The key of a family. Link state of a VPN, which `rd` tells, has the key of link state.
fn name(family: Family) -> &'static str {
    let told = match family.safi {
        Safi::BGP_LS_VPN => Family::new(family.afi, Safi::BGP_LS),
        _ => family,
    };
    Rule::of(told).map_or("unknown", |rule| rule.name)
}

fn display(out: &mut Vec<u8>, arguments: std::fmt::Arguments<'_>) {
    crate::bgp::nlri::text::display(out, arguments);
}
