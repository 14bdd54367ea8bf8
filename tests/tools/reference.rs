//! The pages of `doc/` say what the program says of itself.

use std::fs;
use std::path::Path;

use exabgp::application::reference::pages;

use crate::updates;

#[test]
fn the_reference_is_what_the_program_says_of_itself() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("doc");
    for page in pages() {
        let path = folder.join(page.name);
        if updates() {
            fs::write(&path, &page.text).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(written == page.text, "doc/{} is stale: run make reference", page.name);
    }
}

#[test]
fn every_page_is_named_in_the_introduction() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("doc");
    let introduction = fs::read_to_string(folder.join("README.md")).unwrap();
    for page in pages() {
        assert!(introduction.contains(&format!("({})", page.name)), "{}", page.name);
    }
}
