#!/usr/bin/env python3
"""Announce and withdraw a join, a session that moves to another tunnel, and two policies.
"""

from speaker import Speaker

JOIN = 'shared-join rp 192.0.2.30 group 239.7.7.7 rd 64500:31 source-as 64500'
SESSION = 'mup-t1st 203.0.113.5/32 rd 64500:51 teid %d qfi 5 endpoint %s'
POLICY = 'sr-policy distinguisher 1 color 7 endpoint %s'

speaker = Speaker()
speaker.up()
for command, told in (
    ('announce ipv4 mcast-vpn ' + JOIN + ' next-hop 198.51.100.1', '239.7.7.7'),
    ('withdraw ipv4 mcast-vpn ' + JOIN, '239.7.7.7'),
    ('announce ipv4 mup ' + SESSION % (1, '198.51.100.52') + ' next-hop 198.51.100.1', '198.51.100.52'),
    ('announce ipv4 mup ' + SESSION % (2, '198.51.100.53') + ' next-hop 198.51.100.1', '198.51.100.53'),
    ('withdraw ipv4 mup ' + SESSION % (2, '198.51.100.53'), '198.51.100.53'),
    ('announce ' + POLICY % '192.0.2.7' + ' next-hop 198.51.100.1 preference 9', '192.0.2.7'),
    ('announce ipv6 ' + POLICY % '2001:db8::7' + ' next-hop 2001:db8::1', '2001:db8::7'),
    ('withdraw ipv6 ' + POLICY % '2001:db8::7', '2001:db8::7'),
):
    speaker.ask(command)
    speaker.sent(told)
speaker.ask('announce eor ipv4 mup')
speaker.rest()
