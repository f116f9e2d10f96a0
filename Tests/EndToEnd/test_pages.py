"""The dashboard's pages about emails, in a real browser: as operator and as customer, by keyboard, with fields that try to run script."""

from urllib.parse import quote

import pytest

from martlet import databases
from martlet.browser import expect
from martlet.hostile import SCRIPT, Story, ran
from martlet.receiver import Receiver
from martlet.server import MASTER
from martlet.wait import eventually

pytestmark = pytest.mark.skipif(databases.SERVER is not None, reason="what pages show does not depend on the engine, and what they ask is tested on both")


@pytest.fixture(scope="module")
def sink(start_sink):
    return start_sink()


@pytest.fixture(scope="module")
def server(start_server, sink):
    return start_server(
        MARTLET_SNS_VERIFY_SIGNATURES="false", MARTLET_CALLBACKS_ALLOW_PRIVATE="true", MARTLET_CALLBACKS_ALLOW_HTTP="true",
        MARTLET_GUILLOTINE_MINIMUM_SENT="100", MARTLET_SENDERS_APPROVAL="support", **sink.environment,
    )


@pytest.fixture(scope="module")
def receiver():
    with Receiver(lambda told, number: 200 if told.path.startswith("/good") else 500) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def story(server, sink, receiver):
    return Story(server, sink, receiver)


@pytest.fixture
def customer(tab, story):
    tab.log_in(story.token)
    return tab


@pytest.fixture
def operator(tab):
    tab.log_in(MASTER)
    return tab


def delivery_of(story, status):
    """The id of a callback that has the status."""

    def find():
        found = story.account.get(f"/callback-deliveries?status={status}").data
        return next((one["id"] for one in found if one["attempts"]), None)

    return eventually(find, what=f"a callback is {status}")


def pages_of(story):
    """Every page that shows what the account wrote, by the name of its picture."""
    return {
        "overview": "/dashboard",
        "domains": "/dashboard/domains",
        "emails": "/dashboard/emails",
        "emails-filtered": f"/dashboard/emails?tag={quote('tag ' + SCRIPT)}&status=CLICK",
        "email-html": f"/dashboard/emails/{story.html}",
        "email-text": f"/dashboard/emails/{story.text}?view=text",
        "email-source": f"/dashboard/emails/{story.html}?view=source",
        "address": "/dashboard/addresses?address=text@customer.example",
        "search": f"/dashboard/search?q={quote(SCRIPT)}",
        "refusals": "/dashboard/refusals",
        "campaigns": "/dashboard/campaigns",
        "campaign": f"/dashboard/campaigns/{quote(story.campaign, safe='')}",
        "suppressions": "/dashboard/suppressions",
        "senders": "/dashboard/senders",
        "callbacks": "/dashboard/callbacks",
        "callback": f"/dashboard/callbacks/deliveries/{delivery_of(story, 'delivered')}",
    }


def test_every_page_as_customer(customer, story):
    refused = story.account.post("/emails", {"to": SCRIPT, "from": f'"{SCRIPT}" <n@foreign.example>', "subject": "s", "text": "t"})
    assert refused.status == 422, refused
    for name, path in pages_of(story).items():
        customer.open(path)
        assert not ran(customer.page), f"script of a stored field ran on {name}"
        customer.look(f"customer-{name}")


def test_every_page_as_operator(operator, story):
    """The operator sees them with the account at hand, and the lists of all accounts too."""
    for name, path in pages_of(story).items():
        mark = "&" if "?" in path else "?"
        operator.open(f"{path}{mark}account={quote(story.name)}")
        assert not ran(operator.page), f"script of a stored field ran on {name}"
    for name in ("emails", "refusals", "campaigns", "suppressions", "senders", "callbacks"):
        operator.open(f"/dashboard/{name}")
        assert not ran(operator.page), f"script of a stored field ran on {name}"
        operator.look(f"operator-{name}")


def test_empty_pages_say_what_to_do(tab, server):
    tab.log_in(server.account().token)
    for name in ("emails", "refusals", "campaigns", "suppressions", "senders", "callbacks"):
        tab.open(f"/dashboard/{name}")
        tab.look(f"empty-{name}")


def test_hostile_fields_are_shown_as_text(customer, story):
    customer.open(f"/dashboard/emails/{story.html}")
    body = customer.page.locator("main").inner_text()
    assert body.count(SCRIPT) >= 4, "subject, alias, campaign, client id and tag read as they were written"
    for summary in customer.page.locator(".timeline summary").all():
        summary.click()
    assert customer.page.locator(".timeline").inner_text().count(SCRIPT) >= 3, "what SES told reads as it came"


def test_preview_does_and_fetches_nothing(customer, story):
    requested = []
    customer.page.on("request", lambda request: requested.append(request.url))
    customer.open(f"/dashboard/emails/{story.html}")
    frame = customer.page.frame_locator("iframe.preview")
    expect(frame.get_by_text("Look")).to_be_visible()
    expect(frame.get_by_text("pixel")).to_be_visible()
    expect(frame.get_by_role("link")).to_have_count(0)
    expect(frame.get_by_text("offer")).to_have_attribute("title", "https://shop.example/")
    assert not [url for url in requested if "tracker.example" in url]
    # By itself, too.
    response = customer.open(f"/dashboard/emails/{story.html}/preview")
    assert response.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert not ran(customer.page)


def test_what_belongs_to_others_is_not_there(tab, server, story):
    tab.log_in(server.account().token)
    tab.expect_fault("404")
    delivery = delivery_of(story, "delivered")
    for path in (f"emails/{story.html}", f"emails/{story.html}/preview", f"emails/{story.html}/message", f"callbacks/deliveries/{delivery}",
                 f"campaigns/{quote(story.campaign, safe='')}"):
        assert tab.page.request.get(f"/dashboard/{path}").status == 404, path
    for name in ("emails", "campaigns", "suppressions", "senders", "callbacks"):
        # A customer has no say in whose data it sees.
        tab.open(f"/dashboard/{name}?account={quote(story.name)}")
        assert SCRIPT not in tab.page.locator("main").inner_text() and "customer.example" not in tab.page.locator("main").inner_text()


def test_searching(customer, story):
    customer.open("/dashboard/emails")
    customer.page.get_by_role("searchbox", name="Recipient").fill("html@customer.example")
    customer.page.get_by_role("button", name="Search").click()
    expect(customer.page.locator("tbody tr")).to_have_count(1)
    customer.page.get_by_text("More filters").click()
    customer.page.get_by_label("To day (UTC)").fill("2020-01-01")
    customer.page.get_by_role("button", name="Search").click()
    expect(customer.page.get_by_text("No emails match")).to_be_visible()
    customer.page.get_by_role("link", name="Show all emails").click()
    expect(customer.page.locator("tbody tr")).to_have_count(2)
    customer.page.get_by_role("searchbox", name="Recipient").fill("no address")
    customer.page.get_by_role("button", name="Search").click()
    expect(customer.page.get_by_role("alert")).to_have_text("The recipient is no email address.")
    customer.page.get_by_role("link", name="Clear filters").click()
    customer.page.get_by_role("link", name="text@customer.example").click()
    expect(customer.page.get_by_text("Bounced, hard").first).to_be_visible()
    customer.page.get_by_role("link", name="Campaigns").click()


def test_suppressing_and_taking_off(customer):
    customer.open("/dashboard/suppressions")
    customer.page.get_by_label("Address", exact=True).last.fill("gone@customer.example")
    customer.page.get_by_label("Note").fill("moved")
    customer.page.get_by_role("button", name="Suppress", exact=True).click()
    expect(customer.page.get_by_role("status")).to_contain_text("gone@customer.example is suppressed")
    customer.page.get_by_label("Addresses, one on each line").fill("a1@customer.example\n\nno address\na2@customer.example\ngone@customer.example\n")
    customer.page.get_by_role("button", name="Suppress all of them").click()
    expect(customer.page.get_by_role("status")).to_contain_text("2 suppressed, 1 were on the list already, 1 not understood (line 3")
    row = customer.page.locator("tr", has_text="gone@customer.example")
    row.get_by_text("Remove", exact=True).click()
    row.get_by_role("button", name="Yes, remove").click()
    expect(customer.page.locator("tr", has_text="gone@customer.example")).to_have_count(0)
    for address in ("a1", "a2"):
        customer.page.get_by_label(f"Select {address}@customer.example").check()
    customer.page.get_by_role("button", name="Remove selected").click()
    expect(customer.page.get_by_role("status")).to_contain_text("2 addresses may be mailed again")
    customer.page.get_by_label("Address", exact=True).last.fill("a1@customer.example")
    customer.page.get_by_role("button", name="Suppress", exact=True).click()
    with customer.page.expect_download() as download:
        customer.page.get_by_role("link", name="Download CSV").click()
    assert "a1@customer.example,account,,manual," in download.value.path().read_text()


def test_callbacks(customer, story, receiver):
    customer.open("/dashboard/callbacks?status=pending")
    customer.page.locator("#deliveries tbody tr", has_text="Answered 500").get_by_role("link").first.click()
    expect(customer.page.get_by_text("Answered 500").first).to_be_visible()
    before = len(receiver.told)
    customer.page.get_by_role("button", name="Retry").click()
    expect(customer.page.get_by_role("status")).to_contain_text("It is retried")
    eventually(lambda: len(receiver.told) > before, what="the callback is retried")
    customer.open("/dashboard/callbacks")
    customer.page.get_by_label("URL").fill(receiver.url("/good/new"))
    customer.page.get_by_text("Only some events").click()
    customer.page.get_by_label("DELIVERED", exact=True).check()
    customer.page.get_by_role("button", name="Add endpoint").click()
    row = customer.page.locator("tr", has_text="/good/new")
    expect(row).to_contain_text("DELIVERED")
    row.get_by_text("Actions", exact=True).click()
    row.get_by_role("button", name="Send test event").click()
    eventually(lambda: any(told.path == "/good/new" for told in receiver.told), what="the test event arrives")
    customer.open("/dashboard/callbacks")
    row = customer.page.get_by_role("table", name="Callback endpoints, failing ones first").locator("tr", has_text="/good/new")
    row.get_by_text("Actions", exact=True).click()
    row.get_by_role("button", name="Switch off").click()
    expect(row).to_contain_text("Off")
    row.get_by_text("Actions", exact=True).click()
    row.get_by_text("Delete", exact=True).click()
    row.get_by_role("button", name="Yes, delete").click()
    expect(row).to_have_count(0)
    secret = customer.page.locator("#secret code").text_content()
    customer.page.get_by_text("Replace it").click()
    customer.page.get_by_role("button", name="Make a new secret").click()
    expect(customer.page.locator("#secret")).to_contain_text("The one before signs too")
    assert customer.page.locator("#secret code").text_content() != secret


def test_a_sender_is_approved(browser, tab, server, story):
    tab.log_in(story.token)
    tab.open("/dashboard/senders")
    tab.page.get_by_label("Address").fill("bob@partner.example")
    tab.page.get_by_role("button", name="Ask for it").click()
    expect(tab.page.locator("tr", has_text="bob@partner.example")).to_contain_text("Waits for approval")
    with browser.tab(server.url) as operator:
        operator.log_in(MASTER)
        operator.open("/dashboard/senders")
        operator.page.locator("tr", has_text="bob@partner.example").get_by_role("button", name="Approve").click()
        expect(operator.page.locator("tr", has_text="bob@partner.example")).not_to_contain_text("Waits for approval")
    tab.open("/dashboard/senders")
    row = tab.page.locator("tr", has_text="bob@partner.example")
    row.get_by_text("Give up", exact=True).click()
    row.get_by_role("button", name="Yes, give up").click()
    expect(tab.page.locator("tr", has_text="bob@partner.example")).to_have_count(0)


def test_without_script(browser, server, story):
    with browser.tab(server.url, java_script_enabled=False) as tab:
        tab.log_in(story.token)
        for name, path in pages_of(story).items():
            tab.open(path)
            expect(tab.page.locator("h1")).to_be_visible()
        tab.page.get_by_role("button", name="Log out").click()
        expect(tab.page.get_by_label("Token")).to_be_visible()
