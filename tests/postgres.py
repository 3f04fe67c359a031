"""A PostgreSQL server with PostGIS for the tests alone: on loopback, on a free port, in a folder that goes away."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

USER = "ecogeo_owner"
PASSWORD = "Geheim-密码 %1"  # noqa: S105  of a server that lives as long as the tests
"""With a blank, a per cent sign and Chinese letters, as passwords may have them."""


@dataclass
class Server:
    """A server that runs, unless it was stopped for a while."""

    port: int
    started: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.process = self.started()

    def stop(self) -> None:
        """Stop it at once, as an administrator would: whoever is connected is cut off."""
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Return an owner's connection that commits by itself."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=database, autocommit=True
        )


def why_absent() -> str:
    """Say what keeps the server from being started, or return an empty text."""
    programs = _programs()
    if programs is None:
        return "PostgreSQL is not installed (Debian: postgresql-postgis)"
    extension = Path("/usr/share/postgresql", programs.parent.name, "extension", "postgis.control")
    return "" if extension.is_file() else "PostGIS is not installed (Debian: postgresql-postgis)"


@contextlib.contextmanager
def running_server() -> Iterator[Server]:
    """Start a server with an empty cluster, and stop it and remove its folder at the end."""
    programs = _programs()
    assert programs is not None, why_absent()
    # The server refuses to run as root: it then runs as the user its package made.
    account = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="ecogeo-postgres-"))
    try:
        (folder / "password").write_text(PASSWORD + "\n", "utf-8")
        if account:
            for path in (folder, folder / "password"):
                shutil.chown(path, "postgres", "postgres")
        words = [*("-D", folder / "cluster"), *("-U", USER), "--auth=scram-sha-256", *("--pwfile", folder / "password")]
        options = ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(
            [programs / "initdb", *words, *options], check=True, capture_output=True, cwd=folder, timeout=120, **account
        )
        port = _free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": 20,
            "shared_buffers": "32MB",
        }
        words = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

        def started() -> subprocess.Popen[bytes]:
            with (folder / "log").open("ab") as log:
                command = [programs / "postgres", "-D", folder / "cluster", *words]
                process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **account)
            _wait_for(server, process, folder / "log")
            return process

        server = Server(port, started)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    """Return the folder of the newest server's programs, where Debian puts them."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            server.connect().close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(log.read_text("utf-8", errors="replace")) from None
            time.sleep(0.1)
        else:
            return
