"""The pages of the law and of the definitions: the sample county's tables, with how far each row was checked."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from documents.markup import HOME, code, codes, page, table
from ecogeo.rules import read_rules
from ecogeo.rules.pack import Rule

_DATA = HOME / "data"


def rule_page() -> str:
    """Return the page of rules, project types, questions and distances."""
    pack = read_rules(_DATA / "rules")
    counted = Counter(rule.standing for rule in pack.rules)
    standings = [(code(one), one.text.zh, one.text.en, count) for one, count in sorted(counted.items())]
    return page(
        "规则 Rules",
        "样例县的规则表 `data/rules/*.csv`，县里可换成自己的。"
        "没有与发文机关原文核对过的，一律注明；用到它的每个结果也注明。\n\n"
        "The rule tables of the sample county, `data/rules/*.csv`; a county may put its own in their place. Whatever "
        "was not checked against its issuer's own text says so, and so does every output that uses it.",
        "## 核对情况 How far they were checked",
        table(("", "含义", "Meaning", "条 rules"), standings),
        "## 规则表 The rules",
        *(_rules_of(role, [rule for rule in pack.rules if rule.layer_role == role]) for role in _roles(pack.rules)),
        "## 项目类型 Project types",
        "按规划文字认定；认不出的为 `other`。人工可另选（`types.csv`）。\n\n"
        "Told from the plan's words; `other` where none fits. A person may choose another (`types.csv`).",
        table(
            ("编号", "名称", "Name", "占地 ground", "类型本身回答“是” answered yes", "回答“否” answered no"),
            (
                (
                    code(one.type_id),
                    one.text.zh,
                    one.text.en,
                    code(one.nature),
                    codes(name for name, holds in one.facts.items() if holds),
                    codes(name for name, holds in one.facts.items() if not holds),
                )
                for one in pack.types
            ),
        ),
        "## 问题 Questions",
        "图形回答不了，须由人回答（`answers.csv`）；没有回答的不作推测。\n\n"
        "What geometry cannot answer; people do (`answers.csv`), and nothing is guessed until they have.",
        table(
            ("编号", "问题", "Question"), ((code(one.question_id), one.text.zh, one.text.en) for one in pack.questions)
        ),
        "## 法定距离 Distances of the law",
        _distances(),
    )


def _roles(rules: tuple[Rule, ...]) -> list[str]:
    """Return the themes rules are about, in the order of the tables."""
    return list(dict.fromkeys(rule.layer_role for rule in rules))


def _rules_of(role: str, rules: list[Rule]) -> str:
    """Return the rules about one theme: each by itself, so that a link may point to it."""
    files = sorted((_DATA / "rules").glob("*.csv"))
    conditions = {row["rule_id"]: row["extra_condition"] for path in files for row in _read(path)}
    return "\n\n".join([f"### {role}", *(_rule(rule, conditions[rule.rule_id]) for rule in rules)])


def _rule(rule: Rule, condition: str) -> str:
    """Return one rule."""
    rows = [
        ("判定 verdict", f"{rule.verdict.text.zh} {code(rule.verdict)}"),
        ("分区 zones", codes(rule.zones)),
        ("项目类型 types", codes(rule.project_types)),
        ("条件 condition", code(condition)),
        ("下一步 next step", rule.next_step),
        ("出具单位 issuer", rule.issuer),
        ("条款 clause", rule.clause),
        ("级别 level", rule.level),
        ("施行 in force", f"{rule.valid_from or '不明 unknown'} – {rule.valid_to}"),
        ("由其替代 replaced by", code(rule.replaced_by)),
        ("核对 checked", f"{rule.standing.text.zh} {code(rule.standing)}"),
    ]
    return f"#### {rule.rule_id}\n\n{table(('', ''), (row for row in rows if row[1]))}"


def _distances() -> str:
    """Return the table of distances, or that it is empty."""
    rows = _read(_DATA / "distances.csv")
    if not rows:
        return (
            "此表为空：编者没有读到现行的距离规定。\n\nThe table is empty: the builders have read no distance in force."
        )
    return table(tuple(rows[0]), (tuple(row.values()) for row in rows))


def definition_page() -> str:
    """Return the page of the definitions: covers, thresholds by terrain, classes."""
    covers = _read(_DATA / "cover_definitions.csv")
    thresholds = _read(_DATA / "cover_thresholds.csv")
    classes = _read(_DATA / "land_classes.csv")
    return page(
        "口径 Definitions",
        "同一个指标可有几种口径，每种都量算并写明来源；县里可另写自己的表。\n\n"
        "One indicator may have several definitions; each is measured and names its source. "
        "A county may keep its own tables.",
        "## 覆盖率口径 Definitions of covers",
        "`data/cover_definitions.csv`",
        table(
            ("指标", "口径", "Definition", "计入", "来源", "核对"),
            (
                (
                    f"{row['measure']} {row['measure_en']}",
                    row["definition"],
                    row["definition_en"],
                    codes(row["members"].split()),
                    row["source"],
                    row["checked"],
                )
                for row in covers
            ),
        ),
        "## 分地形的阈值 Thresholds by terrain",
        "`data/cover_thresholds.csv`",
        table(
            ("指标", "地形", "Terrain", "至少 %", "来源", "核对"),
            (
                (row["measure"], row["terrain"], row["terrain_en"], row["least_pct"], row["source"], row["checked"])
                for row in thresholds
            ),
        ),
        "## 地类 Classes",
        "`data/land_classes.csv`",
        table(
            ("方案", "代码", "名称", "Name", "算作", "来源", "核对"),
            (
                (
                    row["scheme"],
                    code(row["code"]),
                    row["name"],
                    row["name_en"],
                    code(row["kind"]),
                    row["source"],
                    row["checked"],
                )
                for row in classes
            ),
        ),
    )


def _read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table of the sample county."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
