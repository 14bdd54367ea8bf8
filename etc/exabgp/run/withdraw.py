#!/usr/bin/env python3
"""Announce two routes, then withdraw one of them, and one that was never announced.
"""

from speaker import Speaker

speaker = Speaker()
speaker.up()
speaker.ask('announce route 192.0.2.0/24 next-hop 198.51.100.1 med 1')
speaker.sent('192.0.2.0/24')
speaker.ask('announce route 203.0.113.0/24 next-hop 198.51.100.1 med 2')
speaker.sent('203.0.113.0/24')
speaker.ask('withdraw route 192.0.2.0/24')
speaker.sent('192.0.2.0/24')
speaker.ask('withdraw route 198.18.0.0/24 next-hop 198.51.100.1')
speaker.rest()
