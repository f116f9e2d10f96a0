"""What people see of much data: every page at every width, the search, an email's story, what needs attention, callbacks, tables as CSV."""

import csv
import io
import re

import pytest

from martlet import databases
from martlet.browser import expect
from martlet.filled import LONG, Filled
from martlet.receiver import Receiver
from martlet.server import MASTER

pytestmark = pytest.mark.skipif(databases.SERVER is not None, reason="what pages show does not depend on the engine, and what they ask is tested on both")

WIDTHS = (390, 640, 768, 820, 1024, 1280, 1680)

BROKEN = """() => [...document.querySelectorAll('table.rows tbody tr')].map(row => row.getBoundingClientRect().height).filter(height => height > 46)"""
"""The heights of rows that have more than one line."""


@pytest.fixture(scope="module")
def server(start_server, sink):
    return start_server(
        MARTLET_SNS_VERIFY_SIGNATURES="false", MARTLET_CALLBACKS_ALLOW_PRIVATE="true", MARTLET_CALLBACKS_ALLOW_HTTP="true",
        MARTLET_GUILLOTINE_MINIMUM_SENT="1000", MARTLET_REPUTATION_MINIMUM_SENT="1000", MARTLET_SENDERS_APPROVAL="support", **sink.environment,
    )


@pytest.fixture(scope="module")
def sink(start_sink):
    return start_sink()


@pytest.fixture(scope="module")
def filled(server, sink):
    with Receiver(lambda told, number: 200 if told.path.startswith("/good") else 500) as receiver:
        yield Filled(server, sink, receiver)


@pytest.fixture
def operator(tab, filled):
    tab.log_in(MASTER)
    return tab


def test_every_page_fits_every_width(operator, filled):
    """No page scrolls sideways, and at 1280 a row of a list is one line."""
    wrong = []
    for name, path in filled.pages().items():
        operator.page.set_viewport_size({"width": 1280, "height": 900})
        operator.open("/dashboard" + path)
        if name not in ("dns", "account", "domain"):
            wrong += [f"{name}: a row of {height} pixels" for height in operator.page.evaluate(BROKEN)[:1]]
        for width in WIDTHS:
            operator.page.set_viewport_size({"width": width, "height": 900})
            wide = operator.page.evaluate("() => document.scrollingElement.scrollWidth")
            if wide > width:
                wrong.append(f"{name}: {wide} pixels wide in a window of {width}")
    assert wrong == []


def test_twenty_emails_are_in_sight(operator):
    operator.open("/dashboard/emails")
    rows = operator.page.locator("tbody tr").all()
    assert sum(row.bounding_box()["y"] + row.bounding_box()["height"] <= 900 for row in rows[:30]) >= 17
    cell = operator.page.locator("td[data-label=Subject]").first
    assert cell.get_attribute("title") == cell.inner_text()


def find(page, text):
    page.keyboard.press("/")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def test_search_finds_it_in_one_step(operator, filled, sink):
    page = operator.page
    operator.open("/dashboard")
    find(page, filled.bounced)
    expect(page).to_have_url(re.compile(f"/dashboard/emails/{filled.bounced}"))
    find(page, sink.message_id_of(filled.opened))
    expect(page).to_have_url(re.compile(f"/dashboard/emails/{filled.opened}"))
    find(page, "user1@customer.example")
    expect(page.get_by_role("heading", level=1)).to_have_text("user1@customer.example")
    expect(page.get_by_role("table", name="Emails to the address")).to_contain_text("Invoice 2026-1")
    find(page, "someone@customer.example")
    expect(page.get_by_role("table", name="Refused sends to the address")).to_contain_text("foreign.example")
    find(page, LONG[:12])
    expect(page.get_by_role("heading", level=1)).to_have_text(LONG)
    find(page, "user1")
    expect(page.get_by_role("link", name="user1@customer.example", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="user11@customer.example", exact=True)).to_be_visible()
    find(page, "customer.example")
    expect(page.locator("tbody tr")).to_have_count(50)
    find(page, "a-customer")
    expect(page.get_by_role("heading", level=1)).to_have_text(filled.account.ref)
    find(page, "autumn campaign 1")
    expect(page.get_by_role("heading", level=1)).to_have_text("autumn campaign 1")
    find(page, "nothing of this name")
    expect(page.get_by_text("Nothing matches")).to_be_visible()


def test_a_bounce_says_its_answer_first(operator, filled):
    page = operator.page
    operator.open(f"/dashboard/emails/{filled.bounced}")
    outcome = page.locator(".outcome")
    expect(outcome).to_contain_text("Hard bounce: 550 5.1.1 The email account that you tried to reach does not exist")
    expect(outcome).to_contain_text("The address is suppressed for all emails of " + filled.account.ref)
    times = page.locator(".timeline time").all_inner_texts()
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC", time) for time in times), times
    assert len(page.locator(".timeline small").all()) == len(times) - 1, "each step but the first says how long it took"
    page.locator("button[data-zones]").click()
    local = page.locator(".timeline time").first
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", local.inner_text())
    expect(local).to_have_attribute("title", times[0])
    page.locator("button[data-zones]").click()
    expect(page.get_by_role("table", name="Callbacks of the email")).to_contain_text("BOUNCED_PERMANENT")
    outcome.get_by_text("Remove the suppression…").click()
    outcome.get_by_role("button", name="Remove").click()
    expect(page).to_have_url(re.compile(f"/dashboard/emails/{filled.bounced}"))
    expect(page.locator(".outcome")).not_to_contain_text("suppressed")
    page.get_by_text("Send again…").click()
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("status")).to_contain_text("Sent again: this is the new email.")
    assert filled.bounced not in page.url


def test_overview_names_what_needs_somebody(operator, filled):
    operator.open("/dashboard")
    notices = operator.page.locator(".notices")
    expect(notices).to_contain_text(f"{filled.domain} has used 9")
    expect(notices).to_contain_text("daily limit")
    expect(notices).not_to_contain_text("suspended.example")
    operator.open("/dashboard?account=quiet")
    expect(operator.page.get_by_text("Nothing needs attention.")).to_be_visible()


def test_callbacks_say_how_they_fail_and_many_are_retried(operator, filled):
    page = operator.page
    operator.open("/dashboard/callbacks")
    expect(page.get_by_role("table", name="Callback endpoints")).to_contain_text(re.compile(r"Failing: 500 for \d+ attempts?, next (in|now)"))
    operator.open(f"/dashboard/callbacks?account={filled.account.ref}&status=pending")
    expect(page.locator("#deliveries tbody tr").first).to_contain_text("@")
    page.get_by_label("Select all of this page").check()
    page.get_by_role("button", name="Retry selected").click()
    expect(page.get_by_role("status")).to_contain_text("retried.")


def test_tables_of_every_list(operator, filled):
    for name in ("emails", "refusals", "callbacks", "domains", "campaigns", "senders", "keys", "accounts"):
        answer = operator.page.request.get(f"/dashboard/exports/{name}.csv")
        rows = list(csv.reader(io.StringIO(answer.text())))
        assert answer.ok and len(rows) > 1 and {len(row) for row in rows} == {len(rows[0])}, name
    rows = list(csv.reader(io.StringIO(operator.page.request.get("/dashboard/exports/emails.csv?to=user1@customer.example").text())))
    assert {row[3] for row in rows[1:]} == {"user1@customer.example"}


def test_pages_turn_back(operator):
    operator.open("/dashboard/emails")
    first = operator.page.locator("tbody th").first.inner_text()
    operator.page.get_by_role("link", name="Next page").click()
    assert operator.page.locator("tbody th").first.inner_text() != first
    operator.page.get_by_role("link", name="Previous page").click()
    assert operator.page.locator("tbody th").first.inner_text() == first


def test_records_in_one_table(operator, filled):
    operator.open(f"/dashboard/domains/{filled.domain}/dns")
    table = operator.page.get_by_role("table")
    expect(table).to_have_count(1)
    expect(table.locator("tr.optional").first).to_be_visible()
    expect(table).to_contain_text("Says which servers may send for the domain.")
    answer = operator.page.request.get(f"/dashboard/domains/{filled.domain}/records.zone")
    assert answer.ok and f"_amazonses.{filled.domain}." in answer.text()
    assert "_amazonses" in operator.page.get_by_role("button", name="Copy all").get_attribute("data-copy")
