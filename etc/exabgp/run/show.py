#!/usr/bin/env python3
"""Look at the speaker through its own commands, and announce a route for each answer that is right.
"""

from speaker import Speaker

speaker = Speaker()
speaker.up()
speaker.sent('192.0.2.0/24')
summary = speaker.ask('show neighbor summary')
if summary[0].startswith('Peer') and summary[1].split()[:2] == ['127.0.0.1', '64500'] and 'established' in summary[1]:
    speaker.ask('announce route 203.0.113.0/26 next-hop 198.51.100.1 med 1')
if '127.0.0.1 ipv4 unicast 192.0.2.0/24 next-hop 198.51.100.1' in speaker.ask('show adj-rib out'):
    speaker.ask('announce route 203.0.113.64/26 next-hop 198.51.100.1 med 2')
if any('router-id 10.0.0.2' in line and '192.0.2.0/24' in line for line in speaker.ask('show adj-rib out extensive')):
    speaker.ask('announce route 203.0.113.128/26 next-hop 198.51.100.1 med 3')
version = speaker.ask('version')
if version[0].startswith('exabgp ') and version[-1] == 'done':
    speaker.ask('announce route 203.0.113.192/26 next-hop 198.51.100.1 med 4')
speaker.rest()
