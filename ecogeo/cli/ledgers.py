"""The memory of an office from the command line: runs, what changed between two of them, copies of the ledger."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ecogeo.cli.options import DONE, FAULTY, a_file, common
from ecogeo.cli.printing import print_files
from ecogeo.cli.recording import known_ledger
from ecogeo.wording import Lang, Text, list_en, list_zh

if TYPE_CHECKING:
    from ecogeo.ledger import Entry, Ledger
    from ecogeo.runs import Change, Difference
    from ecogeo.workspace import Workspace

ledger_option = click.option(
    "--ledger",
    "address",
    default="",
    help="台账文件或 postgresql:// 地址（默认按 ECOGEO_LEDGER，否则 data/decisions/ledger.sqlite） / the ledger",
)
as_json = click.option("--json", "is_json", is_flag=True, help="输出 JSON / print JSON")


def _about_ledger(function: Callable[..., int]) -> Callable[..., None]:
    return common(ledger_option(function))


@click.command("runs")
@_about_ledger
@click.argument("number", type=click.IntRange(1), required=False)
@click.option("--verify", is_flag=True, help="核对台账是否被改动 / tell whether the ledger was tampered with")
@click.option(
    "--known", metavar="SHA256", multiple=True, help="以前抄下的摘要，应仍在台账中 / must still be in the ledger"
)
@as_json
def runs_command(
    *,
    number: int | None,
    verify: bool,
    known: tuple[str, ...],
    is_json: bool,
    address: str,
    workspace: Path | None,
    quiet: bool,
    lang: Lang,
) -> int:
    """列出运行记录，或一次运行的详情 / past runs, or one of them in full; superseded ones are marked."""
    from ecogeo.ledger import chain_problems, entries, entry_of
    from ecogeo.runs import RUN, changes_since, look
    from ecogeo.workspace import open_workspace

    del quiet
    county = open_workspace(workspace)
    ledger = known_ledger(county.data_folder, address)
    if verify or known:
        return _verified(ledger, known, lang)
    chosen = entries(ledger, RUN)
    if number is not None:
        _require_run(entry_of(ledger, number), ledger)
    if not chosen:
        nothing = Text("台账中还没有运行记录", "the ledger holds no run yet")
        click.echo("[]" if is_json else nothing.say(lang))
        return DONE
    if problems := chain_problems(ledger, with_lines=False):
        click.echo("\n".join(f"! {one.say(lang)}" for one in problems), err=True)
    now = look(county)
    shown = [(run, changes_since(run, now, chosen)) for run in chosen if number in (None, run.seq)]
    if is_json:
        rows = [_as_object(run, changes, lang, is_whole=number is not None) for run, changes in shown]
        click.echo(json.dumps(rows if number is None else rows[0], ensure_ascii=False, indent=2))
    elif number is not None:
        _print_run(county, *shown[0], lang)
    else:
        for run, changes in shown:
            click.echo(_line(run, changes, lang))
    return FAULTY if problems else DONE


@click.command("diff")
@_about_ledger
@click.argument("a", type=click.IntRange(1))
@click.argument("b", type=click.IntRange(1))
@as_json
@click.option("-o", "--out", type=a_file, help="把差异写成 CSV / write the differences to this CSV file")
def diff_command(
    *,
    a: int,
    b: int,
    is_json: bool,
    out: Path | None,
    address: str,
    workspace: Path | None,
    quiet: bool,
    lang: Lang,
) -> int:
    """比较两次运行：哪些答案变了、差多少、因何而变 / which answers changed between two runs, by how much, and why."""
    import pandas as pd

    from ecogeo.ledger import entry_of, lines_of
    from ecogeo.report.cells import write_csv
    from ecogeo.runs import DIFF_COLUMNS, compare_runs
    from ecogeo.runs.found import same_ground
    from ecogeo.workspace import open_workspace

    del quiet
    county = open_workspace(workspace)
    ledger = known_ledger(county.data_folder, address)
    before, after = (_require_run(entry_of(ledger, number), ledger) for number in (a, b))
    rows = same_ground(before, after, list(lines_of(ledger, a)), list(lines_of(ledger, b)))
    found = compare_runs(before, after, *rows)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_csv(pd.DataFrame([one.cells() for one in found], columns=list(DIFF_COLUMNS), dtype=str), out)
    if is_json:
        click.echo(json.dumps(_differences(before, after, found, lang), ensure_ascii=False, indent=2))
    else:
        _print_ranks(before, after, lang)
        _print_differences(county, before, after, found, lang)
    if out is not None and not is_json:
        print_files([out], lang)
    return DONE


@click.command("backup")
@_about_ledger
@click.argument("file", type=a_file)
def backup_command(*, file: Path, address: str, workspace: Path | None, quiet: bool, lang: Lang) -> int:
    """把台账备份成一个文件并核对 / copy the ledger into one file, checked."""
    from ecogeo.ledger import backup
    from ecogeo.workspace import open_workspace

    del quiet
    count = backup(known_ledger(open_workspace(workspace).data_folder, address), file)
    click.echo(Text(f"已备份 {count} 条，核对无误：{file}", f"{count} entries copied and checked: {file}").say(lang))
    return DONE


@click.command("restore")
@_about_ledger
@click.argument("file", type=a_file)
@click.option("--force", "is_forced", is_flag=True, help="现有台账较新时也恢复 / also over a ledger that holds more")
def restore_command(
    *, file: Path, is_forced: bool, address: str, workspace: Path | None, quiet: bool, lang: Lang
) -> int:
    """用备份恢复台账，原台账改名保留 / bring a copy of the ledger back; the one that was there is kept aside."""
    from ecogeo.ledger import restore
    from ecogeo.workspace import open_workspace

    del quiet
    ledger = known_ledger(open_workspace(workspace).data_folder, address)
    count, aside = restore(ledger, file, is_forced=is_forced)
    click.echo(Text(f"已恢复 {count} 条", f"{count} entries restored").say(lang))
    if aside is not None:
        click.echo(Text(f"原台账保留为 {aside}", f"the ledger that was there is kept as {aside}").say(lang))
    return DONE


def _verified(ledger: Ledger, known: Sequence[str], lang: Lang) -> int:
    """Print whether a ledger is as it was written; what was cut off its end only shows by a digest known before."""
    from ecogeo.ledger import chain_problems, entries

    kept = entries(ledger)
    digests = {one.sha256 for one in kept}
    problems = [
        *chain_problems(ledger),
        *(Text(f"没有摘要为 {one} 的记录", f"no entry has the digest {one}") for one in known if one not in digests),
    ]
    if problems:
        click.echo("\n".join(one.say(lang) for one in problems))
        return FAULTY
    last = kept[-1].sha256 if kept else "—"
    line = Text(f"台账完好：{len(kept)} 条，末条 {last}", f"the ledger is whole: {len(kept)} entries, last {last}")
    click.echo(line.say(lang))
    return DONE


def _require_run(entry: Entry, ledger: Ledger) -> Entry:
    """Return an entry that is a run.

    Raises
    ------
    UsageError
        Where it is a decision.
    """
    from ecogeo.errors import UsageError
    from ecogeo.ledger import entries
    from ecogeo.runs import RUN

    if entry.kind != RUN:
        numbers = [one.seq for one in entries(ledger, RUN)]
        raise UsageError(
            Text(
                f"第 {entry.seq} 条不是运行记录；运行记录有：{list_zh(numbers, most=30) or '无'}",
                f"entry {entry.seq} is no run; the runs are {list_en(numbers, most=30) or 'none'}",
            )
        )
    return entry


def _standing(changes: Sequence[Change]) -> Text:
    from ecogeo.runs import is_superseded

    return Text("已被取代", "superseded") if is_superseded(changes) else Text("现行", "current")


def _counts(run: Entry) -> Counter[str]:
    counts: Counter[str] = Counter()
    for of_layer in run.body["answers"].values():
        counts.update(of_layer)
    return counts


def _line(run: Entry, changes: Sequence[Change], lang: Lang) -> str:
    """Return a run on one line."""
    from ecogeo.finding import Answer

    counts = _counts(run)
    figures = "  ".join(f"{answer.text.say(lang)} {counts[str(answer)]}" for answer in Answer)
    day = f"  {Text('按', 'on').say(lang)} {run.body['judged_on']}" if run.body["judged_on"] else ""
    head = f"{run.seq:>5}  {run.at}  {run.body['command']:<6}{day}  {figures}  [{_standing(changes).say(lang)}]"
    why = "; ".join(change.message.say(lang) for change in changes)
    return f"{head}  {why}" if why else head


def _print_run(county: Workspace, run: Entry, changes: Sequence[Change], lang: Lang) -> None:
    """Print everything that is known of a run but its answers one by one."""
    from ecogeo.finding import Answer
    from ecogeo.runs import superseded_layers

    click.echo(_line(run, (), lang).rsplit("  [", 1)[0] + f"  [{_standing(changes).say(lang)}]")
    for change in changes:
        click.echo(f"  ! {change.message.say(lang)}")
    old = superseded_layers(run, changes)
    for layer, counts in run.body["answers"].items():
        figures = "  ".join(f"{answer.text.say(lang)} {counts[str(answer)]}" for answer in Answer)
        mark = f"  [{Text('已被取代', 'superseded').say(lang)}]" if layer in old else ""
        click.echo(f"  {county.catalog.answer_title(layer).say(lang)}: {figures}{mark}")
    parameters = sorted((name, value) for name, value in run.body["parameters"].items() if name != "found")
    told = "  ".join(f"{name}={value}" for name, value in parameters if value)
    click.echo(f"  ecogeo {run.body['version']}  {told}")
    for one in run.body["inputs"]:
        click.echo(f"  {one['sha256'][:16]}  {one['path']}  {one.get('version', '')} {one.get('date', '')}".rstrip())
    click.echo(f"  sha256 {run.sha256}")


def _as_object(run: Entry, changes: Sequence[Change], lang: Lang, *, is_whole: bool) -> dict[str, Any]:
    from ecogeo.runs import is_superseded, superseded_layers

    told = {
        "run": run.seq,
        "at": run.at,
        "sha256": run.sha256,
        "superseded": is_superseded(changes),
        "superseded_layers": list(superseded_layers(run, changes)),
        "changes": [{"kind": one.kind, "layer": one.layer, "message": one.message.say(lang)} for one in changes],
    }
    names = ("command", "judged_on", "version", "parameters", "answers", "verdicts", "lines")
    body = run.body if is_whole else {name: run.body[name] for name in names}
    return {**told, **body}


def _differences(before: Entry, after: Entry, found: Sequence[Difference], lang: Lang) -> dict[str, Any]:
    rows = []
    for one in found:
        causes = [{"kind": cause.kind, "message": cause.message.say(lang)} for cause in one.causes]
        rows.append({**one.cells(), "difference_m2": one.difference_m2, "because": causes})
    return {
        "before": before.seq,
        "after": after.seq,
        "differences": rows,
        "counts": dict(Counter(one.kind for one in found)),
        **_ranks(before, after),
    }


def _ranks(before: Entry, after: Entry) -> dict[str, Any]:
    """Return how the ranks of two searches moved; nothing of other runs."""
    from dataclasses import asdict

    from ecogeo.runs.found import ranks_moved, weights_of

    moved = ranks_moved(before, after)
    if moved is None:
        return {}
    weights = {"before": weights_of(before), "after": weights_of(after)}
    return {"weights": weights, "ranks": [{**asdict(one), "ranks_moved": one.ranks_moved} for one in moved]}


def _print_differences(county: Workspace, before: Entry, after: Entry, found: Sequence[Difference], lang: Lang) -> None:
    counts: Counter[str] = Counter(one.kind for one in found)
    words = {
        "answer": Text("答案改变", "answers changed"),
        "added": Text("新增", "added"),
        "gone": Text("不再有", "gone"),
        "verdict": Text("结论或规则改变", "verdicts or rules changed"),
        "figure": Text("数值改变", "figures changed"),
        "review": Text("复核改变", "reviews changed"),
    }
    told = "  ".join(f"{text.say(lang)} {counts[kind]}" for kind, text in words.items() if counts[kind])
    none = Text("没有差别", "no difference")
    click.echo(f"{before.seq} ({before.at}) → {after.seq} ({after.at}): {told or none.say(lang)}")
    for one in found:
        some = one.after or one.before
        title = county.catalog.answer_title(some["layer"]).say(lang)
        click.echo(f"  {some['site_id']} {some['site_name']} · {title}: {_change(one, words[one.kind], lang)}")
        for cause in one.causes:
            click.echo(f"      {Text('因为', 'because').say(lang)} {cause.message.say(lang)}")


def _print_ranks(before: Entry, after: Entry, lang: Lang) -> None:
    """Print how the ranks of two searches moved: which candidates are the same ground, whatever they are called."""
    from ecogeo.runs.found import ranks_moved, weights_of

    moved = ranks_moved(before, after)
    if moved is None:
        return
    was, now = weights_of(before), weights_of(after)
    for name in dict.fromkeys([*was, *now]):
        if was.get(name) != now.get(name):
            click.echo(f"  {Text('权重', 'weight').say(lang)} {name}: {was.get(name, '—')} → {now.get(name, '—')}")
    for one in moved:
        if one.ranks_moved is None:
            what = Text("新找到", "new") if one.after else Text("不再有", "gone")
        else:
            what = Text(f"名次 {one.ranks_moved:+d}", f"rank {one.ranks_moved:+d}")
        scores = " → ".join("—" if value is None else f"{value:.4f}" for value in (one.score_before, one.score_after))
        click.echo(f"  {one.before or '—'} → {one.after or '—'}: {what.say(lang)} ({scores})")


def _change(one: Difference, kind: Text, lang: Lang) -> str:
    """Say what became of an answer: words, square metres, verdict."""
    from ecogeo.finding import Answer, Verdict

    def answer(row: Any) -> str:  # noqa: ANN401  a recorded row
        return Answer(row["answer"]).text.say(lang) if row else "—"

    def verdict(row: Any) -> str:  # noqa: ANN401  a recorded row
        known = Verdict(row["verdict"]).text.say(lang) if row and row["verdict"] else "—"
        return f"{known} {row['rule_id']}".rstrip() if row else "—"

    parts = []
    if one.kind in ("answer", "added", "gone"):
        parts.append(f"{answer(one.before)} → {answer(one.after)}")
    by = one.difference_m2
    if by:
        areas = f"{one.before['overlap_m2'] or '0.00'} → {one.after['overlap_m2'] or '0.00'} m²"
        parts.append(f"{areas} ({by:+.2f} m²)")
    if verdict(one.before) != verdict(one.after):
        parts.append(f"{verdict(one.before)} → {verdict(one.after)}")
    if not parts and one.kind == "figure":
        columns = ("length_m", "share", "distance_m", "coverage", "zones")
        moved = [column for column in columns if one.before[column] != one.after[column]]
        parts = [f"{column} {one.before[column] or '—'} → {one.after[column] or '—'}" for column in moved]
    return "，".join(parts) if parts else kind.say(lang)
