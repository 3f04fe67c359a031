"""A county folder as one value: its layers, tables and plans, read when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import RLock
from typing import TypeVar, cast

import numpy as np
import pandas as pd
import pyproj
import shapely

from ecogeo import geodesy
from ecogeo.catalog import Catalog, County, LayerDeclaration
from ecogeo.catalog_file import read_catalog
from ecogeo.errors import EcogeoError, UnusableFileError, UsageError, merged
from ecogeo.formats import read_features
from ecogeo.join import Matching, match_rows
from ecogeo.landuse.book import LandBook, read_land_book
from ecogeo.layer import Layer, as_text, read_layer
from ecogeo.plan import Gazetteer, PlanTables, read_gazetteer, read_plan
from ecogeo.plan.columns import PROJECT_COLUMNS
from ecogeo.raster import Raster, read_raster, require_raster
from ecogeo.rounding import Rounding
from ecogeo.rules import RulePack, read_rules
from ecogeo.table import Table, read_table
from ecogeo.wording import Text, list_en, list_zh

Held = TypeVar("Held", Layer, Raster, Table, PlanTables, RulePack, LandBook)

_PLAN_FILES = ("indicators.csv", "plan.toml", "projects.csv", "stated.csv", "tasks.csv", "values.csv")
_SAMPLE_HOMES = (Path(__file__).parent / "sample", Path(__file__).parent.parent)
"""Where the sample county lies: inside an installed package, beside it in a checkout."""


@dataclass(frozen=True, slots=True, eq=False)
class Workspace:
    """One county.

    Parameters
    ----------
    root
        The county folder.
    catalog
        What it declares.
    """

    root: Path
    catalog: Catalog
    _held: dict[tuple[str, str], Layer | Raster | Table | PlanTables | RulePack | LandBook] = field(
        default_factory=dict, repr=False
    )
    _reading: RLock = field(default_factory=RLock, repr=False)

    @property
    def county(self) -> County:
        """The county the folder is about."""
        return self.catalog.county

    def layer(self, name: str) -> Layer:
        """Return a layer by its declared name, with its coverage.

        Raises
        ------
        EcogeoError
            Where it is not declared or its file cannot be used.
        """
        return self._hold("layer", name, lambda: self._read_layer(name))

    def raster(self, name: str) -> Raster:
        """Return a raster by its declared name, with the coverage declared for it.

        Raises
        ------
        EcogeoError
            Where it is not declared or its file cannot be used.
        """
        if name not in self.catalog.layers:
            raise UsageError(_unknown("图层", "layer", name, self.catalog.layers))
        return self._hold("raster", name, lambda: self._read_raster(name, self.catalog.layers[name]))

    def of_role(self, role: str) -> Layer | None:
        """Return the layer that plays a role, or None where the county has none.

        Raises
        ------
        EcogeoError
            Where it is declared but its file cannot be used.
        """
        name = self.catalog.of_role(role)
        return None if name is None else self.layer(name)

    def earlier_of_role(self, role: str) -> Layer | None:
        """Return the version before that of the layer that plays a role, or None where the county keeps none.

        Raises
        ------
        EcogeoError
            Where it is declared but its file cannot be used.
        """
        name = self.catalog.of_role(role)
        declared = None if name is None else self.catalog.layers[name].as_earlier
        if name is None or declared is None:
            return None
        return self._hold("earlier", name, lambda: read_layer(f"{name}.earlier", declared, self.layer_folder))

    def raster_of_role(self, role: str) -> Raster | None:
        """Return the raster that plays a role, or None where the county has none.

        Raises
        ------
        EcogeoError
            Where it is declared but its file cannot be used.
        """
        name = self.catalog.of_role(role)
        return None if name is None else self.raster(name)

    def table(self, name: str) -> Table:
        """Return a table by its declared name.

        Raises
        ------
        EcogeoError
            Where it is not declared or its file cannot be used.
        """
        if name not in self.catalog.tables:
            raise UsageError(_unknown("表", "table", name, self.catalog.tables))
        return self._hold("table", name, lambda: read_table(name, self.catalog.tables[name], self.data_folder))

    def plan(self, name: str) -> PlanTables:
        """Return the tables of a planning document by its declared name.

        Raises
        ------
        EcogeoError
            Where it is not declared or its files cannot be used.
        """
        if name not in self.catalog.plans:
            raise UsageError(_unknown("规划", "plan", name, self.catalog.plans))
        return self._hold("plan", name, lambda: read_plan(self.data_folder / self.catalog.plans[name].path))

    def plan_files(self, name: str) -> tuple[Path, ...]:
        """Return the files of a declared plan that are there, sorted."""
        folder = self.data_folder / self.catalog.plans[name].path
        return tuple(path for path in sorted(folder.iterdir()) if path.name in _PLAN_FILES)

    def rules(self) -> RulePack | None:
        """Return the county's rules, or None where it has none.

        Raises
        ------
        EcogeoError
            Where they cannot be used.
        """
        folder = self.data_folder / "rules"
        return self._hold("rules", "", lambda: read_rules(folder)) if folder.is_dir() else None

    def land_book(self) -> LandBook:
        """Return the land classes and cover definitions: the county's own tables, the sample's where it has none.

        Raises
        ------
        UnusableFileError
            Where they cannot be used.
        """
        otherwise = sample_root() / "data"
        return self._hold("land book", "", lambda: read_land_book(self.data_folder, otherwise))

    def with_sites(self, sites: Layer) -> Workspace:
        """Return the county with other sites in the place of its own, and no projects of its plans.

        Parameters
        ----------
        sites
            A layer of the role ``project_sites``.
        """
        kept = {name: layer for name, layer in self.catalog.layers.items() if layer.role != "project_sites"}
        catalog = self.catalog.model_copy(
            update={"layers": {**kept, sites.name: sites.declaration}, "plans": {}, "joins": {}}
        )
        return Workspace(self.root, catalog, {**self._held, ("layer", sites.name): sites})

    def with_layer(self, layer: Layer) -> Workspace:
        """Return the county with a layer in the place of its own of that name."""
        return replace(self, _held={**self._held, ("layer", layer.name): layer})

    def with_rounding(self, rounding: Rounding | None) -> Workspace:
        """Return the county with another law of rounding in the place of its own; None keeps its own."""
        if rounding is None:
            return self
        county = self.county.model_copy(update={"rounding": rounding})
        return replace(self, catalog=self.catalog.model_copy(update={"county": county}))

    def gazetteer(self) -> Gazetteer | None:
        """Return the county's place names, or None where it declares none."""
        folder = self.catalog.gazetteer
        return read_gazetteer(self.data_folder / folder) if folder else None

    @property
    def layer_folder(self) -> Path:
        """The folder the paths of layers are relative to."""
        return self.root / "layers"

    @property
    def data_folder(self) -> Path:
        """The folder the paths of tables and plans are relative to."""
        return self.root / "data"

    @property
    def vector_names(self) -> tuple[str, ...]:
        """Declared names of the layers with features, in the order declared."""
        return tuple(name for name, layer in self.catalog.layers.items() if not layer.is_raster)

    @property
    def raster_names(self) -> tuple[str, ...]:
        """Declared names of the layers held as cells, in the order declared."""
        return tuple(name for name, layer in self.catalog.layers.items() if layer.is_raster)

    def require_raster(self, name: str) -> None:
        """Tell whether a declared raster can be read to its end.

        Raises
        ------
        UnusableFileError
            Where it is missing, no raster, or truncated.
        """
        declared = self.catalog.layers[name]
        require_raster(self.layer_folder / declared.path, shown=declared.path)

    def projects(self) -> pd.DataFrame:
        """Return the projects of every plan, with the plan's name in front; empty where there is no plan."""
        frames = [self.plan(name).projects.assign(plan=name) for name in self.catalog.plans]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*PROJECT_COLUMNS, "plan"])

    def matching(self, name: str) -> Matching:
        """Match the two sides of a declared join.

        Raises
        ------
        EcogeoError
            Where the join is not declared, or its layer or table cannot be used.
        """
        if name not in self.catalog.joins:
            raise UsageError(_unknown("连接", "join", name, self.catalog.joins))
        join = self.catalog.joins[name]
        layer = self.layer(join.layer)
        rows, row_key = self._rows(join.table)
        wanted = dict.fromkeys(filter(None, (layer.declaration.key, join.layer_code, join.layer_name)))
        if absent := [column for column in wanted if column not in layer.frame.columns]:
            raise UnusableFileError(
                layer.declaration.shown_path,
                Text(
                    f"连接 {name} 所需字段 {list_zh(absent)} 不存在",
                    f"it has no field {list_en(absent)}, which the join {name} names",
                ),
            )
        features = pd.DataFrame({column: as_text(layer.frame[column]) for column in wanted})
        return match_rows(
            features,
            rows,
            feature_key=layer.declaration.key,
            row_key=row_key,
            codes=(join.layer_code, join.table_code) if join.layer_code and join.table_code else None,
            names=(join.layer_name, join.table_name) if join.layer_name and join.table_name else None,
            aliases=self.table(join.aliases).frame if join.aliases else None,
        )

    def require(self, tasks: Iterable[Callable[[], object]]) -> None:
        """Do several readings and raise once, with the problems of all that failed.

        Raises
        ------
        EcogeoError
            With everything that cannot be used.
        """
        errors: list[EcogeoError] = []
        for task in tasks:
            try:
                task()
            except EcogeoError as error:
                errors.append(error)
        if errors:
            raise merged(errors)

    def _rows(self, table: str) -> tuple[pd.DataFrame, str]:
        """Return a declared table or a plan's own (``<plan>/projects``) with its key."""
        plan, _, part = table.partition("/")
        if part == "projects":
            return self.plan(plan).projects, "project_id"
        if part == "indicators":
            return self.plan(plan).indicators.query("sub_no == ''"), "indicator_no"
        held = self.table(table)
        return held.frame, held.declaration.key

    def _read_layer(self, name: str) -> Layer:
        """Read a layer and fill in where it is complete, from the role or the file its declaration names."""
        if name not in self.catalog.layers:
            raise UsageError(_unknown("图层", "layer", name, self.catalog.layers))
        layer = read_layer(name, self.catalog.layers[name], self.layer_folder)
        if layer.declaration.coverage == layer.declaration.role:
            return replace(layer, coverage=_union(layer))
        return replace(layer, coverage=self.coverage_of(layer.declaration))

    def _read_raster(self, name: str, declared: LayerDeclaration) -> Raster:
        """Open a raster and fill in where the county declares it complete; its own cells say where it has data."""
        raster = read_raster(name, declared, self.layer_folder)
        return raster if declared.coverage == declared.role else replace(raster, coverage=self.coverage_of(declared))

    def coverage_of(self, declared: LayerDeclaration) -> shapely.Geometry | None:
        """Return where a declared layer is complete, from the other role or the file it names; None for unknown.

        Parameters
        ----------
        declared
            The layer, which does not name its own role.

        Raises
        ------
        EcogeoError
            Where that layer or file cannot be used.
        """
        if not declared.coverage:
            return None
        if (covering := self.catalog.of_role(declared.coverage)) is not None:
            return _union(self.layer(covering))
        return _outline(self.layer_folder / declared.coverage)

    def _hold(self, kind: str, name: str, read: Callable[[], Held]) -> Held:
        """Read something when it is first asked for, and keep it; checks that run side by side read it once."""
        with self._reading:
            if (kind, name) not in self._held:
                self._held[kind, name] = read()
            return cast(Held, self._held[kind, name])


def open_workspace(root: Path | None = None) -> Workspace:
    """Open a county folder.

    Parameters
    ----------
    root
        The folder; None takes the current one if it is a county folder, else the sample county.

    Raises
    ------
    UnusableCatalogError
        With every fault of its declarations.
    """
    chosen = root if root is not None else default_root()
    return Workspace(chosen, read_catalog(chosen))


def default_root() -> Path:
    """Return the current folder if it is a county folder, else the sample county's."""
    here = Path.cwd()
    return here if _is_county(here) else sample_root()


def sample_root() -> Path:
    """Return the folder of the sample county that comes with ecogeo."""
    return next((home for home in _SAMPLE_HOMES if _is_county(home)), _SAMPLE_HOMES[0])


def _is_county(folder: Path) -> bool:
    return (folder / "layers" / "layers.toml").is_file()


def _union(layer: Layer) -> shapely.Geometry:
    """Return the ground a layer's polygons cover together."""
    shapes = layer.geometries
    return shapely.union_all(shapes[shapely.get_dimensions(shapes) == 2])


def _outline(path: Path) -> shapely.Geometry:
    """Return the ground the polygons of a coverage file cover, longitude and latitude."""
    frame = read_features(path).frame
    if frame.crs is None:
        raise UnusableFileError(path.name, Text("覆盖范围文件没有坐标系", "the coverage file has no CRS"))
    shapes = geodesy.to_lonlat(np.asarray(frame.geometry.array, dtype=object), pyproj.CRS.from_user_input(frame.crs))
    return shapely.union_all(shapes[shapely.get_dimensions(shapes) == 2])


def _unknown(zh: str, en: str, name: str, known: Iterable[str]) -> Text:
    names = list(known)
    return Text(
        f"没有{zh}“{name}”，已有：{list_zh(names, most=30)}",
        f"there is no {en} “{name}”; there are {list_en(names, most=30)}",
    )
