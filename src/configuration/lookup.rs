//! Finds the program of a process and checks that it can be run.

use std::fs::{self, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Where programs are looked for, and who will run them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookup {
    /// `EXABGP_ETC`, where it is set.
    pub etc: Option<PathBuf>,
    /// The working directory.
    pub directory: PathBuf,
    /// The entries of `PATH`, in order.
    pub path: Vec<PathBuf>,
    /// The effective user of this program.
    pub user: u32,
    /// The groups of this program, the effective one included.
    pub groups: Vec<u32>,
}

/// A program that can be run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: String,
    /// Programs of that name further down the list of places, where there are.
    pub(super) others: Option<String>,
}

/// Where packages put the configuration.
const ETC: &str = "/etc/exabgp";

/// The first program of that name, checked; else what is wrong with it.
pub(super) fn program(
    name: &str,
    lookup: &Lookup,
    directory: &Path,
) -> Result<Found, &'static str> {
    let existing: Vec<PathBuf> =
        places(name, lookup, directory).into_iter().filter(|path| path.exists()).collect();
    let (first, others) = existing.split_first().ok_or("is not found")?;
    check(&fs::metadata(first).map_err(|_| "can not be read")?, lookup)?;
    // The same file is often reached by two entries of PATH.
    let same = |other: &&PathBuf| match (other.canonicalize(), first.canonicalize()) {
        (Ok(one), Ok(two)) => one == two,
        _ => false,
    };
    let others: Vec<String> =
        others.iter().filter(|other| !same(other)).map(|path| path.display().to_string()).collect();
    let path = first.to_str().ok_or("has a path that is not UTF-8")?.to_owned();
    Ok(Found { path, others: (!others.is_empty()).then(|| others.join(" and ")) })
}

fn places(name: &str, lookup: &Lookup, directory: &Path) -> Vec<PathBuf> {
    if name.is_empty() {
        return Vec::new();
    }
    if name.starts_with('/') {
        return vec![PathBuf::from(name)];
    }
    if let Some(rest) = name.strip_prefix("etc/exabgp") {
        let rest = rest.trim_start_matches('/');
        if let Some(etc) = &lookup.etc {
            return vec![etc.join(rest), Path::new(ETC).join(rest)];
        }
        let here = &lookup.directory;
        let last = here.file_name().and_then(|last| last.to_str());
        let base = match (last, here.parent()) {
            (Some("etc" | "sbin"), Some(parent)) => parent,
            _ => here,
        };
        return vec![Path::new(ETC).join(rest), base.join(name)];
    }
    let mut places = vec![Path::new(ETC).join(name), lookup.directory.join(directory).join(name)];
    places.extend(lookup.path.iter().map(|entry| lookup.directory.join(entry).join(name)));
    places
}

fn check(file: &Metadata, lookup: &Lookup) -> Result<(), &'static str> {
    let mode = file.permissions().mode();
    let kind = file.file_type();
    if file.is_dir() {
        return Err("is a directory");
    }
    if kind.is_fifo() || kind.is_socket() || kind.is_char_device() || kind.is_block_device() {
        return Err("is not a regular file");
    }
    if mode & 0o4000 != 0 {
        return Err("is set-uid, and is refused");
    }
    if mode & 0o2000 != 0 {
        return Err("is set-gid, and is refused");
    }
    let owner = if file.uid() == lookup.user { 0o100 } else { 0 };
    let group = if lookup.groups.contains(&file.gid()) { 0o010 } else { 0 };
    if mode & (0o001 | owner | group) == 0 {
        return Err("can not be run by this user");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup() -> Lookup {
        let path = vec![PathBuf::from("/usr/bin"), PathBuf::from("/bin")];
        Lookup { path, directory: "/".into(), ..Lookup::default() }
    }

    #[test]
    fn programs_are_found_along_the_path() {
        let found = program("cat", &lookup(), Path::new("")).unwrap();
        assert!(found.path.ends_with("bin/cat"));
        assert!(program("/bin/cat", &lookup(), Path::new("")).is_ok());
        assert!(program("bin/cat", &lookup(), Path::new("/")).is_ok());
        for (name, what) in [
            ("/no/such/file", "is not found"),
            ("", "is not found"),
            ("/tmp", "is a directory"),
            ("/etc/passwd", "can not be run by this user"),
            ("/bin/su", "is set-uid, and is refused"),
            ("/dev/null", "is not a regular file"),
            ("/bin/cat a", "is not found"),
        ] {
            assert_eq!(program(name, &lookup(), Path::new("")), Err(what), "{name}");
        }
    }

    #[test]
    fn etc_exabgp_is_moved_by_the_environment() {
        let moved = Lookup { etc: Some("/opt/e".into()), ..lookup() };
        let at = places("etc/exabgp/run/x", &moved, Path::new(""));
        assert_eq!(at.first(), Some(&PathBuf::from("/opt/e/run/x")));
        let here = Lookup { directory: "/src/exabgp/sbin".into(), ..lookup() };
        let at = places("etc/exabgp/x", &here, Path::new(""));
        assert_eq!(at, [PathBuf::from("/etc/exabgp/x"), "/src/exabgp/etc/exabgp/x".into()]);
    }
}
