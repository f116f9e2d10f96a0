"""Clients in Python and TypeScript, generated from `/openapi.json` by the usual generators without a warning, send, list and handle errors.

Nothing that is generated is kept; docs/clients.md has the same commands. A generator is a program of seconds.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from martlet import databases
from martlet.emails import reaches

TOOLS = Path(sys.executable).parent

pytestmark = pytest.mark.skipif(databases.SERVER is not None, reason="what is generated does not depend on the database")

USE_PYTHON = """
import sys
from martlet_client import AuthenticatedClient
from martlet_client.api.domains import get_domains_name_outbound
from martlet_client.api.emails import get_emails, get_emails_id, post_emails
from martlet_client.models import EnvelopeError, NewEmail

url, token, domain = sys.argv[1:]
client = AuthenticatedClient(base_url=url, token=token)
new = NewEmail(to="success@simulator.martlet.test", from_=f"news@{domain}", subject="Hello", text="we have a new offer", external_id="generated")
sent = post_emails.sync(client=client, body=new, idempotency_key="one")
assert post_emails.sync(client=client, body=new, idempotency_key="one").data.id == sent.data.id
found = get_emails_id.sync(str(sent.data.id), client=client)
assert found.data.timeline[0].status == "QUEUED" and found.data.created_at.tzinfo, found
listed = get_emails.sync(client=client, external_id="generated", limit=10)
assert [email.id for email in listed.data] == [sent.data.id], listed
refused = post_emails.sync_detailed(client=client, body=NewEmail(to="nobody", from_=f"news@{domain}", subject="x", text="x"))
assert refused.status_code == 422 and isinstance(refused.parsed, EnvelopeError)
assert [(error.field, error.code) for error in refused.parsed.meta.errors] == [("to", "invalid_value")]
absent = get_domains_name_outbound.sync_detailed("absent.example", client=client)
assert absent.status_code == 404 and absent.parsed.code == "not_found"
assert get_domains_name_outbound.sync(domain, client=client).outbound_sent_today == 1
print(sent.data.id)
"""

USE_TYPESCRIPT = """
import { Configuration, DomainsApi, EmailsApi, NewEmail, ResponseError } from './client';

declare const process: { argv: string[]; exit(code: number): void };
declare const console: { log(text: unknown): void };

function must(holds: boolean, what: string): void {
    if (!holds) { throw new Error(what); }
}

async function main(): Promise<void> {
    const [url, token, domain] = process.argv.slice(2);
    const configuration = new Configuration({ basePath: url, accessToken: token });
    const emails = new EmailsApi(configuration);
    const newEmail: NewEmail = { to: 'success@simulator.martlet.test', from: `news@${domain}`, subject: 'Hello', text: 'an offer', externalId: 'typed' };
    const sent = await emails.postEmails({ newEmail, idempotencyKey: 'two' });
    const again = await emails.postEmails({ newEmail, idempotencyKey: 'two' });
    must(again.data.id === sent.data.id, 'one key, one email');
    const listed = await emails.getEmails({ externalId: 'typed', limit: 10 });
    must(listed.data.length === 1 && listed.data[0].id === sent.data.id, 'it is listed');
    const found = await emails.getEmailsId({ id: sent.data.id });
    must(found.data.timeline[0].status === 'QUEUED', 'it has a timeline');
    const outbound = await new DomainsApi(configuration).getDomainsNameOutbound({ name: domain });
    must(outbound.outbound_sent_today === 1, 'it is counted');
    try {
        await emails.postEmails({ newEmail: { ...newEmail, to: 'nobody' } });
        must(false, 'it is refused');
    } catch (error) {
        must(error instanceof ResponseError && error.response.status === 422, `refused by ${error}`);
        must((await (error as ResponseError).response.json()).meta.errors[0].field === 'to', 'it says why');
    }
    console.log(sent.data.id);
}

main().catch((error) => { console.log(error); process.exit(1); });
"""


@pytest.fixture
def document(server, tmp_path):
    """`/openapi.json` in a file of the test's folder."""
    file = tmp_path / "openapi.json"
    file.write_bytes(server.client(None).get("/openapi.json").body)
    return file


def run(*command, cwd):
    environment = {**os.environ, "PATH": f"{TOOLS}:{os.environ['PATH']}"}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout + done.stderr


@pytest.mark.timeout(240)
def test_python(server, account, domain, document, tmp_path):
    # The one body that is no JSON and that a client sends: lines of CSV.
    (tmp_path / "config.yaml").write_text("content_type_overrides:\n  text/csv: application/octet-stream\n  text/plain: application/json\n")
    said = run(
        "openapi-python-client", "generate", "--path", document, "--meta", "none", "--output-path", tmp_path / "martlet_client",
        "--config", tmp_path / "config.yaml", "--fail-on-warning", cwd=tmp_path)
    assert "WARNING" not in said, said
    (tmp_path / "use.py").write_text(USE_PYTHON)
    id = run(sys.executable, "use.py", server.url, account.token, domain, cwd=tmp_path).strip()
    reaches(account, id, "DELIVERED")


@pytest.mark.timeout(300)
@pytest.mark.skipif(not (shutil.which("java") and shutil.which("tsc") and shutil.which("node")), reason="run scripts/setup test")
def test_typescript(server, account, domain, document, tmp_path):
    # What callbacks send is no call of a client: the generator makes empty imports of it.
    value = json.loads(document.read_text())
    del value["webhooks"]
    document.write_text(json.dumps(value))
    said = run(
        "openapi-generator-cli", "generate", "-g", "typescript-fetch", "-i", document, "-o", tmp_path / "client",
        "--additional-properties", "withoutRuntimeChecks=true,modelPropertyNaming=original", cwd=tmp_path)
    complaints = [line for line in said.splitlines() if ("WARN" in line or "ERROR" in line) and "OpenAPI 3.1 support is still in beta" not in line]
    assert complaints == []
    (tmp_path / "use.ts").write_text(USE_TYPESCRIPT)
    run("tsc", "--strict", "--target", "es2020", "--lib", "es2020,dom", "--module", "commonjs", "--moduleResolution", "node", "--outDir", "out", "use.ts",
        cwd=tmp_path)
    id = run("node", "out/use.js", server.url, account.token, domain, cwd=tmp_path).strip()
    reaches(account, id, "DELIVERED")
