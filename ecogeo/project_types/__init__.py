"""What kind of undertaking a project is, by a visible table of words."""

from ecogeo.project_types.classifying import (
    CLASS_COLUMNS,
    Classified,
    Sign,
    Where,
    classify,
    classify_projects,
    classify_texts,
)
from ecogeo.project_types.kinds import OTHER, Nature, ProjectType, TypeChoice, TypeChoices
from ecogeo.project_types.reading import (
    CHOICE_COLUMNS,
    TYPE_COLUMNS,
    append_type,
    read_project_types,
    read_type_choices,
)

__all__ = [
    "CHOICE_COLUMNS",
    "CLASS_COLUMNS",
    "OTHER",
    "TYPE_COLUMNS",
    "Classified",
    "Nature",
    "ProjectType",
    "Sign",
    "TypeChoice",
    "TypeChoices",
    "Where",
    "append_type",
    "classify",
    "classify_projects",
    "classify_texts",
    "read_project_types",
    "read_type_choices",
]
