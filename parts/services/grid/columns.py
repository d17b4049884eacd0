"""Which column of a boundary file says what, by the names that offices give them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Ours first; short names are what the ten characters of a shapefile leave.
NAMES: dict[str, tuple[str, ...]] = {
    "code": (
        "code", "bm", "dm", "gridcode", "cellcode", "bgcode", "wgbm", "sqbm", "jdbm", "xzqdm",
        "编码", "代码", "网格编码", "单元网格编码", "社区编码", "社区代码", "街道编码", "街道代码",
        "标识码", "网格代码",
    ),
    "name": (
        "name", "mc", "sqmc", "jdmc", "xzqmc", "名称", "社区名称", "街道名称", "区名称", "区划名称",
    ),
    "management_class": ("management_class", "managementclass", "mgmt_class", "gllb", "管理类别"),
    "limit_area": ("limit_area", "limitarea", "sxqy", "时限区域", "时限分区"),
    "responsible_body": (
        "responsible_body", "responsiblebody", "resp_body", "zrzt", "zrdw", "责任主体", "责任单位",
        "管理单位",
    ),
    "land_use": ("land_use", "landuse", "ydxz", "用地性质", "土地用途", "用地类型", "用地"),
    "note": ("note", "remark", "bz", "备注", "说明"),
    "initial_on": ("initial_on", "initialdate", "initial_da", "cssj", "初始日期", "初始时间"),
    "successor_code": ("successor_code", "successor", "hjbm", "继任编码", "后继编码"),
}  # fmt: skip
FIELD_OF = {re.sub(r"\W|_", "", name): field for field, names in NAMES.items() for name in names}
REQUIRED = ("code",)


def plain(name: str) -> str:
    """A column's name without case, width, blanks and signs."""
    return re.sub(r"\W|_", "", unicodedata.normalize("NFKC", name)).lower()


def mapped(columns: Iterable[str], wished: dict[str, str] | None = None) -> dict[str, str]:
    """Field → column: what the sender named, else the first column with a known name."""
    wished = {field: column for field, column in (wished or {}).items() if column}
    columns = list(columns)
    found = {field: column for field, column in wished.items() if column in columns}
    for column in columns:
        field = FIELD_OF.get(plain(column))
        if field is not None and field not in wished:
            found.setdefault(field, column)
    return found
