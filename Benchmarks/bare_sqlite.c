/* What SQLite alone does with the rows of an email: the limit of accepting, in the table of `make bench`.
 *
 * usage: bare_sqlite FILE SECONDS
 * Inserts emails with random recipients and client ids in transactions of 64, each durable (WAL, synchronous = FULL), from one thread.
 * Prints emails a second, and microseconds of CPU an email.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 64 };

static const char *SCHEMA =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "CREATE TABLE emails (id BLOB PRIMARY KEY, account_id INTEGER NOT NULL, domain_id INTEGER NOT NULL, operator TEXT NOT NULL,"
    " sender TEXT NOT NULL, recipient TEXT NOT NULL, status TEXT NOT NULL, external_id TEXT, client_id TEXT, created_at INTEGER NOT NULL,"
    " updated_at INTEGER NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER, lease_owner TEXT, work TEXT, content_bytes INTEGER)"
    " WITHOUT ROWID;"
    "CREATE INDEX emails_due ON emails (due_at) WHERE due_at IS NOT NULL;"
    "CREATE TABLE email_contents (id BLOB PRIMARY KEY, subject TEXT NOT NULL, body TEXT NOT NULL, html TEXT, alias TEXT,"
    " unsubscribe_text TEXT, callbacks TEXT, extras TEXT) WITHOUT ROWID;"
    "CREATE TABLE timeline (email_id BLOB NOT NULL, number INTEGER NOT NULL, status TEXT NOT NULL, at INTEGER NOT NULL, explanation TEXT,"
    " details TEXT, PRIMARY KEY (email_id, number)) WITHOUT ROWID;";

static sqlite3 *database;

static void check(int code)
{
    if (code == SQLITE_OK || code == SQLITE_DONE) return;
    fprintf(stderr, "%s\n", sqlite3_errmsg(database));
    exit(1);
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL));
    return statement;
}

static void step(sqlite3_stmt *statement)
{
    check(sqlite3_step(statement));
    check(sqlite3_reset(statement));
}

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void text(sqlite3_stmt *statement, int index, const char *value)
{
    check(sqlite3_bind_text(statement, index, value, -1, SQLITE_TRANSIENT));
}

/* An id like ours: milliseconds, then random bits. */
static void make_id(unsigned char id[16], uint64_t milliseconds)
{
    for (int i = 0; i < 6; i++) id[i] = (unsigned char)(milliseconds >> (40 - 8 * i));
    for (int i = 6; i < 16; i++) id[i] = (unsigned char)(random() >> 8);
}

int main(int count, char **arguments)
{
    if (count != 3) return fputs("usage: bare_sqlite FILE SECONDS\n", stderr), 2;
    check(sqlite3_open(arguments[1], &database));
    check(sqlite3_exec(database, SCHEMA, NULL, NULL, NULL));
    sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT");
    sqlite3_stmt *email = prepare(
        "INSERT INTO emails VALUES (?1, 1, 1, 'bench', 'news@bench.example', ?2, 'QUEUED', ?3, ?4, ?5, ?5, 0, ?5, NULL, NULL, 29)");
    sqlite3_stmt *content = prepare(
        "INSERT INTO email_contents VALUES (?1, 'EliPackage Promo', 'we have a new offer this week', NULL, 'New User', NULL,"
        " '[\"https://customer.example/status\"]', NULL)");
    sqlite3_stmt *event = prepare("INSERT INTO timeline VALUES (?1, 0, 'QUEUED', ?2, NULL, NULL)");

    const double length = atof(arguments[2]), start = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    long emails = 0;
    while (seconds(CLOCK_MONOTONIC) - start < length) {
        step(begin);
        for (int i = 0; i < BATCH; i++, emails++) {
            unsigned char id[16];
            char recipient[64], external[32], client[32];
            const uint64_t now = (uint64_t)(seconds(CLOCK_REALTIME) * 1000);
            make_id(id, now);
            snprintf(recipient, sizeof recipient, "user%09ld@customer.example", random() % 1000000000);
            snprintf(external, sizeof external, "campaign-%ld", random() % 100);
            snprintf(client, sizeof client, "%09ld", random() % 1000000000);
            check(sqlite3_bind_blob(email, 1, id, sizeof id, SQLITE_TRANSIENT));
            text(email, 2, recipient);
            text(email, 3, external);
            text(email, 4, client);
            check(sqlite3_bind_int64(email, 5, (sqlite3_int64)now));
            step(email);
            check(sqlite3_bind_blob(content, 1, id, sizeof id, SQLITE_TRANSIENT));
            step(content);
            check(sqlite3_bind_blob(event, 1, id, sizeof id, SQLITE_TRANSIENT));
            check(sqlite3_bind_int64(event, 2, (sqlite3_int64)now));
            step(event);
        }
        step(commit);
    }
    const double took = seconds(CLOCK_MONOTONIC) - start;
    printf("%.0f %.1f\n", (double)emails / took, (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)emails * 1e6);
    return 0;
}
