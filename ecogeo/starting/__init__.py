"""A new county folder: a county's files looked through, each given a role or the reason why not, and declared."""

from ecogeo.starting.proposal import Found, Proposal, Unplaced, propose
from ecogeo.starting.writing import write_county, write_skeleton

__all__ = ["Found", "Proposal", "Unplaced", "propose", "write_county", "write_skeleton"]
