#!/usr/bin/env python3
"""Announce FlowSpec rules in both forms, change what one does, withdraw them."""

from speaker import Speaker

RULE = 'match { destination 203.0.113.10/32; protocol udp; source-port [ =53 =123 ]; }'


def gone(event):
    """Whether something was withdrawn."""
    message = event['neighbor'].get('message', {})
    return 'withdraw' in message.get('update', {})


speaker = Speaker()
speaker.up()
speaker.ask('announce flow route { %s then { rate-limit 9600; } }' % RULE)
speaker.sent('203.0.113.10/32')
speaker.ask('announce flow route dns { %s then { discard; } }' % RULE)
speaker.sent('203.0.113.10/32')
speaker.ask('announce ipv6 flow destination 2001:db8::/32/0 tcp-flags [ syn&!ack ] redirect 64500:7')
speaker.sent('2001:db8::/32/0')
speaker.ask('announce flow route rd 64500:1 source 198.51.100.0/24 port >1024&<2048 mark 10')
speaker.sent('64500:1')
speaker.ask('withdraw flow route { %s }' % RULE)
speaker.wait(gone)
speaker.ask('withdraw ipv6 flow destination-ipv6 2001:db8::/32 tcp-flags syn&!ack')
speaker.wait(gone)
speaker.ask('withdraw ipv4 flow-vpn source-ipv4 198.51.100.0/24 rd 64500:1 port [ >1024&<2048 ]')
speaker.wait(gone)
speaker.ask('announce eor ipv6 flow')
speaker.rest()
