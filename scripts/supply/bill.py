"""The bill of materials, CycloneDX 1.6 as JSON: the same locks and files give the same bytes.

Source: the CycloneDX specification, version 1.6 (ECMA-424).
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from supply.parts import HOME, Pinned, licence_of, pinned_packages, vendored_packages

BILL = HOME / "docs" / "sbom.cdx.json"

_ONE_LICENCE = re.compile(r"[A-Za-z0-9.+-]+")


def bill_text() -> str:
    """Return the bill: the program, what it is installed with, what the tests need beside, and what is vendored."""
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
    root = f"pkg:pypi/{project['name']}@{project['version']}"
    packages = [_package(one) for one in pinned_packages()]
    vendored = [_vendored(entry) for entry in vendored_packages()]
    parts = [*packages, *vendored]
    needed = [part["bom-ref"] for part in parts if part["scope"] == "required"]
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": project["name"],
                "version": project["version"],
                "description": project["description"],
                "licenses": _licences(project["license"]),
                "purl": root,
            },
            "properties": [
                {"name": "ecogeo:hashes", "value": "of each wheel and archive that may be installed, one by platform"},
                {"name": "ecogeo:scope", "value": "excluded: needed by the tests and tools alone"},
            ],
        },
        "components": parts,
        "dependencies": [{"ref": root, "dependsOn": sorted(needed)}],
    }
    return json.dumps(bill, ensure_ascii=False, indent=1) + "\n"


def _licences(expression: str) -> list[dict[str, Any]]:
    """Return a licence as the specification wants it: an identifier, or an expression of several."""
    if not expression:
        return []
    if _ONE_LICENCE.fullmatch(expression):
        return [{"license": {"id": expression}}]
    return [{"expression": expression}]


def _package(one: Pinned) -> dict[str, Any]:
    """Return a pinned package as a component."""
    name = one.name.lower().replace("_", "-")
    purl = f"pkg:pypi/{name}@{one.version}"
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": one.name,
        "version": one.version,
        "scope": "required" if one.is_needed else "excluded",
        "hashes": [{"alg": "SHA-256", "content": content} for content in sorted(one.hashes)],
        "licenses": _licences(licence_of(one.name)),
        "purl": purl,
    }
    if one.marker:
        component["properties"] = [{"name": "ecogeo:installed-where", "value": one.marker}]
    return component


def _vendored(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a vendored library as a component that holds its files."""
    purl = f"pkg:npm/{entry['name']}@{entry['version']}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": entry["name"],
        "version": entry["version"],
        "scope": "required",
        "licenses": _licences(entry["licence"]),
        "purl": purl,
        "components": [
            {
                "type": "file",
                "bom-ref": f"{purl}#{file['path']}",
                "name": f"viewer/static/vendor/{file['path']}",
                "hashes": [{"alg": "SHA-256", "content": file["sha256"]}],
            }
            for file in entry["files"]
        ],
    }
