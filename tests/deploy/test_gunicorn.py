"""How web processes are set up: what they load for good is no work for the garbage collector."""

import gc
import runpy

from deploy.state import ROOT


def test_a_web_process_freezes_what_it_loaded_before_the_first_request():
    settings = runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))
    threshold, frozen = gc.get_threshold(), gc.get_freeze_count()
    try:
        settings["post_worker_init"](None)
        assert gc.get_freeze_count() > frozen
        assert gc.get_threshold() > threshold
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)
