#!/usr/bin/env python3
"""Send everything again, without being asked by the peer.
"""

from speaker import Speaker

speaker = Speaker()
speaker.up()
speaker.sent('192.0.2.0/24')
speaker.ask('flush adj-rib out')
speaker.rest()
