"""Where a county's ledger is: a file of its own folder, or a database that serves an office."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from ecogeo.formats.addresses import is_postgis, shown_source
from ecogeo.wording import Text

VARIABLE = "ECOGEO_LEDGER"
OFF = "off"
FILE_NAME = "ledger.sqlite"

_PACKAGE = Path(__file__).resolve().parent.parent

SAMPLE_KEEPS_NONE = Text(
    "随软件安装的样例县不留运行记录；用 ecogeo init 建立本县的资料夹后即有",
    "the sample county that came with the software keeps no record of runs: make a folder for your own by ecogeo init",
)
FOLDER_IS_CLOSED = Text(
    "县域资料夹不可写，本次运行没有记入台账；请让管理员开放 data/decisions 的写入权限，或设置 ECOGEO_LEDGER",
    "the county's folder cannot be written, so this run was not recorded: have data/decisions opened for writing, or "
    "set ECOGEO_LEDGER",
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where entries are kept.

    Parameters
    ----------
    address
        A path, or ``postgresql://…``.
    county
        Whose entries are meant where several counties share it; empty where it is one county's own.
    wait_s
        How long to wait for another process that is writing, seconds.
    """

    address: str = field(repr=False)
    county: str = ""
    wait_s: float = 30.0

    @property
    def is_server(self) -> bool:
        """Whether it is a PostgreSQL database."""
        return is_postgis(self.address)

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.address)

    @property
    def shown(self) -> str:
        """Its name in messages: never a password, never a folder."""
        return shown_source(self.address) if self.is_server else self.path.name


def ledger_of(data_folder: Path, address: str = "") -> Ledger | None:
    """Return the ledger of a county, whether it is there yet or not; None where recording was turned off.

    Parameters
    ----------
    data_folder
        The folder ``data`` of the county.
    address
        Where it is; empty takes what the environment variable ``ECOGEO_LEDGER`` says (``off`` for none), else
        ``data/decisions/ledger.sqlite``.
    """
    chosen = address or os.environ.get(VARIABLE, "")
    if chosen == OFF:
        return None
    own = data_folder / "decisions" / FILE_NAME
    if not chosen or (not is_postgis(chosen) and Path(chosen).absolute() == own.absolute()):
        return Ledger(str(own))
    return Ledger(chosen, _county(data_folder))


def why_closed(ledger: Ledger) -> Text | None:
    """Return why nothing can be written to a ledger of a file; None where it can, or only trying will tell."""
    if ledger.is_server:
        return None
    folder = ledger.path.absolute().parent
    if _PACKAGE in folder.resolve().parents:
        return SAMPLE_KEEPS_NONE
    there = next(place for place in (ledger.path.absolute(), *ledger.path.absolute().parents) if place.exists())
    return None if os.access(there, os.W_OK) and _is_writable(folder) else FOLDER_IS_CLOSED


def _is_writable(folder: Path) -> bool:
    """Whether files may be made in a folder, or the folder itself in the nearest one there is."""
    return os.access(next(place for place in (folder, *folder.parents) if place.exists()), os.W_OK)


def _county(data_folder: Path) -> str:
    """Return the code of a county, else its name, from its own declarations."""
    try:
        told = tomllib.loads((data_folder.parent / "layers" / "layers.toml").read_text("utf-8-sig")).get("county", {})
    except (OSError, ValueError):
        return ""
    return str(told.get("code") or told.get("name") or "")
