//! `group NAME { … neighbor … }` of 3.4: today a template that the neighbors inherit.
//!
//! In a group the neighbor won over the group, where today the template wins over the neighbor:
//! what both say is taken out of the template and written into each neighbor that lacks it.

use std::borrow::Cow;

use super::Edits;
use crate::configuration::format;
use crate::configuration::process::is_name;
use crate::configuration::tree::{Item, Section, Statement};
use crate::text::{Span, Word};

/// Statements of which a neighbor may have several: nobody wins over them.
const LISTS: &[&str] = &["process", "inherit", "route", "attributes"];

/// From 3.4 to 4: groups are templates.
pub(super) fn expand(items: &[Item<'_>], edits: &mut Edits<'_, '_>) {
    let mut names: Vec<String> = Vec::new();
    for item in items {
        let Item::Section(group) = item else { continue };
        if item.name() != Some("group") {
            continue;
        }
        let named = group.words.get(1).map_or("", |word| &*word.text);
        let mut name = if is_name(named) { named.to_owned() } else { "group".to_owned() };
        while names.contains(&name) {
            name.push_str("-next");
        }
        let text = format::items(&rewritten(group, &name));
        names.push(name);
        edits.replace(group.span, text.trim_end(), "a group is a template that neighbors inherit");
    }
}

/// The template and the neighbors of a group.
fn rewritten<'a>(group: &Section<'a>, name: &str) -> Vec<Item<'a>> {
    let is_neighbor = |item: &&Item<'_>| item.name() == Some("neighbor");
    let mut common: Vec<Item<'a>> =
        group.items.iter().filter(|item| !is_neighbor(item)).cloned().collect();
    let mut neighbors: Vec<Section<'a>> = Vec::new();
    for item in &group.items {
        if let (Item::Section(section), true) = (item, is_neighbor(&item)) {
            neighbors.push(section.clone());
        }
    }
    settle(&mut common, &mut neighbors);
    while matches!(common.last(), Some(Item::Blank)) {
        common.pop();
    }
    let inner = Item::Section(section(&["neighbor", name], common));
    let mut items = vec![Item::Section(section(&["template"], vec![inner]))];
    for mut neighbor in neighbors {
        neighbor.items.insert(0, Item::Statement(statement(&["inherit", name])));
        items.push(Item::Blank);
        items.push(Item::Section(neighbor));
    }
    items
}

/// Moves what neighbors say otherwise out of what they have in common.
fn settle<'a>(common: &mut Vec<Item<'a>>, neighbors: &mut [Section<'a>]) {
    let mut kept = Vec::with_capacity(common.len());
    for item in std::mem::take(common) {
        let name = item.name().unwrap_or_default().to_owned();
        let scalar = match &item {
            Item::Statement(_) => !LISTS.contains(&name.as_str()),
            Item::Section(_) => name == "capability",
            Item::Blank | Item::Comment(_) => false,
        };
        if !scalar || !neighbors.iter().any(|neighbor| neighbor.has(&name)) {
            kept.push(item);
            continue;
        }
        for neighbor in neighbors.iter_mut() {
            take(neighbor, &item, &name);
        }
    }
    *common = kept;
}

/// Gives a neighbor what it does not say itself.
fn take<'a>(neighbor: &mut Section<'a>, item: &Item<'a>, name: &str) {
    let own = neighbor.items.iter_mut().find(|own| own.name() == Some(name));
    match (own, item) {
        (None, item) => neighbor.items.push(item.clone()),
        (Some(Item::Section(own)), Item::Section(common)) => {
            let lacks = |item: &&Item<'_>| item.name().is_some_and(|name| !own.has(name));
            let lacking: Vec<_> = common.items.iter().filter(lacks).cloned().collect();
            own.items.extend(lacking);
        }
        (Some(_), _) => {}
    }
}

fn words<'a>(words: &[&str]) -> Vec<Word<'a>> {
    let word = |word: &&str| Word {
        text: Cow::Owned((*word).to_owned()),
        span: Span::default(),
        quoted: false,
    };
    words.iter().map(word).collect()
}

fn statement<'a>(text: &[&str]) -> Statement<'a> {
    Statement { words: words(text), span: Span::default(), end: 0, note: None }
}

fn section<'a>(text: &[&str], items: Vec<Item<'a>>) -> Section<'a> {
    let (span, open) = (Span::default(), Span::default());
    Section { words: words(text), span, open, items, note: None, end_note: None }
}

#[cfg(test)]
mod tests {
    use crate::configuration::migrate::{Release, migrate};

    #[test]
    fn a_group_is_a_template() {
        let text = "group one {\n local-as 1; hold-time 90; capability { asn4; route-refresh; }\n\
                    neighbor 10.0.0.1 { peer-as 2; hold-time 30; }\n\
                    neighbor 10.0.0.2 { peer-as 3; capability { asn4 disable; } }\n}\n";
        let expected = "template {\n    neighbor one {\n        local-as 1;\n    }\n}\n\n\
             neighbor 10.0.0.1 {\n    inherit one;\n    peer-as 2;\n    hold-time 30;\n    \
             capability {\n        asn4;\n        route-refresh enable;\n    }\n}\n\n\
             neighbor 10.0.0.2 {\n    inherit one;\n    peer-as 3;\n    capability {\n        \
             asn4 disable;\n        route-refresh enable;\n    }\n    hold-time 90;\n}\n";
        let migrated = migrate("t", text, (Release::V3_4, Release::V4), false).unwrap();
        assert_eq!(migrated.text, expected);
    }
}
