"""The API can be read in a browser, without any file from outside and under the CSP."""

from __future__ import annotations


def test_the_description_of_the_api_is_drawn(person):
    someone = person()
    page = someone.go("/api/docs/")
    page.wait_for_selector("#operations-cases-cases_report")
    assert page.locator("#swagger-ui .opblock").count() >= 30
    page.click("#operations-cases-cases_report .opblock-summary-control")
    page.wait_for_selector("#operations-cases-cases_report .opblock-body")
