"""Parks, water and well-known places, sketched by eye for the demonstration (EPSG:4490).

The names are facts; boxes and points are approximate and serve to place parts plausibly and to
give the geocoder something to find.
"""

from __future__ import annotations

from typing import NamedTuple


class Park(NamedTuple):
    """A green or a compound, as a box: name, land use, west, south, east, north."""

    name: str
    land_use: str
    west: float
    south: float
    east: float
    north: float


GREEN = "G1 公园绿地"
SQUARE = "G3 广场用地"
HERITAGE = "A7 文物古迹用地"

PARKS: tuple[Park, ...] = (
    Park("天坛公园", GREEN, 116.3945, 39.8740, 116.4120, 39.8866),
    Park("地坛公园", GREEN, 116.4053, 39.9496, 116.4106, 39.9543),
    Park("青年湖公园", GREEN, 116.3956, 39.9503, 116.4012, 39.9530),
    Park("柳荫公园", GREEN, 116.3918, 39.9578, 116.3975, 39.9604),
    Park("龙潭公园", GREEN, 116.4308, 39.8744, 116.4380, 39.8808),
    Park("龙潭西湖公园", GREEN, 116.4205, 39.8733, 116.4296, 39.8806),
    Park("明城墙遗址公园", GREEN, 116.4120, 39.8996, 116.4292, 39.9006),
    Park("皇城根遗址公园", GREEN, 116.3990, 39.9165, 116.4002, 39.9232),
    Park("永定门公园", GREEN, 116.3929, 39.8713, 116.3946, 39.8738),
    Park("劳动人民文化宫", HERITAGE, 116.3920, 39.9083, 116.3955, 39.9118),
    Park("故宫博物院", HERITAGE, 116.3868, 39.9121, 116.3952, 39.9205),
    Park("天安门广场", SQUARE, 116.3893, 39.8997, 116.3934, 39.9070),
)

# Watercourses: name, width in metres, course.
WATER: tuple[tuple[str, int, tuple[tuple[float, float], ...]], ...] = (
    (
        "北护城河",
        22,
        (
            (116.3874, 39.9497),
            (116.3960, 39.9498),
            (116.4019, 39.9499),
            (116.4108, 39.9498),
            (116.4200, 39.9497),
            (116.4232, 39.9493),
        ),
    ),
    (
        "南护城河",
        32,
        (
            (116.3880, 39.8700),
            (116.3975, 39.8703),
            (116.4060, 39.8706),
            (116.4125, 39.8713),
            (116.4200, 39.8715),
            (116.4290, 39.8708),
            (116.4363, 39.8704),
        ),
    ),
    (
        "筒子河",
        30,
        ((116.3868, 39.9209), (116.3955, 39.9209), (116.3956, 39.9118)),
    ),
    (
        "龙潭湖",
        60,
        ((116.4220, 39.8770), (116.4285, 39.8765), (116.4320, 39.8775), (116.4365, 39.8778)),
    ),
    ("菖蒲河", 8, ((116.3918, 39.9079), (116.3955, 39.9080), (116.3990, 39.9081))),
    ("青年湖", 40, ((116.3970, 39.9516), (116.4000, 39.9517))),
    ("柳荫湖", 40, ((116.3930, 39.9591), (116.3962, 39.9592))),
)


class Landmark(NamedTuple):
    """A place people name: kind of `Place.Kind`, name, lon, lat, aliases, former names."""

    kind: str
    name: str
    lon: float
    lat: float
    aliases: tuple[str, ...] = ()
    former: tuple[str, ...] = ()


LANDMARKS: tuple[Landmark, ...] = (
    Landmark("point", "天安门", 116.3912, 39.9079, ("天安门城楼",)),
    Landmark("point", "天安门广场", 116.3914, 39.9036),
    Landmark("point", "故宫博物院", 116.3908, 39.9163, ("故宫", "紫禁城")),
    Landmark("point", "中国国家博物馆", 116.3955, 39.9043, ("国博",), ("中国历史博物馆",)),
    Landmark("point", "劳动人民文化宫", 116.3940, 39.9100, ("太庙",)),
    Landmark("point", "菖蒲河公园", 116.3968, 39.9082),
    Landmark("lane", "前门大街", 116.3922, 39.8960, ("前门",)),
    Landmark("area", "王府井", 116.4057, 39.9135, ("王府井大街", "王府井步行街")),
    Landmark("point", "北京饭店", 116.4035, 39.9085),
    Landmark("point", "东单公园", 116.4098, 39.9068),
    Landmark("point", "北京协和医院", 116.4096, 39.9122, ("协和医院",)),
    Landmark("point", "北京同仁医院", 116.4104, 39.9022, ("同仁医院",)),
    Landmark("point", "北京站", 116.4212, 39.9038, ("北京火车站",)),
    Landmark("point", "北京国际饭店", 116.4214, 39.9092),
    Landmark("point", "中国美术馆", 116.4030, 39.9255, ("美术馆",)),
    Landmark("area", "隆福寺", 116.4078, 39.9263),
    Landmark("point", "雍和宫", 116.4120, 39.9470),
    Landmark("point", "国子监", 116.4062, 39.9468),
    Landmark("point", "孔庙", 116.4080, 39.9467),
    Landmark("point", "地坛公园", 116.4078, 39.9522, ("地坛",)),
    Landmark("point", "钟楼", 116.3897, 39.9424),
    Landmark("point", "鼓楼", 116.3898, 39.9412),
    Landmark("lane", "南锣鼓巷", 116.3967, 39.9370, ("南锣",)),
    Landmark("lane", "五道营胡同", 116.4065, 39.9479, ("五道营",)),
    Landmark("point", "皇城根遗址公园", 116.3996, 39.9200),
    Landmark("point", "普渡寺", 116.3972, 39.9116),
    Landmark("lane", "东交民巷", 116.4022, 39.9024),
    Landmark("point", "北京市规划展览馆", 116.3968, 39.8988, ("规划馆",)),
    Landmark("point", "明城墙遗址公园", 116.4200, 39.9001),
    Landmark("point", "东便门角楼", 116.4282, 39.9002, ("角楼",)),
    Landmark("point", "首都剧场", 116.4046, 39.9205, ("人艺",)),
    Landmark("point", "商务印书馆", 116.4046, 39.9225),
    Landmark("point", "东四清真寺", 116.4107, 39.9236),
    Landmark("point", "史家胡同博物馆", 116.4152, 39.9192),
    Landmark("point", "智化寺", 116.4236, 39.9150),
    Landmark("point", "北京古观象台", 116.4277, 39.9062, ("古观象台",)),
    Landmark("point", "东直门交通枢纽", 116.4300, 39.9416, ("东直门枢纽",)),
    Landmark("lane", "簋街", 116.4165, 39.9407, ("鬼街",)),
    Landmark("point", "南新仓", 116.4248, 39.9326),
    Landmark("point", "保利大厦", 116.4290, 39.9326),
    Landmark("point", "工人体育馆", 116.4345, 39.9305),
    Landmark("point", "青年湖公园", 116.3985, 39.9515),
    Landmark("point", "柳荫公园", 116.3945, 39.9590),
    Landmark("plot", "和平里", 116.4140, 39.9570, ("和平里街区",)),
    Landmark("point", "和平里医院", 116.4150, 39.9545),
    Landmark("point", "东直门医院", 116.4130, 39.9345),
    Landmark("point", "天坛公园", 116.4030, 39.8805, ("天坛",)),
    Landmark("point", "祈年殿", 116.4031, 39.8822),
    Landmark("point", "红桥市场", 116.4138, 39.8852),
    Landmark("point", "国家自然博物馆", 116.3940, 39.8830, ("自然博物馆",), ("北京自然博物馆",)),
    Landmark("point", "永定门城楼", 116.3935, 39.8718, ("永定门",)),
    Landmark("point", "龙潭公园", 116.4340, 39.8780, ("龙潭湖公园",)),
    Landmark("point", "龙潭西湖公园", 116.4240, 39.8775),
    Landmark("point", "北京体育馆", 116.4215, 39.8836),
    Landmark("plot", "崇文门", 116.4116, 39.9006, (), ("哈德门",)),
    Landmark("point", "崇文门新世界", 116.4128, 39.8985, ("新世界百货",)),
    Landmark("point", "国瑞购物中心", 116.4152, 39.8966, ("国瑞城",)),
    Landmark("plot", "磁器口", 116.4127, 39.8934),
    Landmark("plot", "花市", 116.4165, 39.8973),
    Landmark("point", "袁崇焕祠", 116.4325, 39.8912),
    Landmark("plot", "广渠门", 116.4380, 39.8931),
    Landmark("point", "百荣世贸商城", 116.3946, 39.8620, ("百荣",)),
    Landmark("plot", "景泰", 116.4060, 39.8660),
    Landmark("plot", "望坛", 116.4005, 39.8680),
    Landmark("plot", "沙子口", 116.3915, 39.8625),
    Landmark("door", "东长安街16号", 116.3955, 39.9043),
    Landmark("door", "景山前街4号", 116.3908, 39.9205),
    Landmark("door", "五四大街1号", 116.403, 39.9255),
    Landmark("door", "王府井大街22号", 116.4046, 39.9205),
    Landmark("door", "王府井大街36号", 116.4046, 39.9225),
    Landmark("door", "雍和宫大街12号", 116.412, 39.947),
    Landmark("door", "国子监街15号", 116.4062, 39.9468),
    Landmark("door", "史家胡同24号", 116.4152, 39.9192),
    Landmark("door", "东四南大街13号", 116.4107, 39.9236),
    Landmark("door", "禄米仓胡同5号", 116.4236, 39.915),
    Landmark("door", "东裱褙胡同2号", 116.4277, 39.9062),
    Landmark("door", "前门东大街20号", 116.3968, 39.8988),
    Landmark("door", "海运仓5号", 116.413, 39.9345),
    Landmark("door", "和平里北街18号", 116.415, 39.9545),
)
