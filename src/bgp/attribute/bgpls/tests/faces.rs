//! Every TLV of the attribute, told three ways.

/// One TLV: its octets, its words and its JSON, without the parentheses and braces around them.
pub(super) const FACES: &[(&str, &str, &str)] = &[
    (
        "010200080000000100000002",
        "link-local-remote-identifiers ( local-id 1 remote-id 2 )",
        r#""link-local-remote-identifiers": {"local-id": 1, "remote-id": 2}"#,
    ),
    (
        "04000001c0",
        "node-flags [ O T ]",
        r#""node-flags": {"O": 1, "T": 1, "E": 0, "B": 0, "R": 0, "V": 0, "RSV": 0}"#,
    ),
    (
        "0400000105",
        "node-flags [ V 0x01 ]",
        r#""node-flags": {"O": 0, "T": 0, "E": 0, "B": 0, "R": 0, "V": 1, "RSV": 0}"#,
    ),
    ("04010002abcd", "opaque 0xabcd", r#""opaque": "abcd""#),
    ("04010000", "opaque 0x", r#""opaque": """#),
    ("04020008726f757465722d31", "node-name router-1", r#""node-name": "router-1""#),
    ("0402000361202f", "node-name \"a /\"", r#""node-name": "a /""#),
    ("04020000", "node-name \"\"", r#""node-name": """#),
    (
        "0403000349000104040004c0000201",
        "area-ids 0x490001 local-router-ids 192.0.2.1",
        r#""area-ids": ["4784129"], "local-router-ids": ["192.0.2.1"]"#,
    ),
    ("0403000900000000000000ff98", "area-ids 0x00000000000000ff98", r#""area-ids": ["65432"]"#),
    (
        "0405001020010db800000000000000000000000104040004c0000201",
        "local-router-ids 2001:db8::1 local-router-ids 192.0.2.1",
        r#""local-router-ids": ["2001:db8::1", "192.0.2.1"]"#,
    ),
    (
        "04060004c00002020407001020010db8000000000000000000000002",
        "remote-router-ids 192.0.2.2 remote-router-ids 2001:db8::2",
        r#""remote-router-ids": ["192.0.2.2", "2001:db8::2"]"#,
    ),
    (
        "040a0017c0000003e8048900030f42400007d00489000400000005",
        "sr-capability-flags [ I V ] sids [ [ 1000 1000000 ] [ 2000 index 5 ] ]",
        r#""sr-capability-flags": {"I": 1, "V": 1, "RSV": 0}, "sids": [[1000, 1000000], [2000, 5]]"#,
    ),
    (
        "040a000d000000000104890004ffffffff",
        "sr-capability-flags [ ] sids [ [ 1 4294967295 ] ]",
        r#""sr-capability-flags": {"I": 0, "V": 0, "RSV": 0}, "sids": [[1, 4294967295]]"#,
    ),
    ("040b00020001", "sr-algorithms [ 0 1 ]", r#""sr-algorithms": [0, 1]"#),
    (
        "040e000440000000",
        "srv6-capabilities ( flags [ O ] )",
        r#""srv6-capabilities": {"flags": {"O": 1}}"#,
    ),
    ("0440000400000003", "admin-group-mask 3", r#""admin-group-mask": 3"#),
    (
        "044100044cee6b28",
        "maximum-link-bandwidth 125000000",
        r#""maximum-link-bandwidth": 125000000.0"#,
    ),
    (
        "044200043dcccccd",
        "maximum-reservable-link-bandwidth 0.1",
        r#""maximum-reservable-link-bandwidth": 0.10000000149011612"#,
    ),
    (
        "044300204cee6b2800000000000000000000000000000000000000000000000080000000",
        "unreserved-bandwidth [ 125000000 0 0 0 0 0 0 -0 ]",
        r#""unreserved-bandwidth": [125000000.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -0.0]"#,
    ),
    ("044400040000000a", "te-metric 10", r#""te-metric": 10"#),
    (
        "044500020800",
        "link-protection-flags [ \"Dedicated 1+1\" ]",
        concat!(
            r#""link-protection-flags": {"ExtraTrafic": 0, "Unprotected": 0, "Shared": 0, "#,
            r#""Dedicated 1:1": 0, "Dedicated 1+1": 1, "Enhanced": 0, "RSV": 0}"#
        ),
    ),
    (
        "044500028001",
        "link-protection-flags [ ExtraTrafic 0x0001 ]",
        concat!(
            r#""link-protection-flags": {"ExtraTrafic": 1, "Unprotected": 0, "Shared": 0, "#,
            r#""Dedicated 1:1": 0, "Dedicated 1+1": 0, "Enhanced": 0, "RSV": 0}"#
        ),
    ),
    (
        "04460001c0",
        "mpls-mask [ LDP RSVP-TE ]",
        r#""mpls-mask": {"LDP": 1, "RSVP-TE": 1, "RSV": 0}"#,
    ),
    ("0447000300000a", "igp-metric 10", r#""igp-metric": 10"#),
    ("04470002000a", "igp-metric 0x000a", r#""igp-metric": 10"#),
    ("044700010a", "igp-metric 0x0a", r#""igp-metric": 10"#),
    (
        "044800080000000100000002",
        "shared-risk-link-groups [ 1 2 ]",
        r#""shared-risk-link-groups": [1, 2]"#,
    ),
    ("0449000201ff", "opaque-link 0x01ff", r#""opaque-link": "01ff""#),
    ("044a00056c696e6b31", "link-name link1", r#""link-name": "link1""#),
    (
        "044b0007300000000003e9044b000800000000000003ea",
        "sr-adjs ( flags [ V L ] weight 0 sids [ 1001 ] ) sr-adjs ( flags [ ] weight 0 sids [ 1002 ] )",
        concat!(
            r#""sr-adjs": [{"flags": {"F": 0, "B": 0, "V": 1, "L": 1, "S": 0, "P": 0, "RSV": 0}, "#,
            r#""sids": [1001], "weight": 0, "undecoded-sids": []}, "#,
            r#"{"flags": {"F": 0, "B": 0, "V": 0, "L": 0, "S": 0, "P": 0, "RSV": 0}, "#,
            r#""sids": [1002], "weight": 0, "undecoded-sids": []}]"#
        ),
    ),
    (
        "044b000720050000 0003e9",
        "sr-adjs ( flags [ V ] weight 5 sids [ ] undecoded-sids 0x0003e9 )",
        concat!(
            r#""sr-adjs": [{"flags": {"F": 0, "B": 0, "V": 1, "L": 0, "S": 0, "P": 0, "RSV": 0}, "#,
            r#""sids": [], "weight": 5, "undecoded-sids": ["0x0003E9"]}]"#
        ),
    ),
    (
        "0452001e00390401070020010db800050000000000000000000104e4000428181000",
        "srv6-endx ( flags [ 0x04 ] behavior 57 algorithm 1 weight 7 sid 2001:db8:5::1 \
         srv6-sid-structure ( loc_block_len 40 loc_node_len 24 func_len 16 arg_len 0 ) )",
        concat!(
            r#""srv6-endx": [{"flags": {"B": 0, "S": 0, "P": 0, "RSV": 0}, "behavior": 57, "#,
            r#""algorithm": 1, "weight": 7, "sid": "2001:db8:5::1", "srv6-sid-structure": "#,
            r#"{"loc_block_len": 40, "loc_node_len": 24, "func_len": 16, "arg_len": 0}}]"#
        ),
    ),
    (
        "04530021003900000100 000000000002 20010db8000500000000000000000002 0009000101",
        "srv6-lan-endx-isis ( flags [ ] neighbor-id 000000000002 behavior 57 algorithm 0 weight 1 \
         sid 2001:db8:5::2 unknown-subtlv-9 0x01 )",
        concat!(
            r#""srv6-lan-endx-isis": [{"flags": {"B": 0, "S": 0, "P": 0, "RSV": 0}, "#,
            r#""neighbor-id": "000000000002", "behavior": 57, "algorithm": 0, "weight": 1, "#,
            r#""sid": "2001:db8:5::2", "unknown-subtlv-9": "0x01"}]"#
        ),
    ),
    (
        "045a0004800003e8",
        "unidirectional-link-delay ( delay-us 1000 anomalous true )",
        r#""unidirectional-link-delay": {"delay-us": 1000, "anomalous": true}"#,
    ),
    (
        "045b0008000003e8000007d0",
        "minmax-unidirectional-link-delay ( min-delay-us 1000 max-delay-us 2000 anomalous false )",
        concat!(
            r#""minmax-unidirectional-link-delay": "#,
            r#"{"min-delay-us": 1000, "max-delay-us": 2000, "anomalous": false}"#
        ),
    ),
    (
        "045c000400000064",
        "unidirectional-delay-variation 100",
        r#""unidirectional-delay-variation": 100"#,
    ),
    (
        "045d000400000064",
        "unidirectional-link-loss ( loss-percent 0.000300 anomalous false )",
        r#""unidirectional-link-loss": {"loss-percent": 0.00030000000000000003, "anomalous": false}"#,
    ),
    (
        "045e00044cee6b28045f00044cee6b28046000044cee6b28",
        "unidirectional-residual-bandwidth 125000000 unidirectional-available-bandwidth 125000000 \
         unidirectional-utilized-bandwidth 125000000",
        concat!(
            r#""unidirectional-residual-bandwidth": 125000000.0, "#,
            r#""unidirectional-available-bandwidth": 125000000.0, "#,
            r#""unidirectional-utilized-bandwidth": 125000000.0"#
        ),
    ),
    (
        "0480000150",
        "igp-flags [ N P ]",
        r#""igp-flags": {"D": 0, "N": 1, "L": 0, "P": 1, "RSV": 0}"#,
    ),
    ("0481000400000001", "igp-route-tags [ 1 ]", r#""igp-route-tags": [1]"#),
    (
        "048200088000000000000002",
        "igp-extended-route-tags [ 9223372036854775810 ]",
        r#""igp-extended-route-tags": [9223372036854775810]"#,
    ),
    ("048300040000000a", "prefix-metric 10", r#""prefix-metric": 10"#),
    (
        "04840004c0000205",
        "ospf-forwarding-address 192.0.2.5",
        r#""ospf-forwarding-address": "192.0.2.5""#,
    ),
    ("04850001ff", "opaque-prefix 0xff", r#""opaque-prefix": "ff""#),
    (
        "048600084001000000000064",
        "sr-prefix-sids ( sr-prefix-flags [ N ] sids [ 100 ] sr-algorithm 1 )",
        concat!(
            r#""sr-prefix-sids": [{"sr-prefix-flags": {"R": 0, "N": 1, "P": 0, "E": 0, "V": 0, "#,
            r#""L": 0, "RSV": 0}, "sids": [100], "undecoded-sids": [], "sr-algorithm": 1}]"#
        ),
    ),
    (
        "048a000880000000 0000000a",
        "srv6-locators ( flags [ D ] algorithm 0 metric 10 )",
        r#""srv6-locators": [{"flags": {"D": 1, "RSV": 0}, "algorithm": 0, "metric": 10}]"#,
    ),
    (
        "0492000120",
        "sr-prefix-attribute-flags [ N ]",
        r#""sr-prefix-attribute-flags": {"X": 0, "R": 0, "N": 1, "RSV": 0}"#,
    ),
    ("04930004c0000201", "sr-source-router-id 192.0.2.1", r#""sr-source-router-id": "192.0.2.1""#),
    (
        "04e2000400010000",
        "srv6-endpoint-behavior ( endpoint-behavior 1 flags [ ] algorithm 0 )",
        r#""srv6-endpoint-behavior": {"endpoint-behavior": 1, "flags": [], "algorithm": 0}"#,
    ),
    (
        "04e4000428181000",
        "srv6-sid-structure ( loc_block_len 40 loc_node_len 24 func_len 16 arg_len 0 )",
        concat!(
            r#""srv6-sid-structure": "#,
            r#"{"loc_block_len": 40, "loc_node_len": 24, "func_len": 16, "arg_len": 0}"#
        ),
    ),
    ("0bb700020102", "generic-lsid-2999 0x0102", r#""generic-lsid-2999": ["0x0102"]"#),
];
