"""Links from a figure in a table to its place on the county map."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import url_for

from ecogeo.board.measures import measure_layer
from ecogeo.board.measures.drawn import Bounds
from ecogeo.board.measures.places import view_of
from ecogeo.catalog import RASTER_ROLES
from viewer.prepared import board, prepared


def map_link(*names: str, box: Bounds | None = None) -> str:
    """Return the address of the county map with layers switched on beside those it shows at first.

    Parameters
    ----------
    names
        Roles of layers, and names of measures; one the map does not have is left out.
    box
        What is to be seen: west, south, east and north in degrees; None for the whole county.
    """
    shown = board()
    wanted = {layer.style.role for layer in shown.county.layers if layer.style.is_on or layer.style.role in names}
    measures = [one for name in names if (one := measure_layer(name)) is not None and one.is_there(shown.report)]
    order = [layer.style.role for layer in shown.county.layers if layer.style.role in wanted]
    catalog = prepared().workspace.catalog
    order += [name for name in names if name in RASTER_ROLES and catalog.of_role(name) is not None]
    state = {} if box is None else {"c": view_of(box)}
    state["l"] = ".".join([*order, *(one.role for one in measures)])
    return f"{url_for('county.show')}#{urlencode(state, safe=',')}"
