//! What a reload would do, told before: by the command.

use crate::support::{Place, run};

fn neighbor(address: &str, said: &str) -> String {
    format!(
        "neighbor {address} {{ router-id 10.0.0.2; local-address 127.0.0.1; local-as 65000; \
         peer-as 65001; family {{ ipv4 unicast; ipv6 unicast; }} {said} }}\n"
    )
}

#[track_caller]
fn check(old: &str, new: &str, expected: &str) {
    let place = Place::new();
    let old = place.file("old.conf", old).display().to_string();
    let new = place.file("new.conf", new).display().to_string();
    let told = run(&["configuration", "diff", &old, &new]);
    // The names of neighbors are long, and the same everywhere.
    let shown = told.out.replace(" local-ip 127.0.0.1 local-as 65000 peer-as 65001", "");
    let shown = shown.replace(" router-id 10.0.0.2 family-allowed in-open", "");
    assert_eq!(shown, expected, "{told:?}");
    assert_eq!(told.code, Some(i32::from(!expected.is_empty())));
}

#[test]
fn nothing_is_told_where_nothing_happens() {
    let one = neighbor("127.0.0.2", "static { route 10.0.0.0/24 next-hop 1.1.1.1; }");
    let same = neighbor("127.0.0.2", "static { route 10.0.0.0/24 { next-hop 1.1.1.1; } }");
    check(&one, &same, "");
}

#[test]
fn routes_are_announced_and_withdrawn_exactly() {
    let old = "static { route 10.0.0.0/24 next-hop self; route 10.0.1.0/24 next-hop 1.1.1.1; \
               route 10.0.2.0/24 next-hop 1.1.1.1; }";
    let new = "static { route 10.0.0.0/24 next-hop 127.0.0.1; route 10.0.1.0/24 next-hop 1.1.1.1 \
               med 5; route 2001:db8::/32 next-hop 2001:db8::1; \
               route 10.0.9.0/24 next-hop 1.1.1.1 watchdog dog withdraw; }";
    check(
        &neighbor("127.0.0.2", old),
        &neighbor("127.0.0.2", new),
        "~ neighbor 127.0.0.2\n    withdraw route 10.0.2.0/24 next-hop 1.1.1.1\n    \
         announce route 10.0.1.0/24 next-hop 1.1.1.1 med 5\n    \
         announce route 2001:db8::/32 next-hop 2001:db8::1\n",
    );
}

#[test]
fn neighbors_come_go_and_start_again() {
    let route = "static { route 10.0.0.0/24 next-hop 1.1.1.1; }";
    let old = neighbor("127.0.0.2", "") + &neighbor("127.0.0.3", route);
    let new = neighbor("127.0.0.3", &format!("hold-time 30; {route}"))
        + &neighbor("127.0.0.4", route)
        + "process p { run /bin/cat; }\n";
    check(
        &old,
        &new,
        "+ process p\n- neighbor 127.0.0.2\n+ neighbor 127.0.0.4\n    \
         announce route 10.0.0.0/24 next-hop 1.1.1.1\n! neighbor 127.0.0.3\n    \
         - hold-time 180;\n    + hold-time 30;\n    announce route 10.0.0.0/24 next-hop 1.1.1.1\n",
    );
}

#[test]
fn a_file_that_cannot_be_read_is_trouble() {
    let place = Place::new();
    let good = place.file("good.conf", neighbor("127.0.0.2", "")).display().to_string();
    let bad = place.file("bad.conf", "neighbor x { }\n").display().to_string();
    let told = run(&["configuration", "diff", &good, &bad]);
    assert_eq!((told.code, told.out.as_str()), (Some(2), ""));
    assert!(told.err.contains("bad.conf:1:"), "{told:?}");
    assert_eq!(run(&["configuration", "diff", &good]).code, Some(2));
}
