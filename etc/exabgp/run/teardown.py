#!/usr/bin/env python3
"""Close the session once, with the notice that an administrator did it.
"""

from speaker import Speaker

speaker = Speaker()
speaker.up()
speaker.sent('192.0.2.0/24')
speaker.ask('neighbor 127.0.0.1 teardown 4')
speaker.up()
speaker.ask('announce route 203.0.113.0/24 next-hop 198.51.100.1 med 9')
speaker.rest()
