"""The gunicorn worker of the product: pages, API, tiles and live streams in one pool of threads."""

from __future__ import annotations

from concurrent.futures import Future
from types import FrameType
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker


class Worker(ThreadWorker):
    """Threaded worker that neither stalls on a rude client nor waits for open streams."""

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Close a finished connection in a thread of the pool.

        gunicorn 26 and 27 wait on the main thread, up to two seconds, for a client to close its
        side: four such clients a second stop a worker from accepting anything.
        """
        is_over = not fs.cancelled() and fs.exception() is None and not fs.result()
        if not is_over:
            super().finish_request(conn, fs)
            return
        self.nr_conns -= 1
        self.tpool.submit(conn.close, graceful=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End the live streams first: a stopping worker would wait for each of them."""
        from gridcity.live import hub  # after the fork: each process has a hub of its own

        hub.close()
        super().handle_exit(sig, frame)
