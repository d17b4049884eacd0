"""Threads are cheap here: most of them only wait for the next message of a live stream."""

import gc
import os
from typing import Any

wsgi_app = "gridcity.wsgi:application"
worker_class = "gridcity.server.Worker"
workers = int(os.environ.get("WEB_PROCESSES", "2"))
threads = 32 + int(os.environ.get("LIVE_STREAMS_PER_PROCESS", "200"))
graceful_timeout = 5
keepalive = 30
max_requests = 0  # a recycled worker would cut its streams
# Heartbeat files on a disk that is busy with photos would make a healthy worker look stuck.
worker_tmp_dir = "/dev/shm"  # noqa: S108
# gunicorn makes a control socket in the home folder, which two checkouts would share.
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """What is loaded stays for good: collections leave it out, and come when more has gathered."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018 - loads all pages
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
