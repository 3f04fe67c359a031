"""What a county folder declares: its layers by role, its tables, its plans and their joins.

`ecogeo.catalog_file` reads them from ``layers/layers.toml`` and ``data/tables.toml``.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self, get_args

import pydantic

from ecogeo.formats.addresses import is_postgis, shown_source
from ecogeo.rounding import Rounding
from ecogeo.wording import Text

Role = Literal[
    "county",
    "towns",
    "villages",
    "redlines",
    "reserves",
    "farmland",
    "urban_boundary",
    "control_units",
    "water_sources",
    "river_reaches",
    "shorelines",
    "river_management",
    "water_bodies",
    "mines",
    "project_sites",
    "receptors",
    "pollution_sources",
    "landuse",
    "landcover",
    "dem",
]
"""Code binds to roles, never to file names."""

ROLES: tuple[str, ...] = get_args(Role)
RASTER_ROLES = frozenset({"landcover", "dem"})
ZONING_ROLES = frozenset({"control_units", "urban_boundary"})
"""Layers that divide the whole county: every site lies in a unit, and in or outside the boundary; that is no hit."""


class _Declared(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


_Value = Annotated[str, pydantic.Field(pattern=r"^-?[0-9]{1,9}$")]


_OF_ITS_OWN = ("layer", "crs", "has_none", "origin", "date", "licence", "version")
"""What an earlier version never has from the layer that followed it."""


class EarlierVersion(_Declared):
    """An earlier version of a layer, to tell what changed; what is left out is as the layer itself declares it.

    Parameters
    ----------
    path, layer
        File below ``layers/`` (or database), and the layer inside it.
    key, name, fields, crs
        As of a layer: earlier versions often have field names of their own.
    has_none
        Whether the county had no such feature then: what the layer itself says of now does not hold for it.
    origin, date, licence, version
        Where it comes from, its data date (ISO), its licence, its version.
    """

    path: str = pydantic.Field(min_length=1, repr=False)
    layer: str = ""
    key: str = ""
    name: str = ""
    fields: dict[str, str] = {}
    crs: str = ""
    has_none: bool = False
    origin: str = ""
    date: str = ""
    licence: str = ""
    version: str = ""

    @pydantic.field_validator("date", mode="before")
    @classmethod
    def _iso_date(cls, value: object) -> object:
        return value.isoformat() if isinstance(value, dt.date) else value


class LayerDeclaration(_Declared):
    """One layer of the county, as layers.toml declares it.

    Parameters
    ----------
    role
        What the layer is to the checks.
    path, layer
        File below ``layers/`` and, where it holds several, the layer inside it; or the address of a PostGIS database
        (``postgresql://…``) and the table in it.
    key, name
        Fields that identify a feature and that people read.
    fields
        Further meanings a check asks for, each with the file's own field name.
    classes
        Of land cover in cells: what each value is, such as ``"3" = "林地"``; empty where the file itself says it.
    crs
        CRS of a file that carries none, such as ``EPSG:4545``.
    coverage
        Where the layer is complete: a role whose features cover it, a polygon file below ``layers/``,
        or empty for unknown.
        Outside it, and everywhere if it is empty, the layer can never clear a site.
    least_m2, least_width_m
        Pieces of overlap smaller or narrower than this are ledgered as dropped; None takes the check's own default.
    buffer_m
        How near to a feature counts as touching it, and is judged like it, metres; None takes the check's own default:
        for most layers, nothing but the features themselves.
    has_none
        Whether the county has no such feature at all: the file then holds none, and the layer may clear what it covers.
    earlier
        The version before this one; None where the county keeps none.
    origin, date, licence, version
        Where it comes from, its data date (ISO), its licence, its version.
    """

    role: Role
    path: str = pydantic.Field(min_length=1, repr=False)
    layer: str = ""
    key: str = ""
    name: str = ""
    title: str = ""
    title_en: str = ""
    fields: dict[str, str] = {}
    classes: dict[_Value, str] = {}
    crs: str = ""
    coverage: str = ""
    least_m2: float | None = pydantic.Field(default=None, ge=0)
    least_width_m: float | None = pydantic.Field(default=None, ge=0)
    buffer_m: float | None = pydantic.Field(default=None, gt=0, allow_inf_nan=False)
    has_none: bool = False
    earlier: EarlierVersion | None = None
    origin: str = ""
    date: str = ""
    licence: str = ""
    version: str = ""

    @pydantic.model_validator(mode="after")
    def _names_its_table(self) -> Self:
        if is_postgis(self.path) and not self.layer:
            msg = "a PostGIS path needs layer = schema.table"
            raise ValueError(msg)
        return self

    @pydantic.field_validator("date", mode="before")
    @classmethod
    def _iso_date(cls, value: object) -> object:
        return value.isoformat() if isinstance(value, dt.date) else value

    @property
    def shown_path(self) -> str:
        """The path as messages and outputs show it: of a database, without a password."""
        return shown_source(self.path)

    @property
    def as_earlier(self) -> LayerDeclaration | None:
        """The declaration of the version before this one; None where there is none."""
        if self.earlier is None:
            return None
        told = {name: value for name, value in self.earlier.model_dump().items() if value or name in _OF_ITS_OWN}
        return self.model_copy(update={**told, "earlier": None})

    @property
    def is_raster(self) -> bool:
        """Whether the role is held as cells."""
        return self.role in RASTER_ROLES


class County(_Declared):
    """The county the folder is about.

    Parameters
    ----------
    code, name, name_en
        Administrative code and names.
    notice, notice_en
        What must stand wherever its data are shown; empty for none.
    rounding
        How its figures are rounded: ``half-up``, or ``half-even`` (四舍六入五成双).
    """

    code: str = ""
    name: str = pydantic.Field(min_length=1)
    name_en: str = ""
    notice: str = ""
    notice_en: str = ""
    rounding: Rounding = "half-up"

    @property
    def title(self) -> Text:
        """The county's name in both languages."""
        return Text(self.name, self.name_en or self.name)

    @property
    def mark(self) -> Text | None:
        """The notice in both languages, or None."""
        return Text(self.notice, self.notice_en or self.notice) if self.notice else None


class TableDeclaration(_Declared):
    """One table without geometry, as tables.toml declares it."""

    path: str = pydantic.Field(min_length=1)
    key: str = pydantic.Field(min_length=1)
    title: str = ""
    title_en: str = ""
    required: tuple[str, ...] = ()
    origin: str = ""
    date: str = ""
    licence: str = ""


class PlanDeclaration(_Declared):
    """One planning document's folder below ``data/``."""

    path: str = pydantic.Field(min_length=1)
    title: str = ""


class JoinDeclaration(_Declared):
    """Figures of a table onto features of a layer: by code first, then by name.

    Parameters
    ----------
    layer, table
        Declared names; a plan's own tables are ``<plan folder>/projects`` and ``<plan folder>/indicators``.
    layer_code, table_code
        Fields that hold the same code; empty to join by name only.
    layer_name, table_name
        Fields that hold the same name; empty to join by code only.
    aliases
        Table of other names with columns ``alias`` and ``name``; empty for none.
    """

    layer: str
    table: str
    layer_code: str = ""
    table_code: str = ""
    layer_name: str = ""
    table_name: str = ""
    aliases: str = ""


_Threshold = Annotated[float, pydantic.Field(strict=True, ge=0, allow_inf_nan=False)]


class Catalog(_Declared):
    """Everything a county folder declares.

    Parameters
    ----------
    county, layers, tables, plans, joins
        As their own types say.
    checks
        Of layers.toml: thresholds the county sets for a check, by the check's name, such as
        ``[checks.redline_reduced] noise_width_m = 3``; those not named keep the check's default.
    gazetteer
        The folder below ``data/`` that holds its place names.
    """

    county: County
    layers: dict[str, LayerDeclaration]
    tables: dict[str, TableDeclaration] = {}
    plans: dict[str, PlanDeclaration] = {}
    joins: dict[str, JoinDeclaration] = {}
    checks: dict[str, dict[str, _Threshold]] = {}
    gazetteer: str = ""

    def of_role(self, role: str) -> str | None:
        """Return the declared name of the layer that plays a role, or None."""
        return next((name for name, layer in self.layers.items() if layer.role == role), None)

    def answer_title(self, role: str) -> Text:
        """Name what an answer of the screening is about: mostly the layer itself."""
        if role == "urban_boundary":
            return Text("城镇开发边界以外", "outside the urban boundary")
        if role == "dem":
            return Text("陡坡地", "steep ground")
        name = self.of_role(role)
        title = self.layers[name].title or name if name is not None else role
        return Text(title, (self.layers[name].title_en or title) if name is not None else role)
