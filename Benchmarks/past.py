"""A year of emails for a PostgreSQL database that has taken in at least one, month by month."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

from bench import say
from scratch import ask

MONTHS = 12
TABLES = {"emails": "id", "email_contents": "id", "timeline": "email_id", "ses_messages": "email_id"}

IDS = """
    CREATE TEMPORARY TABLE made AS SELECT n, at,
        decode(lpad(to_hex(at), 12, '0') || '7' || substr(md5(n::TEXT), 1, 3) || '8' || substr(md5(n::TEXT), 4, 15), 'hex') AS id
    FROM (SELECT n, {start} + (n - {first}) * ({end} - {start}) / {count} AS at FROM generate_series({first}::BIGINT, {first} + {count} - 1) n) moments;
"""
"""Ids as UUIDs of version 7, spread evenly over the month."""

ROWS = """
    INSERT INTO {emails} (id, account_id, domain_id, operator, sender, recipient, status, external_id, client_id, created_at, updated_at, attempts,
        callbacks)
    SELECT m.id, e.account_id, e.domain_id, e.operator, 'news' || m.n % 50 || substr(e.sender, strpos(e.sender, '@')),
        'user' || (m.n * 7919) % {people} || '@customer.example',
        CASE WHEN m.n % 50 = 0 THEN 'BOUNCED_PERMANENT' WHEN m.n % 4 = 0 THEN 'OPEN' ELSE 'DELIVERED' END, 'campaign-' || m.n / 20000,
        'client-' || m.n, m.at, m.at + 3000, 1, 'https://customer.example/status'
    FROM made m CROSS JOIN (SELECT * FROM emails WHERE status = 'QUEUED' LIMIT 1) e;

    INSERT INTO {email_contents} (id, subject, body, alias, extras)
    SELECT id, 'Your order ' || n, repeat('we have a new offer this week ', 8) || md5(n::TEXT), 'New User', NULL FROM made;

    INSERT INTO {timeline} (email_id, number, status, at)
    SELECT id, number, (ARRAY['DEQUEUED', 'SENT', 'DELIVERED', 'OPEN'])[number], at + 500 * number
    FROM made CROSS JOIN generate_series(1, 4) number WHERE number < 4 OR n % 4 = 0;

    INSERT INTO {ses_messages} (message_id, email_id)
    SELECT '0102' || lpad(to_hex(at), 12, '0') || '-' || md5(n::TEXT) || '-000000', id FROM made;
"""


def fill(url, count):
    """`count` emails, evenly over the present month so far and those before."""
    months = list(_months(count))
    say(f"filling the database with {count:,} emails of {MONTHS} months")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda month: _fill(url, count, *month), months))
    ask(url, "CHECKPOINT")


def partitions(url, table):
    return ask(url, f"SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = '{table}'::regclass ORDER BY 1").split()


def _months(count):
    """Suffix, start and end in ms, whether it is over, first number and how many, for each month."""
    now = datetime.now(timezone.utc)
    number = now.year * 12 + now.month - 1
    share = count // MONTHS
    for index, month in enumerate(range(number - MONTHS + 1, number + 1)):
        isOver = month < number
        start, end = _start(month), _start(month + 1) if isOver else int(now.timestamp() * 1000) - 60_000
        yield f"_{month // 12}_{month % 12 + 1:02}", start, end, isOver, 1 + index * share, share


def _start(month):
    return int(datetime(month // 12, month % 12 + 1, 1, tzinfo=timezone.utc).timestamp() * 1000)


def _fill(url, total, suffix, start, end, isOver, first, count):
    names = {table: table + suffix for table in TABLES}
    rows = IDS.format(start=start, end=end, first=first, count=count) + ROWS.format(people=max(1, total // 8), **names)
    if isOver:
        # The indexes are made when the month is full: that is quicker by far.
        make = "".join(f"CREATE TABLE {names[table]} (LIKE {table} INCLUDING DEFAULTS);" for table in TABLES)
        attach = "".join(
            f"ALTER TABLE {table} ATTACH PARTITION {names[table]} FOR VALUES FROM ('{_id(start)}') TO ('{_id(end)}');" for table in TABLES
        )
        ask(url, f"SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; BEGIN; {make}{rows} COMMIT; {attach}")
    else:
        ask(url, f"SET synchronous_commit = off; BEGIN; {rows} COMMIT;")
    for table in names.values():
        ask(url, f"VACUUM (FREEZE, ANALYZE) {table}")
    say(f"  {suffix[1:].replace('_', '-')}: {count:,}")


def _id(at):
    """The lowest id of a moment."""
    return "\\x" + at.to_bytes(6, "big").hex() + "00" * 10
