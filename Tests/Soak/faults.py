"""The faults of a soak run: each begins, lasts and ends, while customers go on sending."""

import os
import subprocess
import time


class Faults:
    """What can be done to a deployment. A fault returns a sentence with what it has shown."""

    def __init__(self, deployment):
        self.deployment = deployment

    def kill(self):
        """SIGKILL of a node, which is started again at once."""
        node = self.deployment.victim
        before = time.monotonic()
        node.kill()
        node.start()
        return f"ready again after {time.monotonic() - before:.1f} s"

    def slow_ses(self):
        self.deployment.sink.control(latencyMs=3000)
        time.sleep(20)
        self.deployment.sink.control(latencyMs=self.deployment.LATENCY_MS)

    def failing_ses(self):
        self.deployment.sink.control(errorPercent=40, throttlePercent=20, dropBeforePercent=10)
        time.sleep(20)
        self.deployment.sink.control(errorPercent=0, throttlePercent=0, dropBeforePercent=0)

    def silent_sns(self):
        """No event for a while, then all at once."""
        self.deployment.notifier.is_silent = True
        time.sleep(30)
        self.deployment.notifier.is_silent = False

    def clock_steps(self):
        """The wall clock of one node is 400 s behind, then 90 s ahead, then right again."""
        clock = self.deployment.clock
        for seconds in (-400, 90, 0):
            clock.set(seconds)
            time.sleep(10)

    def full_disk(self):
        filler = self.deployment.disk / "filler"
        with open(filler, "wb") as file:
            size = 0
            for piece in (256 << 20, 1 << 20, 4096):
                try:
                    while True:
                        os.posix_fallocate(file.fileno(), size, piece)
                        size += piece
                except OSError:
                    continue
        try:
            before = self.deployment.customers.tally["503"]
            time.sleep(15)
            refused = self.deployment.customers.tally["503"] - before
        finally:
            os.unlink(filler)
        return f"{refused} answers 503 meanwhile"

    def connections_killed(self):
        """All connections of the nodes to the database are ended, ten times."""
        for _ in range(10):
            subprocess.run(
                ["psql", "-X", "-q", "-o", "/dev/null", self.deployment.psql_url, "-c",
                 "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = 'martlet'"],
                check=False, capture_output=True)
            time.sleep(1)

    def failover(self):
        """The primary dies, and three seconds later the synchronous standby takes over. The cluster has one standby: once in a run."""
        self.deployment.cluster.kill_primary()
        time.sleep(3)
        self.deployment.cluster.promote_standby()

    def database_crash(self):
        """The database dies as in a power failure, and is started again three seconds later."""
        self.deployment.cluster.crash(self.deployment.cluster.running[0])
