"""Serve a county's viewer from this machine."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable

import waitress

from ecogeo.errors import EcogeoError, UsageError
from ecogeo.finding import Report
from ecogeo.wording import Lang, Text
from ecogeo.workspace import Workspace
from viewer.app import create_app
from viewer.prepared import Prepared
from viewer.security import ANY_ADDRESS, LOOPBACK_HOSTS

_THREADS = 8
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def serve(
    workspace: Workspace,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    report: Report | None = None,
    lang: Lang = "zh",
    announce: Callable[[str], None] = lambda _address: None,
) -> None:
    """Serve the viewer until it is interrupted.

    It listens at once; the checks and maps are prepared meanwhile, and the first pages wait for them.

    Parameters
    ----------
    workspace
        The county.
    host, port
        Where to listen; port 0 takes any free one. Other machines reach it only where `host` is one of this machine's
        addresses other than the loopback.
    report
        The outcome of the checks; None runs them.
    lang
        Language shown to those who have not chosen one.
    announce
        Called with the address once the server listens.

    Raises
    ------
    UsageError
        Where the port is taken or the address is not this machine's.
    """
    app = create_app(workspace, report=report, lang=lang, trusted_hosts=_trusted_hosts(host))
    with _listening(host, port) as listener:
        server = waitress.create_server(app, sockets=[listener], threads=_THREADS)
        threading.Thread(target=_prepare, args=(app.extensions["ecogeo"],), daemon=True).start()
        announce(_address(host, listener.getsockname()[1]))
        server.run()


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens, or say why there can be none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise UsageError(
            Text(
                f"不能在 {host}:{port} 上提供服务（{reason}）：端口可能已被占用，可用 --port 换一个",
                f"cannot serve on {host}:{port} ({reason}): the port may be taken, choose another by --port",
            )
        ) from error


def _address(host: str, port: int) -> str:
    """Return the address people open.

    Examples
    --------
    >>> _address("0.0.0.0", 8000), _address("::1", 80)
    ('http://127.0.0.1:8000/', 'http://[::1]:80/')
    """
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared, not bound
    return f"http://[{reached}]:{port}/" if ":" in reached else f"http://{reached}:{port}/"


def _trusted_hosts(host: str) -> tuple[str, ...]:
    """Return what the server answers to: the loopback, and where it is open its own names and any address."""
    if host in _LOOPBACK:
        return LOOPBACK_HOSTS
    return (*LOOPBACK_HOSTS, socket.gethostname(), socket.getfqdn(), host, ANY_ADDRESS)


def _prepare(held: Prepared) -> None:
    """Make the board ahead of the first request; what makes it impossible is shown to whoever asks for a page."""
    try:
        held.board()
        held.get_ready_to_save()
    except EcogeoError:
        return
