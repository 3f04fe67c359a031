"""Layers and findings for other programs: collections of features by address, in pages, and as files."""

from ecogeo.features.asking import CRS84, MOST_FEATURES, USUAL_FEATURES, Asked, Page, features_asked, read_asked
from ecogeo.features.collections import FINDINGS, Collection, collection, collection_names
from ecogeo.features.files import FILE_KINDS, FileKind, render_file
from ecogeo.features.speaking import (
    CONFORMS_TO,
    collection_object,
    collections_object,
    feature_object,
    landing_object,
    openapi_object,
    page_object,
)

__all__ = [
    "CONFORMS_TO",
    "CRS84",
    "FILE_KINDS",
    "FINDINGS",
    "MOST_FEATURES",
    "USUAL_FEATURES",
    "Asked",
    "Collection",
    "FileKind",
    "Page",
    "collection",
    "collection_names",
    "collection_object",
    "collections_object",
    "feature_object",
    "features_asked",
    "landing_object",
    "openapi_object",
    "page_object",
    "read_asked",
    "render_file",
]
