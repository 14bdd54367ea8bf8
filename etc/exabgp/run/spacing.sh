#!/bin/sh
# Comments, empty words and the many ways to write a list.

ask() {
    printf "$1\\n"
    read -r answer
}

ask "# announce route 198.18.0.0/24 next-hop 198.51.100.1"
ask "announce   route\\t192.0.2.0/25 next-hop 198.51.100.1   med 1   "
ask "announce route 192.0.2.128/25 next-hop 198.51.100.1 community [64500:1 64500:2] as-path [64499,64498]"

while read -r line; do :; done
