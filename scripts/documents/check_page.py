"""The page of the checks: what each needs, says and rests on."""

from __future__ import annotations

import functools
import inspect
import re
import sys

from documents.markup import HOME, cell, code, page, table, words
from ecogeo.catalog import ROLES
from ecogeo.check import Check, find_checks

_WHOLE = {
    "cases": "项目用地及其项目 sites with their projects",
    "projects": "规划项目 projects of the plans",
    "plans": "规划 plans",
    "layers": "全部图层 all layers",
    "joins": "全部关联 all joins",
    "land_book": "地类和口径表 classes and definitions",
    "law": "规则 rules",
    "law_distances": "法定距离表 distances of the law",
    "rounding": "取舍规则 rounding",
}


def check_page() -> str:
    """Return the page of all checks."""
    checks = find_checks()
    rows = [(f"[`{one.name}`](#{one.name})", code(one.family), one.title.zh, one.title.en) for one in checks]
    return page(
        "检查 Checks",
        "缺少必需图层的检查列为“未运行”并说明原因；出错的检查注明，其他照常。阈值写入 `layers/layers.toml`：\n\n"
        "A check whose layer is missing is listed as not run, with the reason; one that breaks is noted and the others "
        "go on. A county sets thresholds in `layers/layers.toml`:",
        "```toml\n[checks.redline_reduced]\nnoise_width_m = 3\n```",
        table(("检查", "组", "名称", "Title"), rows),
        *(_section(one) for one in checks),
        "## 规划的核对 The audit of plans",
        "`ecogeo audit` 和 `ecogeo import` 写入 `audit.csv`（列见[文件](files.md)）。\n\n"
        "Written to `audit.csv` by `ecogeo audit` and `ecogeo import`.",
        table(("名称", "含义", "Says"), ((code(name), zh, en) for name, (zh, en) in words()["audit"].items())),
    )


def _section(one: Check) -> str:
    """Return the part of one check."""
    module = sys.modules[f"ecogeo.checks.{one.name}"]
    source = (inspect.getdoc(module) or "").partition("Source:")[2]
    summary = (inspect.getdoc(one.function) or "").partition("\n\n")[0]
    rows = [
        ("必需 needs", _inputs(one.needs)),
        ("可用 may use", _inputs(name for name in one.uses if name not in one.needs)),
        ("阈值 thresholds", " ".join(f"`{name} = {value}`" for name, value in one.thresholds.items())),
        ("依据 source", source),
    ]
    zh, en = (said_in(readme)[one.name] for readme in ("README.zh-CN.md", "README.md"))
    return "\n\n".join(
        (
            f"## {one.name}",
            f"**{cell(one.title.zh)}** · {zh}",
            f"**{cell(one.title.en)}** · {en}",
            cell(summary),
            table(("", ""), (row for row in rows if row[1])),
        )
    )


def _inputs(names: object) -> str:
    """Return what a check is handed, the roles with a link to their part of the page of layers."""
    shown = []
    for name in list(names):  # type: ignore[call-overload]
        role = name.removeprefix("earlier_")
        if role in ROLES:
            before = "（前一版 the version before）" if role != name else ""
            shown.append(f"[`{role}`](layers.md#{role}){before}")
        else:
            shown.append(_WHOLE.get(name, code(name)))
    return "、".join(shown)


@functools.cache
def said_in(readme: str) -> dict[str, str]:
    """Return what a README says of each check, by name."""
    text = (HOME / readme).read_text("utf-8")
    return {
        found[1]: found[2].strip()
        for found in re.finditer(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", text, flags=re.MULTILINE)
    }
