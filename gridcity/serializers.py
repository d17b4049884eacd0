"""Shapes of the API that belong to the whole platform: login, and the user himself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from dispatch.serializers import NamedOut


class LoginIn(serializers.Serializer[None]):
    username = serializers.CharField(max_length=64, label=_("Username"))
    password = serializers.CharField(
        max_length=256, label=_("Password"), trim_whitespace=False, style={"input_type": "password"}
    )


class TokenOut(serializers.Serializer[None]):
    token = serializers.CharField(help_text=_("Shown once; valid for 30 days since its last use."))


class MeOut(serializers.Serializer[None]):
    username = serializers.CharField()
    name = serializers.CharField()
    role = serializers.CharField(help_text=_("The first of the roles."))
    roles = serializers.ListField(child=serializers.CharField())
    side = serializers.CharField(help_text=_("Which of the separate powers the roles belong to."))
    department = NamedOut(allow_null=True)
    is_lead = serializers.BooleanField()
    cells = serializers.ListField(
        child=serializers.CharField(), help_text=_("Codes of the cells that are patrolled.")
    )
