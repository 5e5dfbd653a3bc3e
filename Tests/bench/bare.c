/* What libmicrohttpd itself can do: takes a body and answers so many bytes. usage: bare PORT BYTES */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct MHD_Response *response;

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *size, void **state) {
    (void)context, (void)url, (void)method, (void)version, (void)upload;
    static int seen;
    if (*state == NULL) {
        *state = &seen;
        return MHD_YES;
    }
    if (*size > 0) {
        *size = 0;
        return MHD_YES;
    }
    return MHD_queue_response(connection, 201, response);
}

int main(int count, char **arguments) {
    if (count != 3) return 2;
    size_t bytes = (size_t)atol(arguments[2]);
    char *body = malloc(bytes + 1);
    memset(body, 'x', bytes);
    response = MHD_create_response_from_buffer(bytes, body, MHD_RESPMEM_PERSISTENT);
    if (!MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, (unsigned short)atoi(arguments[1]), NULL, NULL, answer, NULL,
                          MHD_OPTION_END))
        return 1;
    pause();
    return 0;
}
