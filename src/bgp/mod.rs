//! The meaning of bytes and of the session: messages, capabilities, attributes, NLRI, the FSM.
//!
//! Pure: no I/O, no clock. Time and bytes come in as arguments.

pub mod attribute;
pub mod capability;
pub mod element;
pub mod fsm;
pub mod message;
pub mod negotiated;
pub mod neighbor;
pub mod nlri;

pub use element::{Element, FromText};
pub use negotiated::Negotiated;
