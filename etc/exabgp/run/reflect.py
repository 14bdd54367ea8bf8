#!/usr/bin/env python3
"""Announce what is received again, one MED higher, with the next-hop it came with.
"""

from speaker import Speaker

speaker = Speaker()
update = speaker.wait(lambda event: event['type'] == 'update')['neighbor']['message']['update']
for next_hop, routes in update['announce']['ipv4 unicast'].items():
    for route in routes:
        speaker.ask('announce route %s next-hop %s med %d' % (
            route['nlri'], next_hop, update['attribute'].get('med', 0) + 1))
speaker.rest()
