//! The program on real sockets, with a peer that follows a script.
#![cfg(test)]

#[path = "../support/mod.rs"]
mod support;

mod faults;
mod incoming;
mod open;
mod routes;
mod session;
