"""The table of signs ``role_signs.toml``, checked when it is read."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources

import pydantic

from ecogeo.wording import Text


class _Entry(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")


class Points(_Entry):
    """How much each kind of sign weighs, and how much a role needs."""

    code: int
    name: int
    fields: int
    value: int
    unverified: int
    ambiguous: int
    some_fields: int
    enough: int
    lead: int


class Title(_Entry):
    """Name of a dialect in both languages."""

    zh: str
    en: str

    @property
    def text(self) -> Text:
        """The title as a sentence for people."""
        return Text(self.zh, self.en)


class FieldUse(_Entry):
    """Which fields to take for the key, the name and further meanings: of each list the first that is there."""

    key: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    meanings: dict[str, tuple[str, ...]] = {}


class Dialect(FieldUse):
    """A set of fields; `needs` of its `marks` tell it."""

    title: Title
    marks: tuple[str, ...]
    needs: int
    unverified: bool = False


class ValueSign(_Entry):
    """What every value of a field looks like; it confirms a role, it never decides alone."""

    field: str
    pattern: str
    unverified: bool = False


class RoleSigns(FieldUse):
    """The signs of one role of vector layers."""

    names_zh: tuple[str, ...] = ()
    names_en: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    ambiguous: dict[str, str] = {}
    against: tuple[str, ...] = ()
    geometry: tuple[str, ...]
    dialects: tuple[Dialect, ...] = ()
    values: tuple[ValueSign, ...] = ()


class RasterSigns(_Entry):
    """The signs of one role of rasters."""

    names_zh: tuple[str, ...]
    names_en: tuple[str, ...]
    against: tuple[str, ...]
    least: float
    most: float
    most_classes: int | None = None


class Common(FieldUse):
    """What holds for every role."""

    against: tuple[str, ...]


class SignTable(_Entry):
    """The whole table."""

    points: Points
    common: Common
    roles: dict[str, RoleSigns]
    rasters: dict[str, RasterSigns]


@functools.cache
def sign_table() -> SignTable:
    """Return the table that comes with the package."""
    text = resources.files("ecogeo").joinpath("role_signs.toml").read_text("utf-8")
    return SignTable.model_validate(tomllib.loads(text))
