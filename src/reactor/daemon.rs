//! Life in the background: detaching from the terminal, the umask, and the pid file.
//!
//! The pid file is created exclusively and never through a symbolic link, since it is often written
//! by root in a folder that others can write to. A file left by a process that is gone is replaced;
//! one of a process that runs stops us. It is removed at the end only if it is still ours.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::sys::stat::{Mode, SFlag, fstat, umask};
use nix::unistd::{Pid, chdir, daemon, getppid};

/// What became of the wish to run in the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// The process is detached; its standard descriptors lead nowhere.
    Detached,
    /// The log goes to the terminal that would be lost: refused.
    LogsToTerminal,
    /// Somebody supervises us and expects us to stay: not needed.
    Supervised,
}

/// Goes to the background, unless that would lose the log or a supervisor.
///
/// Call before the poll, the signals and the threads of libraries exist.
///
/// # Errors
/// When the system cannot make another process.
pub fn detach(logs_to_terminal: bool) -> Result<Background, Errno> {
    if logs_to_terminal {
        return Ok(Background::LogsToTerminal);
    }
    let on_socket = fstat(io::stdin()).is_ok_and(|status| {
        SFlag::from_bits_truncate(status.st_mode) & SFlag::S_IFMT == SFlag::S_IFSOCK
    });
    if on_socket || getppid() == Pid::from_raw(1) {
        return Ok(Background::Supervised);
    }
    // The second fork of the custom is not needed: it keeps a session leader from acquiring a
    // terminal by opening one, and we open none without O_NOCTTY.
    daemon(false, false).map(|()| Background::Detached)
}

/// Leaves the folder that we were started in, and sets the umask of all files to come.
///
/// # Errors
/// When the root folder cannot be entered.
pub fn settle(mask: u32) -> Result<(), Errno> {
    umask(Mode::from_bits_truncate(mask));
    chdir("/")
}

/// A file that names this process, removed when the value is dropped.
#[derive(Debug)]
pub struct PidFile {
    path: PathBuf,
    /// Device and inode: what has replaced our file is not ours to remove.
    identity: (u64, u64),
    removed: bool,
}

/// Why there is no pid file.
#[derive(Debug)]
pub enum Error {
    /// Something else than the number of a process is in it.
    NotAPidFile(PathBuf),
    /// A process of that number runs.
    Running { path: PathBuf, pid: i32 },
    /// The system refused.
    System { path: PathBuf, error: io::Error },
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPidFile(path) => {
                write!(out, "pid file {}: exists and is not a pid file", path.display())
            }
            Self::Running { path, pid } => {
                write!(out, "pid file {}: process {pid} is running", path.display())
            }
            Self::System { path, error } => write!(out, "pid file {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for Error {}

impl PidFile {
    /// Writes the number of this process to `path`, with mode 0644 less the umask.
    ///
    /// # Errors
    /// When a process runs that the file names, when the file is no pid file, or when it cannot be
    /// written.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let system = |error| Error::System { path: path.to_owned(), error };
        let mut file = match create_new(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                check_stale(path)?;
                replace(path).map_err(system)?
            }
            created => created.map_err(system)?,
        };
        let written = writeln!(file, "{}", std::process::id()).and_then(|()| file.metadata());
        let status = written.map_err(system)?;
        let identity = (status.dev(), status.ino());
        Ok(Self { path: path.to_owned(), identity, removed: false })
    }

    /// Removes the file, unless it is no longer ours.
    ///
    /// # Errors
    /// When it is ours and cannot be removed.
    pub fn remove(mut self) -> Result<(), Error> {
        self.unlink().map_err(|error| Error::System { path: self.path.clone(), error })
    }

    fn unlink(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.removed, true) {
            return Ok(());
        }
        let status = match fs::symlink_metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            status => status?,
        };
        let ours = (status.dev(), status.ino()) == self.identity;
        if ours && read_pid(&self.path).ok().flatten() == Some(std::process::id()) {
            fs::remove_file(&self.path)?;
        }
        Ok(())
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        self.unlink().ok();
    }
}

/// Whether the existing file may be replaced: it names a process that is gone, or nothing.
fn check_stale(path: &Path) -> Result<(), Error> {
    let pid = read_pid(path).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => Error::NotAPidFile(path.to_owned()),
        _ => Error::System { path: path.to_owned(), error },
    })?;
    let Some(pid) = pid.filter(|pid| *pid != std::process::id()) else { return Ok(()) };
    let Ok(pid) = i32::try_from(pid) else { return Err(Error::NotAPidFile(path.to_owned())) };
    match kill(Pid::from_raw(pid), None) {
        Err(Errno::ESRCH) => Ok(()),
        // A process that we may not signal runs all the same.
        _ => Err(Error::Running { path: path.to_owned(), pid }),
    }
}

/// The number in a pid file; `None` when the file is empty.
fn read_pid(path: &Path) -> io::Result<Option<u32>> {
    let not_a_pid = || io::Error::from(io::ErrorKind::InvalidData);
    // Without O_NONBLOCK, opening a named pipe would wait for its writer.
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(not_a_pid());
    }
    let mut text = String::new();
    file.take(64).read_to_string(&mut text)?;
    match text.trim() {
        "" => Ok(None),
        number => match number.parse() {
            Ok(pid) if pid > 0 => Ok(Some(pid)),
            _ => Err(not_a_pid()),
        },
    }
}

fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o644).open(path)
}

/// A new file in the place of a stale one.
fn replace(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        // The folder is not ours to change; perhaps the file is.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => overwrite(path),
        removed => removed.and_then(|()| create_new(path)),
    }
}

fn overwrite(path: &Path) -> io::Result<File> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    let file = OpenOptions::new().write(true).custom_flags(flags).open(path)?;
    let status = file.metadata()?;
    if !status.is_file() || status.nlink() != 1 {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    file.set_len(0)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;
    use std::os::unix::fs::symlink;
    use std::process::{Command, Stdio};

    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use nix::unistd::{getpid, getsid, mkfifo};

    use super::*;
    use crate::reactor::network::testing::alone;

    /// A folder of this test alone, removed at its end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str) -> Self {
            let name = format!("exabgp-daemon-{test}-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn file(&self) -> PathBuf {
            self.0.join("exabgp.pid")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    fn own() -> String {
        format!("{}\n", std::process::id())
    }

    /// The number of a process that has ended and was waited for.
    fn gone() -> u32 {
        let mut child = Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        child.id()
    }

    #[test]
    fn the_file_names_us_and_goes_with_us() {
        let folder = Folder::new("names");
        let file = PidFile::create(&folder.file()).unwrap();
        assert_eq!(fs::read_to_string(folder.file()).unwrap(), own());
        assert_eq!(fs::metadata(folder.file()).unwrap().mode() & 0o133, 0);
        file.remove().unwrap();
        assert!(!folder.file().exists());
        drop(PidFile::create(&folder.file()).unwrap());
        assert!(!folder.file().exists());
    }

    #[test]
    fn a_stale_file_is_replaced_whole() {
        let folder = Folder::new("stale");
        for text in [String::new(), format!("{}\n\n\n\n\n\n\n\n\n\n\n", gone()), own()] {
            fs::write(folder.file(), text).unwrap();
            let file = PidFile::create(&folder.file()).unwrap();
            assert_eq!(fs::read_to_string(folder.file()).unwrap(), own());
            file.remove().unwrap();
        }
    }

    #[test]
    fn a_running_process_stops_us() {
        let folder = Folder::new("running");
        let mut child =
            Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        fs::write(folder.file(), child.id().to_string()).unwrap();
        let error = PidFile::create(&folder.file()).unwrap_err();
        let expected =
            format!("pid file {}: process {} is running", folder.file().display(), child.id());
        assert_eq!(error.to_string(), expected);
        drop(child.stdin.take());
        child.wait().unwrap();
        PidFile::create(&folder.file()).unwrap().remove().unwrap();
    }

    #[test]
    fn what_is_no_pid_file_is_left_alone() {
        let folder = Folder::new("other");
        for text in ["root:x:0:0::/root:/bin/sh\n", "-1", "0", "12 34", "99999999999"] {
            fs::write(folder.file(), text).unwrap();
            let error = PidFile::create(&folder.file()).unwrap_err();
            assert!(matches!(error, Error::NotAPidFile(_)), "{text}: {error}");
            assert_eq!(fs::read_to_string(folder.file()).unwrap(), text);
        }
    }

    #[test]
    fn a_symbolic_link_is_not_followed() {
        let folder = Folder::new("link");
        let target = folder.0.join("target");
        fs::write(&target, gone().to_string()).unwrap();
        symlink(&target, folder.file()).unwrap();
        PidFile::create(&folder.file()).unwrap_err();
        assert_ne!(fs::read_to_string(&target).unwrap(), own());
        // Nor where it leads to nothing.
        fs::remove_file(&target).unwrap();
        PidFile::create(&folder.file()).unwrap_err();
        assert!(!target.exists());
    }

    #[test]
    fn a_named_pipe_does_not_hang_us() {
        let folder = Folder::new("fifo");
        mkfifo(&folder.file(), Mode::S_IRWXU).unwrap();
        let error = PidFile::create(&folder.file()).unwrap_err();
        assert!(matches!(error, Error::NotAPidFile(_)), "{error}");
    }

    #[test]
    fn a_folder_that_is_missing_is_one_clear_error() {
        let folder = Folder::new("missing");
        let error = PidFile::create(&folder.0.join("no/exabgp.pid")).unwrap_err();
        assert!(
            error.to_string().ends_with("no/exabgp.pid: No such file or directory (os error 2)")
        );
    }

    #[test]
    fn a_file_that_another_has_replaced_is_not_removed() {
        let folder = Folder::new("another");
        let file = PidFile::create(&folder.file()).unwrap();
        fs::rename(folder.file(), folder.0.join("kept")).unwrap();
        fs::write(folder.file(), own()).unwrap();
        file.remove().unwrap();
        assert!(folder.file().exists());
        let file = PidFile::create(&folder.file()).unwrap();
        fs::write(folder.file(), "1\n").unwrap();
        file.remove().unwrap();
        assert!(folder.file().exists());
    }

    #[test]
    fn a_stale_file_is_overwritten_where_it_cannot_be_removed() {
        let folder = Folder::new("overwrite");
        fs::write(folder.file(), "123456\n123456\n").unwrap();
        drop(overwrite(&folder.file()).unwrap());
        assert_eq!(fs::read_to_string(folder.file()).unwrap(), "");
        fs::hard_link(folder.file(), folder.0.join("second")).unwrap();
        overwrite(&folder.file()).unwrap_err();
    }

    #[test]
    fn a_log_on_the_terminal_keeps_us_in_front() {
        assert_eq!(detach(true), Ok(Background::LogsToTerminal));
    }

    #[test]
    fn files_to_come_have_the_umask() {
        // The umask and the folder belong to the whole process.
        alone("reactor::daemon::tests::files_to_come_have_the_umask", || {
            let folder = Folder::new("umask");
            settle(0o137).unwrap();
            assert_eq!(std::env::current_dir().unwrap(), Path::new("/"));
            let file = PidFile::create(&folder.file()).unwrap();
            assert_eq!(fs::metadata(folder.file()).unwrap().mode() & 0o777, 0o640);
            file.remove().unwrap();
        });
    }

    #[test]
    fn the_background_is_another_session() {
        alone("reactor::daemon::tests::the_background_is_another_session", || {
            let folder = Folder::new("detach");
            let report = folder.0.join("report");
            let before = (getpid(), getsid(None).unwrap());
            mkfifo(&report, Mode::S_IRWXU).unwrap();
            let mut options = OpenOptions::new();
            let mut reader =
                options.read(true).custom_flags(libc::O_NONBLOCK).open(&report).unwrap();
            // A process of its own detaches, so that this one stays to hear of it.
            let name = "reactor::daemon::tests::detaching";
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", name, "--test-threads=1"])
                .env("EXABGP_TEST_REPORT", &report)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .spawn()
                .unwrap();
            assert!(child.wait().unwrap().success());
            let mut ready = [PollFd::new(reader.as_fd(), PollFlags::POLLIN)];
            assert_eq!(poll(&mut ready, PollTimeout::from(10_000u16)), Ok(1));
            let mut said = [0; 1024];
            let count = reader.read(&mut said).unwrap();
            let said = String::from_utf8_lossy(&said[..count]).into_owned();
            let words: Vec<&str> = said.split_whitespace().collect();
            if words == ["Supervised"] {
                return;
            }
            assert_eq!(words[0], "Detached");
            assert_eq!(words[1], words[2], "the process leads its session");
            assert_ne!(words[1], child.id().to_string());
            assert_ne!(words[2], before.1.to_string());
            assert_eq!(words[3], "/");
        });
    }

    /// The other half of the test above; on its own it only checks that nobody asked for it.
    #[test]
    fn detaching() {
        let report = std::env::vars_os().find(|(name, _)| name == "EXABGP_TEST_REPORT");
        let Some((_, report)) = report else {
            return assert_eq!(detach(true), Ok(Background::LogsToTerminal));
        };
        let outcome = detach(false).unwrap();
        let (pid, session) = (getpid(), getsid(None).unwrap());
        let folder = std::env::current_dir().unwrap();
        let said = match outcome {
            Background::Detached => format!("Detached {pid} {session} {}", folder.display()),
            other => format!("{other:?}"),
        };
        fs::write(report, said).unwrap();
        std::process::exit(0);
    }
}
