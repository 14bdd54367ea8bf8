#!/bin/sh
# Announce a prefix in parts.

echo "announce route 192.0.2.0/24 next-hop 198.51.100.1 split /26"
while read -r line; do :; done
