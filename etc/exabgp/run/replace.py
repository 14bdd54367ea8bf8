#!/usr/bin/env python3
"""Announce a route again with other attributes. No withdraw is needed in between.
"""

from speaker import Speaker

speaker = Speaker()
speaker.up()
for med in (10, 20, 30):
    speaker.ask('announce route 192.0.2.0/24 next-hop 198.51.100.1 med %d' % med)
    speaker.sent('192.0.2.0/24')
    # the same again: nothing leaves
    speaker.ask('announce route 192.0.2.0/24 next-hop 198.51.100.1 med %d' % med)
speaker.rest()
