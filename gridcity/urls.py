"""All addresses of the site; each app names its own."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from gridcity import api, follow, health, live, metrics, views, wall
from gridcity.citizens import ground, pages
from gridcity.selfcheck import pages as selfcheck

gridcity_urls = (
    [
        path("", views.home, name="home"),
        path("login/", views.LoginView.as_view(), name="login"),
        path("logout/", LogoutView.as_view(), name="logout"),
        path("language/", login_not_required(set_language), name="language"),
        path("live/", live.stream, name="live"),
        path("follow/", follow.page, name="follow"),
        path("follow/rate/", follow.rate, name="follow-rate"),
        path("follow/supplement/", follow.supplement, name="follow-supplement"),
        path("report/", pages.page, name="report"),
        path("report/near/", ground.near, name="report-near"),
        path("report/places/", ground.places, name="report-places"),
        path("report/where/", ground.where, name="report-where"),
        path("report/map/<slug:feed>/", ground.ground, name="report-map"),
        path(
            "report/tiles/<slug:layer>/<int:z>/<int:x>/<int:y>.mvt",
            ground.tile,
            name="report-tile",
        ),
        path("wall/", wall.page, name="wall"),
        path("wall/now/", wall.now, name="wall-now"),
        path("wall/live/", wall.stream, name="wall-live"),
        path("wall/map/<slug:feed>/", wall.ground, name="wall-map"),
        path("wall/tiles/<slug:layer>/<int:z>/<int:x>/<int:y>.mvt", wall.tile, name="wall-tile"),
        path("selfcheck/", selfcheck.overview, name="selfcheck"),
        path("selfcheck/anew/", selfcheck.anew, name="selfcheck-anew"),
        path("selfcheck/<slug:key>/", selfcheck.rows, name="selfcheck-rows"),
    ],
    "gridcity",
)

# What is asked most comes first: an address is compared with one after the other.
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("api/v1/token/", api.TokenView.as_view(), name="api-token"),
    path("api/v1/me/", api.MeView.as_view(), name="api-me"),
    path("api/v1/", include("dispatch.api.urls")),
    path("api/v1/", include("parts.api_urls")),
    path("api/v1/", include("assessment.api_urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    re_path(r"^api/", api.UnknownView.as_view()),
    path("open311/", include("gridcity.open311.urls")),
    path("admin/", admin.site.urls),
    path("", include("parts.urls")),
    path("", include("dispatch.urls")),
    path("", include("cases.urls")),
    path("", include(gridcity_urls)),
    path("", include("assessment.urls")),
    path("", include("jobs.urls")),
]

handler400 = "gridcity.views.bad_request"
handler404 = "gridcity.views.not_found"
handler500 = "gridcity.views.server_error"
