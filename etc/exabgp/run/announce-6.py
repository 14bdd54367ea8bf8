#!/usr/bin/env python3
"""Announce three routes with the commands of the 6.0 grammar.
"""

from speaker import Speaker

speaker = Speaker()
speaker.ask('peer * announce route 192.0.2.0/25 next-hop 198.51.100.1 med 1')
speaker.ask('peer 127.0.0.1 announce route 192.0.2.128/25 next-hop 198.51.100.1 community [ 64500:1 no-export ]')
speaker.ask('peer [127.0.0.1 router-id 10.0.0.2] announce ipv4 unicast 203.0.113.0/24 next-hop 198.51.100.1 as-path [ 64499 64498 ]')
speaker.rest()
