"""The API reference at /docs: in a real browser, and its lines in a real shell."""

import html
import re
import subprocess

from martlet.browser import expect
from martlet.server import MASTER


def lines(server):
    """Every curl line of the page, as a reader would copy it."""
    page = server.client(None).get("/docs").body.decode()
    return [html.unescape(line) for line in re.findall(r"<code>(curl .*?)</code></pre>", page, re.DOTALL)]


def run(line, token=MASTER):
    """The status that the line's call is answered with."""
    line = line.replace("curl ", "curl -sS -o /dev/null -w '%{http_code}' ", 1)
    done = subprocess.run(["bash", "-c", line], env={"PATH": "/usr/bin:/bin", "TOKEN": token}, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, f"{line}: {done.stderr}"
    return int(done.stdout)


def test_the_page(tab):
    tab.open("/docs")
    expect(tab.page).to_have_title("API reference - Martlet")
    tab.look("docs", sample=[".top", ".contents", "#post_emails", "#get_domains", "#put_domains_name_outbound", "#delete_domains_name"])


def test_copying(browser, server):
    with browser.tab(server.url, permissions=["clipboard-read", "clipboard-write"]) as tab:
        tab.open("/docs#post_emails")
        tab.page.get_by_role("button", name="Copy the curl line of POST /emails", exact=True).click()
        expect(tab.page.get_by_role("status")).to_have_text("Copied")
        copied = tab.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"curl {server.url}/emails \\\n") and copied in lines(server)


def test_the_readers_host(server):
    for host, base in [("mail.example:8080", "http://mail.example:8080"), ("x'; id;.example", server.url), ("<b>", server.url)]:
        page = server.client(None).get("/docs", Host=host)
        assert page.status == 200 and f"<code>curl {base}/emails \\\n" in page.body.decode()


def test_without_script(browser, server):
    with browser.tab(server.url, java_script_enabled=False) as tab:
        tab.open("/docs")
        tab.page.get_by_role("link", name="POST /emails", exact=True).first.click()
        assert tab.page.url.endswith("#post_emails")
        expect(tab.page.get_by_role("button")).to_have_count(0)


def test_the_lines_can_be_pasted(start_server):
    """None is refused for its form: what they name may be missing, what they say is understood."""
    server = start_server()
    found = lines(server)
    assert len(found) > 40
    token = server.account().token
    create = next(line for line in found if line.startswith(f"curl {server.url}/domains \\") and "--json" in line)
    assert run(create, token) == 201
    for step in ("ses-verify", "ses-status"):
        assert run(next(line for line in found if f"/shop.example/{step}" in line), token) == 200
    # Only Amazon SNS can make what it is to receive.
    rest = [line for line in found if line != create and "/webhooks/ses" not in line]
    statuses = {line: run(line, token) for line in sorted(rest, key=lambda line: "-X DELETE" in line)}
    statuses |= {line: run(line) for line, status in statuses.items() if status == 403}
    refused = {line: status for line, status in statuses.items() if status not in (200, 201, 202, 204, 404)}
    assert not refused
    assert statuses[next(line for line in found if "/emails \\" in line and "--json" in line)] == 202
