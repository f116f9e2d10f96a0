#include "CResolver.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

/// What a server said before the resolver gave up; servers that do not answer say nothing.
static int refusal(const unsigned char *answer) {
    int is_answer = (answer[2] & 0x80) != 0;
    return is_answer ? CRESOLVER_SERVER_FAILURE : CRESOLVER_NO_ANSWER;
}

int cresolver_query(
    const char *name, int type, uint32_t nameserver, uint16_t port, int seconds, int attempts, unsigned char *answer, int capacity) {
    struct __res_state state;
    memset(&state, 0, sizeof state);
    if (capacity < NS_HFIXEDSZ || res_ninit(&state) != 0) return CRESOLVER_NO_ANSWER;
    state.retrans = seconds;
    state.retry = attempts;
    if (port != 0) {
        state.nscount = 1;
        memset(&state.nsaddr_list[0], 0, sizeof state.nsaddr_list[0]);
        state.nsaddr_list[0].sin_family = AF_INET;
        state.nsaddr_list[0].sin_port = htons(port);
        state.nsaddr_list[0].sin_addr.s_addr = htonl(nameserver);
    }
    memset(answer, 0, NS_HFIXEDSZ);
    int length = res_nquery(&state, name, ns_c_in, type, answer, capacity);
    int failure = state.res_h_errno;
    res_nclose(&state);
    if (length >= 0) return length < capacity ? length : capacity;
    switch (failure) {
        case HOST_NOT_FOUND: return CRESOLVER_NO_SUCH_NAME;
        case NO_DATA: return CRESOLVER_NO_DATA;
        case TRY_AGAIN: return refusal(answer);
        default: return CRESOLVER_SERVER_FAILURE;
    }
}
