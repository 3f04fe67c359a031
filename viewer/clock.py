"""The day it is to the application: what people write is dated by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask import current_app


def today() -> dt.date:
    """Return the day it is to the application of the current request."""
    tell: Callable[[], dt.date] = current_app.config["ECOGEO_TODAY"]
    return tell()
