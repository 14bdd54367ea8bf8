#!/usr/bin/env python3
"""Compare the decoded form of an UPDATE with its octets, and announce a route if they agree.
"""

from speaker import Speaker

speaker = Speaker()
event = speaker.wait(lambda event: event['type'] == 'update')
body = bytes.fromhex(event['body'][2:])
if event['header'] == '0x' + 'FF' * 16 + '%04X02' % (19 + len(body)) and 'update' in event['neighbor']['message']:
    speaker.ask('announce route 192.0.2.0/24 next-hop 198.51.100.1 med %d' % len(body))
speaker.rest()
