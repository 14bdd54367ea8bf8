#!/usr/bin/env python3
"""Keep the topology that link state tells, whoever said it. To have something to keep, announce two
nodes and their link; when all three were heard, announce what the link is known to cost, once more.
"""

from speaker import Speaker

NODE = ('announce bgp-ls bgp-ls bgpls-node protocol-id isis_l2 node-descriptors ( router-id %s ) '
        'next-hop 192.0.2.1 bgp-ls ( node-name %s )')
LINK = ('announce bgp-ls bgp-ls bgpls-link protocol-id isis_l2 '
        'local-node-descriptors ( router-id 000000000001 ) '
        'remote-node-descriptors ( router-id 000000000002 ) '
        'link-identifiers ( link-local-id 1 link-remote-id 2 ) '
        'next-hop 192.0.2.1 bgp-ls ( igp-metric %d )')


def router(descriptors):
    """The identifier among the descriptors of a node."""
    return next(d['router-id'] for d in descriptors if 'router-id' in d)


names = {}
costs = {}


def learn(event):
    """Take note of an update; true when both ends of a link have a name."""
    update = event.get('neighbor', {}).get('message', {}).get('update', {})
    told = update.get('attribute', {}).get('bgp-ls', {})
    for routes in update.get('announce', {}).get('bgp-ls bgp-ls', {}).values():
        for route in routes:
            if route['ls-nlri-type'] == 'bgpls-node':
                names[router(route['node-descriptors'])] = told['node-name']
            elif route['ls-nlri-type'] == 'bgpls-link':
                ends = (router(route['local-node-descriptors']),
                        router(route['remote-node-descriptors']))
                costs[ends] = told['igp-metric']
    return any(a in names and b in names for a, b in costs)


speaker = Speaker()
speaker.ask(NODE % ('000000000001', 'paris'))
speaker.ask(NODE % ('000000000002', 'london'))
speaker.ask(LINK % 10)
speaker.wait(learn)
for (one, other), cost in sorted(costs.items()):
    speaker.ask(NODE % (one, '%s-to-%s-%d' % (names[one], names[other], cost)))
speaker.rest()
