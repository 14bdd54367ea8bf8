#!/bin/sh
# React to a received route, read as text.

while read -r line; do
    case "$line" in
        *"receive update announced"*"next-hop 127.0.0.1 origin igp local-preference 100"*)
            echo "announce route 192.0.2.0/24 next-hop 198.51.100.1 med 4" ;;
    esac
done
