"""The SES stand-in `ses-sink`: delays, fails, keeps a log of what it accepted."""

from collections import Counter, namedtuple

from .client import Client
from .programs import Program, built
from .server import AWS
from .sns import TOPIC
from .wait import eventually

Accepted = namedtuple("Accepted", "at_ms id message_id")
Called = namedtuple("Called", "at_ms event_ms path id status")


LATENESS_MS = 100


def busiest_second(times):
    """How many of these, in milliseconds and in order, lie within a second at the most, less what a call may take from a node to here: one that
    comes late and the next that comes at once are nearer to each other than they were sent."""
    first, most = 0, 0
    for last, time_ms in enumerate(times):
        while times[first] <= time_ms - 1000 + LATENESS_MS:
            first += 1
        most = max(most, last - first + 1)
    return most


class Sink(Program):
    def __init__(self, directory):
        super().__init__(directory, "ses-sink")
        self.accepted_path = self.directory / "accepted.log"
        self.called_path = self.directory / "called.log"

    def start(self, *options):
        command = [built("ses-sink", "SES_SINK_BINARY"), "--log", self.accepted_path, "--callback-log", self.called_path, *options]
        self.launch(command, {})
        self.port = eventually(self._announced_port, within=20, what="the sink listens")
        self.client = Client(self.port)
        return self

    @property
    def environment(self):
        """Settings of a server that delivers here. The sink knows every identity from the start, which alone proves nobody's domain."""
        return {
            "MARTLET_TRANSPORT": "ses",
            "MARTLET_SNS_TOPIC_ARNS": TOPIC,
            "MARTLET_SES_CONTROL_RATE": "1000",
            "MARTLET_DOMAINS_OWNERSHIP": "off",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            **AWS,
        }

    def control(self, **changes):
        answer = self.client.post("/_control", changes)
        assert answer.status == 200, answer

    def stats(self):
        return self.client.get("/_stats").json

    def accepted(self):
        """Every accepted message so far, in order."""
        if not self.accepted_path.exists():
            return []
        lines = self.accepted_path.read_text().splitlines()
        return [Accepted(int(at), id, message_id) for at, id, message_id in (line.split(" ") for line in lines)]

    def called(self):
        """Every callback to this sink so far, in order."""
        if not self.called_path.exists():
            return []
        lines = (line.split(" ") for line in self.called_path.read_text().splitlines())
        return [Called(int(at), int(event), path, id, status) for at, event, path, id, status in lines]

    def callback(self, name):
        """A URL for callbacks: `hang…` never answers, `fail…` answers 500."""
        return f"http://127.0.0.1:{self.port}/callbacks/{name}"

    def times_by_id(self):
        return Counter(message.id for message in self.accepted())

    def message_id_of(self, email_id):
        """Waits until the email was handed over and tells the id that SES gave it."""

        def find():
            return next((message.message_id for message in self.accepted() if message.id == email_id), None)

        return eventually(find, what=f"email {email_id} is handed over")

    def _announced_port(self):
        assert self.is_running, self.log
        words = self.log.split()
        return int(words[1]) if len(words) >= 2 and words[0] == "listening" else None
