"""The audit of plans from the command line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ecogeo.cli.options import DONE, FAULTY, a_file, common, exit_zero
from ecogeo.cli.printing import print_files
from ecogeo.wording import Lang, Text, list_en, list_zh

if TYPE_CHECKING:
    from ecogeo.plan import AuditFinding
    from ecogeo.workspace import Workspace


@click.command("audit")
@common
@click.argument("plan", default="")
@click.option("-o", "--out", type=a_file, help="把 audit.csv 写到这个文件夹 / write audit.csv to this folder")
@exit_zero
def audit_command(
    *, plan: str, workspace: Path | None, out: Path | None, exit_zero: bool, quiet: bool, lang: Lang
) -> int:
    """核对规划表格：合计、单位、年份、达标 / hold a plan's tables against themselves.

    PLAN is a plan's name or the folder of its tables; without it all plans of the county folder are audited.
    """
    import pandas as pd

    from ecogeo.finding import Severity
    from ecogeo.plan import audit_frame, audit_plan
    from ecogeo.plan.folders import read_plans
    from ecogeo.report.cells import write_csv
    from ecogeo.workspace import open_workspace

    del quiet
    frames, is_faulty = [], False
    for name, tables in read_plans(_chosen(open_workspace(workspace), plan)).items():
        findings = audit_plan(tables)
        click.echo(f"{tables.plan.get('title') or name} ({name}) — {audit_counts(findings).say(lang)}")
        print_findings(findings, lang)
        frame = audit_frame(findings)
        frame.insert(0, "plan", name)
        frames.append(frame)
        is_faulty |= any(finding.severity is Severity.FAULT for finding in findings)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_csv(pd.concat(frames, ignore_index=True), out / "audit.csv")
        print_files([out / "audit.csv"], lang)
    return FAULTY if is_faulty and not exit_zero else DONE


def audit_counts(findings: Sequence[AuditFinding]) -> Text:
    """Say how many findings there are of each severity."""
    from ecogeo.finding import Severity

    counts = Counter(finding.severity for finding in findings)
    parts = [(severity.text, counts[severity]) for severity in Severity if counts[severity]]
    if not parts:
        return Text("表格核对无发现", "the audit found nothing")
    return Text(
        "表格核对：" + "，".join(f"{text.zh} {count} 条" for text, count in parts),
        "audit: " + ", ".join(f"{count} × {text.en}" for text, count in parts),
    )


def print_findings(findings: Sequence[AuditFinding], lang: Lang) -> None:
    """Print findings, one a line."""
    for finding in findings:
        click.echo(f"  {finding.severity.text.say(lang)} [{finding.check}] {finding.message.say(lang)}")


def _chosen(county: Workspace, plan: str) -> dict[str, Path]:
    """Return the plan that is meant, or all of the county folder, by name.

    Raises
    ------
    UsageError
        Where there is none of that name and no such folder, or the county folder holds no plan.
    """
    from ecogeo.errors import UsageError
    from ecogeo.plan.folders import plan_folders

    every = plan_folders(county.data_folder, {name: one.path for name, one in county.catalog.plans.items()})
    if plan in every:
        return {plan: every[plan]}
    if plan and Path(plan).is_dir():
        return {Path(plan).resolve().name: Path(plan)}
    if plan:
        raise UsageError(
            Text(
                f"没有规划“{plan}”，也没有这个文件夹；已有：{list_zh(every, most=30) or '无'}",
                f"there is no plan “{plan}” and no such folder; there are {list_en(every, most=30) or 'none'}",
            )
        )
    if not every:
        raise UsageError(
            Text(
                "县域文件夹中没有规划；先用 ecogeo import 读入，或写明规划文件夹",
                "the county folder holds no plan: read one by ecogeo import, or name the folder of one",
            )
        )
    return every
