"""The server under test."""

import itertools

from . import databases
from .client import BROKEN, Client
from .programs import Program, built, free_port
from .wait import eventually

MASTER = "master-token-of-the-end-to-end-tests"
SECRETS_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
REGION = "eu-west-1"
AWS = {"AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}

_numbers = itertools.count(1)


def unique(word):
    """A name no other test uses."""
    return f"{word}{next(_numbers)}"


class Server(Program):
    """`martlet serve` on a port and a data file of its own; keeps both over a restart."""

    prefix = ()
    """What stands before the command."""
    program = None
    """The path of another build than the one under test."""

    def __init__(self, directory, **settings):
        super().__init__(directory, "martlet")
        self.port = free_port()
        self.host = "127.0.0.1"
        self.database = databases.create(self.directory)
        self.settings = settings

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    def start(self, **changed):
        """Starts, or starts again on the same data, and waits until it is ready. `changed` settings stay; None leaves one unset."""
        self.settings.update(changed)
        environment = {
            "MARTLET_HTTP_PORT": str(self.port),
            "MARTLET_MASTER_TOKEN": MASTER,
            "MARTLET_DATABASE_URL": self.database.url,
            # With SQLite the server makes one for itself.
            **({"MARTLET_SECRETS_KEY": SECRETS_KEY} if self.database.url.startswith("postgres") else {}),
            **self.settings,
        }
        environment = {name: str(value) for name, value in environment.items() if value is not None}
        self.launch([*self.prefix, self.program or built("martlet", "MARTLET_BINARY"), "serve"], environment)
        self.master = self.client(MASTER)
        eventually(self._is_ready, within=30, what=f"the server is ready; its log: {self.log[-2000:]}")
        return self

    def client(self, token, ref=None, **options):
        return Client(self.port, token, ref, host=self.host, **options)

    def account(self, ref=None, **options):
        """A new key, and with it the account: the client of that key. `options` go into `POST /api-keys`."""
        ref = ref or unique("partner")
        answer = self.master.post("/api-keys", {"partner_ref": ref, "name": f"operator of {ref}", **options})
        assert answer.status == 201, answer
        return self.client(answer.json["token"], ref)

    def domain(self, account, name=None, **outbound):
        """A new verified domain of the account; `outbound` is what `PUT …/outbound` sets, as the master."""
        name = name or unique("domain") + ".example"
        created = account.post("/domains", {"name": name})
        assert created.status == 201, created
        assert account.post(f"/domains/{name}/ses-verify").status == 200
        verified = eventually(lambda: self._verified(account, name), within=20, every=0.2, what=f"{name} is verified")
        assert verified["ses_verified"] is True
        if outbound:
            answer = self.master.put(f"/domains/{name}/outbound", outbound)
            assert answer.status == 200, answer
        return name

    def outbound(self, name):
        return self.master.get(f"/domains/{name}/outbound").json

    def _verified(self, account, name):
        answer = account.get(f"/domains/{name}/ses-status")
        assert answer.status == 200, answer
        return answer.json if answer.json["ses_verified"] else None

    def _is_ready(self):
        assert self.is_running, f"the server has ended with {self.process.returncode}: {self.log[-4000:]}"
        probe = self.client(None, timeout=2)
        try:
            return probe.get("/readyz").status == 200
        except BROKEN:
            return False
        finally:
            probe.close()
