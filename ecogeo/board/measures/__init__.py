"""The measures of a run as layers of a map: what each looks like, and what it draws when somebody asks for it."""

from ecogeo.board.measures.catalogue import MEASURE_LAYERS, MeasureLayer, measure_layer
from ecogeo.board.measures.drawn import Picture, Shapes, as_geojson

__all__ = ["MEASURE_LAYERS", "MeasureLayer", "Picture", "Shapes", "as_geojson", "measure_layer"]
