//! Giving up the rights of root.
//!
//! Group first, then the supplementary groups, then the user, each in all its forms, so that none
//! can be taken back; and then it is checked that this is so. A program that could not drop what it
//! was told to drop does not go on.

use std::collections::BTreeSet;
use std::ffi::CString;
use std::fmt;

use nix::errno::Errno;
use nix::unistd::{
    Gid, Uid, User, getgid, getgrouplist, getgroups, getresgid, getresuid, getuid, initgroups,
    seteuid, setresgid, setresuid,
};

/// What became of the rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The process now is this user and group.
    Dropped { user: u32, group: u32 },
    /// The process was nobody special.
    Kept,
}

/// Why the rights could not be dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// Something could be taken back.
    NotDropped { user: String, what: &'static str },
    /// The system refused a step.
    Refused { user: String, what: &'static str, errno: Errno },
    /// No user has this name.
    UnknownUser(String),
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDropped { user, what } => {
                write!(out, "cannot become user {user}: {what} of root is still held")
            }
            Self::Refused { user, what, errno } => {
                write!(out, "cannot become user {user}: {what}: {}", errno.desc())
            }
            Self::UnknownUser(user) => write!(out, "user {user} does not exist on this system"),
        }
    }
}

impl std::error::Error for Error {}

/// Becomes `user`, in its primary and supplementary groups, when the process is of root's user or
/// group; does nothing otherwise.
///
/// # Errors
/// When the user does not exist, or when any part of it fails: the process must then end.
pub fn drop_to(user: &str) -> Result<Outcome, Error> {
    let failed = |what| move |errno| Error::Refused { user: user.to_owned(), what, errno };
    let unknown = || Error::UnknownUser(user.to_owned());
    let found = User::from_name(user).map_err(failed("look-up"))?.ok_or_else(unknown)?;
    if !getuid().is_root() && getgid().as_raw() != 0 {
        return Ok(Outcome::Kept);
    }
    let (uid, gid) = (found.uid, found.gid);
    let name = CString::new(user).map_err(|_| unknown())?;
    // The groups are looked up and set while there still is the right to.
    initgroups(&name, gid).map_err(failed("supplementary groups"))?;
    setresgid(gid, gid, gid).map_err(failed("group"))?;
    setresuid(uid, uid, uid).map_err(failed("user"))?;
    let expected = getgrouplist(&name, gid).map_err(failed("look-up of groups"))?;
    match still_held(uid, gid, &expected) {
        None => Ok(Outcome::Dropped { user: uid.as_raw(), group: gid.as_raw() }),
        Some(what) => Err(Error::NotDropped { user: user.to_owned(), what }),
    }
}

/// What the process still has that user `uid` should not have.
fn still_held(uid: Uid, gid: Gid, groups: &[Gid]) -> Option<&'static str> {
    let users = getresuid().ok()?;
    if [users.real, users.effective, users.saved] != [uid; 3] {
        return Some("the user");
    }
    let held = getresgid().ok()?;
    if [held.real, held.effective, held.saved] != [gid; 3] {
        return Some("the group");
    }
    let numbers = |groups: &[Gid]| groups.iter().map(|gid| gid.as_raw()).collect::<BTreeSet<_>>();
    if !numbers(&getgroups().ok()?).is_subset(&numbers(groups)) {
        return Some("a supplementary group");
    }
    (!uid.is_root() && seteuid(Uid::from_raw(0)).is_ok()).then_some("the right to become it again")
}

#[cfg(test)]
mod tests {
    use nix::unistd::{geteuid, setgroups};

    use super::*;
    use crate::reactor::network::testing::alone;

    #[test]
    fn an_unknown_user_is_one_clear_error() {
        let error = drop_to("no-such-user").unwrap_err();
        assert_eq!(error.to_string(), "user no-such-user does not exist on this system");
        assert_eq!(drop_to("a\0b").unwrap_err(), Error::UnknownUser("a\0b".into()));
    }

    #[test]
    fn nothing_of_root_is_left() {
        // A process that has dropped its rights cannot run the other tests.
        alone("reactor::privileges::tests::nothing_of_root_is_left", || {
            if !geteuid().is_root() {
                assert_eq!(drop_to("nobody"), Ok(Outcome::Kept));
                return;
            }
            setgroups(&[Gid::from_raw(0), Gid::from_raw(4), Gid::from_raw(27)]).unwrap();
            let nobody = User::from_name("nobody").unwrap().unwrap();
            let (user, group) = (nobody.uid.as_raw(), nobody.gid.as_raw());
            assert_eq!(drop_to("nobody"), Ok(Outcome::Dropped { user, group }));
            assert_eq!(getgroups().unwrap(), [nobody.gid]);
            assert!(seteuid(Uid::from_raw(0)).is_err());
            assert_eq!(still_held(nobody.uid, nobody.gid, &[nobody.gid]), None);
            assert_eq!(drop_to("nobody"), Ok(Outcome::Kept));
        });
    }

    #[test]
    fn what_is_still_held_is_named() {
        if !geteuid().is_root() {
            return assert_eq!(still_held(Uid::from_raw(0), getgid(), &[]), Some("the user"));
        }
        let one = (Uid::from_raw(1), Gid::from_raw(1));
        assert_eq!(still_held(one.0, one.1, &[]), Some("the user"));
        assert_eq!(still_held(Uid::from_raw(0), one.1, &[]), Some("the group"));
    }
}
