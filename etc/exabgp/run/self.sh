#!/bin/sh
# Announce with the address of this side of the session, whatever that is.

echo "announce route 192.0.2.0/24 next-hop self med 1"
while read -r line; do :; done
