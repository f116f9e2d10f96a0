"""Many clients at once."""

import threading


class Load:
    """Runs one function in several threads until told to stop or until it returns False; keeps the first failure.

    The function gets the number of its thread and is called again and again.
    """

    def __init__(self, threads, step):
        self._step = step
        self._stopping = threading.Event()
        self._failure = None
        self._threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._stopping.set()
        self.wait()

    def wait(self):
        """Waits for all threads, then raises what went wrong in one of them."""
        for thread in self._threads:
            thread.join()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    @property
    def is_running(self):
        return any(thread.is_alive() for thread in self._threads)

    def _run(self, number):
        try:
            while not self._stopping.is_set():
                if self._step(number) is False:
                    return
        except BaseException as failure:  # kept for the test's own thread
            self._failure = failure
            self._stopping.set()


class Tally:
    """Counters that threads share."""

    def __init__(self):
        self._lock = threading.Lock()
        self._counts = {}
        self._lists = {}

    def add(self, name, count=1):
        with self._lock:
            self._counts[name] = self._counts.get(name, 0) + count
            return self._counts[name]

    def keep(self, name, value):
        with self._lock:
            self._lists.setdefault(name, []).append(value)

    def __getitem__(self, name):
        with self._lock:
            return self._counts.get(name, 0)

    def list(self, name):
        with self._lock:
            return list(self._lists.get(name, []))
