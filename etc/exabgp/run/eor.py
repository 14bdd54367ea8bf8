#!/usr/bin/env python3
"""Say End-of-RIB for each family once the routes are out.
"""

from speaker import Speaker

speaker = Speaker()
speaker.up()
speaker.ask('announce route 192.0.2.0/24 next-hop 198.51.100.1')
speaker.sent('192.0.2.0/24')
speaker.ask('announce eor ipv4 unicast')
speaker.ask('announce eor ipv6 unicast')
speaker.rest()
