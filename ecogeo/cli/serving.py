"""The command that starts the viewer."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ecogeo.cli.options import DONE, common, port
from ecogeo.errors import UsageError
from ecogeo.wording import Lang, Text

if TYPE_CHECKING:
    from ecogeo.finding import Report
    from ecogeo.workspace import Workspace


@click.command("serve")
@common
@click.option("--host", default="127.0.0.1", show_default=True, help="地址 / address")
@port
def serve_command(*, workspace: Path | None, host: str, port: int, quiet: bool, lang: Lang) -> int:
    """启动地图浏览 / start the map viewer."""
    from ecogeo.workspace import open_workspace

    del quiet
    serve_county(open_workspace(workspace), host, port, lang, None)
    return DONE


def serve_county(county: Workspace, host: str, port: int, lang: Lang, report: Report | None) -> None:
    """Hand the county to whatever serves it: found by entry point, so that no import points upwards."""
    servers = entry_points(group="ecogeo.server")
    if not servers:
        raise UsageError(Text("没有安装浏览模块，请重新安装 ecogeo", "no viewer is installed: install ecogeo again"))

    def announce(address: str) -> None:
        click.echo(Text(f"地图已启动：{address} （Ctrl+C 结束）", f"The map is at {address} (Ctrl+C ends)").say(lang))

    next(iter(servers)).load()(county, host=host, port=port, lang=lang, report=report, announce=announce)
