"""The evidence of a case in one file, and its proof."""

from ecogeo.bundle.case import Case, Sent
from ecogeo.bundle.verifying import Verification, verify_bundle
from ecogeo.bundle.writing import Bundle, Carry, write_bundle

__all__ = ["Bundle", "Carry", "Case", "Sent", "Verification", "verify_bundle", "write_bundle"]
