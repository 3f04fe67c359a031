"""A county every text of which tries to become markup or script: names, keys, titles, notices, cells."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import geopandas as gpd
import pyogrio

FLAG = "pwned"
"""What a payload would set on the window; nothing may."""

PAYLOAD = (
    f'<img src=x onerror="window.{FLAG}=1">${{window.{FLAG}=1}}`+(window.{FLAG}=1)+`'
    f"\\u0027;window.{FLAG}=1;//C:\\new\\table</script><script>window.{FLAG}=1</script>"
    f"'\"><svg onload=window.{FLAG}=1>{{{{7*7}}}}&amp;"
)

_NUMERIC = {"start_year", "end_year", "invest_wan_yuan", "accuracy_m", "target_value", "current_value", "current_year"}
_CODED = {"role", "path", "key", "name", "coverage", "layer", "table", "layer_code", "table_code"}
"""Entries of the catalogue that name files and fields: they are the officer's own settings, not data."""


def poison(root: Path) -> None:
    """Put the payload behind every text of a county folder."""
    _poison_catalogue(root / "layers" / "layers.toml")
    for path in sorted((root / "layers").glob("*.gpkg")):
        frame = pyogrio.read_dataframe(path)
        for column in frame.columns.drop("geometry"):
            if frame[column].dtype.kind not in "ifb":
                frame[column] = [f"{value}{PAYLOAD}" if value else value for value in frame[column]]
        path.unlink()
        gpd.GeoDataFrame(frame).to_file(path)
    for path in sorted((root / "data" / "plan").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            head, *rows = list(csv.reader(stream))
        bad = [
            [cell + PAYLOAD if cell and name not in _NUMERIC else cell for name, cell in zip(head, row, strict=True)]
            for row in rows
        ]
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([head, *bad])
    (root / "data" / "plan" / "plan.toml").write_text(f"title = {json.dumps('方县规划' + PAYLOAD)}\n", "utf-8")


def _poison_catalogue(path: Path) -> None:
    """Write a catalogue anew with the payload in every text people read."""
    declared = tomllib.loads(path.read_text("utf-8"))
    county = dict.fromkeys(("code", "name", "name_en", "notice", "notice_en"), "") | declared["county"]
    lines = ["[county]", *(f"{entry} = {json.dumps(value + PAYLOAD)}" for entry, value in county.items())]
    for name, layer in declared["layers"].items():
        texts = {entry: value for entry, value in layer.items() if entry not in _CODED}
        shown = dict.fromkeys(("title", "title_en", "origin", "date", "licence", "version"), "") | texts
        lines.append(f"[layers.{name}]")
        lines += [f"{entry} = {json.dumps(layer[entry])}" for entry in layer if entry in _CODED]
        lines += [f"{entry} = {json.dumps(value + PAYLOAD)}" for entry, value in shown.items()]
    path.write_text("\n".join(lines) + "\n", "utf-8")
