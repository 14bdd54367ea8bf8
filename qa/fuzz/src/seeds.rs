//! Where mutation starts: the vectors, the corpora and the examples of this repository.

use std::fs;
use std::path::{Path, PathBuf};

use exabgp::bgp::Negotiated;
use exabgp::bgp::attribute::Interner;
use exabgp::bgp::message::update::Update;
use exabgp::bgp::message::{HEADER, Kind};
use exabgp::protocol::Family;
use exabgp::wire::from_hex;
use serde_json::Value;

/// Inputs that mean something.
#[derive(Debug, Default)]
pub struct Seeds {
    /// Whole messages.
    pub messages: Vec<Vec<u8>>,
    /// Bodies of UPDATEs.
    pub updates: Vec<Vec<u8>>,
    /// Files.
    pub configurations: Vec<String>,
    /// What follows `announce`.
    pub commands: Vec<String>,
}

impl Seeds {
    /// Everything below the root of the repository.
    pub fn read(root: &Path) -> Self {
        let mut seeds = Self::default();
        for file in files(&root.join("qa/acceptance"), "json") {
            let text = fs::read_to_string(&file).expect("vectors are text");
            seeds.vectors(&serde_json::from_str(&text).expect("vectors are JSON"));
        }
        for file in files(&root.join("qa/decoding"), "") {
            let text = fs::read_to_string(&file).expect("cases are text");
            for line in text.lines().filter(|line| !line.starts_with('{')) {
                seeds.hex(&line.replace(':', ""));
            }
        }
        for file in files(&root.join("qa/encoding"), "ci") {
            let text = fs::read_to_string(&file).expect("cases are text");
            for word in text.split([':', ' ', '\n']) {
                seeds.hex(word);
            }
            // Messages are cut by colons: marker, length, type, body.
            for line in text.lines().filter(|line| line.contains(":raw:")) {
                let bytes = line.rsplit(":raw:").next().unwrap_or_default().replace(':', "");
                seeds.hex(&bytes);
            }
        }
        for folder in ["etc/exabgp", "qa/parsing-invalid"] {
            for file in files(&root.join(folder), "conf") {
                let text = fs::read(&file).expect("examples can be read");
                seeds.configurations.push(String::from_utf8_lossy(&text).into_owned());
            }
        }
        for list in [&mut seeds.messages, &mut seeds.updates] {
            list.sort();
            list.dedup();
        }
        seeds
    }

    /// The bodies of messages of one kind.
    pub fn bodies(&self, kind: Kind) -> impl Iterator<Item = &[u8]> {
        let code = kind.code();
        let whole = self.messages.iter().filter(move |bytes| bytes[HEADER - 1] == code);
        let updates = self.updates.iter().filter(move |_| kind == Kind::Update);
        whole.map(|bytes| &bytes[HEADER..]).chain(updates.map(Vec::as_slice))
    }

    /// The NLRI that UPDATEs announce in one family, `index` before them.
    pub fn nlri(&self, index: usize, family: Family) -> Vec<Vec<u8>> {
        let wide = Negotiated::wide();
        let mut interner = Interner::new();
        let index = u8::try_from(index).expect("a handful of families");
        let mut found = Vec::new();
        for body in &self.updates {
            let Ok(update) = Update::decode(body, &wide, &mut interner) else { continue };
            for section in update.announced().filter(|section| section.run.family() == family) {
                found.push([&[index], section.run.bytes()].concat());
            }
        }
        found
    }

    /// Hex and commands at any depth of a vector.
    fn vectors(&mut self, value: &Value) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.vectors(value)),
            Value::Object(members) => {
                for (name, value) in members {
                    match (name.as_str(), value.as_str()) {
                        ("routes" | "text", Some(text)) => self.configurations.push(format!(
                            "neighbor 127.0.0.1 {{ router-id 10.0.0.2; local-address 127.0.0.1; \
                             local-as 65000; peer-as 65000;\n{text}\n}}\n"
                        )),
                        ("command", Some(text)) => {
                            let words = text.trim_start_matches("peer * ");
                            let words = words.trim_start_matches("announce ");
                            self.commands.push(words.trim_start_matches("withdraw ").to_owned());
                        }
                        _ => self.vectors(value),
                    }
                }
            }
            Value::String(text) => self.hex(text),
            _ => {}
        }
    }

    /// A whole message, or the body of an UPDATE.
    fn hex(&mut self, text: &str) {
        if text.len() < 8 {
            return;
        }
        let Ok(bytes) = from_hex(text) else { return };
        if bytes.starts_with(&[0xff; 16]) && bytes.len() >= HEADER {
            if bytes[HEADER - 1] == Kind::Update.code() {
                self.updates.push(bytes[HEADER..].to_vec());
            }
            self.messages.push(bytes);
        } else {
            self.updates.push(bytes);
        }
    }
}

/// The files of a folder with this extension, in order.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = paths
        .filter(|path| path.is_file())
        .filter(|path| path.extension().unwrap_or_default() == extension)
        .collect();
    files.sort();
    files
}
