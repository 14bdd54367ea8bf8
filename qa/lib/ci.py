"""The `.ci` format: which configurations a test runs, and which messages must arrive.

One statement a line; blank lines and lines with a `#` are skipped.

    option:file:NAME                  a configuration of etc/exabgp; several are rotated by reloads
    option:asn:N                      the AS number the peer answers with
    option:bind:ipv6                  the peer listens on ::1
    option:tcp_connections:N          connections the speaker may make (1)
    option:timeout:N                  seconds the test may take
    option:open:inspect-open-message  the OPEN is one of the expected messages
    option:open:send-unknown-capability
    option:open:send-unknown-message
    option:update:send-default-route
    option:open:send-first            the peer does not wait for the OPEN of the speaker (ours)
    option:tcp:connect                the peer connects, the speaker listens (ours)
    option:tcp:md5:PASSWORD           the connection is signed, RFC 2385 (ours)
    option:tcp:ttl:N                  the peer sends with this TTL (ours)
    A1:raw:MARKER:LENGTH:TYPE:BODY    a message that must arrive, in hex; the marker may be left out
    A2:signal:SIGUSR1                 sent to the speaker once all of A1 has arrived
    A2:notification:TEXT              sent to the speaker
    A1:cmd:...  A1:json:...           what makes and what shows the message before; not played

The messages of one group (A1) may arrive in any order; groups follow each other: A1, A2, B1.
A group without a letter belongs to A. The older layout names the configurations on the only
line of NAME.ci and has everything else in NAME.msg.
"""

import os


class Malformed(Exception):
    """A `.ci` file that cannot be read; the text says where and why."""


class Case:
    """One test: its configurations, its options, its groups of expected messages."""

    FLAGS = {
        'open:inspect-open-message': 'inspect',
        'open:send-unknown-capability': 'unknown_capability',
        'open:send-unknown-message': 'unknown_message',
        'update:send-default-route': 'default_route',
        'open:send-first': 'open_first',
        'bind:ipv6': 'ipv6',
        'tcp:connect': 'connect',
    }

    def __init__(self, path):
        self.path = path
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.configurations = []
        self.connections = 1
        self.asn = None
        self.timeout = None
        self.md5 = None
        self.ttl = None
        self.notes = []         # (kind, group, text) of cmd and json lines
        self.flags = set()
        self.ignored = []
        self._groups = {}
        for number, line in self._lines():
            self._statement(number, line)
        self.groups = [self._groups[key] for key in sorted(self._groups)]
        self.total = sum(len(group) for group in self.groups)

    def _lines(self):
        with open(self.path) as handle:
            lines = [line.strip() for line in handle]
        older = os.path.splitext(self.path)[0] + '.msg'
        if lines and lines[0] and all(word.endswith('.conf') and ':' not in word for word in lines[0].split()):
            self.configurations = lines[0].split()
            lines[0] = ''
            if os.path.exists(older):
                with open(older) as handle:
                    lines += [line.strip() for line in handle]
        for number, line in enumerate(lines, 1):
            if line and '#' not in line:
                yield number, line

    def _statement(self, number, line):
        if line.startswith('option:'):
            self._option(line[len('option:'):])
            return
        parts = line.split(':', 2)
        if len(parts) != 3:
            raise Malformed('%s:%d: expected GROUP:KIND:TEXT, found %r' % (self.path, number, line[:60]))
        place, kind, text = parts[0].strip(), parts[1].strip().lower(), parts[2].strip()
        letter, digits = ('A', place) if place.isdigit() else (place[:1], place[1:])
        if not letter.isalpha() or not digits.isdigit():
            raise Malformed('%s:%d: expected a group like A1, found %r' % (self.path, number, place))
        group = (letter, int(digits))
        if kind == 'raw':
            value = ''.join(text.replace(':', '').split()).upper()
            try:
                bytes.fromhex(value)
            except ValueError:
                raise Malformed('%s:%d: not hexadecimal' % (self.path, number))
            self._groups.setdefault(group, []).append((kind, value))
        elif kind in ('signal', 'notification'):
            self._groups.setdefault(group, []).append((kind, text))
        else:
            self.notes.append((kind, group, text))

    def _option(self, text):
        name, _, value = text.partition(':')
        if text in self.FLAGS:
            self.flags.add(self.FLAGS[text])
        elif name == 'file':
            self.configurations.append(value)
        elif name == 'asn':
            self.asn = int(value)
        elif name == 'tcp_connections':
            self.connections = int(value)
        elif name == 'timeout':
            self.timeout = int(value)
        elif text.startswith('tcp:md5:'):
            self.md5 = text[len('tcp:md5:'):]
        elif text.startswith('tcp:ttl:'):
            self.ttl = int(text[len('tcp:ttl:'):])
        else:
            self.ignored.append(text)
