"""What the pages show, made once and shared by all requests."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import current_app

from ecogeo.board.indicators import Indicator, indicator_list
from ecogeo.board.projects import project_records
from ecogeo.board.records import ProjectRecord
from ecogeo.check import run_checks
from ecogeo.finding import Report
from ecogeo.law import read_law
from ecogeo.offline import read_assets
from ecogeo.relief import Relief, county_relief
from ecogeo.webmap import WebMap, county_map, project_map
from ecogeo.workspace import Workspace

_MANIFEST = Path(__file__).parent / "static" / "vendor" / "manifest.json"
_MOST_MAPS = 64
"""How many projects' maps are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """Everything the pages draw from.

    Parameters
    ----------
    report
        The outcome of the checks.
    records
        Projects, then sites that belong to none.
    by_id
        The same by address; a site's own key leads to its project.
    indicators
        The indicators of every plan, by the plan's title.
    county
        The map of the county.
    relief
        The shade of its terrain; None where it has no terrain model.
    """

    report: Report
    records: tuple[ProjectRecord, ...]
    by_id: Mapping[str, ProjectRecord]
    indicators: Mapping[str, tuple[Indicator, ...]]
    county: WebMap
    relief: Relief | None


class Prepared:
    """A county's board, made by whoever asks first while the others wait.

    Parameters
    ----------
    workspace
        The county.
    report
        The outcome of its checks; None runs them.
    assets_url
        Where the vendored files are served, ending in a slash.
    """

    def __init__(self, workspace: Workspace, report: Report | None, *, assets_url: str) -> None:
        self.workspace = workspace
        self._report = report
        self._assets = read_assets(_MANIFEST, assets_url)
        self._board: Board | None = None
        self._lock = threading.Lock()
        self._map_of = lru_cache(maxsize=_MOST_MAPS)(self._project_map)

    def board(self) -> Board:
        """Return the board, made when it is first asked for.

        Raises
        ------
        EcogeoError
            Where the county's files cannot be used; the next call tries again.
        """
        with self._lock:
            if self._board is None:
                self._board = self._make()
            return self._board

    def project_map(self, record: ProjectRecord) -> WebMap | None:
        """Return the small map of a project, or None where it has no site."""
        return self._map_of(record.record_id)

    def _project_map(self, record_id: str) -> WebMap | None:
        return project_map(self.workspace, self.board().by_id[record_id], self._assets)

    def _make(self) -> Board:
        report = self._report or run_checks(self.workspace, law=read_law(self.workspace))
        records = project_records(self.workspace, report)
        plans = {name: self.workspace.plan(name) for name in self.workspace.catalog.plans}
        by_site = {site.site_id: record for record in records for site in record.sites}
        return Board(
            report=report,
            records=records,
            by_id={**by_site, **{record.record_id: record for record in records}},
            indicators={
                str(plan.plan.get("title") or name): indicator_list(plan.indicators) for name, plan in plans.items()
            },
            county=county_map(self.workspace, records, self._assets),
            relief=county_relief(self.workspace),
        )


def prepared() -> Prepared:
    """Return what the application of the current request has prepared."""
    held: Prepared = current_app.extensions["ecogeo"]
    return held


def board() -> Board:
    """Return the board of the application of the current request."""
    return prepared().board()
