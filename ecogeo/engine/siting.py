"""The sites of a file, block by block: placed as the file's CRS was decided once, under their running ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from ecogeo.crs import Assumption, place_geometries
from ecogeo.engine.job import Job
from ecogeo.errors import UnusableFileError
from ecogeo.formats.blocks import Block, Blocks
from ecogeo.inspection import Inspection
from ecogeo.layer import Layer
from ecogeo.sites import SiteBlock, sites_of
from ecogeo.soundness import make_sound
from ecogeo.wording import Text


def sites_of_block(job: Job, block: Block) -> Layer:
    """Take a block of a file as sites, under the ids and names they have in the whole file.

    Parameters
    ----------
    job
        What is screened.
    block
        Some of its features, in any order; they become sites by their numbers.
    """
    order = np.argsort(block.rows, kind="stable")
    block = replace(block, table=block.table.take(order))
    reading, rows = block.reading(), block.rows
    shapes = np.asarray(reading.frame.geometry.array, dtype=object)
    placement = place_geometries(shapes, stated=block.crs, assumption=job.assumption)
    sound = make_sound(placement.lonlat, rows.astype(str).astype(object))
    nothing = np.zeros(len(shapes))
    inspection = Inspection(job.file, reading, placement, sound, nothing, nothing, None, (), len(shapes))
    options = job.options
    return sites_of(
        inspection,
        Path(job.file),
        accuracy_m=options.accuracy_m,
        corridor_width_m=options.corridor_width_m,
        block=SiteBlock(rows, job.features, job.sha256),
    )


def sliced(sites: Layer, rows: int) -> Iterator[Layer]:
    """Cut a layer of sites that was read whole into layers of so many sites each.

    Parameters
    ----------
    sites
        As `ecogeo.sites.sites_of` gives them: index 0…n-1.
    rows
        Sites in each.
    """
    for start in range(0, len(sites.frame), rows):
        stop = start + rows
        frame = sites.frame.iloc[start:stop]
        keys = set(frame[sites.declaration.key])
        at = sites.sound.index
        yield replace(
            sites,
            frame=frame,
            sound=sites.sound[(at >= start) & (at < stop)],
            set_aside=tuple(entry for entry in sites.set_aside if entry[0] in keys),
            repairs=tuple(repair for repair in sites.repairs if f"S{repair.feature_id}" in keys),
        )


def require_streamable(blocks: Blocks, assumption: Assumption, path: Path) -> None:
    """Refuse to stream a file of whose CRS something had to be guessed: only the whole of it can tell.

    Raises
    ------
    UnusableFileError
        Where it states no CRS and nobody gave one.
    """
    if blocks.crs is None and assumption.crs is None:
        untold = Text(
            "没有写明坐标系，不能分块读取：请用 --assume EPSG:代码 指定；由坐标数值推断需要整体读取",
            "it states no CRS and cannot be read in blocks: give --assume EPSG:code; to infer it takes the whole file",
        )
        raise UnusableFileError(path.name, [untold, *blocks.doubts])
