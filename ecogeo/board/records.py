"""What is known of a project, and of a site that belongs to none.

A project takes the gravest answer of its sites over all layers. An open question outweighs a clear answer here: what
nobody could judge is never shown as free.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import shapely

from ecogeo.catalog import ZONING_ROLES
from ecogeo.finding import Answer, Finding, Verdict
from ecogeo.reviews import Review
from ecogeo.wording import Text

GRAVEST_FIRST = (Answer.INVOLVED, Answer.POSSIBLE, Answer.UNDETERMINED, Answer.CLEAR)


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """The ground of a project, and how surely it is known.

    Parameters
    ----------
    site_id, name
        Key and name.
    project_id
        The project it belongs to, as the layer has it; empty where it belongs to none.
    basis, place, purpose
        What it was placed by, the place named, and what the layer says of it; as the layer has them.
    accuracy_m
        Metres within which it may really lie; None where nobody knows.
    geometry
        Longitude and latitude; None where it was set aside.
    aside
        Why it was set aside; None where it was not.
    answer
        The gravest over the layers screened.
    """

    site_id: str
    name: str
    project_id: str
    basis: str
    place: str
    purpose: str
    accuracy_m: float | None
    geometry: shapely.Geometry | None
    aside: Text | None
    answer: Answer


@dataclass(frozen=True, slots=True)
class LayerAnswer:
    """One row of the screening: a site against a layer.

    Figures are None where nothing could be measured; the verdict is None where there is nothing to judge. A review
    stands beside the computed answer and never in its place.
    """

    site_id: str
    site_name: str
    layer: str
    title: Text
    answer: Answer
    overlap_m2: float | None
    overlap_ha: float | None
    length_m: float | None
    share: float | None
    distance_m: float | None
    certainty_m: float | None
    coverage: str
    layer_version: str
    verdict: Verdict | None
    clause: str
    next_step: str
    review: Review | None = None


@dataclass(frozen=True, slots=True)
class Undertaking:
    """What the plan says of a project, as it says it; empty for a site that belongs to none."""

    plan: str = ""
    project_no: str = ""
    system: str = ""
    nature: str = ""
    content: str = ""
    funding: str = ""
    departments: tuple[str, ...] = ()
    start_year: int | None = None
    end_year: int | None = None
    invest_wan_yuan: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ProjectRecord:
    """A project, or a site that belongs to none.

    Parameters
    ----------
    record_id
        Its address: the project's number, or the site's key.
    subject_id
        The same as files of answers name it: two plans may use one number, addresses tell them apart.
    name
        Its name.
    undertaking
        What the plan says of it.
    basis, place
        Where the plan's own words put it.
    accuracy_m
        Metres within which its sites were judged to lie, the least sure one's; of a project without a site, what the
        plan's words allow. None where nobody knows.
    towns
        Towns its sites lie in or its words name.
    sites
        Its sites; none where nobody drew or placed one.
    answers
        The screening of its sites.
    answer
        The gravest of them, see `overall`.
    findings
        What the checks found about it, with the name of the check.
    in_plan
        Whether a plan lists it.
    needs_geometry
        Whether its place is not known well enough for anyone to judge.
    """

    record_id: str
    subject_id: str
    name: str
    undertaking: Undertaking
    basis: str
    place: str
    accuracy_m: float | None
    towns: tuple[str, ...]
    sites: tuple[Site, ...]
    answers: tuple[LayerAnswer, ...]
    answer: Answer
    findings: tuple[Finding, ...]
    in_plan: bool
    needs_geometry: bool = False

    @property
    def reviewed(self) -> tuple[LayerAnswer, ...]:
        """The answers a person reviewed."""
        return tuple(entry for entry in self.answers if entry.review is not None)

    @property
    def overlap_ha(self) -> float | None:
        """Ground of its sites in the one constraint that takes most of it, 公顷; None where nothing was measured."""
        by_layer: dict[str, float] = {}
        for entry in self.answers:
            if entry.layer not in ZONING_ROLES and entry.overlap_ha is not None:
                by_layer[entry.layer] = by_layer.get(entry.layer, 0.0) + entry.overlap_ha
        return max(by_layer.values(), default=None)

    @property
    def why_open(self) -> Text | None:
        """Why nobody can tell whether it touches a layer; None where somebody can."""
        if self.answer is not Answer.UNDETERMINED:
            return None
        if not self.sites:
            return NO_SITE
        if aside := next((site.aside for site in self.sites if site.aside is not None), None):
            return aside
        if not self.answers:
            return NOT_SCREENED
        counting = [entry for entry in self.answers if entry.layer not in ZONING_ROLES] or self.answers
        return COVERAGE.get(next(entry.coverage for entry in counting if entry.answer is self.answer), NOT_SCREENED)

    @property
    def words(self) -> str:
        """All its words, for a search."""
        told = self.undertaking
        site_words = [word for site in self.sites for word in (site.site_id, site.name, site.place, site.purpose)]
        parts = (self.record_id, self.name, self.place, told.system, told.nature, told.content, told.funding)
        return " ".join((*parts, *told.departments, *self.towns, *site_words)).casefold()


NO_SITE = Text(
    "没有用地图形：资料未说明确切位置，不能与图层比对，也不在地图上标注",
    "no site geometry: the documents do not say where it is, so it cannot be compared with layers or put on the map",
)
NOT_SCREENED = Text("没有可用的比对结果", "there is no result of a comparison")
COVERAGE = {
    "full": Text("图层覆盖该用地，但位置精度不明", "the site is covered, but nobody knows how surely it is placed"),
    "partial": Text("图层只覆盖该用地的一部分", "the layer covers only part of the site"),
    "none": Text("图层未覆盖该用地", "the layer does not cover the site"),
    "unknown": Text("图层未声明覆盖范围", "the layer does not declare what it covers"),
}

COVERAGE_STATES = {
    "full": Text("全部覆盖", "covers all"),
    "partial": Text("部分覆盖", "covers part"),
    "none": Text("未覆盖", "does not cover"),
    "unknown": Text("未声明", "not declared"),
}
"""How much of a site a layer covers, for people."""

LOCATION_BASES = {
    "surveyed polygon": Text("实测地块", "surveyed polygon"),
    "drawn polygon": Text("勾绘图形", "drawn shape"),
    "line": Text("沿河线路", "along a river"),
    "village": Text("村级位置", "a village"),
    "town": Text("乡镇级位置", "a town"),
    "county": Text("全县域", "the whole county"),
    "none": Text("无位置", "no place"),
}
"""How a project's place is known, for people."""


def overall(answers: Iterable[LayerAnswer]) -> Answer:
    """Return the gravest answer over the constraints; layers that divide the whole county do not count.

    A county that has only such layers is told by them.
    """
    every = tuple(answers)
    counting = [entry for entry in every if entry.layer not in ZONING_ROLES] or every
    return gravest(entry.answer for entry in counting)


def gravest(answers: Iterable[Answer]) -> Answer:
    """Return the gravest answer; undetermined where there is none.

    Examples
    --------
    >>> gravest([Answer.CLEAR, Answer.UNDETERMINED]).value
    'undetermined'
    """
    return min(answers, key=GRAVEST_FIRST.index, default=Answer.UNDETERMINED)
