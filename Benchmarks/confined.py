"""A share of a core for a program: it runs as on a small machine of its own, however many of them this machine holds."""

from contextlib import contextmanager
from pathlib import Path

PERIOD_US = 10_000
"""Short, so that no pause of a program that has used its share is longer than an answer takes."""


@contextmanager
def confined(programs, share):
    """Each program has at most `share` of a core meanwhile.

    Raises OSError where no control group can be made: that takes root, or a group that was handed down.
    """
    root = _root()
    groups = []
    try:
        for program in programs:
            group = root / f"martlet-bench-{program.process.pid}"
            group.mkdir()
            groups.append(group)
            _limit(group, int(share * PERIOD_US))
            (group / "cgroup.procs").write_text(str(program.process.pid))
        yield
    finally:
        for group in groups:
            for process in (group / "cgroup.procs").read_text().split():
                (root / "cgroup.procs").write_text(process)
            group.rmdir()


def _root():
    """Of the groups that share the processor: of their own in version 1, with everything else in version 2 (cgroups(7))."""
    first = Path("/sys/fs/cgroup/cpu")
    return first if first.is_dir() else Path("/sys/fs/cgroup")


def _limit(group, quota):
    if (group / "cpu.cfs_quota_us").exists():
        (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (group / "cpu.cfs_quota_us").write_text(str(quota))
    else:
        (group / "cpu.max").write_text(f"{quota} {PERIOD_US}")
