#!/usr/bin/env python3
"""Announce three paths for a prefix, and take one away.
"""

from speaker import Speaker

speaker = Speaker()
speaker.up()
speaker.ask('announce route 192.0.2.0/24 next-hop 198.51.100.1 path-information 1')
speaker.ask('announce route 192.0.2.0/24 next-hop 198.51.100.2 path-information 2')
speaker.ask('announce route 192.0.2.0/24 next-hop 198.51.100.3 path-information 0.0.1.0')
speaker.sent('192.0.2.0/24')
speaker.sent('192.0.2.0/24')
speaker.sent('192.0.2.0/24')
speaker.ask('withdraw route 192.0.2.0/24 path-information 2')
speaker.rest()
