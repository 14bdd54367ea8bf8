#!/usr/bin/env python3
"""Say for which neighbors a route is. The AS path tells which of them sent it.
"""

from speaker import Speaker

speaker = Speaker()
speaker.ask('announce route 192.0.2.0/26 next-hop 198.51.100.1 med 1')
speaker.ask('neighbor 127.0.0.1 router-id 10.0.0.3 announce route 192.0.2.64/26 next-hop 198.51.100.1 med 2')
speaker.ask('neighbor 127.0.0.1 local-as 64500 announce route 192.0.2.128/26 next-hop 198.51.100.1 med 3')
speaker.ask('neighbor 127.0.0.1 router-id 10.0.0.2, neighbor 127.0.0.1 router-id 10.0.0.3 announce route 192.0.2.192/26 next-hop 198.51.100.1 med 4')
speaker.rest()
