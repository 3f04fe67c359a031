"""An index kept beside the data is the one that is built, and a torn one is built anew."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from ecogeo import kernel, overlay
from ecogeo.kernel.ahead import compile_ahead


def squares() -> np.ndarray:
    return shapely.box([109.0, 109.1, 109.3], 24.0, [109.2, 109.3, 109.4], 24.2)


def test_a_kept_index_gives_the_same_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "LEAST_VERTICES", 0)
    sites = shapely.box([109.05, 109.35], 24.1, [109.15, 109.5], 24.15)
    built = overlay.overlap_area(sites, squares())
    for _ in range(2):
        overlay._index.cache_clear()
        kept = overlay.overlap_area(sites, squares(), folder=tmp_path / ".index")
        assert kept.equals(built)
    (path,) = (tmp_path / ".index").iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    overlay._index.cache_clear()
    assert overlay.overlap_area(sites, squares(), folder=tmp_path / ".index").equals(built)
    assert path.read_bytes() == whole, "built anew and kept"


def test_a_folder_that_cannot_be_written_to_keeps_none(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    index = kernel.kept_index(kernel.Polygons.of(squares()), blocked, "zones")
    assert len(index.zones) == 3
    assert blocked.read_text() == ""


def test_compiling_ahead_runs_every_entry() -> None:
    compile_ahead()
    assert kernel.overlap_area(kernel.Polygons.of(squares()[:1]), kernel.ZoneIndex.build(kernel.Polygons.of(squares())))
