"""Which sites told a lake about patients."""

from __future__ import annotations

from vitruvian.criteria.errors import NoSuchSite
from vitruvian.criteria.over_lake.persons import LakeReader

_SITES = "SELECT DISTINCT site FROM patient ORDER BY site"


def sites_of(reader: LakeReader) -> tuple[str, ...]:
    """The sites whose sources told of any patient, by the alphabet."""
    return tuple(reader.query(_SITES, tables=["patient"]).column("site").to_pylist())


def require_site(reader: LakeReader, site: str | None) -> None:
    """Raise `NoSuchSite` when nobody of that site told of a patient; None is every site."""
    if site is not None and site not in sites_of(reader):
        raise NoSuchSite
