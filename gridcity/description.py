"""What every operation of the API has in common, added to its description once."""

from __future__ import annotations

from typing import Any

OPERATIONS = ("get", "post", "delete")


def name_refusals(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say at every operation that refusals and failures have the one error shape."""
    shape = {"$ref": "#/components/schemas/RefusalOut"}
    for methods in result["paths"].values():
        for method in OPERATIONS:
            if method in methods:
                methods[method]["responses"].setdefault(
                    "default",
                    {
                        "description": "Refused or failed",
                        "content": {"application/json": {"schema": shape}},
                    },
                )
    return result
