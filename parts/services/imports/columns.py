"""Which column of a register is which attribute of a part, by the names that registers use."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from gridcity.contracts import Invalid
from parts.services.imports.values import as_text

# First name wins where two columns would fit; compared without blanks, case and brackets.
NAMES: dict[str, tuple[str, ...]] = {
    "source_id": ("序号", "源标识", "标识码", "唯一标识", "objectid", "fid", "id", "编号"),
    "code": ("部件编码", "部件代码", "部件标识码", "部件编号"),
    "class_code": ("小类代码", "部件小类代码", "部件分类代码", "分类代码", "类别代码"),
    "class_name": ("小类名称", "部件小类名称", "分类名称", "类别名称"),
    "name": ("部件名称", "名称"),
    "lon": ("经度", "lon", "lng", "longitude", "x", "x坐标"),
    "lat": ("纬度", "lat", "latitude", "y", "y坐标"),
    "wkt": ("几何", "wkt", "geom", "geometry", "坐标串"),
    "state": ("部件状态", "状态"),
    "competent_name": ("主管部门", "主管部门名称"),
    "competent_uscc": ("主管部门代码", "主管部门统一社会信用代码"),
    "owner_name": ("权属单位", "权属单位名称", "产权单位"),
    "owner_uscc": ("权属单位代码", "权属单位统一社会信用代码"),
    "maintainer_name": ("养护单位", "养护单位名称", "管护单位"),
    "maintainer_uscc": ("养护单位代码", "养护单位统一社会信用代码"),
    "cell_code": ("所在单元网格", "单元网格代码", "单元网格编码", "网格代码"),
    "street_code": ("街道代码", "所属街道代码", "街道编码"),
    "community_code": ("社区代码", "所属社区代码", "社区编码"),
    "initial_on": ("初始日期", "普查日期", "建成日期"),
    "change_on": ("变更日期",),
    "source": ("数据来源", "来源"),
    "note": ("备注",),
    "location": ("地址", "所在位置", "位置描述"),
    "road": ("道路", "道路名称", "街巷"),
    "door": ("门牌", "门牌号"),
}
# What an export of ours says besides, and the system finds by itself: it is no note.
DERIVED = frozenset({"街道代码", "街道名称", "社区代码", "社区名称", "精度等级"})


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each attribute stands, and what the file calls the rest."""

    header: tuple[str, ...]
    index: dict[str, int]
    rest: tuple[tuple[int, str], ...]

    def name(self, field: str) -> str:
        """What the file calls this attribute; the plain word for it where it has no column."""
        return self.header[self.index[field]] if field in self.index else NAMES[field][0]

    @property
    def place(self) -> str:
        """The column at which faults of the position are told."""
        return self.name("lon" if "lon" in self.index else "wkt")


def plain(name: str) -> str:
    """A column's name without what tells nothing: blanks, line breaks, stars, brackets."""
    text = unicodedata.normalize("NFKC", name).lower().lstrip("\ufeff")
    return "".join(text.split()).replace("_", "").strip("*").split("(")[0]


def is_header(cells: Sequence[object]) -> bool:
    """Whether a row names a class or a key, and a place, as a header must."""
    names = {plain(str(cell)) for cell in cells}
    keys = (*NAMES["class_code"], *NAMES["code"], *NAMES["source_id"], *NAMES["name"])
    return not names.isdisjoint(keys) and not names.isdisjoint((*NAMES["lon"], *NAMES["wkt"]))


def as_header(cells: Sequence[object]) -> tuple[str, ...]:
    """The names of columns, each on one line."""
    return tuple(" ".join(as_text(cell).split()) for cell in cells)


def guess_columns(header: Sequence[str]) -> dict[str, str]:
    """Which column is which attribute, by the names that registers use: attribute → column."""
    by_name: dict[str, str] = {}
    for name in header:
        by_name.setdefault(plain(name), name)
    return {
        field: by_name[name]
        for field, names in NAMES.items()
        for name in reversed(names)
        if name in by_name
    }


def find_columns(
    header: Sequence[str], wanted: Mapping[str, str] | None = None, *, class_code: str = ""
) -> Columns:
    """Where the attributes stand: as the administrator said (`wanted`), else as guessed.

    `class_code` is the class of every row, where the file has no column for it. Raises Invalid
    naming what is missing.
    """
    names = as_header(header)
    chosen = guess_columns(names) if wanted is None else dict(wanted)
    places = {plain(name): place for place, name in reversed(list(enumerate(names)))}
    index = {}
    for field, name in chosen.items():
        if not name or field not in NAMES:
            continue
        if plain(name) not in places:
            raise Invalid(
                _("The file has no column “%(name)s” any more: choose another one.")
                % {"name": name},
                **{field: name},
            )
        index[field] = places[plain(name)]
    if class_code:
        index.pop("class_code", None)
    elif "class_code" not in index:
        raise Invalid(
            _("The file has no column for the class code (小类代码)."),
            class_code=_("Name the column of the class code, or one class for all rows."),
        )
    if "wkt" not in index and not {"lon", "lat"} <= index.keys():
        raise Invalid(
            _("The file has no columns for longitude and latitude (经度, 纬度)."),
            lon=_("Name the columns of longitude and latitude, or that of the geometry."),
        )
    used = set(index.values())
    rest = tuple(
        (i, name)
        for i, name in enumerate(names)
        if i not in used and name and plain(name) not in DERIVED
    )
    return Columns(names, index, rest)
