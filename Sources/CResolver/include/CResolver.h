#ifndef CRESOLVER_H
#define CRESOLVER_H

#include <stdint.h>

enum {
    CRESOLVER_NO_SUCH_NAME = -1,
    CRESOLVER_NO_DATA = -2,
    CRESOLVER_SERVER_FAILURE = -3,
    CRESOLVER_NO_ANSWER = -4
};

/// Asks the DNS one question, as /etc/resolv.conf says, and waits for the answer.
///
/// `struct __res_state` stays on this side: its size and layout are glibc's business.
///
/// - name: in full, without search domains; ends with a zero byte.
/// - type: of the record, as RFC 1035 section 3.2.2 numbers it.
/// - nameserver: an IPv4 address in host order that is asked in place of the configured ones, where port is not 0.
/// - seconds: for the first attempt with each server.
/// - answer: takes the packet; its first 12 bytes are written to in any case.
///
/// Returns the length of the packet, or one of the values above.
int cresolver_query(
    const char *name, int type, uint32_t nameserver, uint16_t port, int seconds, int attempts, unsigned char *answer, int capacity);

#endif
