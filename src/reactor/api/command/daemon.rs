//! Commands about the program: what it is, how it does, and what it shall do next.

use super::{Command, Outcome, Refusal, Reply, Request, Scope};
use crate::json::Dialect;
use crate::reactor::api::context::{Control, Peer, Peers};
use crate::reactor::api::job::Job;

pub(super) fn version<P>(request: &mut Request<'_, P>) -> Outcome {
    let version = request.about.version;
    if request.json {
        request.json_line(|json| {
            json.raw("{\"version\": ");
            json.string(version);
            json.raw(", \"application\": \"exabgp\"}");
        });
    } else {
        request.line(&["exabgp ", version]);
    }
    Ok(Reply::Done)
}

pub(super) fn reload<P>(request: &mut Request<'_, P>) -> Outcome {
    in_progress(request, "reload", Control::Reload)
}

pub(super) fn restart<P>(request: &mut Request<'_, P>) -> Outcome {
    in_progress(request, "restart", Control::Restart)
}

pub(super) fn shutdown<P>(request: &mut Request<'_, P>) -> Outcome {
    in_progress(request, "shutdown", Control::Shutdown)
}

fn in_progress<P>(request: &mut Request<'_, P>, what: &str, control: Control) -> Outcome {
    request.status(&[what, " in progress"]);
    request.requests.push(control);
    Ok(Reply::Done)
}

/// Who we are, for how long, and the state of every session.
pub(super) fn status<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    let about = request.about;
    let seconds = request.now.saturating_duration_since(about.started).as_secs();
    let peers = &*request.peers;
    let peers = (0..peers.count()).filter_map(|place| peers.peer(place));
    let states: Vec<_> = peers.map(|peer| (peer.name().clone(), peer.state().name())).collect();
    if request.json {
        request.json_line(|json| {
            json.raw("{\"version\": ");
            json.string(about.version);
            json.raw(", \"uuid\": ");
            json.string(&about.uuid);
            json.raw(", \"pid\": ");
            json.number(about.pid);
            json.raw(", \"uptime\": ");
            json.number(seconds);
            json.raw(", \"start_time\": ");
            json.float(about.start_secs);
            json.raw(", \"peers\": {");
            for (index, (name, state)) in states.iter().enumerate() {
                json.raw(if index == 0 { "" } else { ", " });
                json.string(name);
                json.raw(": ");
                json.string(state);
            }
            json.raw("}}");
        });
        return Ok(Reply::Done);
    }
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    request.line(&["ExaBGP daemon status"]);
    request.line(&["===================="]);
    request.line(&["Version: ", about.version]);
    request.line(&["UUID: ", &about.uuid]);
    request.line(&["PID: ", &about.pid.to_string()]);
    request.line(&[&format!("Uptime: {hours}h {minutes}m {rest}s")]);
    request.line(&["Peers: ", &states.len().to_string()]);
    for (name, state) in &states {
        request.line(&["  - ", name, ": ", state]);
    }
    Ok(Reply::Done)
}

/// The answer is given when every process can be looked at.
pub(super) fn queue_status<P>(request: &mut Request<'_, P>) -> Outcome {
    Ok(Reply::Job(Job::Queues { json: request.json }))
}

/// `api version [4|6]`: the dialect of the process from its next start on.
pub(super) fn api_version<P>(request: &mut Request<'_, P>) -> Outcome {
    let Ok(word) = request.tokens.word("4 or 6") else {
        let (number, text, json) = match request.dialect {
            Dialect::V4 => (4u32, "API version: 4 (legacy (text/json))", "legacy (text/json)"),
            Dialect::V6 => (6, "API version: 6 (json-only)", "json-only"),
        };
        if request.json {
            request.json_line(|out| {
                out.raw("{\"api_version\": ");
                out.number(number);
                out.raw(", \"description\": ");
                out.string(json);
                out.raw("}");
            });
        } else {
            request.line(&[text]);
        }
        return Ok(Reply::Done);
    };
    let version = match word.parse::<u32>() {
        Ok(4) => Dialect::V4,
        Ok(6) => Dialect::V6,
        Ok(_) => return fail(request, "API version must be 4 or 6"),
        Err(_) => return fail(request, &format!("Invalid version: {}", word.escape_default())),
    };
    *request.next_dialect = Some(version);
    if request.json {
        request.json_line(|out| {
            out.raw("{\"status\": \"API version set\", \"version\": ");
            out.raw(&word);
            out.raw(", \"note\": \"effective on next process restart\"}");
        });
    } else {
        let note = " (effective on next process restart)";
        request.line(&["API version set to ", &word, note]);
    }
    Ok(Reply::Done)
}

/// Shows a reason in both dialects, each in its own way.
fn fail<P>(request: &mut Request<'_, P>, reason: &str) -> Outcome {
    if request.json { request.fail(reason) } else { Err(Refusal::always(reason)) }
}

/// Every command, one a line, by its first word.
pub(super) fn help<P: Peers + 'static>(request: &mut Request<'_, P>) -> Outcome {
    if request.json {
        request.json_line(help_json::<P>);
        return Ok(Reply::Done);
    }
    request.line(&[""]);
    request.line(&["available API commands are listed here:"]);
    request.line(&["======================================="]);
    request.line(&[""]);
    request.line(&["neighbors can be chosen by: neighbor <ip> ", FILTERS]);
    request.line(&[""]);
    request.line(&["command are:"]);
    request.line(&["------------"]);
    request.line(&[""]);
    let mut lines: Vec<String> = Command::<P>::ALL.iter().filter_map(line_of).collect();
    lines.sort_unstable();
    lines.iter().for_each(|line| request.line(&[line]));
    request.line(&[""]);
    Ok(Reply::Done)
}

/// The keys of selectors, as help shows them.
const FILTERS: &str = "[local-ip <ip>] [local-as <asn>] [peer-as <asn>] [router-id <ip>] \
    [family-allowed <families>]";

fn line_of<P>(command: &Command<P>) -> Option<String> {
    let chosen = if command.scope == Scope::Program { "" } else { "[neighbor <ip> [filters]] " };
    let name = command.spellings.first()?;
    Some(format!("{chosen}{name} {}", command.syntax))
}

fn help_json<P: Peers + 'static>(json: &mut crate::json::Writer<'_>) {
    json.raw("{\"description\": \"Available API commands (v6 format)\", \"peer_filters\": ");
    json.tight_list(|list| {
        for key in ["local-ip", "local-as", "peer-as", "router-id", "family-allowed"] {
            list.element().display(&format_args!("[{key} <value>]"));
        }
    });
    json.raw(", \"commands\": ");
    json.tight_list(|list| {
        for command in Command::<P>::ALL {
            let json = list.element();
            json.raw("{\"command\": ");
            // The spelling of release 6 comes last.
            let name = command.spellings.last().copied().unwrap_or_default();
            let takes_peers = command.scope != Scope::Program;
            let prefix = if takes_peers && !name.contains(' ') { "peer <selector> " } else { "" };
            json.string(&[prefix, name].concat());
            json.raw(", \"neighbor_support\": ");
            json.boolean(takes_peers);
            json.raw(", \"json_support\": true, \"options\": ");
            json.tight_list(|list| {
                if !command.syntax.is_empty() {
                    list.element().string(command.syntax);
                }
            });
            json.raw(", \"help\": ");
            json.string(command.help);
            json.raw("}");
        }
    });
    json.raw("}");
}
