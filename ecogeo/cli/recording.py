"""What commands that judge tell the ledger, and what they say where it cannot be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ecogeo.wording import Lang, Text

if TYPE_CHECKING:
    from ecogeo.decisions import DecisionFiles
    from ecogeo.ledger import Entry, Ledger
    from ecogeo.workspace import Workspace


def recorded_at() -> str:
    """Return the time a run or a decision is recorded under: the clock is looked at here and nowhere else."""
    from datetime import UTC, datetime

    return datetime.now(UTC).isoformat(timespec="seconds")


def take_in_decisions(county: Workspace, lang: Lang) -> None:
    """Hold a county's tables of decisions against its ledger, and say what was taken in or put back."""
    from ecogeo.runs import take_in, taken_text

    for taken in take_in(county, at=recorded_at()):
        click.echo(taken_text(taken).say(lang), err=True)


def record(
    county: Workspace,
    out: Path,
    command: str,
    parameters: Mapping[str, Any],
    decisions: DecisionFiles,
    *,
    lang: Lang,
    quiet: bool,
    has_sites: bool = True,
) -> None:
    """Record a run whose files are written, or say why it is not.

    Raises
    ------
    EcogeoError
        Where the ledger is there and cannot be written.
    """
    from ecogeo.runs import Asked, record_run

    def recorded(ledger: Ledger) -> Entry:
        sites = county.of_role("project_sites") if has_sites else None
        return record_run(ledger, county, out, Asked(command, parameters, decisions), at=recorded_at(), sites=sites)

    record_found(county, lang, recorded, quiet=quiet)


def record_found(county: Workspace, lang: Lang, recorded: Callable[[Ledger], Entry | None], *, quiet: bool) -> None:
    """Record what was found, or say why it is not.

    Raises
    ------
    EcogeoError
        Where the ledger is there and cannot be written.
    """
    from ecogeo.errors import EcogeoError
    from ecogeo.ledger import ledger_of, why_closed

    ledger = ledger_of(county.data_folder)
    if ledger is None:
        return
    reason = why_closed(ledger)
    try:
        entry = None if reason is not None else recorded(ledger)
    except EcogeoError as error:
        head = Text("结果已写出，但没有记入台账", "the results are written, but were not recorded")
        raise EcogeoError([head, *error.problems]) from error
    if entry is None:
        said = reason or Text("没有备选地块，不记入台账", "nothing was found, and nothing recorded")
    else:
        said = Text(f"已记入台账，第 {entry.seq} 条", f"recorded in the ledger as entry {entry.seq}")
    if not quiet:
        click.echo(said.say(lang), err=True)


def known_ledger(data_folder: Path, address: str) -> Ledger:
    """Return the ledger a command is about.

    Raises
    ------
    UsageError
        Where recording was turned off.
    """
    from ecogeo.errors import UsageError
    from ecogeo.ledger import VARIABLE, ledger_of

    ledger = ledger_of(data_folder, address)
    if ledger is None:
        raise UsageError(
            Text(f"台账已关闭（环境变量 {VARIABLE}=off）", f"the ledger is turned off (environment: {VARIABLE}=off)")
        )
    return ledger
