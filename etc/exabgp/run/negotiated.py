#!/usr/bin/env python3
"""Announce one route for each family that both sides agreed on.
"""

from speaker import Speaker

ROUTES = {
    'ipv4 unicast': 'announce route 192.0.2.0/24 next-hop 198.51.100.1',
    'ipv6 unicast': 'announce route 2001:db8:1::/48 next-hop 2001:db8::1',
    'ipv4 multicast': 'announce ipv4 multicast 203.0.113.0/24 next-hop 198.51.100.1',
}
speaker = Speaker()
event = speaker.wait(lambda event: event['type'] == 'negotiated')
for family in event['neighbor']['negotiated']['families']:
    speaker.ask(ROUTES[family])
speaker.rest()
