"""Whether a store is whole: the file undamaged, and every answer in it complete."""

from __future__ import annotations

from sqlalchemy import Connection, and_, func, select

from potash.errors import listed
from potash.market.store import schema as t


def faults_of(connection: Connection) -> list[str]:
    """Return the faults of a store in words; none if all is well."""
    faults = []
    if connection.dialect.name == "sqlite":
        said = connection.exec_driver_sql("PRAGMA quick_check").scalar()
        if said != "ok":
            faults.append(f"the file is damaged: {said}")
    return [*faults, *_pulls_without_their_rows(connection), *_rows_without_a_pull(connection)]


def _pulls_without_their_rows(connection: Connection) -> list[str]:
    stated = t.pulls.c.added + t.pulls.c.revised + t.pulls.c.withdrawn
    of_pull = and_(t.points.c.series_id == t.pulls.c.series_id, t.points.c.known_from == t.pulls.c.known_from)
    rows = func.count(t.points.c.session)
    counts = (
        select(t.pulls.c.series_id, t.pulls.c.known_from, stated.label("stated"), rows.label("rows"))
        .select_from(t.pulls.outerjoin(t.points, of_pull))
        .group_by(t.pulls.c.series_id, t.pulls.c.known_from, stated)
        .subquery()
    )
    wrong = connection.execute(select(counts).where(counts.c.stated != counts.c.rows)).fetchall()
    return [
        f"series {row.series_id}: the pull of {t.to_moment(row.known_from)} says {row.stated} values and has {row.rows}"
        for row in wrong
    ]


def _rows_without_a_pull(connection: Connection) -> list[str]:
    of_pull = and_(t.points.c.series_id == t.pulls.c.series_id, t.points.c.known_from == t.pulls.c.known_from)
    rows = connection.execute(
        select(t.points.c.series_id, func.count())
        .select_from(t.points.outerjoin(t.pulls, of_pull))
        .where(t.pulls.c.known_from.is_(None))
        .group_by(t.points.c.series_id)
    ).fetchall()
    return [f"values of no pull: {listed(f'series {number}: {count}' for number, count in rows)}"] if rows else []
