"""`python -m bench.frames URL USER PASSWORD`: how evenly the map of a running site is drawn.

A map is dragged to and fro by the mouse in a headless Chromium without WebGL, and the time between
two frames is taken. Sixty a second is 17 ms each; a pan stutters where one frame in twenty is late
by more than another one.
"""

from __future__ import annotations

import argparse
import statistics
import sys

from playwright.sync_api import Page, ViewportSize, sync_playwright

from deploy import packages

PATH = "/cases/"
ZOOMS = (16, 17, 18)
SIZE: ViewportSize = {"width": 1440, "height": 900}
FLAGS = ["--disable-gpu", "--disable-webgl", "--disable-webgl2"]
STEPS, STEP_PX = 90, 8
MOST_MS = 34.0
# The controller of the page's map, as its own scripts find it: the module is loaded already, under
# a name with the mark of its content.
FIND = """async () => {
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const { mapOf } = await import(loaded.find((name) => /\\/js\\/map(\\.\\w+)?\\.js$/.test(name)));
  window.city = mapOf(document.querySelector("[data-gc-map]"));
}"""
COUNT = """() => {
  window.frames_ms = []; let last = performance.now(); window.counts = true;
  const each = (now) => {
    frames_ms.push(now - last); last = now;
    if (window.counts) requestAnimationFrame(each);
  };
  requestAnimationFrame(each);
}"""
COUNTED = "() => { window.counts = false; return window.frames_ms.slice(1); }"
SHOWN = "() => [...city.base.parts.inView('parts')].length"


def log_in(page: Page, url: str, user: str, password: str) -> None:
    page.goto(f"{url}/login/?next={PATH}")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"**{PATH}*")
    page.wait_for_selector("[data-gc-map] canvas", state="attached")


def pan(page: Page, zoom: int) -> tuple[int, list[float]]:
    """Drag the map west and east, a little south each time; parts in view, milliseconds a frame."""
    page.evaluate("(zoom) => { city.leaflet.setZoom(zoom, { animate: false }); }", zoom)
    page.wait_for_timeout(3000)
    shown = page.evaluate(SHOWN)
    box = page.locator("[data-gc-map]").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.evaluate(COUNT)
    page.mouse.down()
    for step in range(STEPS * 2):
        way = step if step < STEPS else 2 * STEPS - step
        page.mouse.move(x - way * STEP_PX, y - step)
    page.mouse.up()
    frames: list[float] = page.evaluate(COUNTED)
    return shown, frames


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.frames", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("user")
    parser.add_argument("password")
    given = parser.parse_args()
    slow = False
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=packages.chromium(), args=FLAGS)
        page = browser.new_page(viewport=SIZE, locale="zh-CN")
        log_in(page, given.url.rstrip("/"), given.user, given.password)
        page.evaluate(FIND)
        print("zoom  parts in view  frames  median ms  p95 ms  worst ms")
        for zoom in ZOOMS:
            shown, frames = pan(page, zoom)
            p95 = statistics.quantiles(frames, n=20)[-1]
            slow = slow or p95 > MOST_MS
            print(
                f"{zoom:>4}  {shown:>13,}  {len(frames):>6}  {statistics.median(frames):>9.1f}"
                f"  {p95:>6.1f}  {max(frames):>8.1f}"
            )
        browser.close()
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
