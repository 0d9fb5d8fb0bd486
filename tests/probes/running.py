"""The service as an operator runs it: real processes and a data folder of their own, gone at the end.

What must never happen: a database left running, or a folder left behind, because a test failed.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import httpx
import psutil

ROOT = Path(__file__).parents[2]
EVENHOUR = (sys.executable, "-c", "from api.cli import app; app()")
PATIENCE_SECONDS = 60
LOOK_SECONDS = 0.05


IN_ONE_PROCESS = """
import json, sys
from typer.testing import CliRunner
from api.cli import app
done = [CliRunner().invoke(app, line) for line in json.loads(sys.argv[1])]
print("done:" + json.dumps([[each.exit_code, each.stdout, each.stderr] for each in done]))
"""


class Result(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@dataclass
class Installation:
    """One data folder, and the processes that use it."""

    folder: Path
    port: int
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EVENHOUR_")}
        return kept | {
            "EVENHOUR_DATA_DIR": str(self.folder),
            "EVENHOUR_PUBLIC_URL": self.url,
            "EVENHOUR_QUIET_HOURS": "off",
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
        }

    def commands(self, *lines: Sequence[str]) -> list[Result]:
        """Several commands in one process, one after the other: most of a command's time is its start."""
        done = subprocess.run(
            [sys.executable, "-c", IN_ONE_PROCESS, json.dumps(lines)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS * 2,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return [Result(*each) for each in json.loads(done.stdout.rpartition("done:")[2])]

    def serve(self, *options: str) -> subprocess.Popen[bytes]:
        """Start `evenhour serve`, and come back when it is ready to work."""
        log = (self.folder / "serve.log").open("ab")
        process = subprocess.Popen(
            [*EVENHOUR, "serve", "--port", str(self.port), *options],
            cwd=self.folder,
            env=self.environment,
            stdout=log,
            stderr=log,
        )
        log.close()
        self.started.append(process)
        self._await_ready(process)
        return process

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        for _ in range(int(PATIENCE_SECONDS / LOOK_SECONDS)):
            assert process.poll() is None, (self.folder / "serve.log").read_text()[-2000:]
            try:
                if httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(LOOK_SECONDS)
        raise AssertionError((self.folder / "serve.log").read_text()[-2000:])

    def stop(self) -> None:
        """End every process that was started here, and the database they used."""
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()
        for pid in self._database_pids():
            stop_and_await(pid)

    def _database_pids(self) -> list[int]:
        try:
            return [int((self.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])]
        except (FileNotFoundError, IndexError, ValueError):
            return []


def stop_and_await(pid: int) -> None:
    """Ask one PostgreSQL to stop at once, and wait until it has."""
    try:
        postmaster = psutil.Process(pid)
        if postmaster.name().startswith("postgres"):
            postmaster.send_signal(signal.SIGINT)
            postmaster.wait(PATIENCE_SECONDS)
    except (psutil.NoSuchProcess, psutil.TimeoutExpired):
        return


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def installation() -> Iterator[Installation]:
    """A data folder with a short path, since a database's socket lies in it."""
    folder = Path(tempfile.mkdtemp(prefix="eh-", dir="/tmp"))
    made = Installation(folder, free_port())
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
