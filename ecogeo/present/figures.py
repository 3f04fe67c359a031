"""Steps that show figures: indicators behind their targets, the protected share of the shore, money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecogeo.board.choosing import NONE
from ecogeo.board.indicators import STATUSES, IndicatorRow, status_counts
from ecogeo.board.money import money_by
from ecogeo.board.plans import PlanBoard
from ecogeo.board.records import ProjectRecord
from ecogeo.finding import Answer, Report
from ecogeo.present.steps import Step
from ecogeo.rounding import rounded
from ecogeo.wording import Text

_MOST_LISTED = 6
_NOT_MET = "not_met"


def indicator_step(plan: PlanBoard, layers: tuple[str, ...]) -> Step | None:
    """Say which indicators of a plan are behind their targets; None where the plan has no indicator."""
    if not plan.indicators:
        return None
    counts = status_counts(plan.indicators)
    known = [code for code in STATUSES if counts.get(code)]
    words = [
        Text(
            f"指标 {len(plan.indicators)} 项："
            + "，".join(f"{STATUSES[code].zh} {counts[code]} 项" for code in known)
            + "。",
            f"{len(plan.indicators)} indicators: "
            + ", ".join(f"{counts[code]} {STATUSES[code].en}" for code in known)
            + ".",
        )
    ]
    leaves = [row for one in plan.indicators for row in (one.parts or (one.head,))]
    behind = [row for row in leaves if row.status == _NOT_MET]
    words += [_behind(row) for row in behind[:_MOST_LISTED]]
    if (more := len(behind) - _MOST_LISTED) > 0:
        words.append(Text(f"另有 {more} 项（含分项），见指标表。", f"{more} more, with sub-items: see the indicators."))
    if not behind:
        words.append(Text("没有低于目标的指标。", "No indicator is behind its target."))
    words.append(Text(f"资料：{plan.title}", f"source: {plan.title}"))
    return Step(Text("规划指标与目标", "Indicators and targets"), tuple(words), layers=layers)


def _behind(row: IndicatorRow) -> Text:
    """Say of one indicator where it stands and what is wanted, as the plan words both."""
    last = row.last
    target = _measured(row.milestones[0].text, row.unit) if row.milestones else "—"
    value = "—" if last is None else _measured(last.text, row.unit)
    year = None if last is None else last.year
    when = Text("", "") if year is None else Text(f"（{year} 年）", f" ({year})")
    return Text(
        f"{row.name}：{value}{when.zh}，目标 {target}",
        f"{row.name}: {value}{when.en}, target {target}",
    )


def _measured(text: str, unit: str) -> str:
    """Return a value with its unit, as far as it is a number; lines of one cell are put side by side."""
    told = "；".join(part.strip() for part in text.split("\n") if part.strip()) or "—"
    return f"{told} {unit}" if unit and "\n" not in unit and told[-1].isdigit() else told


def shoreline_step(report: Report, layers: tuple[str, ...]) -> Iterator[Step]:
    """Say how much of the shore is protected, the least protected river first; nothing where none was measured."""
    table = report.tables.get("shoreline_totals")
    if table is None or not len(table):
        return
    words = []
    for row in table[table["level"] == "county"].to_dict("records"):
        km = rounded(float(row["bank_m"]) / 1000, 2)
        share = f"{rounded(float(row['protection_pct']), 2):.2f}%"
        words.append(
            Text(
                f"岸线总长（两岸）{km:,.2f} 千米，保护率 {share}。",
                f"{km:,.2f} km of shore (both banks), {share} of it protected.",
            )
        )
        if row["reaches_unzoned"]:
            count = int(row["reaches_unzoned"])
            words.append(Text(f"{count} 个河段没有划功能区，不计入。", f"{count} reaches without zones do not count."))
    rivers = table[table["level"] == "river"].sort_values(["protection_pct", "name"])
    for row in rivers.head(_MOST_LISTED).to_dict("records"):
        share = (
            f"{rounded(float(row['protection_pct']), 2):.2f}%"
            if row["protection_pct"] == row["protection_pct"]
            else "—"
        )
        words.append(Text(f"{row['name'] or '—'}：{share}", f"{row['name'] or '—'}: {share}"))
    if (more := len(rivers) - _MOST_LISTED) > 0:
        words.append(Text(f"另有 {more} 条河流更高。", f"{more} rivers have more."))
    yield Step(Text("河湖岸线保护率", "Protected shore"), tuple(words), layers=layers)


def money_step(records: Sequence[ProjectRecord], layers: tuple[str, ...]) -> Iterator[Step]:
    """Say what the projects of the plan cost, and how much of it hangs on constraints; nothing without a plan."""
    planned = [record for record in records if record.in_plan]
    if not planned:
        return
    money = money_by(records, "system")
    words = [
        Text(
            f"规划项目 {len(planned)} 个，总投资 {_wan(money.total)} 万元。",
            f"{len(planned)} projects of the plan, {_wan(money.total)} × 10,000 yuan.",
        )
    ]
    if money.unpriced:
        words.append(Text(f"{money.unpriced} 个没有写明投资，不计入。", f"{money.unpriced} state no investment."))
    for bar in money.bars[:_MOST_LISTED]:
        label = Text("（未写明）", "(not stated)") if bar.label == NONE else Text(bar.label, bar.label)
        words.append(Text(f"{label.zh}：{_wan(bar.total)} 万元", f"{label.en}: {_wan(bar.total)} × 10,000 yuan"))
    for answer in (Answer.INVOLVED, Answer.UNDETERMINED):
        held = [record for record in planned if record.answer is answer]
        total = sum(record.undertaking.invest_wan_yuan or 0.0 for record in held)
        words.append(
            Text(
                f"其中判断为{answer.text.zh}的 {len(held)} 个，{_wan(total)} 万元。",
                f"Of these {len(held)} are {answer.text.en}: {_wan(total)} × 10,000 yuan.",
            )
        )
    yield Step(Text("项目投资", "Investment"), tuple(words), layers=layers)


def _wan(value: float) -> str:
    return f"{rounded(value, 2):,.2f}".rstrip("0").rstrip(".")
