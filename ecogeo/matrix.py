"""All projects against all layers, one row each, and what nobody can judge before somebody draws it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogeo.catalog import ROLES, ZONING_ROLES
from ecogeo.finding import GRAVEST_ANSWER_FIRST, Answer, Verdict
from ecogeo.law import Law
from ecogeo.layer import Layer, as_text
from ecogeo.placing import VAGUE_BASES
from ecogeo.project_types import ProjectType
from ecogeo.reviews import Review, Reviews
from ecogeo.rules import GRAVEST_FIRST
from ecogeo.wording import Text

HEAD_COLUMNS = ("id", "name", "project", "project_type", "needs_geometry", "location_basis", "accuracy_m")
END_COLUMNS = ("gravest_answer", "gravest_verdict")
NEEDS_GEOMETRY_COLUMNS = (
    *("id", "name", "project", "project_type", "takes_ground", "location_basis", "place", "accuracy_m", "reason"),
)

_NOTHING_DRAWN = Text("没有用地图形", "nothing is drawn")
_NOT_MEASURED = Text("图形不能使用", "its geometry cannot be used")
_NO_ACCURACY = Text("位置精度不明", "nobody knows how surely it is placed")
_BASES = {"village": "村", "town": "乡镇", "county": "县", "none": "无"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A project or a site, as one row of the matrix.

    Parameters
    ----------
    subject_id, name
        Its key and its name.
    project
        The project it is a site of; empty for a project itself and for a site of none.
    bases
        How it is placed: the bases of its sites, else that of the plan.
    place
        Where its words say it is.
    accuracy_m
        Metres within which it may really lie: of its sites the least sure; NaN where unknown.
    screened_as
        The ids its answers stand under in ``screening.csv``.
    needs
        Why nobody can judge it without a drawn site; None where somebody can.
    """

    subject_id: str
    name: str
    project: str
    bases: tuple[str, ...]
    place: str
    accuracy_m: float
    screened_as: tuple[str, ...]
    needs: Text | None


def list_subjects(projects: pd.DataFrame, sites: Layer | None) -> tuple[Subject, ...]:
    """List every project of the plans, each followed by its sites where it has several, then the sites of none.

    Parameters
    ----------
    projects
        The projects of every plan, in their order.
    sites
        The sites, also those set aside; None where the county has none.

    Returns
    -------
    A project with one site is one subject, and that site none of its own.
    """
    known = list(_sites(sites)) if sites is not None else []
    by_project: dict[str, list[Subject]] = {}
    for site in known:
        by_project.setdefault(site.project, []).append(site)
    subjects: list[Subject] = []
    for row in projects.to_dict("records"):
        own = by_project.get(str(row["project_id"]), [])
        subjects.append(_project({str(name): cell for name, cell in row.items()}, own))
        subjects += own if len(own) > 1 else []
    planned = set(projects["project_id"])
    return (*subjects, *(site for site in known if site.project not in planned))


def matrix_rows(
    screening: pd.DataFrame, subjects: Sequence[Subject], law: Law | None, reviews: Reviews | None
) -> pd.DataFrame:
    """Lay all subjects out against all layers.

    Parameters
    ----------
    screening
        Rows of ``screening.csv``.
    subjects
        What is judged.
    law
        Tells the project types; None leaves them empty.
    reviews
        What reviewers answered; None where nothing was reviewed.

    Returns
    -------
    `HEAD_COLUMNS`, one column per layer in the order of the roles, `END_COLUMNS`, and ``reviewed`` where reviews were
    given. Of a project with several sites the gravest answer stands: involved before possible before undetermined
    before clear. ``gravest_answer`` leaves out layers that divide the whole county (control units, urban boundary),
    unless there are no others: to lie in one of their zones is no hit. ``gravest_verdict`` counts every layer.
    """
    screened = set(screening["layer"].unique())
    layers = [role for role in ROLES if role in screened]
    counting = [place for place, layer in enumerate(layers) if layer not in ZONING_ROLES] or list(range(len(layers)))
    keys = list(dict.fromkeys(key for subject in subjects for key in subject.screened_as))
    rows = screening[screening["site_id"].isin(keys)]
    key, layer = (
        pd.Index(known).get_indexer(pd.Index(rows[name])) for known, name in ((keys, "site_id"), (layers, "layer"))
    )
    answers = np.full((len(keys), len(layers)), len(GRAVEST_ANSWER_FIRST))
    is_known = layer >= 0
    ranks = _ranks(rows["answer"], GRAVEST_ANSWER_FIRST)
    np.minimum.at(answers, (key[is_known], layer[is_known]), ranks[is_known])
    verdicts = np.full((len(keys), 1), len(GRAVEST_FIRST))
    np.minimum.at(verdicts[:, 0], key, _ranks(rows["verdict"], GRAVEST_FIRST))
    of_layer = _gravest_of(answers, subjects, keys)
    of_layer[of_layer == len(GRAVEST_ANSWER_FIRST)] = GRAVEST_ANSWER_FIRST.index(Answer.UNDETERMINED)
    of_all = of_layer[:, counting].min(axis=1, initial=len(GRAVEST_ANSWER_FIRST))

    said = np.array([*map(str, GRAVEST_ANSWER_FIRST), str(Answer.UNDETERMINED)], dtype=object)
    judged = np.array([*map(str, GRAVEST_FIRST), ""], dtype=object)
    frame = pd.DataFrame(_head(subjects, law), columns=list(HEAD_COLUMNS))
    for place, name in enumerate(layers):
        frame[name] = said[of_layer[:, place]]
    frame["gravest_answer"] = said[of_all]
    frame["gravest_verdict"] = judged[_gravest_of(verdicts, subjects, keys)[:, 0]]
    if reviews is not None:
        current = reviews.current
        frame["reviewed"] = [_reviewed(subject, current, layers) for subject in subjects]
    return frame.astype({"accuracy_m": float})


def _ranks(words: pd.Series[str], gravest_first: Sequence[Answer] | Sequence[Verdict]) -> npt.NDArray[np.int64]:
    """Return the place of each word among others; their number where it is none of them."""
    place: npt.NDArray[np.int64] = pd.Index(list(map(str, gravest_first))).get_indexer(pd.Index(words))
    return np.where(place < 0, len(gravest_first), place)


def _gravest_of(
    ranks: npt.NDArray[np.int64], subjects: Sequence[Subject], keys: Sequence[str]
) -> npt.NDArray[np.int64]:
    """Return the lowest ranks of each subject from those by key: shape (subjects, columns)."""
    counts = [len(subject.screened_as) for subject in subjects]
    starts = np.cumsum([0, *counts[:-1]], dtype=np.int64)
    rows = pd.Index(keys).get_indexer(pd.Index([key for subject in subjects for key in subject.screened_as]))
    return np.minimum.reduceat(ranks[rows], starts, axis=0) if len(subjects) else ranks[:0]


def needs_geometry_rows(subjects: Sequence[Subject], law: Law | None) -> pd.DataFrame:
    """List what somebody has to draw before anybody can judge it, with the reason: ``needs_geometry.csv``.

    Parameters
    ----------
    subjects
        What is judged.
    law
        Tells the project types, and whether they take ground at all; None leaves both empty.
    """
    needy = [(one, one.needs) for one in subjects if one.needs is not None]
    columns = {
        **_head([one for one, _ in needy], law),
        "takes_ground": _of_types([one for one, _ in needy], law, lambda kind: "yes" if kind.takes_ground else "no"),
        "place": [one.place for one, _ in needy],
        "reason": [needs.zh for _, needs in needy],
    }
    return pd.DataFrame(columns, columns=list(NEEDS_GEOMETRY_COLUMNS)).astype({"accuracy_m": float})


def gravest_answer(answers: Iterable[Answer]) -> Answer:
    """Return the gravest answer; undetermined where there is none.

    Examples
    --------
    >>> gravest_answer([Answer.CLEAR, Answer.UNDETERMINED]).value
    'undetermined'
    """
    return min(answers, key=GRAVEST_ANSWER_FIRST.index, default=Answer.UNDETERMINED)


def _sites(sites: Layer) -> Iterator[Subject]:
    """Yield every site as read; those set aside need a geometry that can be used."""
    declared, frame = sites.declaration, sites.frame

    def cells(field: str) -> Sequence[str]:
        name = declared.fields.get(field, field)
        return list(as_text(frame[name])) if name in frame.columns else [""] * len(frame)

    aside = {key for key, _ in sites.set_aside}
    keys = list(as_text(frame[declared.key]))
    names = list(as_text(frame[declared.name])) if declared.name else keys
    accuracy = pd.to_numeric(pd.Series(cells("accuracy_m"), dtype=str), errors="coerce").to_numpy(float)
    for key, name, project, basis, place, metres in zip(
        keys, names, cells("project_id"), cells("location_basis"), cells("place"), accuracy, strict=True
    ):
        bases = (basis,) if basis else ()
        needs = _NOT_MEASURED if key in aside else _needs(bases, metres)
        yield Subject(key, name, project, bases, place, float(metres), (key,), needs)


def _project(row: Mapping[str, Any], sites: Sequence[Subject]) -> Subject:
    """Return a project as its sites tell it, or as the plan does where nothing is drawn."""
    project_id, name = str(row["project_id"]), str(row["name"])
    if not sites:
        basis, place, accuracy = (
            "" if pd.isna(row[column]) else str(row[column]) for column in ("location_basis", "place", "accuracy_m")
        )
        metres = float(accuracy) if accuracy else np.nan
        return Subject(project_id, name, "", (basis,) if basis else (), place, metres, (project_id,), _NOTHING_DRAWN)
    bases = tuple(dict.fromkeys(basis for site in sites for basis in site.bases))
    places = "；".join(dict.fromkeys(site.place for site in sites if site.place))
    metres = max(site.accuracy_m for site in sites) if not np.isnan([one.accuracy_m for one in sites]).any() else np.nan
    needs = next((site.needs for site in sites), None) if all(site.needs for site in sites) else None
    return Subject(project_id, name, "", bases, places, metres, tuple(site.subject_id for site in sites), needs)


def _needs(bases: tuple[str, ...], accuracy_m: float) -> Text | None:
    """Tell why a placed site is not enough: it stands for a village, town or county, or nobody knows how surely."""
    if bases and set(bases) <= set(VAGUE_BASES):
        zh = "、".join(_BASES[basis] for basis in bases)
        return Text(f"位置只到{zh}", f"it is placed by {', '.join(bases)} only")
    return _NO_ACCURACY if np.isnan(accuracy_m) else None


def _head(subjects: Sequence[Subject], law: Law | None) -> dict[str, Sequence[object]]:
    """Return the columns both tables begin with."""
    return {
        "id": [one.subject_id for one in subjects],
        "name": [one.name for one in subjects],
        "project": [one.project for one in subjects],
        "project_type": _of_types(subjects, law, lambda kind: f"{kind.text.zh}（{kind.type_id}）"),
        "needs_geometry": ["no" if one.needs is None else "yes" for one in subjects],
        "location_basis": ["；".join(one.bases) for one in subjects],
        "accuracy_m": [one.accuracy_m for one in subjects],
    }


def _of_types(subjects: Sequence[Subject], law: Law | None, say: Callable[[ProjectType], str]) -> list[str]:
    """Return what is said of the type of each subject; nothing without a law."""
    if law is None:
        return [""] * len(subjects)
    types = [law.type_of(one.subject_id, one.project)[0] for one in subjects]
    said = {type_id: say(law.pack.type(type_id)) for type_id in set(types)}
    return [said[type_id] for type_id in types]


def _reviewed(subject: Subject, current: Mapping[tuple[str, str], Review], layers: Sequence[str]) -> str:
    """Write what was reviewed of a subject into one cell, by layer."""
    found = ((key, layer, current.get((key, layer))) for key in subject.screened_as for layer in layers)
    shown = []
    for key, layer, review in found:
        if review is not None:
            whose = f"{key} " if len(subject.screened_as) > 1 else ""
            shown.append(f"{whose}{layer}: {review.answer}（{review.by} {review.on}）")
    return "；".join(shown)
