//! Which routes exist, which wait to be sent, and in what order. Knows no peer and no socket.

mod route;

pub use route::Route;
