"""ecogeo: layers, plan tables and dated rules of a county, joined, checked and shown on a map."""

__version__ = "0.1.0"
