//! The acceptance vectors of `qa/acceptance`: reading a file, playing it, counting.

#![allow(dead_code, reason = "each test program uses its part")]
#![allow(unreachable_pub, reason = "`pub` is what a test program may use")]
#![allow(clippy::disallowed_methods, reason = "tests read the environment")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

/// Whether a vector holds, and what happened where it does not.
pub type Verdict = Result<(), String>;

/// The vectors of a file.
pub fn read(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("qa/acceptance").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// A value that is a text.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// Plays every vector of a file, which holds `count` of them, and fails with those of the spine
/// that do not hold.
pub fn play(name: &str, count: usize, judge: impl Fn(&Value) -> Verdict) {
    let vectors = read(name);
    assert_eq!(vectors.len(), count, "{name} lost or won vectors");
    let verdicts = vectors.iter().map(judge).collect();
    sum_up(name, &vectors, verdicts);
}

/// Says aloud how many vectors of a file hold, for each part of the program, and fails with those
/// of the spine that do not; with `ACCEPTANCE_ALL` set, with those of every part.
pub fn sum_up(name: &str, vectors: &[Value], verdicts: Vec<Verdict>) {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut failures = Vec::new();
    for (vector, verdict) in vectors.iter().zip(verdicts) {
        let needs = text(&vector["needs"]);
        let (good, all) = counts.entry(needs).or_default();
        *all += 1;
        match verdict {
            Ok(()) => *good += 1,
            Err(what) if needs == "spine" || std::env::var_os("ACCEPTANCE_ALL").is_some() => {
                let about =
                    ["title", "text", "command"].into_iter().find_map(|key| vector.get(key));
                failures.push(format!("{} {}: {what}", vector["id"], about.unwrap_or_default()));
            }
            Err(_) => {}
        }
    }
    let parts: Vec<String> =
        counts.iter().map(|(needs, (good, all))| format!("{needs} {good} of {all}")).collect();
    drop(writeln!(std::io::stderr(), "{name}: {} pass", parts.join(", ")));
    assert!(failures.is_empty(), "{name}: {} fail:\n{}", failures.len(), failures.join("\n"));
}
