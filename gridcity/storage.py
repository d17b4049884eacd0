"""Static files by the hash of their content, also where one script imports another.

Without it `app.js` would ask for its parts by plain names: after an upgrade a browser would mix
old parts with new ones for as long as it keeps the old.
"""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

_ANY_SCRIPT, _IMPORTS = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Rewrites the imports of our own modules; those of libraries are bundled already."""

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = ("gridcity/js/*.js", _IMPORTS)
    # One pass settles one level of imports, and ours go deeper than the five of the default.
    max_post_process_passes = 12
