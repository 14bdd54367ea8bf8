#!/bin/sh
# Announce, and end: the route stays, and the helper is not started again.

echo "announce route 192.0.2.0/24 next-hop 198.51.100.1 med 1"
read -r answer
