"""Planning documents into tables: indicators, projects, and where the projects are."""

from ecogeo.plan.document import import_plan
from ecogeo.plan.gazetteer import Gazetteer, read_gazetteer
from ecogeo.plan.places import locate
from ecogeo.plan.tables import PlanTables, read_plan, write_plan

__all__ = ["Gazetteer", "PlanTables", "import_plan", "locate", "read_gazetteer", "read_plan", "write_plan"]
