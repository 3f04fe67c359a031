"""A small county of squares, whose figures can be worked out by hand."""

from __future__ import annotations

import hashlib
import http.server
import os
import pickle
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import flask
import geopandas as gpd
import jinja2
import pandas as pd
import pytest
import shapely
from hypothesis import settings

if TYPE_CHECKING:
    from ecogeo.finding import Report
    from ecogeo.law import Law
    from ecogeo.workspace import Workspace

# What tests run is recorded nowhere, unless a test asks for it.
os.environ.setdefault("ECOGEO_LEDGER", "off")

settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

SAMPLE = Path(__file__).resolve().parent.parent
"""The folder of the sample county, which tests read and never write."""

ZONE_36 = "EPSG:4545"
ORIGIN = (620_000.0, 2_680_000.0)
"""South-west corner of the county in the 3-degree zone 36: 109.18°E, 24.22°N."""


def block(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """Return a rectangle in metres from the county's corner."""
    return shapely.box(ORIGIN[0] + x, ORIGIN[1] + y, ORIGIN[0] + x + width, ORIGIN[1] + y + height)


def line(*points: tuple[float, float]) -> shapely.LineString:
    """Return a line through points in metres from the county's corner."""
    return shapely.LineString([(ORIGIN[0] + x, ORIGIN[1] + y) for x, y in points])


def point(x: float, y: float) -> shapely.Point:
    """Return a point in metres from the county's corner."""
    return shapely.Point(ORIGIN[0] + x, ORIGIN[1] + y)


LAYERS_TOML = """
[county]
code = "000001"
name = "方县"
name_en = "Square County"

[layers.county]
role = "county"
path = "county.gpkg"
key = "code"
name = "name"
coverage = "county"

[layers.towns]
role = "towns"
path = "towns.gpkg"
key = "code"
name = "name"
coverage = "county"

[layers.redlines]
role = "redlines"
path = "redlines.gpkg"
key = "redline_id"
name = "name"
title = "生态保护红线"
title_en = "Red lines"
coverage = "county"
version = "v1"

[layers.sites]
role = "project_sites"
path = "sites.gpkg"
key = "site_id"
name = "name"

[layers.river_reaches]
role = "river_reaches"
path = "reaches.gpkg"
key = "reach_id"
name = "river"

[layers.shorelines]
role = "shorelines"
path = "shorelines.gpkg"
key = "shore_id"
coverage = "county"
"""

TABLES_TOML = """
[plans.plan]
path = "plan"

[joins.sites_to_projects]
layer = "sites"
table = "plan/projects"
layer_code = "project_id"
table_code = "project_id"
"""

PROJECT_HEAD = (
    "project_id,system,project_no,name,nature,content,start_year,end_year,invest_wan_yuan,funding,departments,"
    "location_basis,place,accuracy_m"
)
INDICATOR_HEAD = (
    "indicator_no,sub_no,domain,task,name,unit,target_text,comparator,target_value,current_text,current_value,"
    "current_year,status_reported,status,kind,departments,deadline"
)
TASK_HEAD = "task_no,name,content,deadline,departments"


def write_layer(
    folder: Path, name: str, columns: dict[str, list[object]], shapes: list[object], crs: str | None = ZONE_36
) -> None:
    """Write a layer of the small county."""
    gpd.GeoDataFrame(pd.DataFrame(columns), geometry=gpd.GeoSeries(shapes, crs=crs)).to_file(folder / "layers" / name)


SITES: dict[str, tuple[shapely.Geometry | None, float, str]] = {
    "inside": (block(1200, 1200, 100, 100), 0.0, "P1"),
    "half": (block(1900, 1500, 200, 100), 0.0, ""),
    "outside": (block(8000, 8000, 100, 100), 0.0, ""),
    "touching": (block(2000, 1000, 100, 100), 0.0, ""),
    "sliver": (block(1000 - 99.95, 1300, 100, 200), 0.0, ""),
    "in_hole": (block(4400, 4400, 100, 100), 0.0, ""),
    "abroad": (block(20_000, 0, 100, 100), 0.0, ""),
    "astride": (block(9900, 5000, 200, 100), 0.0, ""),
    "near": (point(2050, 1500), 100.0, ""),
    "deep": (point(1500, 1500), 100.0, ""),
    "pipeline": (line((0, 1500), (3000, 1500)), 0.0, ""),
}
"""Sites of the small county; red line A is the square kilometre from (1000, 1000), B one with a hole in its middle."""


def write_square_county(root: Path) -> Path:
    """Write the small county and return its folder."""
    (root / "layers").mkdir(parents=True)
    (root / "data" / "plan").mkdir(parents=True)
    (root / "layers" / "layers.toml").write_text(LAYERS_TOML, "utf-8")
    (root / "data" / "tables.toml").write_text(TABLES_TOML, "utf-8")
    write_layer(root, "county.gpkg", {"code": ["c"], "name": ["方县"]}, [block(0, 0, 10_000, 10_000)])
    write_layer(
        root,
        "towns.gpkg",
        {"code": ["w", "e"], "name": ["西镇", "东镇"]},
        [block(0, 0, 5000, 10_000), block(5000, 0, 5000, 10_000)],
    )
    ring = shapely.difference(block(4000, 4000, 1000, 1000), block(4300, 4300, 300, 300))
    write_layer(
        root, "redlines.gpkg", {"redline_id": ["A", "B"], "name": ["甲", "乙"]}, [block(1000, 1000, 1000, 1000), ring]
    )
    write_layer(
        root,
        "sites.gpkg",
        {
            "site_id": list(SITES),
            "name": [f"用地 {name}" for name in SITES],
            "accuracy_m": [accuracy for _, accuracy, _ in SITES.values()],
            "project_id": [project for *_, project in SITES.values()],
            "location_basis": ["drawn polygon"] * len(SITES),
        },
        [shape for shape, *_ in SITES.values()],
    )
    banks = shapely.MultiLineString([line((0, 7000), (1000, 7000)), line((0, 7050), (1000, 7050))])
    write_layer(
        root,
        "reaches.gpkg",
        {"reach_id": ["R1"], "river": ["方河"], "basin": ["柳江"], "target_pct": [40.0]},
        [banks],
    )
    write_layer(
        root,
        "shorelines.gpkg",
        {"shore_id": ["S1", "S2", "S3"], "reach_id": ["R1"] * 3, "zone": ["岸线保护区", "保留区", "开发利用区"]},
        [line((0, 7000), (600, 7000)), line((500, 7000), (900, 7000)), line((1000, 7050), (0, 7050))],
    )
    rows = [
        "P1,甲系统,1,红线内项目,新建,内容,2024,2025,100.5,自筹,某局,village,西镇某村,500",
        "P2,甲系统,2,无处项目,新建,内容,2024,2025,20,自筹,某局,none,,",
    ]
    (root / "data" / "plan" / "projects.csv").write_text("\n".join([PROJECT_HEAD, *rows]) + "\n", "utf-8-sig")
    (root / "data" / "plan" / "indicators.csv").write_text(
        f"{INDICATOR_HEAD}\n1,,领域,任务,指标,%,≥20,>=,20,25,25,2022,是,met,binding,某局,\n", "utf-8-sig"
    )
    (root / "data" / "plan" / "tasks.csv").write_text(f"{TASK_HEAD}\n", "utf-8-sig")
    (root / "data" / "plan" / "plan.toml").write_text('title = "方县规划"\n', "utf-8")
    return root


@pytest.fixture(scope="session")
def square_county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the small county as it is first written; nobody changes it."""
    return write_square_county(tmp_path_factory.mktemp("square") / "county")


@pytest.fixture
def county_folder(square_county: Path, tmp_path: Path) -> Path:
    """Return the test's own copy of the small county."""
    return Path(shutil.copytree(square_county, tmp_path / "county"))


@pytest.fixture(scope="session")
def square_report(square_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Return what the viewer makes of the small county, judged once for all workers and files."""
    return _judged_once(square_county, "square", tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def sample_report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Return what the viewer makes of the sample county, judged once for all workers and files."""
    return _judged_once(SAMPLE, "sample", tmp_path_factory.getbasetemp())


def _judged_once(root: Path, name: str, own: Path) -> Report:
    """Judge a county as the viewer does at its first page, unless another worker already has."""
    from ecogeo.locking import holding
    from ecogeo.workspace import open_workspace
    from viewer import create_app

    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    kept = shared / f"{name}-report"
    with holding(shared / f"{name}-report.lock", shown=kept.name, wait_s=600):
        if not kept.is_file():
            kept.write_bytes(pickle.dumps(create_app(open_workspace(root)).extensions["ecogeo"].board().report))
    return cast("Report", pickle.loads(kept.read_bytes()))  # noqa: S301  written a moment ago by these tests


@pytest.fixture(scope="session")
def judgements() -> dict[str, bytes]:
    """Hold what counties were judged to be, by what stands in their files and the law they were judged by."""
    return {}


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> jinja2.BytecodeCache:
    """Hold the viewer's templates as they are compiled, for the many viewers of these tests."""
    return jinja2.FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def warm_viewer(
    judgements: dict[str, bytes], compiled_templates: jinja2.BytecodeCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let a viewer stand on what another test's has done: compiled templates, and the checks of the same county.

    The same are files and law that agree byte for byte. Each viewer has its own copy of what was found.
    """
    from viewer import prepared

    monkeypatch.setattr(flask.Flask, "jinja_options", {"bytecode_cache": compiled_templates})
    run_checks = prepared.run_checks

    def remembered(county: Workspace, *, law: Law | None) -> Report:
        content = hashlib.sha256(pickle.dumps(law))
        for path in sorted(path for path in county.root.rglob("*") if path.is_file()):
            content.update(f"{path.relative_to(county.root)} {path.stat().st_size}\n".encode() + path.read_bytes())
        if content.hexdigest() not in judgements:
            judgements[content.hexdigest()] = pickle.dumps(run_checks(county, law=law))
        return cast("Report", pickle.loads(judgements[content.hexdigest()]))  # noqa: S301  written above

    monkeypatch.setattr(prepared, "run_checks", remembered)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Return what runs the command line and gives its status, output and error output."""
    from ecogeo.cli import main

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return int(stopped.value.code or 0), captured.out, captured.err

    return call


@pytest.fixture
def calls() -> Iterator[tuple[str, list[str]]]:
    """Listen on loopback; return the address and every path that was asked for."""
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_HEAD = do_POST = do_GET  # noqa: N815 (the names the server calls)

        def log_message(self, *_: object) -> None:
            """Keep the tests' own output clean."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()
