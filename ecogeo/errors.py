"""Every error the library raises, on one screen.

Each carries all that is wrong at once, as sentences in both languages. Wrong *data* is no error: it is a finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from ecogeo.wording import Lang, Text


class EcogeoError(Exception):
    """Something that stops the work, with every reason found.

    Parameters
    ----------
    problems
        At least one sentence: what was found, what was expected, what to do.
    """

    def __init__(self, problems: Sequence[Text] | Text) -> None:
        self.problems: tuple[Text, ...] = (problems,) if isinstance(problems, Text) else tuple(problems)
        super().__init__("; ".join(problem.en for problem in self.problems))

    def say(self, lang: Lang) -> str:
        """Return the whole message in one language, one problem a line."""
        return "\n".join(problem.say(lang) for problem in self.problems)


class UnusableFileError(EcogeoError):
    """A file that cannot be used: missing, truncated, of an unknown kind, without a CRS, a key twice.

    Parameters
    ----------
    path
        The file; only its name and the folders the user gave are ever shown.
    problems
        Everything that is wrong with it.
    """

    def __init__(self, path: PurePath | str, problems: Sequence[Text] | Text) -> None:
        self.path = str(path)
        self.reasons: tuple[Text, ...] = (problems,) if isinstance(problems, Text) else tuple(problems)
        super().__init__([Text(f"{self.path}：{text.zh}", f"{self.path}: {text.en}") for text in self.reasons])


class UnusableCatalogError(EcogeoError):
    """A county folder whose declarations (layers.toml, tables.toml) do not hold together."""


class DatumError(EcogeoError):
    """A change of datum that would need parameters nobody gave; it is never done as a silent no-op."""


class LostGroundError(EcogeoError):
    """An overlay that lost ground in every way it was tried: no figure is told that may be wrong."""


class UsageError(EcogeoError):
    """A request that cannot be met as put: an unknown check, layer, project or date."""


def merged(errors: Sequence[EcogeoError]) -> EcogeoError:
    """Return one error that carries the problems of several, so that a user mends all in one go.

    Parameters
    ----------
    errors
        At least one error; a single one is returned as it is. A problem several share is told once.
    """
    if len(errors) == 1:
        return errors[0]
    return EcogeoError(list(dict.fromkeys(problem for error in errors for problem in error.problems)))
