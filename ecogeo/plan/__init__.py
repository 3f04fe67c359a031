"""Planning documents into tables: indicators, projects and where they are, tasks; and the auditor of such tables."""

from ecogeo.plan.audit import audit_frame, audit_plan
from ecogeo.plan.audit_finding import AuditFinding
from ecogeo.plan.departments import split_units
from ecogeo.plan.document import import_plan
from ecogeo.plan.gazetteer import Gazetteer, read_gazetteer
from ecogeo.plan.places import locate
from ecogeo.plan.tables import PlanTables, read_plan, render_csv, write_plan

__all__ = [
    "AuditFinding",
    "Gazetteer",
    "PlanTables",
    "audit_frame",
    "audit_plan",
    "import_plan",
    "locate",
    "read_gazetteer",
    "read_plan",
    "render_csv",
    "split_units",
    "write_plan",
]
