"""The database file of a site: one release, never another under the same name while the site runs."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from datasette.app import Datasette
from datasette.database import Database, QueryInterrupted
from datasette.views.base import DatasetteError

from yusuan.site import patience
from yusuan.site.remembered import Remembered, key_of


class ReleaseFile(Database):
    """An immutable database whose file must stay the one that was opened first.

    Readers of one site open the file at different times. Were it replaced in between, some answers would come from
    the old release and some from the new; were it overwritten, from neither. So a new connection to another file is refused.
    """

    def __init__(self, datasette: Datasette, path: Path) -> None:
        super().__init__(datasette, path=str(path), is_mutable=False)
        self._identity = self._now()
        self._remembered = Remembered()

    def _now(self) -> tuple[int, int, int, int]:
        state = Path(self.path).stat()
        return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns

    def _refuse_another(self) -> None:
        try:
            same = self._now() == self._identity
        except OSError:
            same = False
        if not same:
            raise DatasetteError("数据已经换成新的一版，网站需要重新启动", status=503)

    async def execute(self, sql: str, params: Any = None, **options: Any) -> Any:
        """Return the rows of a query, from memory where it took long before; failures are told to the asker, not to the log."""
        key = key_of(sql, params, options)
        if (answer := self._remembered.get(key)) is not None:
            return answer
        asked = options.get("custom_time_limit")
        limit = patience.limit(sql, asked, shown=bool(options.get("truncate")))
        if limit == 0:
            raise QueryInterrupted(sqlite3.OperationalError("interrupted"), sql, params)
        began = time.perf_counter()
        try:
            answer = await super().execute(
                sql, params, **(options | {"log_sql_errors": False, "custom_time_limit": limit})
            )
        finally:
            patience.spend(asked, time.perf_counter() - began)
        self._remembered.keep(key, answer, time.perf_counter() - began)
        return answer

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """Return a connection for the pages."""
        self._refuse_another()
        connection: sqlite3.Connection = super().connect(write)
        return connection

    def connect_apart(self) -> sqlite3.Connection:
        """Return a connection that its user closes, with the guards of the site."""
        self._refuse_another()
        uri = f"file:{quote(self.path)}?immutable=1"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self.ds._prepare_connection(connection, self.name)  # noqa: SLF001 - the same that its own connections get
        connection.row_factory = None
        return connection
