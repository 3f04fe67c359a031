"""Serve the viewer of one county or of several from this machine."""

from __future__ import annotations

import ipaddress
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import waitress
from flask import Flask

from ecogeo.accounts import AccountBook, has_admin
from ecogeo.counter.apart import JudgesApart
from ecogeo.errors import EcogeoError, UsageError
from ecogeo.finding import Report
from ecogeo.wording import Lang, Text
from ecogeo.workspace import Workspace
from viewer.accounts.access import Access, CountyPlace
from viewer.app import create_app
from viewer.counties import Counties, front_app
from viewer.metrics import Metrics
from viewer.prepared import Prepared
from viewer.security import ANY_ADDRESS, LOOPBACK_HOSTS
from viewer.watching import Watch, watch_of

_THREADS = 16
"""Those that screen a file take a while; the others keep the pages quick."""
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_MOST_BODY_BYTES = 72 << 20
"""Above what any page takes; each page has a limit of its own."""

_MOST_CONNECTIONS = 400
_SILENT_S = 60
_LOOK_EVERY_S = 5.0
"""How often it is looked whether files of a county were replaced."""

_PREFIX = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,31}")
_PATH_OF_PROXY = re.compile(r"(/[0-9A-Za-z_-][0-9A-Za-z_.-]{0,63}){1,4}")
_TAKEN = {"static", "login", "logout", "account", "people", "healthz", "metrics"}
"""First parts of addresses that stand before the counties."""


def serve(
    workspace: Workspace,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    report: Report | None = None,
    lang: Lang = "zh",
    announce: Callable[[str], None] = lambda _address: None,
    others: Sequence[Workspace] = (),
    accounts: AccountBook | None = None,
    proxy: str = "",
    names: Sequence[str] = (),
    prefix: str = "",
    tell: Callable[[Text], None] = lambda _text: None,
) -> None:
    """Serve the viewer until it is interrupted or asked to end; requests being answered are finished first.

    It listens at once; the checks and maps are prepared meanwhile, and the first pages wait for them. Outcomes of
    checks are kept beside the layers and stand at the next start if nothing they hang on has changed. Where files of a
    county are replaced meanwhile, the pages say so and show what was judged by the old ones until the new are judged.

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
    others
        Further counties; each then lies below an address of its own.
    accounts
        Where accounts are kept. They are demanded where other machines reach the server.
    proxy
        Address of the reverse proxy whose ``X-Forwarded-For``, ``-Proto`` and ``-Host`` are believed; empty for none.
    names
        Names under which people call the server, such as that of the proxy.
    prefix
        The path of a proxy below which the server lies, such as ``/gis``; empty where it lies at the root of its name.
        No header can set it.
    tell
        Called with which outcomes of checks stand, which files changed, and why those cannot be used.

    Raises
    ------
    UsageError
        Where the port is taken, the address is not this machine's, other machines would reach it without accounts, or
        two counties cannot be told apart, or the path is none.
    """
    _require_prefix(prefix)
    places = county_places([workspace, *others])
    _require_people(host, accounts, proxy, places)
    app, apps = _application(
        [workspace, *others],
        places,
        (*_trusted_hosts(host), *names),
        accounts,
        report=report,
        lang=lang,
        prefix=prefix,
        tell=tell,
    )
    for one in apps:
        one.extensions["ecogeo_judges"] = JudgesApart()
    with _listening(host, port) as listener:
        server = waitress.create_server(app, sockets=[listener], **_settings(proxy, prefix))
        held = [one.extensions["ecogeo"] for one in apps]
        watches = [watch_of(one) for one in apps]
        threading.Thread(target=_prepare, args=(held, watches), daemon=True).start()
        announce(_address(host, listener.getsockname()[1]) + f"{prefix}/".removeprefix("/"))
        with _ending_when_asked():
            server.run()
    for one in apps:
        _hand_back(one)


def county_places(counties: Sequence[Workspace]) -> tuple[CountyPlace, ...]:
    """Return where each county of a server lies: at its root where there is one alone, else below its code.

    Raises
    ------
    UsageError
        Where two counties have the same code or would have the same address.
    """
    if len(counties) == 1:
        return (CountyPlace(county_id(counties[0]), "", counties[0].county.title),)
    places = tuple(CountyPlace(county_id(one), _prefix(one), one.county.title) for one in counties)
    problems = []
    for at, place in enumerate(places):
        first = next(other for other, one in enumerate(places) if place.county_id == one.county_id or _same(place, one))
        if first != at:
            one, two = counties[first].root.name, counties[at].root.name
            problems.append(
                Text(
                    f"{one} 和 {two} 的县代码相同（{place.county_id}），请在 layers.toml 中改正",
                    f"{one} and {two} have the same code ({place.county_id}): put it right in layers.toml",
                )
            )
    if problems:
        raise UsageError(problems)
    return places


def county_id(county: Workspace) -> str:
    """Return what accounts call a county by: its code, else its name."""
    return county.county.code or county.county.name


def _prefix(county: Workspace) -> str:
    """Return the first part of a county's addresses: its code, else the name of its folder."""
    fit = (one for one in (county.county.code, county.root.resolve().name) if _PREFIX.fullmatch(one))
    found = next((one for one in fit if one not in _TAKEN), "")
    if not found:
        name = county.county.name
        raise UsageError(
            Text(
                f"{name} 没有县代码，文件夹名也不能作网址：请在 layers.toml 的 [county] 中写明 code",
                f"{name} has no code, and its folder's name cannot stand in an address: give code in [county] of "
                "layers.toml",
            )
        )
    return found


def _same(one: CountyPlace, other: CountyPlace) -> bool:
    return one.prefix == other.prefix


def _require_people(host: str, accounts: AccountBook | None, proxy: str, places: Sequence[CountyPlace]) -> None:
    """Refuse to be reached by other machines without accounts, and without anybody who manages them."""
    is_open = host not in _LOOPBACK or bool(proxy)
    if accounts is None:
        if is_open:
            raise UsageError(
                Text(
                    "其他机器能访问的服务必须有账户：请加 --accounts",
                    "a server that other machines reach needs accounts: give --accounts",
                )
            )
        return
    if without := [place for place in places if not has_admin(accounts, place.county_id)]:
        titles = [place.title for place in without]
        raise UsageError(
            Text(
                f"{'、'.join(title.zh for title in titles)}还没有管理员，不能对外服务；先运行：ecogeo users add 姓名 "
                "--role admin --all-counties",
                f"nobody manages {', '.join(title.en for title in titles)} yet, so it is not served; first run: ecogeo "
                "users add NAME --role admin --all-counties",
            )
        )
    if proxy:
        try:
            ipaddress.ip_address(proxy)
        except ValueError as error:
            raise UsageError(
                Text(
                    f"--proxy 应是代理服务器的 IP 地址，不是“{proxy}”",
                    f"--proxy is the proxy's IP address, not “{proxy}”",
                )
            ) from error


def _require_prefix(prefix: str) -> None:
    """Refuse what is no path of a proxy."""
    if prefix and not _PATH_OF_PROXY.fullmatch(prefix):
        raise UsageError(
            Text(
                f"--prefix 应写作 /gis 这样的路径，不是“{prefix}”",
                f"--prefix is a path such as /gis, not “{prefix}”",
            )
        )


def _application(
    counties: Sequence[Workspace],
    places: Sequence[CountyPlace],
    trusted: Sequence[str],
    accounts: AccountBook | None,
    *,
    report: Report | None,
    lang: Lang,
    prefix: str,
    tell: Callable[[Text], None],
) -> tuple[Any, list[Flask]]:
    """Return what answers requests, and the application of each county."""
    held = None if accounts is None else Access(accounts, tuple(places))
    counts = Metrics()
    apps = [
        create_app(
            one,
            report=report if one is counties[0] else None,
            lang=lang,
            trusted_hosts=trusted,
            access=held,
            county_id=place.county_id,
            counts=counts,
            prefix=prefix,
            is_reusing=True,
            tell=tell,
        )
        for one, place in zip(counties, places, strict=True)
    ]
    if len(apps) == 1:
        return apps[0], apps
    front = front_app(tuple(places), held, counts, lang=lang, trusted_hosts=trusted)
    return Counties(front, dict(zip(places, apps, strict=True)), held), apps


def _settings(proxy: str, prefix: str = "") -> dict[str, Any]:
    """Return how waitress serves; a proxy's headers are believed from its address alone, and only if one was named."""
    settings: dict[str, Any] = {
        "threads": _THREADS,
        "ident": "ecogeo",
        "max_request_body_size": _MOST_BODY_BYTES,
        "connection_limit": _MOST_CONNECTIONS,
        "channel_timeout": _SILENT_S,
        "clear_untrusted_proxy_headers": False,  # nothing of ours reads them
        "url_prefix": prefix,
    }
    if proxy:
        settings |= {
            "trusted_proxy": proxy,
            "trusted_proxy_count": 1,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
            "clear_untrusted_proxy_headers": True,
        }
    return settings


@contextmanager
def _ending_when_asked() -> Iterator[None]:
    """End as on Ctrl+C where the system or a service asks the process to end."""

    def end(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    wanted = [getattr(signal, name) for name in ("SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {one: signal.signal(one, end) for one in wanted}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _hand_back(app: Flask) -> None:
    """Have whatever an application began in the background finish, or be left so that the next start takes it up."""
    for name in ("ecogeo_jobs", "ecogeo_judges", "ecogeo_reader"):
        stop = getattr(app.extensions.get(name), "stop", None) or getattr(app.extensions.get(name), "close", None)
        if callable(stop):
            stop()


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


def _prepare(held: Iterable[Prepared], watches: Sequence[Watch]) -> None:
    """Make the boards ahead of the first request, then look after their files.

    What makes a board impossible is shown to whoever asks for a page.
    """
    for one in held:
        try:
            one.board()
            one.draw_ahead()
            one.get_ready_to_save()
        except EcogeoError:
            continue
    while True:
        time.sleep(_LOOK_EVERY_S)
        for watch in watches:
            watch.look()
