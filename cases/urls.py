"""Addresses of the case pages; the supervisor's phone pages come first."""

from django.urls import path

from cases.views import patrol

app_name = "cases"

urlpatterns = [
    path("patrol/", patrol.patrol, name="patrol"),
    path("patrol/report/", patrol.report, name="report"),
    path("patrol/nearby/", patrol.nearby, name="nearby"),
    path("patrol/tasks/", patrol.tasks, name="tasks"),
    path("patrol/tasks/<int:task_id>/", patrol.task, name="task"),
    path("patrol/mine/", patrol.mine, name="mine"),
]
