"""The command that starts the viewer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ecogeo.cli.options import DONE, a_file, common, port
from ecogeo.errors import UsageError
from ecogeo.wording import Lang, Text

if TYPE_CHECKING:
    from ecogeo.accounts import AccountBook
    from ecogeo.finding import Report
    from ecogeo.workspace import Workspace

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def of_many(function: Callable[..., int]) -> Callable[..., None]:
    """Give a command the common options, the county folder among them as often as there are counties."""
    command = common(function)
    words = (
        "县域文件夹，可多次给出，也可给出装有多个县的文件夹 / county folder; several, or a folder that holds several"
    )
    several = click.Option(["-w", "--workspace"], type=click.Path(path_type=Path), multiple=True, help=words)
    given: list[click.Parameter] = command.__click_params__  # type: ignore[attr-defined]
    command.__click_params__ = [  # type: ignore[attr-defined]
        several if option.name == "workspace" else option for option in given
    ]
    return command


@click.command("serve")
@of_many
@click.option("--host", default="127.0.0.1", show_default=True, help="地址 / address")
@port
@click.option(
    "--accounts",
    "folder",
    type=a_file,
    help="账户文件夹；对外服务必须有账户 / folder of accounts; needed where other machines reach the server",
)
@click.option("--proxy", default="", help="反向代理的 IP，只信任它的转发头 / address of a trusted reverse proxy")
@click.option("--prefix", default="", help="代理下的路径，如 /gis / path below which a proxy puts the server")
@click.option("--name", "names", multiple=True, help="服务器的域名，可多次给出 / name people call the server by")
def serve_command(
    *,
    workspace: Sequence[Path],
    host: str,
    port: int,
    folder: Path | None,
    proxy: str,
    prefix: str,
    names: Sequence[str],
    quiet: bool,
    lang: Lang,
) -> int:
    """启动地图浏览，一个或多个县 / start the map viewer of one county or several."""
    from ecogeo.accounts import account_book
    from ecogeo.workspace import open_workspace

    is_open = host not in _LOOPBACK or bool(proxy)
    book = account_book(folder) if folder is not None or is_open else None
    first, *others = [open_workspace(root) for root in _county_folders(workspace)]
    if is_open and not proxy and not quiet:
        warning = Text(
            "注意：没有加密，密码和图形在网上明文传送；请在前面放一个 HTTPS 反向代理（见 docs/server.md）",
            "note: nothing is encrypted, passwords and maps travel in the clear; put a reverse proxy with HTTPS in "
            "front (see docs/server.md)",
        )
        click.echo(warning.say(lang), err=True)
    serve_county(
        first,
        host,
        port,
        lang,
        None,
        others=others,
        accounts=book,
        proxy=proxy,
        prefix=prefix.rstrip("/"),
        names=tuple(names),
        quiet=quiet,
    )
    return DONE


def serve_county(
    county: Workspace,
    host: str,
    port: int,
    lang: Lang,
    report: Report | None,
    *,
    others: Sequence[Workspace] = (),
    accounts: AccountBook | None = None,
    proxy: str = "",
    prefix: str = "",
    names: Sequence[str] = (),
    quiet: bool = False,
) -> None:
    """Hand counties to whatever serves them: found by entry point, so that no import points upwards."""
    servers = entry_points(group="ecogeo.server")
    if not servers:
        raise UsageError(Text("没有安装浏览模块，请重新安装 ecogeo", "no viewer is installed: install ecogeo again"))

    def announce(address: str) -> None:
        click.echo(Text(f"地图已启动：{address} （Ctrl+C 结束）", f"The map is at {address} (Ctrl+C ends)").say(lang))

    def tell(text: Text) -> None:
        if not quiet:
            click.echo(text.say(lang), err=True)

    serve: Any = next(iter(servers)).load()
    serve(
        county,
        host=host,
        port=port,
        lang=lang,
        report=report,
        announce=announce,
        others=others,
        accounts=accounts,
        proxy=proxy,
        names=names,
        prefix=prefix,
        tell=tell,
    )


def _county_folders(told: Sequence[Path]) -> list[Path | None]:
    """Return the county folders that are meant; a folder that holds several stands for all of them, by name."""
    folders: list[Path | None] = []
    for root in told:
        within = [] if _is_county(root) or not root.is_dir() else sorted(filter(_is_county, root.iterdir()))
        folders += within or [root]
    return folders or [None]


def _is_county(folder: Path) -> bool:
    return (folder / "layers" / "layers.toml").is_file()
