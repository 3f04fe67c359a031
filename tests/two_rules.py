"""Two rules on red lines that hang on one question, so that its answer decides what the rules say."""

from __future__ import annotations

from pathlib import Path

RULE_COLUMNS = (
    "rule_id,layer_role,zone_value,project_types,extra_condition,verdict,next_step,issuer,clause,level,valid_from,"
    "valid_to,replaced_by,source_url,checked_by,checked_on"
)
RULES = f"""{RULE_COLUMNS}
R1,redlines,*,*,is_temporary,conditional,办理临时用地,县局,某办法第一条,国家,2020,,,,,
R2,redlines,*,*,not is_temporary,prohibited,避让,,某办法第二条,国家,2020,,,,再核实人,2026-01-01
"""
TYPES = """type_id,zh,en,nature,words,against,answers_yes,answers_no,basis
road,道路,road,linear,公路,,,,
works,厂房,works,site,项目,,,,
other,其他,other,mixed,,,,,
"""
QUESTIONS = """question_id,zh,en
is_linear,是否线性？,Is it linear?
is_temporary,是否临时用地？,Is it temporary?
"""


def write_rules(root: Path) -> None:
    """Give a county folder the two rules, with a table of project types and the questions."""
    data = root / "data"
    (data / "rules").mkdir()
    (data / "rules" / "national.csv").write_text(RULES, "utf-8-sig")
    (data / "project_types.csv").write_text(TYPES, "utf-8-sig")
    (data / "questions.csv").write_text(QUESTIONS, "utf-8-sig")
