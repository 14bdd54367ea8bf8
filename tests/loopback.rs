//! The program on a real socket, with a peer that follows a script.
#![cfg(test)]

mod support;

use std::time::{Duration, Instant};

use support::wire::{self, Open};
use support::{BOTH, Daemon, IPV4, Listener, Peer, neighbor, neighbor_as};

#[test]
fn the_open_is_exact() {
    let listener = Listener::new();
    let _daemon = Daemon::start(&neighbor(&listener, BOTH));
    let mut peer = listener.accept();
    let open = peer.frame();
    assert_eq!(
        open.hex(),
        "04fde800b40a000001\
         1c\
         02060104000100010206010400020001\
         02064104\
         0000fde8\
         02020600"
    );
}
