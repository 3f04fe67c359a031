"""The evidence of a case at the counter as one ZIP that can be proved, made without opening a stranger's file again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ecogeo import bundle
from ecogeo.bundle.reading import is_unsafe
from ecogeo.counter.case import Case, answer_sheet
from ecogeo.decisions import DecisionFiles
from ecogeo.errors import UsageError
from ecogeo.intake import Part
from ecogeo.intake.parts import lay_down
from ecogeo.layer import digest
from ecogeo.wording import Lang, Text
from ecogeo.workspace import Workspace

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def evidence(
    county: Workspace, case: Case, parts: Sequence[Part], *, layer: str, assume: str, lang: Lang, scratch: Path
) -> bytes:
    """Return the evidence of a case, which ``ecogeo verify`` proves byte for byte.

    What was sent is copied into it as it came.

    Parameters
    ----------
    county
        The county, with its own sites.
    case
        The case.
    parts
        What was sent.
    layer, assume
        How it was read.
    lang
        Language of the messages.
    scratch
        An empty folder to make it in; the caller removes it.

    Raises
    ------
    UsageError
        Where the file has a name that not every system can write.
    EcogeoError
        Where something of the county cannot be used any more.
    """
    if is_unsafe(case.inspection.file):
        name = case.inspection.file
        raise UsageError(
            Text(
                f"文件名“{name}”含有不能用作文件名的字符，不能装入证据包；请改名后重新核查",
                f"the name “{name}” is none that every system can write: rename the file and have it checked again",
            )
        )
    asked = case.asked
    answers = None
    if asked.answers:
        answers = scratch / "answers.csv"
        answers.write_bytes(answer_sheet(asked.answers))
    wanted = bundle.Case(
        layer=layer,
        assume=assume,
        kind=asked.type_id,
        accuracy_m=asked.accuracy_m,
        corridor_m=asked.corridor_m,
        on="" if asked.on is None else asked.on.isoformat(),
        rounding=county.county.rounding,
        lang=lang,
    )
    path = scratch / "evidence.zip"
    decisions = DecisionFiles(answers, None, None)
    bundle.write_bundle(county, wanted, path, file=_sent(case, parts, scratch / "sent"), decisions=decisions)
    return path.read_bytes()


def _sent(case: Case, parts: Sequence[Part], folder: Path) -> bundle.Sent:
    """Return how the file was read, with a copy of it: loose parts under their own name, which their digest holds."""
    folder.mkdir()
    laid = lay_down(parts, folder)
    if len(parts) == 1:
        return bundle.Sent(case.inspection, case.sha256, laid.path)
    shown = Path(case.inspection.file)
    for suffix in _PARTS:
        own = laid.path.with_suffix(suffix)
        if own.is_file():
            own.rename(folder / (shown.name if suffix == ".shp" else f"{shown.stem}{suffix}"))
    named = folder / shown.name
    return bundle.Sent(case.inspection, digest(named), named)
