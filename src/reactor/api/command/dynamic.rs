//! Neighbors that come and go by command: `peer create`, `peer delete`.
//!
//! The words of `peer create` are those of a configuration, on one line. They are put into the
//! form of a file and read as one, so that what a file refuses is refused here.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::rc::Rc;

use super::{Outcome, Refusal, Reply, Request};
use crate::bgp::neighbor::Subscription;
use crate::configuration::{self, Neighbor, RouteParser};
use crate::protocol::Family;
use crate::reactor::api::context::{Control, Peer, Peers};
use crate::reactor::api::selector::{Reach, Selector};
use crate::text::Tokens;

/// The settings of a neighbor that take one value, beside those that are treated apart.
const SETTINGS: &[&str] = &[
    "adj-rib-in",
    "adj-rib-out",
    "auto-flush",
    "connect",
    "description",
    "domain-name",
    "group-updates",
    "hold-time",
    "host-name",
    "incoming-ttl",
    "listen",
    "local-address",
    "local-as",
    "manual-eor",
    "md5-base64",
    "md5-ip",
    "md5-password",
    "outgoing-ttl",
    "passive",
    "peer-as",
    "rate-limit",
    "router-id",
    "source-interface",
    "ttl-security",
];

/// Those that there must be, in the order in which main names them.
const REQUIRED: [&str; 3] = ["local-address", "local-as", "peer-as"];

/// `<ip> [<setting> <value>]… [api <process>]…`
pub(super) fn create<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    let draft = Draft::read(&mut request.tokens).map_err(Refusal::always)?;
    let neighbor = draft.neighbor(request.parser).map_err(Refusal::always)?;
    let name = &neighbor.name;
    let created = |control: &Control| matches!(control, Control::Create(one) if one.name == *name);
    let peers = &*request.peers;
    let mut others = (0..peers.count()).filter_map(|place| peers.peer(place));
    if others.any(|peer| peer.name() == name) || request.requests.iter().any(created) {
        return Err(Refusal::always(format!("peer already exists: {name}")));
    }
    request.requests.push(Control::Create(Rc::new(neighbor)));
    Ok(Reply::Done)
}

/// `neighbor <ip> [filters]`, or what follows `peer` in the form of release 6. Peers that are
/// named need not be bound to the process, as they need not be to be torn down.
pub(super) fn delete<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    let selector = match request.tokens.peek().is_some_and(|word| word.text == "neighbor") {
        true => Selector::take(&mut request.tokens).map(Some),
        false => Selector::behind(&mut request.tokens),
    };
    let selector = selector.map_err(Refusal::new)?;
    let selector = selector.ok_or_else(|| Refusal::new("the neighbor to delete is missing"))?;
    if let Some(surplus) = request.tokens.surplus().map_err(Refusal::fault)? {
        return Err(Refusal::fault(crate::text::Error::new(surplus, "words are left over")));
    }
    let reach = if selector.is_any() { request.reach } else { Reach::Everybody };
    let places = selector.choose(request.peers, reach).map_err(Refusal::new)?;
    let peers = places.iter().filter_map(|place| request.peers.peer(*place));
    let names = peers.map(|peer| Rc::clone(peer.name())).collect();
    request.requests.push(Control::Delete(names));
    Ok(Reply::Done)
}

/// A neighbor as the words of a command tell it.
#[derive(Debug)]
struct Draft {
    address: IpAddr,
    /// The statements of a file, and which they are.
    statements: String,
    given: Vec<&'static str>,
    local_address: String,
    processes: Vec<Rc<str>>,
}

impl Draft {
    fn read(tokens: &mut Tokens<'_>) -> Result<Self, String> {
        let word = tokens.word("the address of the neighbor").map_err(|error| error.to_string())?;
        let address = word.parse().map_err(|_| format!("{} is not an address", &*word))?;
        let mut draft = Self {
            address,
            statements: String::new(),
            given: Vec::new(),
            local_address: String::new(),
            processes: Vec::new(),
        };
        while let Ok(key) = tokens.word("a setting") {
            let value = tokens.word("a value").map_err(|_| format!("missing value for {}", &*key));
            draft.take(&key, &value?)?;
        }
        let missing: Vec<&str> =
            REQUIRED.into_iter().filter(|key| !draft.given.contains(key)).collect();
        if !missing.is_empty() {
            return Err(format!("missing required parameters: {}", missing.join(", ")));
        }
        draft.complete();
        Ok(draft)
    }

    fn take(&mut self, key: &str, value: &str) -> Result<(), String> {
        let known = match key {
            "api" => {
                self.processes.push(value.into());
                return Ok(());
            }
            "local-ip" => "local-address",
            "family-allowed" => "family-allowed",
            "graceful-restart" => "graceful-restart",
            _ => SETTINGS.iter().find(|setting| **setting == key).copied().unwrap_or_default(),
        };
        if known.is_empty() {
            return Err(format!("unknown parameter: {key}"));
        }
        if self.given.contains(&known) {
            return Err(format!("duplicate parameter: {known}"));
        }
        self.given.push(known);
        match known {
            "family-allowed" => self.families(value)?,
            "graceful-restart" => {
                let value = if value == "0" { "disable".into() } else { quoted(value)? };
                self.statements += &format!("capability {{ graceful-restart {value}; }} ");
            }
            _ => {
                if known == "local-address" {
                    value.clone_into(&mut self.local_address);
                }
                self.statements += &format!("{known} {}; ", quoted(value)?);
            }
        }
        Ok(())
    }

    /// `ipv4-unicast/ipv6-unicast`, or `in-open` for what is the default.
    fn families(&mut self, value: &str) -> Result<(), String> {
        let mut families = String::new();
        for name in value.split('/').filter(|_| value != "in-open") {
            let family = name.split_once('-').and_then(|(afi, safi)| Family::from_names(afi, safi));
            let family = family.ok_or_else(|| format!("{name} is not a family"))?;
            families += &format!("{family}; ");
        }
        if families.is_empty() {
            self.given.retain(|key| *key != "family-allowed");
        } else {
            self.statements += &format!("family {{ {families}}} ");
        }
        Ok(())
    }

    /// What is not given has the values of release 6.
    fn complete(&mut self) {
        if !self.given.contains(&"family-allowed") {
            self.statements += "family { ipv4 unicast; } ";
        }
        let is_ipv4 = self.local_address.parse::<IpAddr>().is_ok_and(|address| address.is_ipv4());
        if !self.given.contains(&"router-id") && is_ipv4 {
            self.statements += &format!("router-id {}; ", self.local_address);
        }
    }

    fn neighbor(self, parser: &mut RouteParser) -> Result<Neighbor, String> {
        let mut text = String::new();
        let _ = write!(text, "neighbor {} {{ {}}}", self.address, self.statements);
        let options = configuration::Options::default();
        let read = configuration::parse("command", text.as_bytes(), &options, parser);
        let read = read.map_err(|errors| {
            errors.into_iter().map(|error| error.what).collect::<Vec<_>>().join("; ")
        })?;
        let mut neighbors = read.neighbors.into_iter();
        let mut neighbor = neighbors.next().ok_or("the words make no neighbor")?;
        let settings = Rc::make_mut(&mut neighbor.settings);
        for process in self.processes {
            settings.api.push(Subscription { process, ..Subscription::default() });
        }
        Ok(neighbor)
    }
}

/// A value as a file has it.
fn quoted(value: &str) -> Result<String, String> {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-.:_/+%".contains(&octet);
    if !value.is_empty() && value.bytes().all(plain) {
        return Ok(value.to_owned());
    }
    if value.contains(['"', '\\']) || value.contains(char::is_control) {
        return Err(format!("{} can not be a value", value.escape_default()));
    }
    Ok(format!("\"{value}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<Neighbor, String> {
        Draft::read(&mut Tokens::line(words))?.neighbor(&mut RouteParser::new())
    }

    const ALL: &str = "127.0.0.1 local-address 127.0.0.2 local-as 65009 peer-as 65001";

    #[test]
    fn the_words_make_a_neighbor() {
        let neighbor = read(&format!("{ALL} router-id 10.0.0.6 api p api q")).unwrap();
        assert_eq!(
            &*neighbor.name,
            "neighbor 127.0.0.1 local-ip 127.0.0.2 local-as 65009 peer-as 65001 \
             router-id 10.0.0.6 family-allowed in-open"
        );
        let processes: Vec<&str> = neighbor.settings.api.iter().map(|api| &*api.process).collect();
        assert_eq!(processes, ["p", "q"]);
        assert_eq!(neighbor.settings.families, [Family::IPV4_UNICAST]);
    }

    #[test]
    fn settings_are_those_of_a_file() {
        let words = format!(
            "{ALL} family-allowed ipv4-unicast/ipv6-unicast hold-time 30 group-updates false \
             description \"two words\" graceful-restart 60"
        );
        let settings = read(&words).unwrap().settings;
        assert_eq!(settings.router_id.map(|id| id.to_string()).as_deref(), Some("127.0.0.2"));
        assert_eq!(settings.families, [Family::IPV4_UNICAST, Family::IPV6_UNICAST]);
        assert_eq!(settings.description.as_deref(), Some("two words"));
        assert!(!settings.group_updates);
    }

    #[test]
    fn faults_are_told_as_main_tells_them() {
        for (words, fault) in [
            ("127.0.0.1 local-as 1", "missing required parameters: local-address, peer-as"),
            ("127.0.0.1 banana 1", "unknown parameter: banana"),
            ("127.0.0.1 local-as 1 local-as 1", "duplicate parameter: local-as"),
            (
                "127.0.0.1 local-ip 1.1.1.1 local-address 1.1.1.1",
                "duplicate parameter: local-address",
            ),
            ("127.0.0.1 local-as", "missing value for local-as"),
            ("banana", "banana is not an address"),
        ] {
            assert_eq!(read(words).unwrap_err(), fault, "{words}");
        }
        read(&format!("{ALL} hold-time 1")).unwrap_err();
        read(&format!("{ALL} description \"a ; }} b\"")).unwrap();
    }
}
