#!/usr/bin/env python3
"""Announce many prefixes with one set of attributes in one command, and take two of them back.
"""

from speaker import Speaker

speaker = Speaker()
speaker.up()
speaker.ask('announce attributes med 100 community [ 64500:5 ] next-hop 198.51.100.1 nlri 192.0.2.0/26 192.0.2.64/26 192.0.2.128/26')
speaker.sent('192.0.2.128/26')
speaker.ask('withdraw attributes next-hop 198.51.100.1 nlri 192.0.2.0/26 192.0.2.64/26')
speaker.rest()
