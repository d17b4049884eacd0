"""The address book of departments."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.selectors.departments import list_departments
from dispatch.serializers import DepartmentOut, RefusalOut

FIELDS = ("code", "name", "kind", "street_code")


class DepartmentsView(APIView):
    @extend_schema(
        operation_id="departments_list",
        responses={200: DepartmentOut(many=True), 401: RefusalOut},
        tags=["departments"],
    )
    def get(self, request: Request) -> Response:
        """Departments in use, by code."""
        return Response(list(list_departments().values(*FIELDS)))
