#!/usr/bin/env python3
"""Announce routes of Ethernet VPN, VPLS and route target membership, move one, withdraw them.
"""

from speaker import Speaker

MAC = 'rd 64500:1 mac 02:00:5e:10:00:01'
VPLS = 'rd 64500:7 endpoint 3 base 20000 offset 1 size 16'


def gone(event):
    """Whether something was withdrawn."""
    message = event['neighbor'].get('message', {})
    return 'withdraw' in message.get('update', {})


speaker = Speaker()
speaker.up()
speaker.ask('announce ipv4 rtc origin-as 64500 route-target target:64500:1 next-hop self')
speaker.sent('target:64500:1')
speaker.ask('announce l2vpn evpn mac %s label 300 next-hop 198.51.100.1' % MAC)
speaker.sent('02:00:5E:10:00:01')
# The same address elsewhere, with the label of another site.
speaker.ask('announce l2vpn evpn mac %s label 301 next-hop 198.51.100.2' % MAC)
speaker.sent('02:00:5E:10:00:01')
speaker.ask('announce vpls %s next-hop 198.51.100.1' % VPLS)
speaker.sent('64500:7')
speaker.ask('withdraw evpn mac %s label 301' % MAC)
speaker.wait(gone)
speaker.ask('withdraw l2vpn vpls %s' % VPLS)
speaker.wait(gone)
speaker.ask('withdraw rtc origin-as 64500 route-target 64500:1')
speaker.wait(gone)
speaker.ask('announce eor l2vpn evpn')
speaker.rest()
