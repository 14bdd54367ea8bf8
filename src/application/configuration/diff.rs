//! `exabgp configuration diff OLD NEW`: what a reload would do, told before it is done.
//!
//! The comparison is that of the reload: neighbors by name, settings by what a session can take
//! over, routes by what a RIB would announce and withdraw.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::ExitCode;

use crate::application::{Call, Subcommand, missing, output, single};
use crate::configuration::{
    Changes, Configuration, Neighbor, Process, RouteParser, render, statement,
};
use crate::rib::{self, Outgoing, Route};

/// Exit code where the configurations cannot be compared, as `diff` has it.
const TROUBLE: u8 = 2;

pub(in crate::application) static DIFF: Subcommand = Subcommand {
    name: "configuration diff",
    arguments: "OLD NEW",
    summary: "tell what a reload from one configuration to another does (1 where it does anything)",
    options: |options| {
        options.optflag("q", "quiet", "count the routes, and do not list them");
    },
    run,
};

fn run(call: &Call) -> ExitCode {
    let [old, new] = &call.matches.free[..] else {
        return missing(&DIFF, "two configurations are needed", TROUBLE);
    };
    // One parser: equal attributes are one set, which is how they are compared.
    let mut parser = RouteParser::new();
    let mut load = |name: &str| super::load(call, name, &mut parser);
    match load(old).and_then(|old| Ok((old, load(new)?))) {
        Ok((old, new)) => {
            let told = Diff { parser: &mut parser, quiet: call.has("quiet") }.tell(&old, &new);
            output::print(&told);
            if told.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(what) => {
            output::error(&what);
            ExitCode::from(TROUBLE)
        }
    }
}

struct Diff<'a> {
    parser: &'a mut RouteParser,
    quiet: bool,
}

impl Diff<'_> {
    /// Every change, nothing where there is none.
    fn tell(&mut self, old: &Configuration, new: &Configuration) -> String {
        let mut out = processes(&old.processes, &new.processes);
        let Changes { added, removed, restarted, kept } = new.changes(old);
        for neighbor in removed {
            out += &format!("- {}\n", neighbor.name);
        }
        for neighbor in added {
            out += &format!("+ {}\n", neighbor.name);
            let routes = self.configured(neighbor);
            self.routes(&mut out, &[], &routes.iter().collect::<Vec<_>>());
        }
        for neighbor in restarted {
            out += &format!("! {}\n", neighbor.name);
            if let Some(before) = old.neighbors.iter().find(|old| old.name == neighbor.name) {
                settings(&mut out, before, neighbor);
            }
            let routes = self.configured(neighbor);
            self.routes(&mut out, &[], &routes.iter().collect::<Vec<_>>());
        }
        for (before, after) in kept {
            let mut changes = String::new();
            settings(&mut changes, before, after);
            let (was, is) = (self.configured(before), self.configured(after));
            let rib =
                Outgoing::new(rib::Options { keep: true, group: false, manual_eor: false }, 0);
            let (gone, changed) = rib.compare(&was, &is);
            self.routes(&mut changes, &gone, &changed);
            if !changes.is_empty() {
                out += &format!("~ {}\n{changes}", after.name);
            }
        }
        out
    }

    /// What a session announces of its configuration: routes that no watchdog holds back, with
    /// `next-hop self` as far as it is known.
    fn configured(&mut self, neighbor: &Neighbor) -> Vec<Route> {
        let held = |watched: &crate::configuration::Watched| watched.withdrawn;
        let routes = neighbor.routes().filter(|(_, watched)| !watched.is_some_and(held));
        routes
            .map(|(route, _)| match neighbor.our_address(&route.nlri) {
                Some(ours) => single::resolved(route, Some(ours), self.parser.interner()),
                None => route.clone(),
            })
            .collect()
    }

    fn routes(&self, out: &mut String, gone: &[&Route], changed: &[&Route]) {
        for (word, routes) in [("withdraw", gone), ("announce", changed)] {
            if self.quiet && !routes.is_empty() {
                // Writing to a string does not fail.
                let _: std::fmt::Result = writeln!(out, "    {word} {} routes", routes.len());
                continue;
            }
            for route in routes {
                let _: std::fmt::Result = writeln!(out, "    {word} {}", statement(route));
            }
        }
    }
}

/// The lines of the settings that are not the same.
fn settings(out: &mut String, old: &Neighbor, new: &Neighbor) {
    let (old, new) = (render::settings(&old.settings), render::settings(&new.settings));
    let lines = |text: &'_ str| -> BTreeSet<String> { text.lines().map(str::to_owned).collect() };
    let (before, after) = (lines(&old), lines(&new));
    for (sign, text, other) in [('-', &old, &after), ('+', &new, &before)] {
        for line in text.lines().filter(|line| !other.contains(*line)) {
            let _: std::fmt::Result = writeln!(out, "    {sign} {}", line.trim());
        }
    }
}

fn processes(old: &[Process], new: &[Process]) -> String {
    let find = |all: &[Process], one: &Process| all.iter().find(|p| p.name == one.name).cloned();
    let mut out = String::new();
    for process in old.iter().filter(|process| find(new, process).is_none()) {
        out += &format!("- process {}\n", process.name);
    }
    for process in new {
        match find(old, process) {
            None => out += &format!("+ process {}\n", process.name),
            Some(before) if before != *process => {
                out += &format!("! process {}\n", process.name);
            }
            Some(_) => {}
        }
    }
    out
}
