"""Sites of any number against every constraint layer: block by block, restartable, on any crew, with the same bytes.

What is held at a time is a few blocks, however large the file is. Each block is judged by itself: what a check says of
a site depends on that site alone. Its rows are kept in a folder of parts beside the results, named after all that was
judged by; a run that was killed goes on where it stopped, one of other inputs starts anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ecogeo import geodesy
from ecogeo.check import Progress
from ecogeo.crs import Assumption
from ecogeo.engine.assembling import Told, put_in_place, summed, unfinished, write_files, write_json
from ecogeo.engine.crew import Crew, work
from ecogeo.engine.job import Job, ScreeningOptions, prepared
from ecogeo.engine.judging import FINDINGS, Task, doubted_places, judge_block, render_findings
from ecogeo.engine.parts import done_blocks, keep, own_parts, remove_parts, told_by_blocks, write_part
from ecogeo.engine.siting import require_streamable, sites_of_block, sliced
from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.finding import Report
from ecogeo.formats.blocks import MANIFEST, ROW, ROWS, WKB, Block, Blocks, can_stream, is_partition, open_blocks
from ecogeo.inspection import HEAD_FEATURES, LARGE_BYTES, Inspection, as_object, inspect_file
from ecogeo.judging import DOUBTED, completed
from ecogeo.layer import Layer, digest
from ecogeo.report.run_files import SUMMARY, summarise
from ecogeo.sites import sites_of
from ecogeo.soundness import Repair, Sound
from ecogeo.wording import Text
from ecogeo.workspace import Workspace, open_workspace

INSPECTION = "inspection.json"

LARGE_FEATURES = 50_000
"""A file of more features, or of more than `ecogeo.inspection.LARGE_BYTES`, is not read whole unless it has to be."""

_SITE_ID = re.compile(r"S[1-9][0-9]*")


@dataclass(frozen=True, slots=True, eq=False)
class Screening:
    """What came of a screening.

    Parameters
    ----------
    written
        The files, in a fixed order.
    summary
        What ``summary.json`` says.
    is_faulty, has_crashed
        Whether something prohibited or faulty was found, and whether a check broke.
    """

    written: tuple[Path, ...]
    summary: dict[str, Any]
    is_faulty: bool
    has_crashed: bool


def is_large(file: Path, layer: str = "") -> bool:
    """Tell whether a file is so large that it had better be screened in blocks, and can be.

    One of a moderate size that states no CRS is read whole: only the whole of it can tell.

    Raises
    ------
    UnusableFileError
        Where it cannot be read.
    """
    if not file.exists() or not can_stream(file):
        return False
    if is_partition(file) or file.stat().st_size > LARGE_BYTES:
        return True
    try:
        blocks = open_blocks(file, layer)
    except UnusableFileError:
        return False  # read whole, it is refused with everything that is wrong with it, or taken
    return blocks.crs is not None and blocks.features > LARGE_FEATURES


def screen_in_blocks(
    file: Path,
    out: Path,
    *,
    root: Path,
    options: ScreeningOptions | None = None,
    layer: str = "",
    assumption: Assumption | None = None,
    is_county_sure: bool = True,
    rows: int | None = None,
    crew: Crew | None = None,
    progress: Progress = lambda _name, _done, _of: None,
    inspected: Callable[[Inspection], None] = lambda _found: None,
) -> Screening:
    """Screen the sites of a file and write the files of the run, as ``ecogeo screen`` does, without holding it whole.

    Parameters
    ----------
    file
        Any file of sites, or a folder made by ``ecogeo partition``. GeoParquet and GeoPackage are read in blocks where
        they are large or `rows` is given; anything else is read whole and judged in blocks.
    out
        The folder of the run.
    root
        The county folder; workers find it under the same path.
    options
        How the sites are judged.
    layer
        The layer inside the file; empty takes the only one.
    assumption
        What a person says of its coordinates.
    is_county_sure
        Whether a file that says it lies elsewhere is refused or only doubted.
    rows
        Sites in a block; the files are the same for any number.
    crew
        Who does the work; None for this process alone. The files are the same for any crew.
    progress
        Called with the sites of the block just done, how many blocks before it are, and of how many.
    inspected
        Called with how the file was read, before any site is judged; of a large file, its first features.

    Returns
    -------
    The files and the summary. Findings come by check and site.

    Raises
    ------
    EcogeoError
        With everything that is unusable; where the file has to be streamed and states no CRS; where not one feature
        can be measured. Finished blocks stay in the folder of parts and are not done again.
    UsageError
        Where `out` is a file, or another program is screening into it.
    """
    options, crew, assumption = options or ScreeningOptions(), crew or Crew(), assumption or Assumption()
    if out.exists() and not out.is_dir():
        raise UsageError(
            Text(
                f"-o 应为文件夹：{out.name} 已存在，而且是一个文件",
                f"-o takes a folder: {out.name} exists, and is a file",
            )
        )
    county = open_workspace(root)
    is_streamed = can_stream(file) and (rows is not None or is_large(file, layer)) if file.exists() else False
    blocks = open_blocks(file, layer, rows=rows or ROWS) if is_streamed else None
    if blocks is not None:
        require_streamable(blocks, assumption, file)
    found = _inspected(file, blocks, county, layer, assumption, is_county_sure=is_county_sure)
    inspected(found)
    sites = None
    if blocks is None:
        sites = sites_of(found, file, accuracy_m=options.accuracy_m, corridor_width_m=options.corridor_width_m)
    sha256 = digest(file) if blocks is None or not blocks.sha256 else blocks.sha256
    name = found.file if blocks is None else blocks.file
    job = prepared(Job(root.absolute(), name, found.features, sha256, assumption, options))
    cut = {"layer": found.reading.layer, "rows": rows or ROWS, "parted": _parted(file)}
    pieces: Iterable[Block | Layer] = sliced(sites, rows or ROWS) if sites is not None else blocks or ()
    with own_parts(out, job.fingerprint(cut)) as parts:
        told = _judge(job, pieces, parts, crew, _shown(progress, job.features, rows or ROWS))
        if sites is None:
            _require_measurable(told, job)
        doubted = _doubts(job, county, parts)
        summary = summed(told, doubted)
        with unfinished(out) as fresh:
            tables = write_files(parts, told, fresh)
            summary_file = write_json(summary, fresh / SUMMARY, is_sorted=True)
            inspection_file = write_json(_told_of_file(found, told, options), fresh / INSPECTION, is_sorted=False)
            written = put_in_place((*tables, summary_file, inspection_file), out)
    remove_parts(parts)
    return Screening(
        written=written,
        summary=summary,
        is_faulty=summary["findings"].get("fault", 0) > 0,
        has_crashed=any(entry["status"] == "crashed" for entry in summary["checks"]),
    )


def _inspected(
    file: Path, blocks: Blocks | None, county: Workspace, layer: str, assumption: Assumption, *, is_county_sure: bool
) -> Inspection:
    """Find out how a file is read: all of it, or of a streamed one what `ecogeo inspect` looks at."""
    outline = county.of_role("county")
    looked_at = file
    if blocks is not None and file.is_dir():
        looked_at = file / json.loads((file / MANIFEST).read_text("utf-8"))["parts"][0]["path"]
    found = inspect_file(
        looked_at,
        layer=layer,
        county=None if outline is None else outline.box,
        is_county_sure=is_county_sure,
        outline=None if outline is None else outline.coverage,
        assumption=assumption,
        is_whole=blocks is None or blocks.features <= HEAD_FEATURES,
    )
    if blocks is None:
        return found
    if looked_at is not file:
        found = _of_first_part(found, blocks)
    return replace(found, file=blocks.file, features=blocks.features)


def _of_first_part(found: Inspection, blocks: Blocks) -> Inspection:
    """Tell of the file that was parted what its first part shows, and that it is no more than that."""
    seen = len(found.reading.frame)
    partly = Text(
        f"数据已分块，只看了第一块的 {seen} 个要素（共 {blocks.features} 个），没有合计面积",
        f"it was parted: only the {seen} of {blocks.features} features in its first part were looked at, and no area "
        "was summed",
    )
    frame = found.reading.frame.drop(columns=ROW)
    reading = replace(found.reading, frame=frame, driver=blocks.driver, layer=blocks.layer)
    return replace(found, reading=reading, doubts=(partly, *found.doubts))


def _parted(file: Path) -> str:
    """Return the digest of how a dataset was parted; empty for a file."""
    return digest(file / MANIFEST) if file.is_dir() and is_partition(file) else ""


def _shown(progress: Progress, features: int, rows: int) -> Callable[[int, int], None]:
    """Return what shows progress: which sites were just done, how many blocks before them, and of how many."""
    blocks = max(1, ceil(features / rows))

    def show(number: int, done: int) -> None:
        name = f"S{number * rows + 1}–S{min((number + 1) * rows, features)}"
        progress(name, done - 1, blocks)
        if done == blocks:
            progress("", done, blocks)

    return show


def _judge(
    job: Job, pieces: Iterable[Block | Layer], parts: Path, crew: Crew, show: Callable[[int, int], None]
) -> list[Told]:
    """Judge every block that has not been judged yet; return what all of them told, in their order."""
    done = done_blocks(parts)
    tasks = (Task(job, number, block) for number, block in enumerate(pieces) if number not in done)
    if done:
        show(max(done), len(done))
    for judged in work(crew, judge_block, tasks):
        keep(judged, parts)
        done.add(judged.number)
        show(judged.number, len(done))
    return told_by_blocks(parts)


def _require_measurable(told: Sequence[Told], job: Job) -> None:
    if any(block["sound"] for block in told):
        return
    reasons = [entry for block in told for entry in block["set_aside"]][:20]
    raise UnusableFileError(
        job.file,
        [
            Text("没有一个可用的图形", "it holds no usable geometry"),
            *(Text(f"第 {key[1:]} 个要素：{zh}", f"feature {key[1:]}: {en}") for key, zh, en in reasons),
        ],
    )


def _doubts(job: Job, county: Workspace, parts: Path) -> Told | None:
    """Say what is to be said of people's decisions, once for the whole file; keep it as the last fragment."""
    if not any((job.options.decisions.answers, job.options.decisions.types, job.options.decisions.reviews)):
        return None
    held = county.with_sites(_named_sites(job))
    whole = completed(Report("", ()), held, law=job.law(held), reviews=job.reviews())
    report = replace(whole, runs=tuple(run for run in whole.runs if run.name == DOUBTED))
    places = doubted_places(len(report.findings))
    write_part(parts / FINDINGS / "doubts.arrow", render_findings(report, places, job.options.lang))
    return summarise(report, job.options.lang)


def _named_sites(job: Job) -> Layer:
    """Return the sites of the file that people's decisions name, without their ground: all that doubts depend on."""
    law, reviews = job.law(job.county()), job.reviews()
    named = {one.site_id for one in law.answers.given} | {one.project_id for one in law.choices.given} if law else set()
    named |= {one.site_id for one in reviews.given} if reviews else set()
    numbers = sorted(int(key[1:]) for key in named if _SITE_ID.fullmatch(key) and int(key[1:]) <= job.features)
    table = pa.table({ROW: np.array(numbers, dtype=np.int64), WKB: pa.nulls(len(numbers), pa.binary())})
    return sites_of_block(replace(job, assumption=Assumption()), Block(0, table, "", "", geodesy.LONLAT))


def _told_of_file(found: Inspection, told: Sequence[Told], options: ScreeningOptions) -> dict[str, Any]:
    """Return how the file was read; of a streamed one, with every feature set aside or repaired, not only the first."""
    if found.is_head:
        aside = [(key[1:], Text(zh, en)) for block in told for key, zh, en in block["set_aside"]]
        repairs = [Repair(*one) for block in told for one in block["repairs"]]
        every = Sound(
            found.sound.geometries,
            set_aside=tuple(sorted(aside, key=lambda entry: int(entry[0]))),
            repairs=tuple(sorted(repairs, key=lambda repair: int(repair.feature_id))),
        )
        found = replace(found, reading=replace(found.reading, set_aside=()), sound=every)
    return as_object(found, options.lang)
