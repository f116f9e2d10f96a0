"""A real browser: Debian's Chromium, driven by playwright. What a page complains about fails the test that opened it."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from .programs import ROOT

EXECUTABLE = os.environ.get("MARTLET_BROWSER") or shutil.which("chromium") or "/usr/bin/chromium"
SCREENSHOTS = Path(os.environ.get("MARTLET_SCREENSHOTS") or ROOT / "var" / "screenshots")

WIDE, PHONE = 1280, 390
"""Widths in CSS pixels at which every page is looked at."""

REACHABLE = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]'
)].filter(element => !element.disabled && element.checkVisibility({visibilityProperty: true})
    && !element.closest('[inert]') && !(element.type === 'radio' && !element.checked))"""

NAME = """element => element.tagName.toLowerCase()
    + (element.id ? '#' + element.id : '') + (element.name ? '[name=' + element.name + ']' : '')
    + ' ' + (element.innerText || element.getAttribute('aria-label') || element.getAttribute('href') || '').trim().slice(0, 40)"""

WATCH_FOCUS = f"""() => {{
    document.activeElement.blur();
    scrollTo(0, 0);
    window.unreached = new Set(({REACHABLE})());
    window.invisible = [];
    const shows = element => {{
        const style = getComputedStyle(element), box = element.getBoundingClientRect();
        const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
        return (ring || style.boxShadow !== 'none') && box.width > 0 && box.height > 0;
    }};
    document.addEventListener('focusin', event => {{
        unreached.delete(event.target);
        if (!shows(event.target)) invisible.push(event.target);
    }});
}}"""


class Browser:
    """Chromium for a whole run; every test gets a profile of its own from `tab`."""

    def __init__(self):
        self._driver = sync_playwright().start()
        # Chromium refuses to isolate processes for root, as whom containers run tests.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        self._chromium = self._driver.chromium.launch(executable_path=EXECUTABLE, args=arguments)

    def close(self):
        self._chromium.close()
        self._driver.stop()

    @contextmanager
    def tab(self, url, **options):
        """A tab of a fresh profile whose relative addresses start at `url`. At its end: no page has complained."""
        # Colours are looked at as they end, not on their way there.
        context = self._chromium.new_context(
            base_url=url, viewport={"width": WIDE, "height": 900}, reduced_motion="reduce", **options
        )
        context.set_default_timeout(10_000)
        tab = Tab(context)
        try:
            yield tab
        finally:
            context.close()
        assert tab.faults == [], "the browser complains:\n" + "\n".join(tab.faults)


class Tab:
    """`page` is playwright's; `faults` is what went wrong on any page so far."""

    def __init__(self, context):
        self.context = context
        self.faults = []
        self.expected = []
        self._axe = Axe()
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.faults.append(f"{error.page and error.page.url}: {error.error}"))
        # An alert is what script from a stored field would show.
        context.on("dialog", self._refuse)
        self.page = context.new_page()

    def open(self, path):
        """Opens a page, which has to be there, and returns its response."""
        response = self.page.goto(path)
        assert response.ok, f"{path}: {response.status}"
        return response

    def log_in(self, token):
        """Logs in as a person does, and stays on the page that follows."""
        self.open("/dashboard/login")
        self.page.get_by_label("Token").fill(token)
        self.page.get_by_role("button", name="Log in").click()
        expect(self.page.get_by_role("button", name="Log out")).to_be_visible()

    def expect_fault(self, words):
        """What the browser is going to say about an answer that is no success."""
        self.expected.append(words)

    def look(self, name, sample=None):
        """The checks of every page: both widths, dark and light, keyboard; leaves a picture of each width. What is wrong joins the faults.

        `sample`: on a page that repeats itself a thousand times, the selectors of parts that have all of its colours.
        """
        for width in (PHONE, WIDE):
            self.page.set_viewport_size({"width": width, "height": 900})
            self._fits(name, width)
            self._picture(name, width)
        self._try_keyboard(name)
        self._audit(name, rules={"color-contrast": {"enabled": sample is None}})
        for scheme in ["light", "dark"] if sample else ["dark"]:
            self.page.emulate_media(color_scheme=scheme)
            self._audit(f"{name}, {scheme}", sample, runOnly=["color-contrast"])
        self.page.emulate_media(color_scheme="light")

    def _audit(self, name, context=None, **options):
        """What axe-core finds: names on all controls, contrast, landmarks, order of headings."""
        found = self._axe.run(self.page, context, {"resultTypes": ["violations"], **options})
        if found.violations_count:
            self.faults.append(f"{name} ({self.page.url}): {found.generate_report()}")

    def _try_keyboard(self, name):
        """Tab reaches everything that can be used, and shows where it is."""
        self.page.evaluate(WATCH_FOCUS)
        # A date is several stops: its day, month, year and calendar.
        for _ in range(self.page.evaluate("() => unreached.size + 2 + 4 * document.querySelectorAll('[type=date]').length")):
            self.page.keyboard.press("Tab")
        unreached, invisible = self.page.evaluate(f"() => [[...unreached], invisible].map(elements => elements.map({NAME}))")
        if unreached or invisible:
            self.faults.append(f"{name}: not reached by Tab {unreached}, focus not visible on {invisible}")

    def _fits(self, name, width):
        wide = self.page.evaluate("() => document.scrollingElement.scrollWidth")
        if wide > width:
            self.faults.append(f"{name}: {wide} pixels wide in a window of {width}")

    def _picture(self, name, width):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        # Frames are drawn once they were in sight.
        for frame in self.page.locator("iframe").all():
            frame.scroll_into_view_if_needed()
            frame.screenshot()
        # The reference of the API is very long: drawing it takes a busy machine more than the usual time-out.
        self.page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True, timeout=60_000)

    def _hear(self, message):
        if message.type in ("error", "warning") and not any(words in message.text for words in self.expected):
            self.faults.append(f"{message.location.get('url')}: {message.text}")

    def _refuse(self, dialog):
        self.faults.append(f"a dialog: {dialog.message}")
        dialog.dismiss()


__all__ = ["Browser", "PHONE", "Tab", "WIDE", "expect"]
