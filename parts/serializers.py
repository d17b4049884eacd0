"""Shapes of the answers about the district, for the description of the API."""

from __future__ import annotations

from rest_framework import serializers

from parts.models import Place, PlaceName
from parts.place_names import WAYS


class AreaOut(serializers.Serializer[object]):
    """A street or community."""

    code = serializers.CharField()
    name = serializers.CharField()


class NearPartOut(serializers.Serializer[object]):
    """A part near a point."""

    code = serializers.CharField()
    scheme = serializers.CharField(help_text="the coding scheme of its class")
    class_code = serializers.CharField()
    class_name = serializers.CharField()
    name = serializers.CharField()
    distance_m = serializers.FloatField()
    lon = serializers.FloatField()
    lat = serializers.FloatField()


class LocationOut(serializers.Serializer[object]):
    """Where a point lies."""

    cell = serializers.CharField(help_text="15-digit code of the unit grid cell")
    community = AreaOut()
    street = AreaOut()
    edition = serializers.CharField(
        required=False, help_text="The edition of the grid, where one asks for a day"
    )
    parts = NearPartOut(many=True)


class FoundPlaceOut(serializers.Serializer[object]):
    """A place that answers to words."""

    code = serializers.CharField()
    kind = serializers.ChoiceField(Place.Kind.choices)
    kind_label = serializers.CharField()
    name = serializers.CharField(help_text="the standard name")
    matched = serializers.CharField(help_text="the name that answered, as it is compared")
    matched_sort = serializers.ChoiceField(PlaceName.Sort.choices)
    way = serializers.ChoiceField(WAYS, help_text="how it was found")
    score = serializers.FloatField(help_text="how well it answers, 0 to 100")
    lon = serializers.FloatField(help_text="degrees, EPSG:4490")
    lat = serializers.FloatField(help_text="degrees, EPSG:4490")
    street = AreaOut(allow_null=True)
    community = AreaOut(allow_null=True)


class GeocodeOut(serializers.Serializer[object]):
    """Places that answer to words, the best first."""

    query = serializers.CharField()
    results = FoundPlaceOut(many=True)


class NearPlaceOut(serializers.Serializer[object]):
    """A place near a point."""

    code = serializers.CharField()
    kind = serializers.ChoiceField(Place.Kind.choices)
    kind_label = serializers.CharField()
    name = serializers.CharField()
    distance_m = serializers.FloatField()
    lon = serializers.FloatField()
    lat = serializers.FloatField()


class ReverseOut(serializers.Serializer[object]):
    """What a point is called."""

    cell = serializers.CharField(help_text="15-digit code of the unit grid cell")
    community = AreaOut()
    street = AreaOut()
    places = NearPlaceOut(many=True)


class ClassOut(serializers.Serializer[object]):
    """A class of the catalogue."""

    scheme = serializers.CharField()
    kind = serializers.ChoiceField(["part", "event"])
    code = serializers.CharField()
    name = serializers.CharField()
    major_code = serializers.CharField()
    major_name = serializers.CharField()
    geometry = serializers.CharField()
    pinyin = serializers.CharField()
    initials = serializers.CharField()
    self_handled_allowed = serializers.BooleanField()
    names_part = serializers.BooleanField(
        help_text="a matter of a part: its case is of the part's class, of the same code"
    )


class CatalogueOut(serializers.Serializer[object]):
    """The classes of one scheme."""

    scheme = serializers.CharField()
    results = ClassOut(many=True)


class StandardOut(serializers.Serializer[object]):
    """A filing standard; the limit by the cell's limit area A, B or C."""

    id = serializers.IntegerField()
    condition = serializers.CharField()
    limit_value = serializers.DecimalField(max_digits=6, decimal_places=2)
    limit_unit = serializers.CharField()
    limit_value_a = serializers.DecimalField(max_digits=6, decimal_places=2, allow_null=True)
    limit_value_c = serializers.DecimalField(max_digits=6, decimal_places=2, allow_null=True)
    closing_condition = serializers.CharField()
    is_default = serializers.BooleanField()


class StandardsOut(serializers.Serializer[object]):
    """The filing standards of one class."""

    scheme = serializers.CharField()
    kind = serializers.CharField()
    class_code = serializers.CharField()
    results = StandardOut(many=True)
