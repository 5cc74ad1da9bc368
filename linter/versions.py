"""Semantic versions and version constraints, as Helm and its ecosystem write them.

The grammar and every comparison follow Masterminds/semver v3, the library behind `version:` of a chart dependency,
`kubeVersion:` and the template function `semverCompare`. It is laxer than Semantic Versioning 2.0.0 for versions
("v1.34" is 1.34.0) and has its own reading of partial versions in constraints ("<=1.2" admits 1.2.9).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, total_ordering
from typing import Any

_MAX_VERSION_LENGTH = 256
_MAX_CONSTRAINT_LENGTH = 512
_MAX_ALTERNATIVES = 32
_MAX_NUMBER = 2**64 - 1

_SUFFIXES = r"(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+(?P<build>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
_VERSION = re.compile(r"v?(?P<major>[0-9]+)(?:\.(?P<minor>[0-9]+))?(?:\.(?P<patch>[0-9]+))?" + _SUFFIXES)
# The library's own character class. The bar makes it read "1 - 2||3" without spaces as one malformed range, and so do we.
_PART = r"[0-9|xX*]+"
_PATTERN = rf"v?{_PART}(?:\.{_PART})?(?:\.{_PART})?(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
# Compiled when first needed: few constraints are such a range.
_HYPHEN_RANGE = rf"(?a)\s*(?P<low>{_PATTERN})\s+-\s+(?P<high>{_PATTERN})\s*"
_CLAUSE = re.compile(
    rf"(?P<operator>=[<>]|[<>!]=|~>|[=<>~^]|)\s*"
    rf"(?P<version>v?(?P<major>{_PART})(?:\.(?P<minor>{_PART}))?(?:\.(?P<patch>{_PART}))?{_SUFFIXES})",
    re.ASCII,
)
_SEPARATOR = re.compile(r"\s*,\s*|\s+", re.ASCII)


@total_ordering
class Version:
    """A version: three numbers and a pre-release ("" for a release). Build metadata does not take part in comparisons."""

    __slots__ = ("_key", "major", "minor", "patch", "pre")

    def __init__(self, major: int, minor: int = 0, patch: int = 0, pre: str = "") -> None:
        self.major = major
        self.minor = minor
        self.patch = patch
        self.pre = pre
        self._key = (major, minor, patch, _precedence(pre))

    @classmethod
    def parse(cls, text: str) -> Version:
        """The version that `text` denotes; a leading v and missing minor and patch numbers are accepted.

        Raises ValueError for anything else.
        """
        match = _VERSION.fullmatch(text) if len(text) <= _MAX_VERSION_LENGTH else None
        if match is None:
            raise ValueError(f"`{text[:80]}` is not a version such as 1.2.3")
        major, minor, patch = (int(match[part] or 0) for part in ("major", "minor", "patch"))
        if max(major, minor, patch) > _MAX_NUMBER:
            raise ValueError(f"`{text}` has a number that is too large for a version")
        pre: str = match["pre"] or ""
        for part in pre.split("."):
            if len(part) > 1 and part[0] == "0" and part.isdecimal():
                raise ValueError(f"`{text}` is not a version: a number in its pre-release begins with a zero")
        return cls(major, minor, patch, pre)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key == other._key

    def __lt__(self, other: Version) -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}" + (f"-{self.pre}" if self.pre else "")

    def __repr__(self) -> str:
        return f"Version({self!s})"


def _precedence(pre: str) -> tuple[Any, ...]:
    """Order of pre-releases: before their release, numbers before words, fewer parts before more."""
    if not pre:
        return (1,)
    parts = [(0, int(part), "") if part.isdecimal() and int(part) <= _MAX_NUMBER else (1, 0, part) for part in pre.split(".")]
    return (0, *parts)


class _Clause:
    """One comparison of a constraint. `given` says how many of the three numbers it names: `>=1.2` has two."""

    __slots__ = ("base", "compare", "given")

    def __init__(self, operator: str, base: Version, given: int) -> None:
        self.base = base
        self.given = given
        self.compare = _COMPARISONS[operator]

    def admits(self, version: Version) -> bool:
        return self.compare(version, self.base, self.given)


def _exactly(version: Version, base: Version, given: int) -> bool:
    return version == base if given == 3 else _tilde(version, base, given)


def _other_than(version: Version, base: Version, given: int) -> bool:
    if version.major != base.major:
        return True
    if given == 1:
        return False
    if version.minor != base.minor:
        return True
    if given == 2:
        return version.pre != base.pre
    return version != base


def _above(version: Version, base: Version, given: int) -> bool:
    if given == 1:
        return version.major > base.major
    if given == 2:
        return (version.major, version.minor) > (base.major, base.minor)
    return version > base


def _at_most(version: Version, base: Version, given: int) -> bool:
    if given == 3:
        return version <= base
    if given == 1:
        return version.major <= base.major
    return (version.major, version.minor) <= (base.major, base.minor)


def _tilde(version: Version, base: Version, given: int) -> bool:
    if version < base:
        return False
    if given in (0, 3) and (base.major, base.minor, base.patch) == (0, 0, 0):
        return True
    return version.major == base.major and (given == 1 or version.minor == base.minor)


def _caret(version: Version, base: Version, given: int) -> bool:
    if version < base or version.major != base.major:
        return False
    if base.major > 0 or given == 1:
        return True
    if base.minor > 0 or given == 2:
        return version.minor == base.minor
    return version.minor == 0 and version.patch == base.patch


_COMPARISONS: dict[str, Callable[[Version, Version, int], bool]] = {
    "": _exactly,
    "=": _exactly,
    "!=": _other_than,
    ">": _above,
    "<": lambda version, base, given: version < base,
    ">=": lambda version, base, given: version >= base,
    "=>": lambda version, base, given: version >= base,
    "<=": _at_most,
    "=<": _at_most,
    "~": _tilde,
    "~>": _tilde,
    "^": _caret,
}


class Constraint:
    """Alternatives (`||`) of comparisons that must all hold (separated by commas or spaces)."""

    __slots__ = ("_alternatives", "text")

    def __init__(self, text: str) -> None:
        """Raises ValueError, naming the part that cannot be read."""
        self.text = text
        if len(text) > _MAX_CONSTRAINT_LENGTH:
            raise ValueError(f"the version constraint `{text[:40]}…` is longer than {_MAX_CONSTRAINT_LENGTH} characters")
        alternatives = (re.sub(_HYPHEN_RANGE, r">= \g<low>, <= \g<high> ", text) if "-" in text else text).split("||")
        if len(alternatives) > _MAX_ALTERNATIVES:
            raise ValueError(f"the version constraint `{text[:40]}…` has more than {_MAX_ALTERNATIVES} alternatives")
        self._alternatives = [self._clauses(alternative) for alternative in alternatives]

    def _clauses(self, alternative: str) -> tuple[list[_Clause], bool]:
        """The comparisons of one alternative, and whether any of them names a pre-release."""
        clauses: list[_Clause] = []
        alternative = alternative.strip(" \t\n\f\r")
        position = 0
        while True:
            match = _CLAUSE.match(alternative, position)
            if match is None:
                raise self._unreadable(alternative[position:] if clauses else "")
            clauses.append(self._clause(match))
            position = match.end()
            if position == len(alternative):
                return clauses, any(clause.base.pre for clause in clauses)
            separator = _SEPARATOR.match(alternative, position)
            if separator is None:
                raise self._unreadable(alternative[position:])
            position = separator.end()

    def _unreadable(self, rest: str) -> ValueError:
        return ValueError(f"`{self.text}` is not a version constraint" + (f": cannot read `{rest}`" if rest else ""))

    def _clause(self, match: re.Match[str]) -> _Clause:
        """The comparison that a match of _CLAUSE stands for. A wildcard ends the numbers, whatever follows it."""
        numbers: list[str] = []
        for part in ("major", "minor", "patch"):
            if match[part] is None or match[part] in "xX*":
                break
            numbers.append(match[part])
        given = len(numbers)
        if given == 3:
            return _Clause(match["operator"], Version.parse(match["version"]), 3)
        padded = ".".join([*numbers, "0", "0", "0"][:3])
        return _Clause(match["operator"], Version.parse(f"{padded}-{match['pre']}" if match["pre"] else padded), given)

    def admits(self, version: Version) -> bool:
        """Whether `version` satisfies this constraint. A pre-release satisfies only an alternative that names one (`>=1.20.0-0`)."""
        return any(
            (not version.pre or names_prerelease) and all(clause.admits(version) for clause in clauses)
            for clauses, names_prerelease in self._alternatives
        )


@lru_cache(maxsize=512)
def parse_constraint(text: str) -> Constraint:
    """The constraint that `text` denotes: `>=1.20, <2 || ^3.1`, `1.x`, `1.2 - 1.4`. Raises ValueError if it denotes none."""
    return Constraint(text)


def satisfies(version: str, constraint: str) -> bool:
    """Whether a version ("1.34", "v1.34.2") lies in a constraint. Raises ValueError, saying which of the two cannot be read."""
    return parse_constraint(constraint).admits(Version.parse(version))
