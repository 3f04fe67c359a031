"""What the viewer ships: vendored files as recorded, a complete English wording, nothing fetched from elsewhere."""

from __future__ import annotations

import hashlib
import json
import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

VIEWER = Path(__file__).parent.parent / "viewer"
VENDOR = VIEWER / "static" / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text("utf-8"))
ENGLISH = VIEWER / "translations" / "en" / "LC_MESSAGES"


def source_strings() -> set[str]:
    """Return every string the viewer asks to have translated."""
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    return {str(message) for _, _, message, _, _ in extract_from_dir(VIEWER, method_map=methods)}


def english() -> Catalog:
    with (ENGLISH / "messages.po").open("rb") as stream:
        return read_po(stream, locale="en")


def test_vendored_files_are_as_recorded() -> None:
    recorded = {file["path"]: file["sha256"] for package in MANIFEST["packages"] for file in package["files"]}
    present = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert present == recorded


@pytest.mark.parametrize("package", MANIFEST["packages"], ids=lambda package: package["name"])
def test_every_package_has_an_exact_version_and_its_licence(package: dict[str, str]) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    assert package["integrity"].startswith("sha512-")
    assert package["licence"]
    assert "Copyright" in (VENDOR / package["licence_file"]).read_text("utf-8")


@pytest.mark.parametrize("path", sorted(VIEWER.rglob("*.css")), ids=lambda path: path.name)
def test_stylesheets_name_only_files_beside_them(path: Path) -> None:
    for address in re.findall(r"url\(([^)]+)\)", path.read_text("utf-8")):
        if not address.startswith("#"):
            assert (path.parent / address.strip("'\"")).is_file()
    assert "@import" not in path.read_text("utf-8")


OWN = [
    path
    for path in sorted(VIEWER.rglob("*"))
    if path.suffix in {".html", ".js", ".css", ".py"} and VENDOR not in path.parents
]


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_nothing_of_ours_names_an_address(path: Path) -> None:
    addresses = re.findall(r"https?://[\w.-]+", path.read_text("utf-8"))
    assert set(addresses) <= {"http://127.0.0.1", "http://"}


@pytest.mark.parametrize("path", sorted((VIEWER / "static" / "app").glob("*.js")), ids=lambda path: path.name)
def test_scripts_never_write_markup(path: Path) -> None:
    script = path.read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", script)


def test_every_string_is_translated_and_none_is_left_over() -> None:
    wording = {message.id: message for message in english() if message.id}
    assert set(wording) == source_strings()
    assert [key for key, message in wording.items() if not message.string or message.fuzzy] == []
    assert [key for key, message in wording.items() if re.search("[一-鿿]", message.string)] == []


def test_translations_keep_their_blanks_to_fill() -> None:
    def blanks(text: str) -> set[str]:
        return set(re.findall(r"%\(\w+\)s|%%", text))

    assert [message.id for message in english() if message.id and blanks(message.id) != blanks(message.string)] == []


def test_the_compiled_wording_is_fresh() -> None:
    with (ENGLISH / "messages.mo").open("rb") as stream:
        compiled = {message.id: message.string for message in read_mo(stream) if message.id}
    assert compiled == {message.id: message.string for message in english() if message.id}


def test_every_word_people_read_in_templates_is_translatable() -> None:
    for path in sorted((VIEWER / "templates").glob("*.html")):
        bare = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert not re.search("[一-鿿]", bare), path.name
        assert set(re.sub(r"<[^>]*>", "", bare)) <= set(string.printable) | set("—–±·…▲▼→°≥τ"), path.name
