//! Commands about whole RIBs: send them again, forget them.

use super::announce::to_established;
use super::{Outcome, Reply, Request};
use crate::reactor::api::context::{Peer, Peers};

pub(super) fn flush<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    to_established(request, Peer::flush)
}

pub(super) fn clear_in<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    request.each(Peer::clear_in);
    Ok(Reply::Done)
}

pub(super) fn clear_out<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    request.each(Peer::clear_out);
    Ok(Reply::Done)
}
