//! Route refresh, RFC 2918 section 2, its first code at Cisco, and RFC 7313 section 3.1.
//!
//! Wire format: no value; one that is there is not looked at.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

/// Routes can be asked for again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RouteRefresh;

/// The same under the code that Cisco used before there was one. Never enough to refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CiscoRouteRefresh;

/// Routes sent again are framed by begin and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EnhancedRouteRefresh;

impl Element for RouteRefresh {
    const NAME: &'static str = "route-refresh";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        reader.rest();
        Ok(Self)
    }

    fn pack(&self, _: &mut Writer<'_>, _: &Negotiated) {}

    fn json(&self, json: &mut json::Writer<'_>) {
        variant("RFC", json);
    }
}

impl Element for CiscoRouteRefresh {
    const NAME: &'static str = "cisco-route-refresh";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        reader.rest();
        Ok(Self)
    }

    fn pack(&self, _: &mut Writer<'_>, _: &Negotiated) {}

    fn json(&self, json: &mut json::Writer<'_>) {
        variant("Cisco", json);
    }
}

impl Element for EnhancedRouteRefresh {
    const NAME: &'static str = "enhanced-route-refresh";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        reader.rest();
        Ok(Self)
    }

    fn pack(&self, _: &mut Writer<'_>, _: &Negotiated) {}

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| object.field("name").string(Self::NAME));
    }
}

fn variant(name: &str, json: &mut json::Writer<'_>) {
    json.object(|object| {
        object.field("name").string("route-refresh");
        object.field("variant").string(name);
    });
}

impl fmt::Display for RouteRefresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("route refresh")
    }
}

impl fmt::Display for CiscoRouteRefresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cisco route refresh")
    }
}

impl fmt::Display for EnhancedRouteRefresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("enhanced route refresh")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;

    #[test]
    fn three_of_them() {
        check(2, "", "route refresh", r#"{ "name": "route-refresh", "variant": "RFC" }"#);
        let json = r#"{ "name": "route-refresh", "variant": "Cisco" }"#;
        check(128, "", "cisco route refresh", json);
        check(70, "", "enhanced route refresh", r#"{ "name": "enhanced-route-refresh" }"#);
    }
}
