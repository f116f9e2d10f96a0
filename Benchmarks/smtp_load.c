/* Load of submission: sessions that stay open and send one message after another, as `smtp-source -d -s N` does, which can neither log in nor
 * speak TLS.
 *
 * usage: smtp_load HOST PORT SESSIONS SECONDS SENDER RECIPIENT LINES [TOKEN] [CERTIFICATE]
 * TOKEN: each session logs in with it once (AUTH PLAIN); "" for none. CERTIFICATE: STARTTLS, with the server's certificate verified by this file.
 * MAIL, RCPT and DATA go together (PIPELINING), as mail servers send them; the message has LINES lines of 54 bytes.
 * One thread. Prints: messages answered 250, sessions that failed, p50 and p99 of a message in microseconds, and microseconds of CPU a message.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_SESSIONS = 1024, INPUT = 4096, MOST_TIMES = 1 << 22 };

typedef enum { GREETING, HELLO, STARTTLS, HANDSHAKE, SECOND_HELLO, LOGIN, ENVELOPE, CONTENT, DONE } Step;

typedef struct {
    int socket;
    SSL *tls;
    Step step;
    int expected; /* replies of the envelope that have not come */
    size_t filled;
    char input[INPUT];
    double began;
} Session;

static Session sessions[MOST_SESSIONS];
static uint32_t times[MOST_TIMES];
static size_t accepted, failed, done;
static double deadline;
static SSL_CTX *context;
static char envelope[1024], login[1024], *content;
static size_t content_length;

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static void end(Session *session, int is_failure)
{
    if (session->step == DONE) return;
    session->step = DONE;
    failed += (size_t)is_failure;
    done++;
    if (session->tls) SSL_free(session->tls);
    close(session->socket);
}

/* What is sent is far smaller than a socket's buffer, and nothing is sent before the last of it was answered: it is never cut short. */
static void say(Session *session, const char *text, size_t length)
{
    ssize_t sent = session->tls ? SSL_write(session->tls, text, (int)length) : send(session->socket, text, length, MSG_NOSIGNAL);
    if (sent != (ssize_t)length) end(session, 1);
}

static void begin_message(Session *session)
{
    if (now(CLOCK_MONOTONIC) >= deadline) return end(session, 0);
    session->step = ENVELOPE;
    session->expected = 3;
    session->began = now(CLOCK_MONOTONIC);
    say(session, envelope, strlen(envelope));
}

static void handshake(Session *session)
{
    int result = SSL_connect(session->tls);
    if (result == 1) {
        session->step = SECOND_HELLO;
        return say(session, "EHLO load\r\n", 11);
    }
    int error = SSL_get_error(session->tls, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
        ERR_print_errors_fp(stderr);
        end(session, 1);
    }
}

static void begin_tls(Session *session)
{
    session->tls = SSL_new(context);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session->tls), "127.0.0.1");
    SSL_set_fd(session->tls, session->socket);
    session->step = HANDSHAKE;
    handshake(session);
}

static void log_in(Session *session)
{
    if (!login[0]) return begin_message(session);
    session->step = LOGIN;
    say(session, login, strlen(login));
}

/* The last line of a reply. */
static void reply(Session *session, const char *line)
{
    static const char *expected[] = {"220", "250", "220", "", "250", "235", "", "250"};
    int is_data = session->step == ENVELOPE && session->expected == 1;
    const char *code = session->step == ENVELOPE ? (is_data ? "354" : "250") : expected[session->step];
    if (strncmp(line, code, 3) != 0) {
        if (!failed) fprintf(stderr, "step %d: %s\n", session->step, line);
        return end(session, 1);
    }
    switch (session->step) {
    case GREETING:
        session->step = HELLO;
        return say(session, "EHLO load\r\n", 11);
    case HELLO:
        if (!context) return log_in(session);
        session->step = STARTTLS;
        return say(session, "STARTTLS\r\n", 10);
    case STARTTLS: return begin_tls(session);
    case SECOND_HELLO: return log_in(session);
    case LOGIN: return begin_message(session);
    case ENVELOPE:
        if (--session->expected > 0) return;
        session->step = CONTENT;
        return say(session, content, content_length);
    case CONTENT:
        if (accepted < MOST_TIMES) times[accepted] = (uint32_t)((now(CLOCK_MONOTONIC) - session->began) * 1e6);
        accepted++;
        return begin_message(session);
    default: return;
    }
}

static void read_lines(Session *session)
{
    char *start = session->input, *newline;
    while (session->step != DONE && (newline = memchr(start, '\n', (size_t)(session->input + session->filled - start)))) {
        *newline = 0;
        int is_last = newline - start >= 4 && start[3] != '-';
        char *line = start;
        start = newline + 1;
        if (is_last) reply(session, line);
    }
    session->filled -= (size_t)(start - session->input);
    memmove(session->input, start, session->filled);
}

static void readable(Session *session)
{
    if (session->step == HANDSHAKE) return handshake(session);
    while (session->step != DONE) {
        size_t room = INPUT - session->filled;
        if (room == 0) return end(session, 1);
        SSL *tls = session->tls;
        int count = tls ? SSL_read(tls, session->input + session->filled, (int)room)
                        : (int)recv(session->socket, session->input + session->filled, room, 0);
        if (count <= 0) {
            int waits = tls ? SSL_get_error(tls, count) == SSL_ERROR_WANT_READ : count < 0 && errno == EAGAIN;
            if (!waits) end(session, 1);
            return;
        }
        session->filled += (size_t)count;
        read_lines(session);
        if (!tls && (size_t)count < room) return;
    }
}

static void open_session(Session *session, const char *host, int port, int poll)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) die("%s is no IPv4 address", host);
    session->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(session->socket, (struct sockaddr *)&address, sizeof address) != 0) die("connect: %s", strerror(errno));
    int on = 1;
    setsockopt(session->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(session->socket, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = session};
    epoll_ctl(poll, EPOLL_CTL_ADD, session->socket, &event);
}

static void prepare(const char *sender, const char *recipient, int lines, const char *token, const char *certificate)
{
    snprintf(envelope, sizeof envelope, "MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n", sender, recipient);
    size_t room = 1024 + (size_t)lines * 54;
    content = malloc(room);
    content_length = (size_t)snprintf(content, room, "From: %s\r\nTo: %s\r\nSubject: hello\r\n\r\n", sender, recipient);
    for (int line = 0; line < lines; line++)
        content_length += (size_t)sprintf(content + content_length, "we have a new offer this week, and it is a good one\r\n");
    content_length += (size_t)sprintf(content + content_length, ".\r\n");
    if (*token) {
        unsigned char plain[512], encoded[700];
        int length = snprintf((char *)plain, sizeof plain, "%cload%c%s", 0, 0, token);
        EVP_EncodeBlock(encoded, plain, length);
        snprintf(login, sizeof login, "AUTH PLAIN %s\r\n", (char *)encoded);
    }
    if (!*certificate) return;
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (SSL_CTX_load_verify_locations(context, certificate, NULL) != 1) die("%s cannot be read", certificate);
}

static int ascending(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

int main(int count, char **arguments)
{
    if (count < 8) die("usage: smtp_load HOST PORT SESSIONS SECONDS SENDER RECIPIENT LINES [TOKEN] [CERTIFICATE]");
    size_t number = (size_t)atoi(arguments[3]);
    if (number < 1 || number > MOST_SESSIONS) die("1 to %d sessions", MOST_SESSIONS);
    prepare(arguments[5], arguments[6], atoi(arguments[7]), count > 8 ? arguments[8] : "", count > 9 ? arguments[9] : "");
    int poll = epoll_create1(0);
    deadline = now(CLOCK_MONOTONIC) + atof(arguments[4]);
    for (size_t index = 0; index < number; index++) open_session(&sessions[index], arguments[1], atoi(arguments[2]), poll);
    while (done < number) {
        struct epoll_event events[64];
        int ready = epoll_wait(poll, events, 64, 30000);
        if (ready == 0) die("no answer for 30 s");
        for (int index = 0; index < ready; index++) readable(events[index].data.ptr);
    }
    size_t measured = accepted < MOST_TIMES ? accepted : MOST_TIMES;
    qsort(times, measured, sizeof *times, ascending);
    double cpu = now(CLOCK_PROCESS_CPUTIME_ID) * 1e6 / (double)(accepted ? accepted : 1);
    printf("%zu %zu %u %u %.1f\n", accepted, failed, measured ? times[measured / 2] : 0, measured ? times[measured * 99 / 100] : 0, cpu);
    return 0;
}
