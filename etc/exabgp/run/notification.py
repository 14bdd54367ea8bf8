#!/usr/bin/env python3
"""Tell, after the session is back, why it was closed: the code and subcode become a community.
"""

from speaker import Speaker

speaker = Speaker()
closed = speaker.wait(lambda event: event['type'] == 'notification')['neighbor']['notification']
speaker.up()
speaker.ask('announce route 192.0.2.0/24 next-hop 198.51.100.1 community %d:%d' % (closed['code'], closed['subcode']))
speaker.rest()
