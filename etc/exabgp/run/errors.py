#!/usr/bin/env python3
"""Make every mistake once. Each is answered by an error, and none disturbs what follows.
"""

from speaker import Speaker

MISTAKES = (
    'announce route 192.0.2.0/33 next-hop 198.51.100.1',
    'announce route 192.0.2.1/24 next-hop 198.51.100.1',
    'announce route 192.0.2.0/24',
    'announce route 192.0.2.0/24 next-hop nowhere',
    'announce route 192.0.2.0/24 next-hop 198.51.100.1 wibble',
    'announce route 192.0.2.0/24 next-hop 198.51.100.1 med -1',
    'announce nothing',
    'withdraw',
    'neighbor 192.0.2.99 announce route 192.0.2.0/24 next-hop 198.51.100.1',
    'what is this',
)
speaker = Speaker()
refused = [mistake for mistake in MISTAKES if not speaker.done(mistake)]
speaker.ask('announce route 192.0.2.0/24 next-hop 198.51.100.1 med %d' % len(refused))
speaker.rest()
