//! Real routers.
