//! A private directory, and free ports.

use std::fs;
use std::net::{IpAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A directory of this test alone; it goes when the value goes.
#[derive(Debug)]
pub struct Place {
    path: PathBuf,
}

impl Place {
    /// Makes the directory, world readable, below the system's temporary directory.
    pub fn new() -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("exabgp-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a private directory");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its mode");
        Self { path }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path inside the directory.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file inside the directory, whole or not at all, and answers its path.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        let fresh = self.join(&format!("{name}.new"));
        fs::write(&fresh, text).expect("a file in the private directory");
        fs::rename(&fresh, &path).expect("the file in its place");
        path
    }

    /// Writes an executable file.
    pub fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.file(name, text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("an executable file");
        path
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.path));
    }
}

/// A TCP port of the address that nobody uses now.
pub fn free_port(ip: IpAddr) -> u16 {
    let probe = TcpListener::bind((ip, 0)).expect("a free port");
    probe.local_addr().expect("its address").port()
}

/// An IPv4 address of the loopback network that no other test uses.
pub fn own_address() -> IpAddr {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let spread = std::process::id().wrapping_mul(251).wrapping_add(number) % 4_000_000;
    IpAddr::from((0x7f40_0000 + 1 + spread).to_be_bytes())
}
