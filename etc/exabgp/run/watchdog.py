#!/usr/bin/env python3
"""Bring the routes of one service up and those of another down.
"""

from speaker import Speaker

speaker = Speaker()
speaker.up()
speaker.sent('192.0.2.0/25')
speaker.ask('announce watchdog mail')
speaker.sent('203.0.113.0/24')
speaker.ask('withdraw watchdog web')
speaker.sent('192.0.2.0/25')
speaker.ask('announce watchdog web')
speaker.rest()
