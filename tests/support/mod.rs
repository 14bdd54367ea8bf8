//! What the tests of the running program share.
//!
//! The program is a black box here: a child process with a configuration, a private directory and
//! its own environment. What it meets is ours: a scripted BGP speaker (`peer`, with the small
//! encoder of `wire`), helper processes whose two ends the test holds (`helper`), and real routers
//! (`router`). Nothing sleeps: every wait names a condition and has a deadline.
//!
//! `EXABGP_BINARY` points the tests at another executable than the one cargo built.
#![allow(dead_code, unused_imports, reason = "each test program uses its part of the harness")]
#![allow(unreachable_pub, reason = "`pub` is what a test program may use")]
#![allow(clippy::disallowed_methods, reason = "tests read the clock and the environment")]

use std::io::Write;

pub mod daemon;
pub mod helper;
pub mod peer;
pub mod place;
pub mod relay;
pub mod router;
pub mod wait;
pub mod wire;

pub use daemon::{Daemon, Finished, binary, run};
pub use helper::{Helper, Link};
pub use peer::{Listener, Peer};
pub use place::Place;
pub use relay::Relay;
pub use wait::{Deadline, Stopwatch, until};
pub use wire::{Frame, Open, Update, hex, unhex};

/// Says aloud that a test is left out, past the capture of the test runner. Where nothing may be
/// left out (`CI=true`) it fails instead.
pub fn left_out(why: &str) {
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{why}");
    drop(writeln!(std::io::stderr(), "LEFT OUT: {why}"));
}

/// A neighbor section: the program is AS 65000 at 127.0.0.1, or ::1, with router-id 10.0.0.1; we
/// are AS 65001 at the listener's address and port. `rest` is added as it is.
pub fn neighbor(listener: &Listener, rest: &str) -> String {
    neighbor_as(listener, 65001, rest)
}

/// As [`neighbor`], with the AS number that the program expects of us.
pub fn neighbor_as(listener: &Listener, asn: u32, rest: &str) -> String {
    let local = if listener.ip().is_ipv6() { "::1" } else { "127.0.0.1" };
    format!(
        "neighbor {} {{\n    router-id 10.0.0.1;\n    local-address {local};\n    local-as 65000;\n    \
         peer-as {asn};\n    connect {};\n{rest}\n}}\n",
        listener.ip(),
        listener.port(),
    )
}

/// The family section of a session that carries IPv4 unicast only.
pub const IPV4: &str = "    family { ipv4 unicast; }\n";

/// The family section of a session that carries IPv4 and IPv6 unicast.
pub const BOTH: &str = "    family { ipv4 unicast; ipv6 unicast; }\n";
