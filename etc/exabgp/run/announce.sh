#!/bin/sh
# Announce three routes, each with its own attributes, then wait for the end.

ask() {
    printf '%s\n' "$1"
    read -r answer
}

ask "announce route 192.0.2.0/25 next-hop 198.51.100.1 med 1"
ask "announce route 192.0.2.128/25 next-hop 198.51.100.1 community [ 64500:1 no-export ]"
ask "announce route 203.0.113.0/24 next-hop 198.51.100.1 as-path [ 64499 64498 ]"

while read -r line; do :; done
