"""Two servers of one county, each a process of its own: who decides at once loses nothing, whatever keeps it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import geopandas as gpd
import pytest
from postgres import PASSWORD, USER, Server, running_server, why_absent
from two_rules import write_rules

from ecogeo.ledger import Ledger, chain_problems, entries

ABSENT = why_absent()
HOME = Path(__file__).parent.parent
SAVES = 4

SERVER = """
import json, os, re, sys, time
from pathlib import Path
from ecogeo.workspace import open_workspace
from viewer import create_app

who, told = sys.argv[1], json.loads(sys.argv[2])
for root, ledger in told:
    os.environ["ECOGEO_LEDGER"] = ledger
    if not ledger:
        del os.environ["ECOGEO_LEDGER"]
    client = create_app(open_workspace(Path(root))).test_client()
    token = re.search(r'name="token" value="([^"]+)"', client.get("/projects/P1").text)[1]
    Path(root, f"ready-{who}").touch()
    until = time.monotonic() + 120
    while len(list(Path(root).glob("ready-*"))) < 2 and time.monotonic() < until:
        time.sleep(0.005)
    form = {"token": token, "form": "reviews", "layer": "redlines|inside", "outcome": "false_hit"}
    said = []
    for number in range(%d):
        form |= {"by": who, "reason": f"{who}{number}"}
        said.append(client.post("/projects/P1", data=form, headers={"Origin": "http://localhost"}).status_code)
    last = [f"{one}%d" for one in "甲乙"]
    while not all(one in client.get("/projects/P1").text for one in last) and time.monotonic() < until:
        time.sleep(0.05)
    print(json.dumps([said, [one in client.get("/projects/P1").text for one in last]]), flush=True)
    client.application.extensions["ecogeo_reader"].close()
""" % (SAVES, SAVES - 1)  # noqa: UP031  braces stand in it


@pytest.fixture(scope="module")
def server() -> Iterator[Server | None]:
    if ABSENT and "ECOGEO_REQUIRE_POSTGIS" not in os.environ:
        yield None
        return
    with running_server() as started:
        with started.connect() as connection:
            connection.execute("CREATE DATABASE office")
        with started.connect("office") as connection:
            connection.execute("CREATE EXTENSION postgis")
        yield started


def address_of(server: Server) -> str:
    return f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}/office"


def put_redlines_into(server: Server, county: Path) -> None:
    """Move the red lines of a county into the database, under the same keys."""
    frame = gpd.read_file(county / "layers" / "redlines.gpkg")
    with server.connect("office") as connection:
        connection.execute("CREATE TABLE redlines (redline_id text, name text, geom geometry)")
        for row in frame.itertuples():
            shape = row.geometry.wkb_hex
            values = [row.redline_id, row.name, shape, frame.crs.to_epsg()]
            connection.execute("INSERT INTO redlines VALUES (%s, %s, ST_SetSRID(%s::geometry, %s))", values)
    toml = county / "layers" / "layers.toml"
    declared = f'path = "{address_of(server)}"\nlayer = "public.redlines"'
    toml.write_text(toml.read_text("utf-8").replace('path = "redlines.gpkg"', declared), "utf-8")


def copies(county_folder: Path, names: list[str]) -> dict[str, Path]:
    roots = {name: county_folder.with_name(name) for name in names}
    for root in roots.values():
        shutil.copytree(county_folder, root)
    return roots


def test_two_reviewers_in_two_servers_lose_nothing(county_folder: Path, server: Server | None) -> None:
    write_rules(county_folder)
    ledgers = {"file": "off", "ledger": ""}
    if server is not None:
        ledgers["postgres"] = address_of(server)
    roots = copies(county_folder, list(ledgers))
    if server is not None:
        put_redlines_into(server, roots["postgres"])
    told = json.dumps([[str(roots[name]), ledger] for name, ledger in ledgers.items()])
    servers = [
        subprocess.Popen([sys.executable, "-c", SERVER, who, told], cwd=HOME, stdout=subprocess.PIPE, text=True)
        for who in ("甲", "乙")
    ]
    said = [one.communicate(timeout=300)[0].splitlines() for one in servers]
    assert [one.returncode for one in servers] == [0, 0]
    every = sorted(f"{who}{number}" for who in "甲乙" for number in range(SAVES))
    for at, name in enumerate(ledgers):
        for lines in said:
            assert json.loads(lines[at]) == [[303] * SAVES, [True, True]], name
        table = roots[name] / "data" / "decisions" / "reviews.csv"
        rows = list(csv.DictReader(table.read_text("utf-8-sig").splitlines()))
        assert sorted(row["reason"] for row in rows) == every, name
    for name in ("ledger", "postgres"):
        if name not in ledgers:
            continue
        own = roots[name] / "data" / "decisions" / "ledger.sqlite"
        held = Ledger(str(own)) if name == "ledger" else Ledger(ledgers[name], "000001")
        assert sorted(one.body["row"]["reason"] for one in entries(held, "reviews")) == every
        assert chain_problems(held) == ()
