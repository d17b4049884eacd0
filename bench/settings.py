"""The product's own settings, with the empty views of the floors beside its addresses."""

from gridcity.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
