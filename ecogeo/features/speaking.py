"""The words of OGC API - Features: what stands in each of its answers."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import __version__
from ecogeo.features.asking import CRS84, MOST_FEATURES, USUAL_FEATURES, Asked, Page
from ecogeo.features.collections import Collection
from ecogeo.wording import Lang, Text

_PART_1 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
CONFORMS_TO = (f"{_PART_1}/core", f"{_PART_1}/oas30", f"{_PART_1}/geojson")

GEOJSON = "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"

Object = dict[str, Any]


class Address(Protocol):
    """Gives the address of an answer."""

    def __call__(
        self, answer: str, name: str = "", feature_id: str = "", /, *, entries: Mapping[str, str] | None = None
    ) -> str:
        """Return the address of an answer.

        Parameters
        ----------
        answer
            ``landing``, ``conformance``, ``api``, ``collections``, ``collection``, ``items`` or ``item``.
        name, feature_id
            Of which collection, of which feature.
        entries
            What stands behind the question mark.
        """


def landing_object(title: Text, description: Text, address: Address, lang: Lang) -> Object:
    """Return what stands at the entrance."""
    return {
        "title": title.say(lang),
        "description": description.say(lang),
        "links": [
            _link("self", "application/json", address("landing")),
            _link("service-desc", OPENAPI, address("api")),
            _link("conformance", "application/json", address("conformance")),
            _link("data", "application/json", address("collections")),
        ],
    }


def collections_object(held: Sequence[Collection], address: Address, lang: Lang) -> Object:
    """Return all collections."""
    return {
        "links": [_link("self", "application/json", address("collections"))],
        "collections": [collection_object(one, address, lang) for one in held],
    }


def collection_object(held: Collection, address: Address, lang: Lang) -> Object:
    """Return what a collection is."""
    links = [
        _link("self", "application/json", address("collection", held.name)),
        _link("items", GEOJSON, address("items", held.name)),
    ]
    told: Object = {
        "id": held.name,
        "title": held.title.say(lang),
        "description": held.description.say(lang),
        "itemType": "feature",
        "crs": [CRS84],
        "links": links,
    }
    if held.licence:
        told["license"] = held.licence
    if held.box is not None:
        told["extent"] = {"spatial": {"bbox": [list(held.box)], "crs": CRS84}}
    return told


def page_object(held: Collection, asked: Asked, page: Page, told: Mapping[str, str], address: Address) -> Object:
    """Return a page of features as GeoJSON, with links to the next and the one before.

    Parameters
    ----------
    held
        The collection.
    asked, page
        What was asked for and found.
    told
        The entries of the address, which the links repeat.
    address
        Gives addresses.
    """

    def link(rel: str, offset: int) -> Object:
        entries = {**told, "offset": str(offset), "limit": str(asked.limit)}
        return _link(rel, GEOJSON, address("items", held.name, entries=entries))

    links = [_link("self", GEOJSON, address("items", held.name, entries=told))]
    links.append(_link("collection", "application/json", address("collection", held.name)))
    if asked.offset + asked.limit < page.matched:
        links.append(link("next", asked.offset + asked.limit))
    if asked.offset > 0:
        links.append(link("prev", max(0, asked.offset - asked.limit)))
    return {
        "type": "FeatureCollection",
        "numberMatched": page.matched,
        "numberReturned": len(page.places),
        "links": links,
        "features": feature_objects(held, page.places),
    }


def feature_object(held: Collection, place: int, address: Address) -> Object:
    """Return one feature with its links."""
    (feature,) = feature_objects(held, np.array([place]))
    own = _link("self", GEOJSON, address("item", held.name, feature["id"]))
    return {**feature, "links": [own, _link("collection", "application/json", address("collection", held.name))]}


def feature_objects(held: Collection, places: npt.NDArray[np.intp]) -> list[Object]:
    """Return features as GeoJSON: shells anticlockwise, no height, no member that is not a number."""
    ids, frame = held.part(places)
    shapes = shapely.orient_polygons(shapely.force_2d(np.asarray(frame.geometry.array, dtype=object)))
    written = shapely.to_geojson(shapes)
    rows = frame.drop(columns=frame.geometry.name).astype(object).to_dict("records")
    return [
        {
            "type": "Feature",
            "id": one,
            "geometry": None if text is None else json.loads(text),
            "properties": {str(name): _plain(value) for name, value in row.items()},
        }
        for one, text, row in zip(ids, written, rows, strict=True)
    ]


def openapi_object(title: Text, held: Sequence[str], address: Address, lang: Lang) -> Object:
    """Return the description of the addresses for programs (OpenAPI 3.0)."""
    root = address("landing").rstrip("/")
    name: Object = {
        "name": "collectionId",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "enum": list(held)},
    }
    feature: Object = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
    number = {"type": "integer", "minimum": 0}
    limit: Object = {"type": "integer", "minimum": 1, "maximum": MOST_FEATURES, "default": USUAL_FEATURES}
    box: Object = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    query: list[Object] = [
        {"name": "bbox", "in": "query", "schema": box, "style": "form", "explode": False},
        {"name": "limit", "in": "query", "schema": limit},
        {"name": "offset", "in": "query", "schema": number},
        {"name": "datetime", "in": "query", "schema": {"type": "string"}},
    ]
    return {
        "openapi": "3.0.3",
        "info": {"title": title.say(lang), "version": __version__},
        "servers": [{"url": root}],
        "components": {"securitySchemes": {"account": {"type": "http", "scheme": "basic"}}},
        "security": [{}, {"account": []}],
        "paths": {
            "/": _operation("landing", [], "application/json"),
            "/conformance": _operation("conformance", [], "application/json"),
            "/collections": _operation("collections", [], "application/json"),
            "/collections/{collectionId}": _operation("collection", [name], "application/json"),
            "/collections/{collectionId}/items": _operation("items", [name, *query], GEOJSON),
            "/collections/{collectionId}/items/{featureId}": _operation("item", [name, feature], GEOJSON),
        },
    }


def _operation(name: str, parameters: Sequence[Object], kind: str) -> Object:
    answers = {
        "200": {"description": "OK", "content": {kind: {"schema": {"type": "object"}}}},
        "400": {"description": "a parameter that is not understood"},
        "401": {"description": "an account is needed"},
        "404": {"description": "there is none"},
    }
    return {"get": {"operationId": name, "parameters": list(parameters), "responses": answers}}


def _link(rel: str, kind: str, address: str) -> Object:
    return {"rel": rel, "type": kind, "href": address}


def _plain(value: object) -> object:
    """Return a value as JSON has it; what is missing or no number is null."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, dt.date):  # a timestamp is one too
        return value.isoformat()
    return str(value)
