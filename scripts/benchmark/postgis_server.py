"""A PostgreSQL server for one benchmark run: on loopback, on a free port, in a folder that goes away with it."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

import psycopg

from benchmark.postgis_programs import server_programs

_USER = "benchmark"
_START_LIMIT_S = 60
_STOP_LIMIT_S = 20
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "shared_buffers": "1GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "512MB",
    "max_parallel_workers_per_gather": "2",
    "dynamic_shared_memory_type": "mmap",
    "jit": "off",
}
"""Nothing is kept, so nothing need survive a crash; memory as a small machine of 8 GiB would give it."""


class _Account(TypedDict, total=False):
    user: str
    group: str
    extra_groups: list[str]


@contextmanager
def running_server() -> Iterator[psycopg.Connection]:
    """Start an empty server, hand over a connection that commits by itself, and leave nothing behind."""
    programs = server_programs()
    if programs is None:
        sys.exit("PostgreSQL with PostGIS is not installed")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # so that the server ends, too
    # The server refuses to run as root: it then runs as the user its package made.
    account: _Account = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="ecogeo-benchmark-"))
    try:
        password = folder / "password"
        password.write_text(secrets.token_hex(), "utf-8")
        if account:
            for path in (folder, password):
                shutil.chown(path, "postgres", "postgres")
        words = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        initialise: list[str | Path] = [
            programs / "initdb",
            "-D",
            folder / "cluster",
            "-U",
            _USER,
            "--pwfile",
            password,
            *words,
        ]
        subprocess.run(initialise, check=True, capture_output=True, cwd=folder, **account)  # noqa: S603
        port = _free_port()
        settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        serve: list[str | Path] = [programs / "postgres", "-D", folder / "cluster", "-p", str(port), *settings]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(serve, stdout=log, stderr=log, cwd=folder, **account)  # noqa: S603
        try:
            with _connected(process, port, password.read_text("utf-8")) as database:
                yield database
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _connected(process: subprocess.Popen[bytes], port: int, password: str) -> psycopg.Connection:
    """Return a connection as soon as the server takes one."""
    deadline = time.monotonic() + _START_LIMIT_S
    while True:
        try:
            return psycopg.connect(
                host="127.0.0.1", port=port, user=_USER, password=password, dbname="postgres", autocommit=True
            )
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server at once: nothing in it is wanted any more."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=_STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
