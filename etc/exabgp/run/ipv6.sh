#!/bin/sh
# Announce routes of both families, under the name of the family and without.

ask() {
    printf '%s\n' "$1"
    read -r answer
}

ask "announce ipv4 unicast 192.0.2.0/24 next-hop 198.51.100.1 med 1"
ask "announce ipv6 unicast 2001:db8:1::/48 next-hop 2001:db8::1"
ask "announce route 2001:db8:2::/48 next-hop 2001:db8::1 med 2"
ask "announce route 2001:db8:3::1 next-hop 2001:db8::1 local-preference 300"

while read -r line; do :; done
