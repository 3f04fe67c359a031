"""Whether a recorded result still holds: what changed since among layers, boundaries, rules and what people decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ecogeo.errors import EcogeoError
from ecogeo.formats.addresses import is_postgis
from ecogeo.layer import digest
from ecogeo.ledger import Entry
from ecogeo.runs.recording import SENT, declared_digests
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

ChangeKind = Literal["layer", "boundary", "coverage", "rules", "declaration", "decisions", "reviews", "plan", "unknown"]

EVERY_LAYER = "*"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is no longer as it was when a run judged by it.

    Parameters
    ----------
    kind
        What it is.
    layer
        Role of the layer whose answers it concerns; ``*`` for all.
    message
        What changed, for people.
    """

    kind: ChangeKind
    layer: str
    message: Text

    @property
    def supersedes(self) -> bool:
        """Whether answers have to be computed anew: a review stands beside them and changes none."""
        return self.kind not in ("reviews", "unknown")


@dataclass(frozen=True, slots=True)
class Now:
    """A county as it is now, looked at once for all runs.

    Parameters
    ----------
    workspace
        The county.
    declared
        As `ecogeo.runs.recording.declared_digests`.
    rule_files
        The files of rules there are.
    """

    workspace: Workspace
    declared: Mapping[str, str]
    rule_files: frozenset[str]
    _seen: dict[str, str] = field(default_factory=dict, repr=False)

    def sha256(self, path: str, name: str) -> str:
        """Return the digest of an input as it is now; empty where it is gone, ``?`` where nobody can tell."""
        if path not in self._seen:
            self._seen[path] = self._digest(path, name)
        return self._seen[path]

    def _digest(self, path: str, name: str) -> str:
        if is_postgis(path):
            try:
                return self.workspace.layer(name).sha256
            except EcogeoError:
                return "?"
        if not path.startswith(("layers/", "data/")):
            return "?"
        place = self.workspace.root / path
        return digest(place) if place.exists() else ""


def look(workspace: Workspace) -> Now:
    """Look at a county as it is now."""
    folder = workspace.data_folder / "rules"
    files = frozenset(f"data/rules/{path.name}" for path in folder.glob("*.csv")) if folder.is_dir() else frozenset()
    return Now(workspace, declared_digests(workspace), files)


def changes_since(run: Entry, now: Now, later: Sequence[Entry] = ()) -> tuple[Change, ...]:
    """Return what changed since a run.

    Parameters
    ----------
    run
        The run.
    now
        The county as it is.
    later
        Runs recorded after it: one of a file of the same name with other bytes supersedes it.

    Returns
    -------
    None where every input is as it was. An input nobody can look at any more is told as ``unknown``.
    """
    return tuple(_changes(run, now, later))


def superseded_layers(run: Entry, changes: Sequence[Change]) -> tuple[str, ...]:
    """Return the layers whose answers of a run no longer hold, sorted."""
    own = sorted(run.body["answers"])
    hit = {change.layer for change in changes if change.supersedes}
    return tuple(layer for layer in own if layer in hit or EVERY_LAYER in hit)


def is_superseded(changes: Sequence[Change]) -> bool:
    """Whether a run has to be done anew."""
    return any(change.supersedes for change in changes)


def _changes(run: Entry, now: Now, later: Sequence[Entry]) -> Iterator[Change]:
    inputs = run.body["inputs"]
    covers = {one["coverage"]: one["role"] for one in inputs if one.get("coverage") and one.get("role")}
    for one in inputs:
        path = one["path"]
        if path in ("layers/layers.toml", "data/tables.toml"):
            continue  # held against each other entry by entry, below
        if run.body["command"] in SENT and one["name"] == "project_sites":
            yield from _sent_anew(run, one, later)
            continue
        sha256 = now.sha256(path, one["name"])
        if sha256 == one["sha256"]:
            continue
        kind, layer = _kind_of(one, covers)
        if sha256 == "?":
            message = Text(f"{path} 现在无法核对", f"{path} cannot be looked at now")
            yield Change("unknown", layer, message)
        elif not sha256:
            yield Change(kind, layer, Text(f"{path} 已不存在", f"{path} is gone"))
        else:
            yield Change(kind, layer, _replaced(one, now))
    yield from _declared_anew(run, now)
    known = {one["path"] for one in inputs if one["path"].startswith("data/rules/")}
    if known:
        for path in sorted(now.rule_files - known):
            yield Change("rules", EVERY_LAYER, Text(f"新增规则文件 {path}", f"the rules {path} were added"))


def _declared_anew(run: Entry, now: Now) -> Iterator[Change]:
    """Yield what the declarations say otherwise than they did."""
    before = run.body["declared"]
    for role in sorted(before):
        if role == "project_sites" and run.body["command"] in SENT:
            continue
        if role in now.declared and now.declared[role] != before[role]:
            layer = EVERY_LAYER if role in ("project_sites", "county") else role
            message = Text(f"layers.toml 中 {role} 的声明改变", f"what layers.toml declares of {role} changed")
            yield Change("declaration", layer, message)
        elif role not in now.declared:
            yield Change("declaration", role, Text(f"不再有图层 {role}", f"there is no layer {role} any more"))


def _sent_anew(run: Entry, one: Mapping[str, str], later: Sequence[Entry]) -> Iterator[Change]:
    """Yield that a file of the same name was screened later with other bytes."""
    for other in later:
        if other.seq <= run.seq:
            continue
        for sent in other.body["inputs"]:
            if sent["name"] == one["name"] and sent["path"] == one["path"] and sent["sha256"] != one["sha256"]:
                message = Text(
                    f"第 {other.seq} 次运行用了同名而内容不同的 {one['path']}",
                    f"run {other.seq} took a file of the same name, {one['path']}, with other contents",
                )
                yield Change("boundary", EVERY_LAYER, message)
                return


_KIND_OF_ROLE: dict[str, ChangeKind] = {"project_sites": "boundary", "county": "coverage", "towns": "coverage"}
_KIND_OF_PLACE: dict[str, ChangeKind] = {
    "data/rules/": "rules",
    "data/questions.csv": "rules",
    "data/project_types.csv": "rules",
    "data/decisions/reviews.csv": "reviews",
    "data/decisions/": "decisions",
    "data/": "plan",
}


def _kind_of(one: Mapping[str, str], covers: Mapping[str, str]) -> tuple[ChangeKind, str]:
    """Return what kind of input it is, and the layer whose answers hang on it."""
    path, role = one["path"], one.get("role", "")
    for place, kind in _KIND_OF_PLACE.items():
        if path.startswith(place):
            return kind, EVERY_LAYER
    if role in _KIND_OF_ROLE:
        return _KIND_OF_ROLE[role], EVERY_LAYER
    covered = covers.get(path.removeprefix("layers/"), "")
    return ("coverage", covered) if covered else ("layer", role or one["name"].partition(".")[0])


def _replaced(one: Mapping[str, str], now: Now) -> Text:
    """Say that an input has other bytes, with its versions where they are declared."""
    declared = now.workspace.catalog.layers.get(one["name"])
    then = " ".join(filter(None, (one.get("version", ""), one.get("date", ""))))
    new = "" if declared is None else f"{declared.version} {declared.date}".strip()
    path = one["path"]
    if (then or new) and then != new:
        return Text(
            f"{path} 已换版：{then or '—'} → {new or '—'}", f"{path} was replaced: {then or '—'} → {new or '—'}"
        )
    return Text(f"{path} 的内容改变（版本号未变）", f"the contents of {path} changed (its version was left as it was)")
