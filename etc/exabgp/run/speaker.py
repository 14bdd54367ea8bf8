"""The speaker, as a helper sees it: commands to standard output, answers and events from standard input."""

import json
import sys


class Speaker:
    """Sends commands and waits for their answers; keeps the events that arrive meanwhile."""

    def __init__(self):
        self.events = []

    def line(self):
        line = sys.stdin.readline()
        if not line:
            sys.exit(0)         # the speaker is gone
        return line.strip()

    def send(self, command):
        """Write a command without waiting for anything."""
        sys.stdout.write(command + '\n')
        sys.stdout.flush()

    def ask(self, command):
        """Write a command; the lines of its answer, the last of which is done or error."""
        self.send(command)
        lines = []
        while True:
            line = self.line()
            if line.startswith('{ "exabgp"'):
                self.events.append(json.loads(line))
                continue
            lines.append(line)
            if line in ('done', 'error'):
                return lines

    def done(self, command):
        """Whether the command was accepted."""
        return self.ask(command)[-1] == 'done'

    def event(self):
        """The next event."""
        while not self.events:
            line = self.line()
            if line.startswith('{'):
                self.events.append(json.loads(line))
        return self.events.pop(0)

    def wait(self, wanted):
        """The next event that `wanted` accepts; those before it are dropped."""
        while True:
            event = self.event()
            if wanted(event):
                return event

    def up(self):
        """Wait until a session is established."""
        return self.wait(lambda event: event['type'] == 'state' and event['neighbor']['state'] == 'up')

    def sent(self, prefix):
        """Wait until an UPDATE with this prefix leaves."""
        return self.wait(lambda event: event['type'] == 'update' and '"%s"' % prefix in json.dumps(event))

    def rest(self):
        """Nothing more to say: stay until the speaker ends."""
        while True:
            self.line()
