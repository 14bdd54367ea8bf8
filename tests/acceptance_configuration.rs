//! The acceptance lines of the configuration language: each text in its frame, and the verdict,
//! the words of the error, the settings and the routes that must come of it.

#![cfg(test)]

mod vectors;

use std::path::{Path, PathBuf};

use exabgp::configuration::{Configuration, Error, Lookup, Options, RouteParser, parse, render};
use exabgp::json::Dialect;
use serde_json::Value;
use vectors::{Verdict, text};

/// The frames by name.
fn frames() -> Value {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("qa/acceptance/configuration-frames.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn options(strict: bool) -> Options {
    let lookup = Lookup {
        etc: None,
        directory: PathBuf::from("/"),
        path: vec!["/usr/bin".into(), "/bin".into()],
        user: nix::unistd::geteuid().as_raw(),
        groups: vec![nix::unistd::getegid().as_raw()],
    };
    Options { strict, passive: false, lookup }
}

fn read(text: &str, strict: bool) -> Result<Configuration, Vec<Error>> {
    parse("qa.conf", text.as_bytes(), &options(strict), &mut RouteParser::new())
}

/// Every route as text, `next-hop self` resolved.
fn routes(configuration: &Configuration) -> Vec<String> {
    let mut found = Vec::new();
    for neighbor in &configuration.neighbors {
        for (route, _) in neighbor.routes() {
            found.push(render::route(route, neighbor.our_address(&route.nlri), Dialect::V4));
        }
    }
    found
}

/// What is wrong with an answer to a vector, if anything.
fn judge(vector: &Value, text: &str) -> Verdict {
    let answer = read(text, false);
    match vector["verdict"].as_str().unwrap() {
        "accept" => {
            let configuration = answer.map_err(|errors| format!("refused: {}", errors[0]))?;
            accepted(vector, &configuration)
        }
        "reject" => match answer {
            Ok(_) => Err("accepted".to_owned()),
            Err(errors) => refused(vector, &errors),
        },
        "strict-reject" => {
            let configuration = answer.map_err(|errors| format!("refused: {}", errors[0]))?;
            if configuration.warnings.is_empty() {
                return Err("accepted without a warning".to_owned());
            }
            match read(text, true) {
                Ok(_) => Err("accepted by --strict".to_owned()),
                Err(errors) => refused(vector, &errors),
            }
        }
        other => Err(format!("unknown verdict {other}")),
    }
}

fn refused(vector: &Value, errors: &[Error]) -> Verdict {
    let shown: String = errors.iter().map(|error| format!("{error}\n")).collect();
    for word in vector["mention"].as_array().into_iter().flatten() {
        let word = word.as_str().unwrap();
        if !errors.iter().any(|error| error.what.contains(word)) {
            return Err(format!("{word} is not mentioned: {shown}"));
        }
    }
    if let Some(line) = vector["line"].as_u64()
        && errors.iter().all(|error| error.line as u64 != line)
    {
        return Err(format!("not at line {line}: {shown}"));
    }
    let placed = |error: &Error| error.line > 0 || error.what.starts_with("no data");
    if errors.is_empty() || !errors.iter().all(placed) || !shown.starts_with("qa.conf:") {
        return Err(format!("without a place: {shown}"));
    }
    Ok(())
}

fn accepted(vector: &Value, configuration: &Configuration) -> Verdict {
    let found = routes(configuration);
    if vector["warning"] == true && configuration.warnings.is_empty() {
        return Err("accepted without a warning".to_owned());
    }
    if let Some(expected) = vector["routes"].as_array() {
        let cut = vector["cut"] == true;
        let frame = "198.51.100.0/24 next-hop 192.0.2.9";
        let whole = |text: &str| text.to_owned();
        let bare = |text: &str| {
            let rest = text.strip_prefix(frame).or_else(|| text.strip_prefix("flow "));
            rest.map_or("", str::trim_start).to_owned()
        };
        for (route, expected) in found.iter().zip(expected) {
            let expected = expected.as_str().unwrap();
            let fits = [whole(route), bare(route)]
                .iter()
                .any(|text| text == expected || cut && text.starts_with(expected));
            if !fits {
                return Err(format!("routes {found:?}, not {expected:?}"));
            }
        }
        if found.len() < expected.len() || (found.len() > expected.len() && expected.len() < 4) {
            return Err(format!("routes {found:?}, not {expected:?}"));
        }
    }
    for (key, value) in vector["expect"].as_object().into_iter().flatten() {
        let got = match key.as_str() {
            "neighbors" => configuration.neighbors.len() as u64,
            "routes" => found.len() as u64,
            "hold-time" => u64::from(configuration.neighbors[0].settings.hold_time),
            other => return Err(format!("unknown expectation {other}")),
        };
        if value.as_u64() != Some(got) {
            return Err(format!("{key} is {got}, not {value}"));
        }
    }
    Ok(())
}

#[test]
fn every_line_of_the_language() {
    let frames = frames();
    vectors::play("configuration.json", 654, |vector| {
        let frame = text(&frames[text(&vector["frame"])]);
        judge(vector, &frame.replace("TEXT", text(&vector["text"])))
    });
}
