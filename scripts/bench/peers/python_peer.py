"""A peer that is written in Python: it has an environment of its own, and gunicorn serves it unless it says otherwise."""

import json
import subprocess

from scripts.bench.peers.peer_server import PeerServer

GUNICORN = {
    # "gthread" keeps connections open, "sync" closes each after its answer and is slower.
    "worker_class": "gthread",
    # Threads of a gthread worker.
    "threads": 4,
    # Worker processes; None: for gthread as many as the peer was given, because more are slower and take more memory; for
    # sync 2 * that + 1, as gunicorn's documents advise.
    "processes": None,
}


class PythonPeer(PeerServer):
    """What the peers in Python share."""

    @property
    def python(self):
        return self.directory / "python/bin/python"

    @classmethod
    def versions(cls, directory):
        """The versions of what a reader has to know, as they are installed."""
        names = ", ".join(repr(name) for name in cls.packages)
        program = (
            "import json, platform; from importlib.metadata import version\n"
            f"print(json.dumps({{'Python': platform.python_version(), **{{name: version(name) for name in ({names},)}}}}))"
        )
        return json_of([f"{directory}/python/bin/python", "-c", program])

    def gunicorn(self, application):
        """The command that has gunicorn serve an application as its documents advise."""
        kind = self.options["worker_class"]
        if kind not in ("gthread", "sync"):
            raise SystemExit(f"{self.name}: worker_class is gthread or sync, not {kind}")
        processes = self.options["processes"] or (self.workers if kind == "gthread" else 2 * self.workers + 1)
        threads = ["--threads", self.options["threads"], "--keep-alive", 75] if kind == "gthread" else []
        return [
            self.directory / "python/bin/gunicorn", "--bind", f"127.0.0.1:{self.port}", "--workers", processes,
            "--worker-class", kind, *threads,
            # The parser in C, and one copy of the code for all workers.
            "--http-parser", "fast", "--preload",
            # Heartbeats in memory, as for containers; nobody controls it by a socket.
            "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--log-level", "warning", application,
        ]


def json_of(command):
    """What a program prints as JSON."""
    return json.loads(subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout)
