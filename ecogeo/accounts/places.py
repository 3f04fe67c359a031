"""Where a server keeps its accounts: a folder of its own, outside the folders of the counties."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "ECOGEO_ACCOUNTS"


@dataclass(frozen=True, slots=True)
class AccountBook:
    """Where accounts are kept.

    Parameters
    ----------
    folder
        Holds ``accounts.sqlite`` (people and sessions) and ``audit.sqlite`` (who did what).
    wait_s
        How long to wait for another process that is writing, seconds.
    """

    folder: Path
    wait_s: float = 10.0

    @property
    def accounts_path(self) -> Path:
        """The file of accounts, sessions and failed attempts."""
        return self.folder / "accounts.sqlite"

    @property
    def known_passwords_path(self) -> Path:
        """The list of passwords nobody may take; an office brings it along, none is shipped."""
        return self.folder / "known-passwords.txt"

    @property
    def audit_path(self) -> Path:
        """The file of deeds."""
        return self.folder / "audit.sqlite"


def account_book(told: Path | None = None) -> AccountBook:
    """Return where accounts are kept.

    Parameters
    ----------
    told
        The folder; None takes what the environment variable ``ECOGEO_ACCOUNTS`` says, else a folder of the user who
        runs the server. It is never a county's folder: those are shared with people who may not read accounts.
    """
    if told is not None:
        return AccountBook(told)
    if named := os.environ.get(VARIABLE, ""):
        return AccountBook(Path(named))
    if os.name == "nt":
        home = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return AccountBook(home / "ecogeo" / "accounts")
