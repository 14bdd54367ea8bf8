//! Helper processes: how they live, what they may say, what they are told.
#![cfg(test)]

#[path = "../support/mod.rs"]
mod support;

mod abuse;
mod commands;
mod events;
mod lifecycle;
mod show;

use support::{Daemon, Helper, IPV4, Link, Listener, Open, Peer, neighbor};

/// One session and one helper that may command it, both ready: the End-of-RIB was sent.
struct Stage {
    daemon: Daemon,
    listener: Listener,
    helper: Helper,
    peer: Peer,
    link: Link,
}

impl Stage {
    /// The helper hears what `wishes` of the `api` section say.
    fn new(wishes: &str) -> Self {
        Self::with(wishes, IPV4, &Open::ipv4())
    }

    /// The neighbor has `rest`, and we open with `open`.
    fn with(wishes: &str, rest: &str, open: &Open) -> Self {
        let helper = Helper::new("helper");
        let listener = Listener::new();
        let rest = format!("{rest}{}", helper.api(wishes));
        let daemon = Daemon::start(&format!("{}{}", helper.process(), neighbor(&listener, &rest)));
        let link = helper.accept();
        let mut peer = listener.establish(open);
        peer.updates_until_eor();
        Self { daemon, listener, helper, peer, link }
    }
}
