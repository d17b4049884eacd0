"""The WSGI entry point that the web server loads; it serves no contradiction of settings."""

import os

from django.core.wsgi import get_wsgi_application

from gridcity.catalogues import join_catalogues
from gridcity.checks import refuse_contradictions

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridcity.settings")

application = get_wsgi_application()
refuse_contradictions()
join_catalogues()
