"""The dashboard in a real browser: logging in and out, every page of the operator, and the story of one domain by clicking only."""

from martlet.browser import expect
from martlet.server import MASTER

PAGES = {
    "overview": "", "domains": "/domains", "domain": "/domains/story.example", "dns": "/domains/story.example/dns", "keys": "/keys",
    "accounts": "/accounts", "account": "/accounts/1", "reviews": "/reviews", "billing": "/billing", "audit": "/audit",
}


def log_in(tab, token=MASTER):
    tab.open("/dashboard/login")
    tab.page.get_by_label("Token").fill(token)
    tab.page.get_by_role("button", name="Log in").click()
    expect(tab.page.get_by_role("heading", name="Overview", level=1)).to_be_visible()


def test_the_story_of_a_domain(browser, start_server):
    server = start_server()
    with browser.tab(server.url) as tab:
        page = tab.page
        log_in(tab)
        page.get_by_role("link", name="Create a domain").click()
        page.locator("#name").fill("story.example")
        page.locator("#partner_ref").fill("acme")
        page.get_by_role("button", name="Create domain").click()
        page.get_by_role("link", name="Records and live check").click()
        page.get_by_role("button", name="Request verification").click()
        page.get_by_role("button", name="Check with Amazon SES").click()
        expect(page.get_by_text("Verified", exact=True)).to_be_visible()
        tab.open("/dashboard/domains/story.example")
        page.get_by_label("To", exact=True).fill("bounce@simulator.martlet.test")
        page.get_by_role("button", name="Send the test").click()
        expect(page.get_by_text("The test email is accepted.")).to_be_visible()
        tab.open("/dashboard/domains/story.example")
        page.wait_for_function("() => document.body.innerText.includes('guillotine') || (location.reload(), false)", polling=500)
        page.get_by_text("Resume…").click()
        page.get_by_role("button", name="Resume domain").click()
        expect(page.get_by_text("The domain sends again")).to_be_visible()
        expect(page.get_by_text("Active", exact=True)).to_be_visible()
        create_key(server, page)
        for name, path in PAGES.items():
            tab.open("/dashboard" + path)
            tab.look("dashboard-" + name)
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_text("You are logged out.")).to_be_visible()
        page.goto("/dashboard")
        assert page.url.endswith("/dashboard/login")


def create_key(server, page):
    """A customer's key, which works."""
    page.get_by_role("link", name="API keys").click()
    page.get_by_label("Account").fill("acme")
    page.get_by_role("button", name="Create key").click()
    token = page.locator(".secret code").inner_text()
    assert server.client(token).get("/emails").status == 200


def test_a_customer(browser, server):
    with browser.tab(server.url) as tab:
        log_in(tab, server.account().token)
        expect(tab.page.get_by_role("link", name="API keys")).to_have_count(1)
        expect(tab.page.get_by_role("link", name="Billing")).to_have_count(0)
        tab.look("dashboard-customer")
