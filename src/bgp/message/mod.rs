//! The messages of BGP: the header, its checks, and one file a message.

pub mod notification;

pub use notification::Notify;
