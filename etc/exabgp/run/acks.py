#!/usr/bin/env python3
"""Turn the answers to commands off and on, and count those that came.
"""

from speaker import Speaker

speaker = Speaker()
answers = speaker.ask('announce route 192.0.2.0/26 next-hop 198.51.100.1 med 1')
answers += speaker.ask('disable-ack')
speaker.send('announce route 192.0.2.64/26 next-hop 198.51.100.1 med 2')
speaker.send('announce nonsense')
answers += speaker.ask('enable-ack')
answers += speaker.ask('announce route 192.0.2.128/26 next-hop 198.51.100.1 med 3')
speaker.ask('announce route 203.0.113.0/24 next-hop 198.51.100.1 med 10%d' % answers.count('done'))
speaker.rest()
