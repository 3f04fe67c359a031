"""The rules of the house, held by a machine: floors, rooms, sources, declared data, no printing."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecogeo.check import find_checks
from ecogeo.landuse.book import BOOK_FILES

HOME = Path(__file__).parent.parent

FLOORS = {
    0: [
        "wording",
        "errors",
        "cgcs2000",
        "geodesy",
        "kernel",
        "rounding",
        "finding",
        "locking",
        "faults",
        "priority",
        "__init__",
    ],
    1: [
        "catalog",
        "catalog_file",
        "formats",
        "style",
        "palette",
        "style_file",
        "classing",
        "measuring",
        "china_offset",
        "datum_shift",
        "gauss",
        "role_signs",
    ],
    2: [
        "layer",
        "table",
        "raster",
        "raster_windows",
        "raster_outlines",
        "raster_classes",
        "crs",
        "soundness",
        "stated_area",
        "recognise",
        "handkept",
        "decisions",
        "ledger",
        "accounts",
    ],
    3: ["join", "plan", "questions", "project_types", "rules", "reviews"],
    4: [
        "workspace",
        "partition",
        "placing",
        "overlay",
        "nearness",
        "certainty",
        "corridor",
        "slivers",
        "screening",
        "shoreline",
        "shortfall",
        "starting",
        "terrain",
        "setback",
        "zonal",
        "landuse",
        "mines",
        "guarded",
        "versions",
        "seams",
        "reductions",
        "sight",
    ],
    5: [
        "law",
        "check",
        "hits",
        "hit_findings",
        "screening_tables",
        "inspection",
        "county_file",
        "sites",
        "matrix",
        "spatial_indicators",
        "spatial_measures",
        "spatial_names",
    ],
    6: ["judging", "checks", "intake", "siting"],
    7: [
        "report",
        "counter",
        "runs",
        "bundle",
        "engine",
        "jobs",
        "board",
        "webmap",
        "mapdata",
        "mapshapes",
        "mappaths",
        "mappage",
        "mapsigns",
        "maptiles",
        "mapexport",
        "present",
        "export",
        "offline",
        "relief",
        "cells",
        "tiles",
        "basemap",
        "features",
        "siteboard",
        "reuse",
    ],
    8: ["cli", "__main__"],
}
FLOOR_OF = {room: floor for floor, rooms in FLOORS.items() for room in rooms}

MODULES = sorted((HOME / "ecogeo").rglob("*.py"))
VIEWER = sorted((HOME / "viewer").rglob("*.py"))


def room(module: str) -> str:
    """Return the room of a dotted module of ecogeo."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports(path: Path) -> Iterator[str]:
    """Yield every module a file imports, also inside functions, but for type checking alone."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for statement in branch.body
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def named(path: Path) -> str:
    return path.relative_to(HOME).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_point_down(path: Path) -> None:
    own = path.relative_to(HOME / "ecogeo").parts[0].removesuffix(".py")
    assert own in FLOOR_OF, f"the room {own} has no floor: say in CONTRIBUTING.md and here where it belongs"
    for module in imports(path):
        if module.split(".")[0] == "ecogeo" and room(module) in FLOOR_OF and room(module) != own:
            assert FLOOR_OF[room(module)] <= FLOOR_OF[own], f"{own} (floor {FLOOR_OF[own]}) imports {module}"
        assert module.split(".")[0] != "viewer", "the library does not know its viewer"


@pytest.mark.parametrize("path", VIEWER, ids=named)
def test_viewer_holds_no_spatial_code(path: Path) -> None:
    spatial = {"geopandas", "shapely", "folium", "branca", "pyogrio", "fiona", "rasterio", "pyproj"}
    assert not {module.split(".")[0] for module in imports(path)} & spatial


def test_folium_is_imported_in_the_map_room_alone() -> None:
    users = {named(path) for path in MODULES if {"folium", "branca"} & {m.split(".")[0] for m in imports(path)}}
    assert all(FLOOR_OF[Path(user).relative_to("ecogeo").parts[0].removesuffix(".py")] == 7 for user in users)


@pytest.mark.parametrize("path", [*MODULES, *VIEWER], ids=named)
def test_nothing_prints_or_exits_outside_the_command_line(path: Path) -> None:
    if path.parent.name == "cli":
        return
    calls = {
        ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
    }
    assert not calls & {"print", "sys.exit", "exit", "quit", "click.echo"}


@pytest.mark.parametrize("path", [*MODULES, *VIEWER], ids=named)
def test_modules_stay_small(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 450


@pytest.mark.parametrize("name", [found.name for found in find_checks()])
def test_every_check_has_a_source_a_test_and_its_rows(name: str) -> None:
    module = ast.get_docstring(ast.parse((HOME / "ecogeo" / "checks" / f"{name}.py").read_text("utf-8")))
    assert module is not None
    assert "Source:" in module
    tests = "".join(path.read_text("utf-8") for path in (HOME / "tests").glob("test_*.py") if path != Path(__file__))
    assert name in tests
    for readme in ("README.md", "README.zh-CN.md"):
        assert f"| `{name}` |" in (HOME / readme).read_text("utf-8")
    assert f"`{name}`" in (HOME / "CHANGELOG.md").read_text("utf-8")


def test_readmes_name_every_command_and_no_other() -> None:
    from ecogeo.cli import commands

    for readme in ("README.md", "README.zh-CN.md"):
        text = (HOME / readme).read_text("utf-8")
        documented = set(re.findall(r"^\| `ecogeo (\w+)", text, flags=re.MULTILINE))
        assert documented == set(commands.commands)


def test_both_readmes_have_the_same_sections() -> None:
    counts = [
        [
            len(re.findall(pattern, (HOME / readme).read_text("utf-8"), flags=re.MULTILINE))
            for pattern in (r"^## ", r"^\|", r"^```")
        ]
        for readme in ("README.md", "README.zh-CN.md")
    ]
    assert counts[0] == counts[1]


def test_every_layer_file_is_declared_with_origin_date_and_licence() -> None:
    declared = tomllib.loads((HOME / "layers" / "layers.toml").read_text("utf-8"))
    layers = declared["layers"].values()
    files = {layer["path"] for layer in layers} | {
        layer["coverage"] for layer in layers if "." in layer.get("coverage", "")
    }
    earlier = [layer["earlier"] for layer in layers if "earlier" in layer]
    files |= {version["path"] for version in earlier}
    present = {path.name for path in (HOME / "layers").iterdir()} - {"layers.toml", "README.md", ".index"}
    assert present == files
    for layer in layers:
        assert all(layer.get(entry) for entry in ("origin", "date", "licence", "version", "title", "title_en"))
    for version in earlier:
        assert all(version.get(entry) for entry in ("origin", "date", "licence", "version"))
    assert declared["county"]["notice"] == "示意数据，不作为法定依据"


def test_every_data_file_is_declared_or_part_of_a_plan() -> None:
    declared = tomllib.loads((HOME / "data" / "tables.toml").read_text("utf-8"))
    files = {table["path"] for table in declared["tables"].values()}
    folders = {plan["path"] for plan in declared["plans"].values()} | {declared["gazetteer"]}
    folders |= {plan.parent.name for plan in (HOME / "data").glob("*/plan.toml")}  # of other places: joined to no site
    known = {"plan.toml", "indicators.csv", "projects.csv", "tasks.csv", "stated.csv", "README.md"}
    known |= {"gazetteer.csv", "villages.csv"}
    for path in (HOME / "data").rglob("*"):
        shown = path.relative_to(HOME / "data").as_posix()
        if path.is_file() and shown not in LAW and path.parent.name not in {"rules", "decisions", "report", "siting"}:
            assert shown in files or (path.parent.name in folders and path.name in known), shown


LAW = {"tables.toml", "questions.csv", "project_types.csv", "distances.csv", *BOOK_FILES}


def test_locks_name_no_host() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (HOME / lock).read_text("utf-8")
        assert "://" not in text
        assert text.count("--hash=sha256:") > 100


def test_every_test_function_asserts_something() -> None:
    for path in (HOME / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                words = ast.unparse(node)
                assert re.search(r"\bassert\b|pytest\.raises|assert_|expect\(|check_", words), (
                    f"{path.name}: {node.name}"
                )
