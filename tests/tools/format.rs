//! The canonical form says the same as the text it was made of, comments included.

use std::path::Path;

use exabgp::configuration;
use exabgp::text::Source;
use proptest::prelude::*;

use crate::support::{Place, run};
use crate::{examples, export_text};

fn formatted(text: &str) -> Result<String, String> {
    let source = Source::new("t", text);
    configuration::format(&source).map_err(|error| error.render(&source))
}

/// What stands behind the number signs of a text that has none in quotes.
fn comments(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.contains(['"', '\'']));
    let comments = lines.filter_map(|line| line.split_once('#').map(|(_, comment)| comment));
    comments.map(|comment| comment.trim_end().trim_end_matches('\\').to_owned()).collect()
}

#[test]
fn every_example_is_the_same_in_canonical_form() {
    let mut compared = 0;
    for (path, text) in examples() {
        let canonical = formatted(&text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(formatted(&canonical).unwrap(), canonical, "{path:?} once more");
        assert_eq!(comments(&canonical), comments(&text), "{path:?}");
        let (before, after) = (export_text(&path, &text), export_text(&path, &canonical));
        assert_eq!(before, after, "{path:?}");
        compared += usize::from(before.is_some());
    }
    assert!(compared > 60, "{compared} configurations were loaded");
}

/// Changes what means nothing: blanks, line ends, joined lines, comments.
fn disturbed(text: &str, seed: &[u8]) -> String {
    let mut seeds = seed.iter().cycle();
    let mut out = String::new();
    let mut quote = None;
    let mut comment = false;
    for character in text.chars() {
        match character {
            '\n' => comment = false,
            '#' if quote.is_none() => comment = true,
            '"' | '\'' if !comment => {
                quote = match quote {
                    None => Some(character),
                    Some(open) if open == character => None,
                    open => open,
                };
            }
            _ => {}
        }
        out.push(character);
        if comment || quote.is_some() {
            continue;
        }
        match (character, seeds.next()) {
            (' ', Some(0..=40)) => out.push_str("  "),
            (' ', Some(41..=60)) => out.push_str("\\\n "),
            (';' | '{' | '}', Some(0..=60)) => out.push('\n'),
            (';' | '{' | '}', Some(61..=90)) => out.push_str(" # why\n"),
            ('\n', Some(0..=50)) => out.push_str("\n\n# alone\n"),
            _ => {}
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_means_nothing_changes_nothing(
        which in any::<prop::sample::Index>(),
        seed in prop::collection::vec(any::<u8>(), 1..200),
    ) {
        let examples = examples();
        let (path, text) = which.get(&examples);
        let other = disturbed(text, &seed);
        let canonical = formatted(&other).unwrap();
        prop_assert_eq!(&formatted(&canonical).unwrap(), &canonical);
        prop_assert_eq!(export_text(path, &canonical), export_text(path, text));
    }

    #[test]
    fn no_text_stops_it(text in "[a-z#{};\"'\\\\\\[\\], \n]{0,200}") {
        if let Ok(canonical) = formatted(&text) {
            prop_assert_eq!(formatted(&canonical).unwrap(), canonical);
        }
    }
}

#[test]
fn a_file_is_rewritten_or_checked() {
    let place = Place::new();
    let path = place.file("a.conf", "process p { run /bin/cat; } # p\n");
    let name = path.display().to_string();
    let checked = run(&["configuration", "fmt", "--check", &name]);
    assert_eq!((checked.code, checked.out.as_str()), (Some(1), format!("{name}\n").as_str()));
    assert_eq!(run(&["configuration", "fmt", "-i", &name]).code, Some(0));
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text, "process p {\n    run /bin/cat;\n} # p\n");
    assert_eq!(run(&["configuration", "fmt", "--check", &name]).code, Some(0));
    let bad = place.file("b.conf", "a {\n b\n}\n").display().to_string();
    let refused = run(&["configuration", "fmt", "-i", &bad]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("b.conf:2:2: not ended by ; or { on this line"), "{refused:?}");
    assert!(Path::new(&bad).is_file());
}
