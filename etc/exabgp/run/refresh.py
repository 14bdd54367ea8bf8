#!/usr/bin/env python3
"""Ask the peer to send its routes again.
"""

from speaker import Speaker

speaker = Speaker()
speaker.up()
speaker.ask('announce route-refresh ipv4 unicast')
speaker.ask('announce route-refresh ipv6 unicast')
speaker.rest()
