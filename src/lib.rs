//! ExaBGP: BGP spoken on behalf of other programs.
//!
//! Layers, each of which imports only from those below it: `application`, `reactor`,
//! `configuration`, `rib`, `bgp`, `protocol`, and at the bottom `wire`, `text` and `json`.
//! `environment` and `logger` stand beside them. ARCHITECTURE.md tells the whole story.

pub mod application;
pub mod bgp;
pub mod configuration;
pub mod environment;
pub mod json;
pub mod logger;
pub mod protocol;
pub mod reactor;
pub mod rib;
pub mod text;
pub mod version;
pub mod wire;
