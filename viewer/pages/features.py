"""Layers and findings for other programs: OGC API - Features for QGIS and its like, and files to download."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _

from ecogeo.errors import EcogeoError, UsageError
from ecogeo.features import (
    CONFORMS_TO,
    FILE_KINDS,
    Collection,
    collection,
    collection_names,
    collection_object,
    collections_object,
    feature_object,
    features_asked,
    landing_object,
    openapi_object,
    page_object,
    read_asked,
    render_file,
)
from ecogeo.features.speaking import GEOJSON, OPENAPI
from ecogeo.wording import Text
from viewer.languages import current_lang
from viewer.prepared import board, prepared

pages = Blueprint("features", __name__)

_NO_ENTRIES = frozenset({"f", "lang"})
_ABOUT = Text("本县图层与检查发现，只读", "layers of the county and findings of its checks, read only")


@pages.get("/downloads")
def downloads() -> str:
    """Show every collection with its files, and the address for QGIS."""
    found, broken = _every()
    return render_template(
        "downloads.html", collections=found, broken=broken, kinds=FILE_KINDS, address=_address("landing")
    )


@pages.get("/downloads/<name>.<any(csv,geojson,gpkg):ending>")
def download(name: str, ending: str) -> Response:
    """Hand out a collection as a file."""
    held = _known(name)
    try:
        with tempfile.TemporaryDirectory(prefix="ecogeo-") as scratch:
            content = render_file(held, ending, Path(scratch))
    except UsageError as error:
        problems = [problem.say(current_lang()) for problem in error.problems]
        about = {"code": 413, "title": _("文件太大"), "problems": problems, "shell": "base.html"}
        told = render_template("error.html", **about)
        return make_response(told, 413)
    answer = Response(content, mimetype=FILE_KINDS[ending].kind)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.{ending}")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.get("/ogc")
@pages.get("/ogc/")
def landing() -> Response:
    """Show what there is."""
    return _answer(landing_object(prepared().workspace.county.title, _ABOUT, _address, current_lang()))


@pages.get("/ogc/conformance")
def conformance() -> Response:
    """Show which parts of the standard are kept."""
    return _answer({"conformsTo": list(CONFORMS_TO)})


@pages.get("/ogc/api")
def api() -> Response:
    """Describe the addresses for programs."""
    workspace = prepared().workspace
    told = openapi_object(workspace.county.title, collection_names(workspace), _address, current_lang())
    return _answer(told, OPENAPI)


@pages.get("/ogc/collections")
def collections() -> Response:
    """Show the collections; one whose file cannot be used is left out, and named in a header."""
    found, broken = _every()
    answer = _answer(collections_object(found, _address, current_lang()))
    if broken:
        answer.headers["X-Left-Out"] = ",".join(name for name, _reason in broken if name.isascii())
    return answer


@pages.get("/ogc/collections/<name>")
def one(name: str) -> Response:
    """Show what a collection is."""
    return _answer(collection_object(_known(name), _address, current_lang()))


@pages.get("/ogc/collections/<name>/items")
def items(name: str) -> Response:
    """Hand out features: ``bbox``, ``limit``, ``offset``, and properties by name."""
    held = _known(name)
    told = {entry: value for entry, value in request.args.items() if entry not in _NO_ENTRIES}
    try:
        asked = read_asked(told, held.fields)
    except EcogeoError as error:
        lang = current_lang()
        problem = {"code": "InvalidParameterValue", "description": error.say(lang)}
        return make_response(problem, 400)
    return _answer(page_object(held, asked, features_asked(held, asked), told, _address), GEOJSON)


@pages.get("/ogc/collections/<name>/items/<path:feature_id>")
def item(name: str, feature_id: str) -> Response:
    """Hand out one feature."""
    held = _known(name)
    place = held.place(feature_id)
    if place is None:
        abort(404)
    return _answer(feature_object(held, place, _address), GEOJSON)


def _known(name: str) -> Collection:
    """Return a collection, made once for each board and language."""
    kept: dict[tuple[str, str], tuple[object, Collection]] = current_app.extensions.setdefault("ecogeo_collections", {})
    lang = current_lang()
    of = board().report if name not in prepared().workspace.vector_names else prepared().workspace
    found = kept.get((name, lang))
    if found is not None and found[0] is of:
        return found[1]
    made = collection(prepared().workspace, name, lambda: board().report, lang)
    if made is None:
        abort(404)
    kept[name, lang] = of, made
    return made


def _every() -> tuple[list[Collection], Sequence[tuple[str, str]]]:
    """Return every collection, and those whose files cannot be used with the reason."""
    found, broken = [], []
    for name in collection_names(prepared().workspace):
        try:
            found.append(_known(name))
        except EcogeoError as error:
            broken.append((name, error.say(current_lang())))
    return found, broken


def _address(answer: str, name: str = "", feature_id: str = "", /, *, entries: Mapping[str, str] | None = None) -> str:
    """Return the address of an answer, with what stands behind its question mark."""
    about = {"name": name} | ({"feature_id": feature_id} if answer == "item" else {}) if name else {}
    address = url_for(f"features.{'one' if answer == 'collection' else answer}", _external=True, **about)
    return f"{address}?{urlencode(entries)}" if entries else address


def _answer(told: dict[str, Any], kind: str = "application/json") -> Response:
    answer = Response(json.dumps(told, ensure_ascii=False), mimetype=kind.partition(";")[0])
    answer.headers["Content-Type"] = kind
    answer.headers["Cache-Control"] = "no-store"
    return answer
