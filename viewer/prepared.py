"""What the pages show, made once and shared by all requests."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from flask import current_app

from ecogeo.board.plans import plan_board, plan_boards
from ecogeo.board.projects import project_records
from ecogeo.board.records import ProjectRecord
from ecogeo.board.rejudging import rejudged
from ecogeo.board.towns import TownFigure, town_figures
from ecogeo.check import run_checks
from ecogeo.errors import EcogeoError
from ecogeo.finding import Report
from ecogeo.law import Law
from ecogeo.mapdata import DrawnLayer
from ecogeo.maptiles import draw_ahead, packed_layer
from ecogeo.offline import read_assets
from ecogeo.plan.values import ReportedValue, append_values
from ecogeo.relief import county_relief
from ecogeo.reuse import checked
from ecogeo.reviews import Reviews
from ecogeo.runs import take_in
from ecogeo.tiles import TileShelf
from ecogeo.tiles.apart import checked_apart, has_large_layers
from ecogeo.tiles.opening import county_shelf
from ecogeo.webmap import WebMap, county_map, project_map
from ecogeo.wording import Text
from ecogeo.workspace import Workspace
from viewer.boards import Board, by_address, digests_decided, last_rows
from viewer.deciding import append, in_ledger, read_decided, stamps_of, why_closed, with_reviews
from viewer.forms import Decided

_MANIFEST = Path(__file__).parent / "static" / "vendor" / "manifest.json"
_MOST_MAPS = 64
"""How many projects' maps are kept."""

_LOOK_EVERY_S = 1.0
"""How often it is looked whether somebody else decided."""

_LOG = logging.getLogger(__name__)


class KeptInLedgerError(EcogeoError):
    """What was decided stands in the ledger, but not yet in its table: it counts as soon as that can be written."""


class Prepared:
    """A county's board, made by whoever asks first while the others wait, and anew after each save.

    Parameters
    ----------
    workspace
        The county.
    report
        The outcome of its checks; None runs them.
    assets_url
        Where the vendored files are served, ending in a slash.
    today
        Tells the day under which rows somebody wrote into the tables of decisions by hand come into the ledger.
    is_reusing
        Whether outcomes of checks are kept beside the layers, and stand for as long as nothing they hang on changed.
    tell
        Called with which outcomes stand, and why others do not.
    on
        The day whose law is applied where no outcome is given; None for none.
    """

    def __init__(
        self,
        workspace: Workspace,
        report: Report | None,
        *,
        assets_url: str,
        today: Callable[[], dt.date],
        is_reusing: bool = False,
        tell: Callable[[Text], None] = lambda _text: None,
        on: dt.date | None = None,
    ) -> None:
        self.workspace = workspace
        self._is_reusing = is_reusing
        self._tell = tell
        self._on = on
        self._assets_url = assets_url
        self._successor: Prepared | None = None
        self._today = today
        self._report = report
        self._assets = read_assets(_MANIFEST, assets_url)
        self._board: Board | None = None
        self._checked: Report | None = None
        self._lock = threading.Lock()
        self._saving = threading.Lock()
        self._map_of = lru_cache(maxsize=_MOST_MAPS)(self._project_map)
        self._packed_of = lru_cache(maxsize=_MOST_MAPS)(self._packed)
        self._figures: tuple[Board, tuple[TownFigure, ...]] | None = None
        self._shelf: TileShelf | None = None
        self._is_behind = False
        self._decided_at = stamps_of(self.workspace)
        self._looked_at = 0.0

    def board(self) -> Board:
        """Return the board, made when it is first asked for.

        Raises
        ------
        EcogeoError
            Where the county's files cannot be used; the next call tries again.
        """
        if self._is_behind or self._is_decided_elsewhere():
            self._catch_up()
        with self._lock:
            if self._board is None:
                self._board = self._make()
            return self._board

    def _catch_up(self) -> None:
        """Show what was decided elsewhere: in another server, in the ledger alone, or in a table by hand.

        Somebody's save does it too.
        """
        if not self._saving.acquire(blocking=False):
            return
        try:
            if self._board is not None:
                self._refresh(self._board)
        except (EcogeoError, OSError) as error:
            _LOG.warning("what was decided waits in the ledger: %s", type(error).__name__)
        finally:
            self._saving.release()

    def save(self, decided: Sequence[Decided]) -> range:
        """Append decisions to the county's files and judge anew what hangs on them; others wait for their turn.

        Parameters
        ----------
        decided
            Decisions of one kind, in the order in which they are to stand.

        Returns
        -------
        The numbers of their rows in the file, as a spreadsheet shows them.

        Raises
        ------
        KeptInLedgerError
            Where a decision stands in the county's ledger, but its table cannot be written.
        EcogeoError
            Where a decision, or the file as somebody left it, cannot be used.
        OSError
            Where a file cannot be written. What was written before of several decisions stands, and is shown.
        """
        with self._saving:
            if self._successor is not None:
                return self._successor.save(decided)
            before = self.board()
            self._read_decisions(before.law)  # what is broken now must not come up after the save
            written, known = 0, len(in_ledger(self.workspace, decided[0]))
            try:
                for one in decided:
                    append(self.workspace, one, before.law)
                    written += 1
            except EcogeoError as error:
                if not any(
                    entry.body["row"].get("by") == one.by for entry in in_ledger(self.workspace, one)[known + written :]
                ):
                    raise
                self._is_behind = True
                raise KeptInLedgerError(error.problems) from error
            finally:
                if written and not self._is_behind:
                    self._refresh(before)
            return last_rows(self.board(), decided)

    def save_values(self, name: str, values: Sequence[ReportedValue]) -> None:
        """Append reported values to those of a plan, and show them.

        Parameters
        ----------
        name
            The plan.
        values
            What was reported; all of it is written, or nothing.

        Raises
        ------
        EcogeoError
            Where a value, or the file as somebody left it, cannot be used.
        OSError
            Where the file cannot be written.
        """
        with self._saving:
            if self._successor is not None:
                self._successor.save_values(name, values)
                return
            board = self.board()
            plan = board.plans[name]
            append_values(plan.folder, values, plan.tables.indicators)
            anew = plan_board(name, plan.folder, plan.tables, is_own=plan.is_own)
            with self._lock:
                self._board = replace(board, plans={**board.plans, name: anew})

    def renewed(self, workspace: Workspace) -> Prepared:
        """Return the board of the county as its files are now, made; until it takes over, this one is shown.

        Raises
        ------
        EcogeoError
            Where the files cannot be used.
        """
        told = Prepared(
            workspace,
            None,
            assets_url=self._assets_url,
            today=self._today,
            is_reusing=self._is_reusing,
            tell=self._tell,
            on=self._judged_on,
        )
        told.board()
        told.draw_ahead()
        return told

    def hand_over(self, successor: Prepared, put_in_place: Callable[[], None]) -> None:
        """Have another board take this one's place; what was saved meanwhile stands there too.

        Parameters
        ----------
        successor
            The board, as `renewed` gives it.
        put_in_place
            Makes the pages show it.
        """
        with self._saving:
            made = successor.board()
            law, reviews = successor._read_decisions(made.law)
            if digests_decided(law, reviews) != digests_decided(made.law, made.reviews):
                successor._refresh(made)
            put_in_place()
            self._successor = successor

    def get_ready_to_save(self) -> None:
        """Run the checks where their outcome was given, so that the first save need not: it judges anew from them."""
        with self._saving:
            board = self.board()
            if self._checked is None and self.why_closed is None:
                self._checked = self._run_checks(board.law)

    @property
    def why_closed(self) -> Text | None:
        """Why nothing can be saved in this county's folder; None where it can."""
        return why_closed(self.workspace)

    def project_map(self, record: ProjectRecord) -> WebMap | None:
        """Return the small map of a project, or None where it has no site; no decision changes it."""
        return self._map_of(record.record_id)

    @property
    def shelf(self) -> TileShelf:
        """Where tiles are kept."""
        if self._shelf is None:
            self._shelf = county_shelf(self.workspace)
        return self._shelf

    def packed(self, layer: DrawnLayer) -> DrawnLayer:
        """Return a layer as the server draws it, also one that pages draw themselves."""
        return layer if layer.pack is not None else self._packed_of(layer.name)

    def _packed(self, name: str) -> DrawnLayer:
        drawn = self.board().county.drawn(name)
        if drawn is None:
            msg = f"no layer {name}"
            raise KeyError(msg)
        return packed_layer(self.workspace, drawn)

    def town_figures(self) -> tuple[TownFigure, ...]:
        """Return every figure that exists by town, worked out once for each board."""
        board = self.board()
        if self._figures is None or self._figures[0] is not board:
            self._figures = board, town_figures(self.workspace, board.report, board.records)
        return self._figures[1]

    def draw_ahead(self) -> None:
        """Draw the tiles of large layers that take longest, so that nobody waits for them."""
        draw_ahead(self.board().county.layers, self.shelf)

    def _project_map(self, record_id: str) -> WebMap | None:
        return project_map(self.workspace, self.board().by_id[record_id], self._assets)

    def _make(self) -> Board:
        law, reviews = self._read_decisions(None)
        report = self._report
        if report is None:
            self._checked = self._run_checks(law)
            report = with_reviews(self._checked, self.workspace, law, reviews)
        records = project_records(self.workspace, report, reviews)
        plans, broken = plan_boards(self.workspace)
        return Board(
            report=report,
            records=records,
            by_id=by_address(records),
            plans={plan.name: plan for plan in plans},
            broken_plans=broken,
            county=county_map(self.workspace, records, self._assets),
            relief=county_relief(self.workspace),
            law=law,
            reviews=reviews,
        )

    def _run_checks(self, law: Law | None) -> Report:
        """Run the checks: beside the server where layers are so large that it would have to hold them ever after."""
        if self._is_reusing:
            return checked(self.workspace, law, tell=self._tell)
        if has_large_layers(self.workspace):
            return checked_apart(self.workspace, law)
        return run_checks(self.workspace, law=law)

    def _refresh(self, before: Board) -> None:
        """Make the board anew by the files as they are: its maps stay, since no decision changes what lies where."""
        law, reviews = self._read_decisions(before.law)
        if self._checked is not None and before.law is not None and law is not None:
            self._checked = rejudged(self.workspace, self._checked, before=before.law, law=law)
        else:
            self._checked = self._run_checks(law)
        report = with_reviews(self._checked, self.workspace, law, reviews)
        records = project_records(self.workspace, report, reviews)
        by_id = by_address(records)
        board = replace(before, report=report, records=records, by_id=by_id, law=law, reviews=reviews)
        with self._lock:
            self._board = board
        self._is_behind = False

    def _is_decided_elsewhere(self) -> bool:
        """Whether a table of decisions was written by others since it was read; looked at once a second at most."""
        now = time.monotonic()
        if self._checked is None or now - self._looked_at < _LOOK_EVERY_S:
            return False
        self._looked_at = now
        return stamps_of(self.workspace) != self._decided_at

    def _read_decisions(self, before: Law | None) -> tuple[Law | None, Reviews]:
        """Read what people decided, by the day the given outcome was judged on, once ledger and tables agree."""
        self._decided_at = stamps_of(self.workspace)
        if self.why_closed is None:
            take_in(self.workspace, at=self._today().isoformat())
            self._decided_at = stamps_of(self.workspace)
        return read_decided(self.workspace, before.on if before is not None else self._judged_on)

    @property
    def _judged_on(self) -> dt.date | None:
        judged_on = "" if self._report is None else self._report.judged_on
        return dt.date.fromisoformat(judged_on) if judged_on else self._on


def prepared() -> Prepared:
    """Return what the application of the current request has prepared."""
    held: Prepared = current_app.extensions["ecogeo"]
    return held


def board() -> Board:
    """Return the board of the application of the current request."""
    return prepared().board()
