"""The commands that manage the accounts of a server, on the machine it runs on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ecogeo.cli.options import DONE, FAULTY, a_file, common
from ecogeo.errors import UsageError
from ecogeo.wording import Lang, Text

if TYPE_CHECKING:
    from ecogeo.accounts import AccountBook

_NAMES = ("viewer", "reviewer", "admin")


@click.group("users")
def users_command() -> None:
    """服务器的账户 / accounts of a server: add, list, remove, password, log."""


def _with_book(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the option that says where accounts are kept."""
    words = "账户文件夹（默认：环境变量 ECOGEO_ACCOUNTS，再为本机用户的状态文件夹） / folder of accounts"
    return click.option("--accounts", "folder", type=a_file, help=words)(function)


@users_command.command("add")
@common
@_with_book
@click.argument("name")
@click.option("--role", type=click.Choice(_NAMES), default="viewer", show_default=True, help="角色 / role")
@click.option("--county", "counties", multiple=True, help="县代码，可多次给出 / code of a county (default: that of -w)")
@click.option("--all-counties", is_flag=True, help="服务器上所有县 / every county of the server")
@click.option("--generate", is_flag=True, help="生成初始密码，七天内须改 / print a first password, to be changed")
def add_command(
    *,
    name: str,
    role: str,
    counties: tuple[str, ...],
    all_counties: bool,
    generate: bool,
    folder: Path | None,
    workspace: Path | None,
    quiet: bool,
    lang: Lang,
) -> int:
    """添加账户 / add an account; the password is asked for, or read from standard input."""
    from ecogeo.accounts import EVERY_COUNTY, add_account, first_password

    del quiet
    meant = (EVERY_COUNTY,) if all_counties else counties or (_county_of(workspace),)
    password = first_password() if generate else _asked_password(lang)
    account = add_account(_book(folder), name, password, dict.fromkeys(meant, role), _now(), is_first=generate)
    click.echo(Text(f"已添加：{account.name}", f"added: {account.name}").say(lang))
    if generate:
        click.echo(password)
    return DONE


@users_command.command("list")
@common
@_with_book
def list_command(*, folder: Path | None, workspace: Path | None, quiet: bool, lang: Lang) -> int:
    """列出账户 / list the accounts with their roles."""
    from ecogeo.accounts import list_accounts

    del workspace, quiet
    for account in list_accounts(_book(folder)):
        click.echo(f"{account.name}\t{_grants_text(account.grants, lang)}")
    return DONE


@users_command.command("remove")
@common
@_with_book
@click.argument("name")
def remove_command(*, name: str, folder: Path | None, workspace: Path | None, quiet: bool, lang: Lang) -> int:
    """删除账户 / remove an account; its sessions end, and its name is not given again."""
    from ecogeo.accounts import remove_account

    del workspace, quiet
    remove_account(_book(folder), name)
    click.echo(Text(f"已删除：{name}", f"removed: {name}").say(lang))
    return DONE


@users_command.command("password")
@common
@_with_book
@click.argument("name")
@click.option("--generate", is_flag=True, help="生成初始密码，七天内须改 / print a first password, to be changed")
def password_command(
    *, name: str, generate: bool, folder: Path | None, workspace: Path | None, quiet: bool, lang: Lang
) -> int:
    """改密码 / give an account another password; its sessions end."""
    from ecogeo.accounts import change_password, first_password

    del workspace, quiet
    password = first_password() if generate else _asked_password(lang)
    change_password(_book(folder), name, password, first_at=_now() if generate else None)
    click.echo(Text(f"已改：{name}", f"changed: {name}").say(lang))
    if generate:
        click.echo(password)
    return DONE


@users_command.command("log")
@common
@_with_book
@click.option("--last", type=click.IntRange(1), default=50, show_default=True, help="最近多少条 / how many entries")
def log_command(*, last: int, folder: Path | None, workspace: Path | None, quiet: bool, lang: Lang) -> int:
    """谁做了什么 / who did what, the oldest of the last ones first; status 1 where the log was tampered with."""
    from ecogeo.accounts import deeds, log_problem

    del workspace, quiet
    book = _book(folder)
    for deed in reversed(deeds(book, None, most=last)):
        parts = (str(deed.seq), deed.at, deed.who, deed.address, deed.county, deed.what, deed.outcome, deed.about)
        click.echo("\t".join(parts))
    if (problem := log_problem(book)) is not None:
        click.echo(problem.say(lang), err=True)
        return FAULTY
    return DONE


def _book(folder: Path | None) -> AccountBook:
    from ecogeo.accounts import account_book

    return account_book(folder)


def _now() -> float:
    import time

    return time.time()


def _county_of(workspace: Path | None) -> str:
    """Return the code of the county folder that was named; which county is never guessed."""
    if workspace is None:
        raise UsageError(
            Text(
                "请说明账户用于哪个县：--county 代码、-w 县域文件夹，或 --all-counties",
                "say in which county the account may be used: --county CODE, -w FOLDER, or --all-counties",
            )
        )
    from ecogeo.workspace import open_workspace

    county = open_workspace(workspace).county
    return county.code or county.name


def _asked_password(lang: Lang) -> str:
    """Return a password from the keyboard, typed twice and not shown, or a line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt(
        Text("密码", "Password").say(lang),
        hide_input=True,
        confirmation_prompt=Text("再输一次", "Again").say(lang),
    )
    return asked


def _grants_text(grants: Mapping[str, str], lang: Lang) -> str:
    from ecogeo.accounts import EVERY_COUNTY, ROLES

    every = Text("所有县", "every county").say(lang)
    return ", ".join(
        f"{every if county == EVERY_COUNTY else county}: {ROLES[role].say(lang)}" for county, role in grants.items()
    )
