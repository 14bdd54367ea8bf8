//! Commands about the program: version, reload, restart, shutdown.

use crate::version::VERSION;

use super::{Outcome, Reply, Request};
use crate::reactor::api::context::Control;

pub(super) fn version<P>(request: &mut Request<'_, P>) -> Outcome {
    if request.json {
        request.json_line(|json| {
            json.raw("{\"version\": ");
            json.string(VERSION);
            json.raw(", \"application\": \"exabgp\"}");
        });
    } else {
        request.line(&["exabgp ", VERSION]);
    }
    Ok(Reply::Done)
}

pub(super) fn reload<P>(request: &mut Request<'_, P>) -> Outcome {
    in_progress(request, "reload", Control::Reload)
}

pub(super) fn restart<P>(request: &mut Request<'_, P>) -> Outcome {
    in_progress(request, "restart", Control::Restart)
}

pub(super) fn shutdown<P>(request: &mut Request<'_, P>) -> Outcome {
    in_progress(request, "shutdown", Control::Shutdown)
}

fn in_progress<P>(request: &mut Request<'_, P>, what: &str, control: Control) -> Outcome {
    request.status(&[what, " in progress"]);
    request.requests.push(control);
    Ok(Reply::Done)
}
