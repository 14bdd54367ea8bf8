//! Commands about the conversation with a process, and about the sessions of peers.

use super::{Outcome, Refusal, Reply, Request};
use crate::reactor::api::context::{Peer, Peers};
use crate::reactor::api::process::Ack;

pub(super) fn enable_ack<P>(request: &mut Request<'_, P>) -> Outcome {
    *request.ack = Ack::On;
    Ok(Reply::Done)
}

pub(super) fn explain_ack<P>(request: &mut Request<'_, P>) -> Outcome {
    *request.ack = Ack::Explained;
    Ok(Reply::Done)
}

pub(super) fn disable_ack<P>(request: &mut Request<'_, P>) -> Outcome {
    *request.ack = Ack::Off;
    Ok(Reply::Told)
}

pub(super) fn silence_ack<P>(request: &mut Request<'_, P>) -> Outcome {
    *request.ack = Ack::Off;
    Ok(Reply::Done)
}

pub(super) fn enable_sync<P>(request: &mut Request<'_, P>) -> Outcome {
    *request.always_sync = true;
    Ok(Reply::Done)
}

pub(super) fn disable_sync<P>(request: &mut Request<'_, P>) -> Outcome {
    *request.always_sync = false;
    Ok(Reply::Done)
}

/// `ping [<uuid> <time>] [text]`: who answers. A client that names itself needs no registration,
/// since its connection tells when it is gone.
pub(super) fn ping<P>(request: &mut Request<'_, P>) -> Outcome {
    let uuid = &request.about.uuid;
    if request.text {
        request.line(&["pong ", uuid, " active=true"]);
    } else {
        request.json_line(|json| {
            json.raw("{\"pong\": ");
            json.string(uuid);
            json.raw(", \"active\": true}");
        });
    }
    Ok(Reply::Done)
}

/// `bye [<uuid>]`: a client takes its leave.
#[expect(clippy::unnecessary_wraps, reason = "the shape of a command")]
pub(super) fn bye<P>(_: &mut Request<'_, P>) -> Outcome {
    Ok(Reply::Done)
}

/// Commands are executed one after the other, so that none of the process is unfinished by now.
pub(super) fn reset<P>(request: &mut Request<'_, P>) -> Outcome {
    request.status(&["asynchronous queue cleared"]);
    Ok(Reply::Done)
}

/// A word of the reference for the tests of its scheduler.
pub(super) fn crash<P>(_: &mut Request<'_, P>) -> Outcome {
    Err(Refusal::new("the program does not crash on request"))
}

/// Sessions that are not established are left alone.
pub(super) fn teardown<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    let word = request.tokens.word("a subcode of Cease").map_err(|error| error.to_string());
    let subcode = word.and_then(|word| {
        word.parse::<u8>().map_err(|_| format!("{} is not a subcode of Cease", &*word))
    });
    let subcode = subcode.map_err(Refusal::new)?;
    let now = request.now;
    request.each(|peer| {
        if peer.is_established() {
            peer.teardown(subcode, now);
        }
    });
    Ok(Reply::Done)
}
