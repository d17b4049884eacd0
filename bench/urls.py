"""Two views that do nothing, behind the same middlewares and logins as every other."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridcity.urls import handler404, handler500
from gridcity.urls import urlpatterns as product

__all__ = ["handler404", "handler500", "urlpatterns"]


def empty_page(request: HttpRequest) -> HttpResponse:
    """What any page costs before it does anything: a session and its user are read."""
    return HttpResponse(b"", content_type="text/html")


class EmptyView(APIView):
    """What any call of the API costs before it does anything: a token and its user are read."""

    schema = None

    def get(self, request: Request) -> Response:
        return Response({})


urlpatterns: list[URLPattern | URLResolver] = [
    path("bench/empty-page/", empty_page),
    path("bench/empty-api/", EmptyView.as_view()),
    *product,
]
