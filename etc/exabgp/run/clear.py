#!/usr/bin/env python3
"""Withdraw everything that was announced.
"""

from speaker import Speaker

speaker = Speaker()
speaker.up()
speaker.sent('192.0.2.0/24')
speaker.ask('clear adj-rib out')
speaker.rest()
