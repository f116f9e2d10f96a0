"""A server behind network cables that a test can cut."""

import itertools
import os
import shutil
import subprocess

from .server import Server

_numbers = itertools.count(1)


def _ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


class Namespace:
    """A network namespace with two cables to this one: one to the database, one to the clients."""

    def __init__(self):
        number = next(_numbers)
        self.name = f"martlet-{os.getpid()}-{number}"
        base = f"10.{os.getpid() % 200 + 20}.{number}"
        self.database_host, self.client_host = f"{base}.1", f"{base}.6"
        self.cables = [f"mdb{os.getpid()}"[:14] + str(number), f"mcl{os.getpid()}"[:14] + str(number)]
        self.addresses = [(f"{base}.1/30", f"{base}.2/30"), (f"{base}.5/30", f"{base}.6/30")]

    @staticmethod
    def obstacle():
        """Why there can be none here; None when there can."""
        if os.getuid() != 0:
            return "network namespaces need root"
        if shutil.which("ip") is None:
            return "ip (iproute2) is not installed"
        probe = subprocess.run(["ip", "netns", "add", f"probe-{os.getpid()}"], capture_output=True, text=True)
        if probe.returncode != 0:
            return f"network namespaces are not permitted: {probe.stderr.strip()}"
        _ip("netns", "delete", f"probe-{os.getpid()}")
        return None

    def create(self):
        _ip("netns", "add", self.name)
        _ip("-n", self.name, "link", "set", "lo", "up")
        for cable, (here, there) in zip(self.cables, self.addresses):
            _ip("link", "add", cable, "type", "veth", "peer", "name", f"{cable}x", "netns", self.name)
            _ip("address", "add", here, "dev", cable)
            _ip("link", "set", cable, "up")
            _ip("-n", self.name, "address", "add", there, "dev", f"{cable}x")
            _ip("-n", self.name, "link", "set", f"{cable}x", "up")
        return self

    def cut_database(self):
        _ip("link", "set", self.cables[0], "down")

    def mend_database(self):
        _ip("link", "set", self.cables[0], "up")

    def delete(self):
        for cable in self.cables:
            subprocess.run(["ip", "link", "delete", cable], capture_output=True)
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)


class RemoteServer(Server):
    """A server within a namespace."""

    def __init__(self, directory, namespace, **settings):
        super().__init__(directory, MARTLET_HTTP_HOST=namespace.client_host, **settings)
        self.host = namespace.client_host
        self.prefix = ("ip", "netns", "exec", namespace.name)
