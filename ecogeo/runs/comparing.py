"""Two runs side by side: which answers flip, by how many square metres, and because of which input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ecogeo.ledger import Entry
from ecogeo.wording import Text

Row = Mapping[str, str]
Kind = Literal["answer", "verdict", "figure", "review", "added", "gone"]

_GEOMETRIC = ("overlap_m2", "length_m", "share", "distance_m", "coverage", "zones")
_LEGAL = ("verdict", "rule_id", "clause")
_PARAMETERS = ("accuracy_m", "corridor_m", "assume", "layer", "rounding")

DIFF_COLUMNS = (
    *("kind", "site_id", "site_name", "layer", "answer_before", "answer_after", "overlap_m2_before"),
    *("overlap_m2_after", "difference_m2", "verdict_before", "verdict_after", "rule_before", "rule_after", "because"),
)


@dataclass(frozen=True, slots=True)
class Cause:
    """One input that explains a difference.

    Parameters
    ----------
    kind
        ``boundary``, ``layer``, ``coverage``, ``declaration``, ``parameters``, ``rules``, ``date``, ``answers``,
        ``type``, ``plan``, ``reviews``, ``version``, ``unexplained``.
    message
        For people.
    """

    kind: str
    message: Text


@dataclass(frozen=True, slots=True)
class Difference:
    """One site and layer that two runs answer differently.

    Parameters
    ----------
    kind
        The gravest that differs: the answer, else the verdict (or its rule), else a figure, else the review; ``added``
        and ``gone`` where only one of the runs has it.
    before, after
        The rows as recorded; empty where a run has none.
    causes
        Every input that changed and bears on this very row; several cannot be told apart from the record alone.
    """

    kind: Kind
    before: Row
    after: Row
    causes: tuple[Cause, ...]

    @property
    def difference_m2(self) -> float | None:
        """By how much the overlap grew, m²; None where neither or only one has a figure."""
        if self.kind in ("added", "gone"):
            return None
        before, after = (_number(row.get("overlap_m2", "")) for row in (self.before, self.after))
        if before is None and after is None:
            return None
        return round((after or 0.0) - (before or 0.0), 2)

    def cells(self) -> dict[str, str]:
        """Return the row of ``diff.csv``, causes in Chinese."""
        some, by = self.after or self.before, self.difference_m2
        pairs = {
            "answer": "answer",
            "overlap_m2": "overlap_m2",
            "verdict": "verdict",
            "rule": "rule_id",
        }
        told = {"kind": self.kind, "site_id": some["site_id"], "site_name": some["site_name"], "layer": some["layer"]}
        for name, column in pairs.items():
            told[f"{name}_before"], told[f"{name}_after"] = self.before.get(column, ""), self.after.get(column, "")
        told["difference_m2"] = "" if by is None else f"{by:.2f}"
        told["because"] = "；".join(cause.message.zh for cause in self.causes)
        return {column: told[column] for column in DIFF_COLUMNS}


def compare_runs(a: Entry, b: Entry, rows_a: Sequence[Row], rows_b: Sequence[Row]) -> tuple[Difference, ...]:
    """Compare two runs answer by answer.

    Parameters
    ----------
    a, b
        The earlier and the later run.
    rows_a, rows_b
        Their answers.

    Returns
    -------
    The rows that differ, answers that flip first, then by layer and site in the order of the later run.
    """
    before = {(row["site_id"], row["layer"]): row for row in rows_a}
    after = {(row["site_id"], row["layer"]): row for row in rows_b}
    context = _Context.of(a, b, before, after)
    found = [
        one
        for key in dict.fromkeys([*after, *before])
        if (one := context.difference(before.get(key, {}), after.get(key, {}))) is not None
    ]
    order = ("answer", "added", "gone", "verdict", "figure", "review")
    return tuple(sorted(found, key=lambda one: order.index(one.kind)))


@dataclass(frozen=True, slots=True)
class _Context:
    """What changed between two runs as a whole."""

    a: Entry
    b: Entry
    layers: tuple[frozenset[str], frozenset[str]]
    sites: tuple[frozenset[str], frozenset[str]]

    @staticmethod
    def of(a: Entry, b: Entry, before: Mapping[tuple[str, str], Row], after: Mapping[tuple[str, str], Row]) -> _Context:
        layers = (frozenset(layer for _, layer in before), frozenset(layer for _, layer in after))
        sites = (frozenset(site for site, _ in before), frozenset(site for site, _ in after))
        return _Context(a, b, layers, sites)

    def difference(self, before: Row, after: Row) -> Difference | None:
        if not before or not after:
            some = after or before
            return Difference("added" if after else "gone", before, after, tuple(self._only_one(some, bool(after))))
        kind = _kind(before, after)
        if kind is None:
            return None
        causes: list[Cause] = []
        if any(before[column] != after[column] for column in ("answer", *_GEOMETRIC)):
            causes += self._of_ground(before, after)
        if any(before[column] != after[column] for column in _LEGAL):
            causes += self._of_law(before, after)
        if before["reviewed"] != after["reviewed"]:
            message = f"{before['reviewed'] or '—'} → {after['reviewed'] or '—'}"
            causes.append(Cause("reviews", Text(f"复核意见改变：{message}", f"the review changed: {message}")))
        if not causes:
            causes = [*self._of_attributes(), *self._of_plan()] or list(self._of_version())
        return Difference(kind, before, after, tuple(dict.fromkeys(causes)))

    def _only_one(self, row: Row, is_new: bool) -> Iterator[Cause]:
        where = 0 if is_new else 1
        if row["layer"] not in self.layers[where]:
            yield Cause(
                "layer",
                Text(f"只有一次对照了图层 {row['layer']}", f"only one of the runs screened the layer {row['layer']}"),
            )
        if row["site_id"] not in self.sites[where]:
            words = ("新增用地", "the site is new") if is_new else ("不再有这宗用地", "the site is gone")
            yield Cause("boundary", Text(*words))

    def _of_ground(self, before: Row, after: Row) -> Iterator[Cause]:
        """Yield what moved the ground of a row: site, layer, its coverage, how it is declared, the accuracy."""
        known = before["site_sha256"] and after["site_sha256"]
        if known and before["site_sha256"] != after["site_sha256"]:
            areas = f"{before['site_m2']} → {after['site_m2']} m²"
            yield Cause("boundary", Text(f"用地边界改变（{areas}）", f"the site's boundary changed ({areas})"))
        elif not known and (changed := self._input_of("project_sites")):
            yield Cause("boundary", Text(f"用地文件改变：{changed.zh}", f"the file of sites changed: {changed.en}"))
        role = after["layer"]
        if changed := self._input_of(role):
            yield Cause("layer", Text(f"图层 {role} 换版：{changed.zh}", f"the layer {role} changed: {changed.en}"))
        if before["coverage"] != after["coverage"] or "undetermined" in (before["answer"], after["answer"]):
            yield from self._of_coverage(role)
        for one in (role, "project_sites"):
            then, now = (entry.body["declared"].get(one) for entry in (self.a, self.b))
            if then != now:
                message = Text(f"layers.toml 中 {one} 的声明改变", f"what layers.toml declares of {one} changed")
                yield Cause("declaration", message)
        for name in _PARAMETERS:
            then, now = (entry.body["parameters"].get(name) for entry in (self.a, self.b))
            if then != now:
                yield Cause("parameters", Text(f"参数 {name}：{then} → {now}", f"parameter {name}: {then} → {now}"))

    def _of_coverage(self, role: str) -> Iterator[Cause]:
        for entry in (self.a, self.b):
            for one in entry.body["inputs"]:
                covering = one.get("coverage", "")
                if one.get("role") == role and covering and (changed := self._input_of(covering)):
                    message = Text(
                        f"覆盖范围 {covering} 改变：{changed.zh}", f"the coverage {covering} changed: {changed.en}"
                    )
                    yield Cause("coverage", message)

    def _of_law(self, before: Row, after: Row) -> Iterator[Cause]:
        """Yield what changed the law of a row: its zone, type, answers, the rules or the day."""
        if before["answer"] != after["answer"]:
            return  # a hit that came or went brings its verdict with it
        if before["zones"] != after["zones"]:
            yield from self._of_ground(before, after)
        if before["project_type"] != after["project_type"]:
            types = f"{before['project_type'] or '—'} → {after['project_type'] or '—'}"
            yield Cause("type", Text(f"项目类型改变：{types}", f"the project's type changed: {types}"))
        if before["answers"] != after["answers"]:
            given = f"{before['answers'] or '—'} → {after['answers'] or '—'}"
            yield Cause("answers", Text(f"问题答案改变：{given}", f"the answers to questions changed: {given}"))
        rules_a, rules_b = self.a.body["rules"], self.b.body["rules"]
        ids = [one for one in dict.fromkeys((before["rule_id"], after["rule_id"])) if one]
        changed = [one for one in ids if _digest(rules_a, one) != _digest(rules_b, one)]
        if changed:
            words = "、".join(_what_became(one, rules_a, rules_b).zh for one in changed)
            words_en = ", ".join(_what_became(one, rules_a, rules_b).en for one in changed)
            yield Cause("rules", Text(f"规则库改变：{words}", f"the rules changed: {words_en}"))
        days = self.a.body["judged_on"], self.b.body["judged_on"]
        if days[0] != days[1] and any(
            _in_force(rules_b, one, days[0]) != _in_force(rules_b, one, days[1]) for one in ids
        ):
            told = f"{days[0] or '—'} → {days[1] or '—'}"
            yield Cause("date", Text(f"判定日期改变：{told}", f"the day judged by changed: {told}"))
        if rules_a != rules_b and not changed and before["rule_id"] != after["rule_id"]:
            yield Cause("rules", Text("规则库改变（别的规则先适用）", "the rules changed (another one goes first)"))

    def _of_attributes(self) -> Iterator[Cause]:
        """Yield that something else than its outline changed in the file of sites, such as how surely it lies."""
        if changed := self._input_of("project_sites"):
            zh, en = "用地文件的属性改变（边界未变）", "fields of the sites changed, their outline did not"
            yield Cause("boundary", Text(f"{zh}：{changed.zh}", f"{en}: {changed.en}"))

    def _of_plan(self) -> Iterator[Cause]:
        """Yield the tables of plans that changed."""
        then, now = ({one["path"]: one["sha256"] for one in entry.body["inputs"]} for entry in (self.a, self.b))
        paths = [path for path in sorted(then.keys() & now.keys()) if then[path] != now[path]]
        for path in paths:
            if path.startswith("data/") and not path.startswith(("data/rules/", "data/decisions/")):
                yield Cause("plan", Text(f"{path} 改变", f"{path} changed"))

    def _of_version(self) -> Iterator[Cause]:
        """Yield what is left where nothing of a row itself changed."""
        versions = self.a.body["version"], self.b.body["version"]
        if versions[0] != versions[1]:
            told = f"{versions[0]} → {versions[1]}"
            yield Cause("version", Text(f"软件版本改变：{told}", f"the version of the tool changed: {told}"))
            return
        days = self.a.body["judged_on"], self.b.body["judged_on"]
        if days[0] != days[1]:
            told = f"{days[0] or '—'} → {days[1] or '—'}"
            yield Cause("date", Text(f"判定日期改变：{told}", f"the day judged by changed: {told}"))
            return
        yield Cause("unexplained", Text("记录中找不到原因", "no cause is on record"))

    def _input_of(self, role: str) -> Text | None:
        """Say how the input of a role (or the file of a coverage) changed; None where it did not."""
        then, now = (
            next((one for one in entry.body["inputs"] if _is_input(one, role)), None) for entry in (self.a, self.b)
        )
        if then is None or now is None:
            return None if then is now else Text("有一次没有它", "one of the runs had none")
        if then["sha256"] == now["sha256"]:
            return None
        a, b = (" ".join(filter(None, (one.get("version", ""), one.get("date", "")))) for one in (then, now))
        a, b = a or then["sha256"][:12], b or now["sha256"][:12]
        if a == b:
            a, b = f"{a} ({then['sha256'][:12]})", f"{b} ({now['sha256'][:12]})"
        return Text(f"{then['path']} {a} → {now['path']} {b}", f"{then['path']} {a} → {now['path']} {b}")


def _is_input(one: Row, role: str) -> bool:
    is_sites = role == "project_sites" and one["name"] == "project_sites"
    return one.get("role") == role or is_sites or one["path"] == f"layers/{role}"


def _kind(before: Row, after: Row) -> Kind | None:
    if before["answer"] != after["answer"]:
        return "answer"
    if any(before[column] != after[column] for column in _LEGAL):
        return "verdict"
    if any(before[column] != after[column] for column in _GEOMETRIC):
        return "figure"
    return "review" if before["reviewed"] != after["reviewed"] else None


def _digest(rules: Mapping[str, Sequence[str]], rule_id: str) -> str:
    return rules[rule_id][0] if rule_id in rules else ""


def _what_became(rule_id: str, before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]) -> Text:
    if rule_id not in before:
        return Text(f"新增 {rule_id}", f"{rule_id} was added")
    if rule_id not in after:
        return Text(f"删去 {rule_id}", f"{rule_id} was taken out")
    return Text(f"改了 {rule_id}", f"{rule_id} was changed")


def _in_force(rules: Mapping[str, Sequence[str]], rule_id: str, day: str) -> bool:
    """Whether a rule is in force on a day as far as its dates are known; without a day, whether it has no end."""
    if rule_id not in rules:
        return False
    _, starts, ends = rules[rule_id]
    if not day:
        return not ends
    return (not starts or starts <= day) and (not ends or day <= ends or day.startswith(ends))


def _number(text: str) -> float | None:
    return float(text) if text else None
