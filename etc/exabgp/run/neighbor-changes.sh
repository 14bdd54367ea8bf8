#!/bin/sh
# Wait for the session before announcing. The text encoder writes one line an event.

while read -r line; do
    case "$line" in
        "neighbor 127.0.0.1 up"*)
            echo "announce route 192.0.2.0/24 next-hop self med 1" ;;
    esac
done
