//! reactor

pub mod api;
pub mod clock;
pub mod daemon;
pub mod limits;
pub mod network;
pub mod privileges;
pub mod signal;
pub mod wheel;
