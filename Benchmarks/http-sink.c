// http-sink PORT [LEDGER] — the quickest HTTP server that still reads what it is sent.
//
// Answers every request on 127.0.0.1:PORT with 200 and a small JSON body, keeps connections, one thread on epoll. It
// understands requests with Content-Length or without body. With LEDGER the value of the field X-Request-Id of each
// whole request is written to that file, a line each, so that lost and doubled requests can be counted. SIGUSR1 makes it
// print "COUNT requests", SIGTERM ends it as well.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { maxSocket = 4096, room = 1 << 17 };

static const char answer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n{\"code\":0,\"id\":\"4f2k1a9b\"}\n";

struct peer {
  size_t length;
  char bytes[room];
};

static struct peer *peers[maxSocket];
static FILE *ledger;
static long count;
static volatile sig_atomic_t isOver;

static void stop(int signal) {
  (void)signal;
  isOver = 1;
}

static volatile sig_atomic_t isAsked;

static void ask(int signal) {
  (void)signal;
  isAsked = 1;
}

static void tell(void) {
  isAsked = 0;
  printf("COUNT %ld\n", count);
  fflush(stdout);
}

static void hangUp(int socket) {
  free(peers[socket]);
  peers[socket] = NULL;
  close(socket);
}

// The value of a field between `line` and `end`, or NULL.
static const char *field(const char *line, const char *end, const char *name) {
  size_t length = strlen(name);
  while ((line = memchr(line, '\n', (size_t)(end - line))) != NULL) {
    line++;
    if ((size_t)(end - line) > length && strncasecmp(line, name, length) == 0 && line[length] == ':') {
      line += length + 1;
      while (*line == ' ') line++;
      return line;
    }
  }
  return NULL;
}

// The octets of the whole request at `start`, or 0 when some are still to come.
static size_t measure(const char *start, const char *end) {
  const char *blank = memmem(start, (size_t)(end - start), "\r\n\r\n", 4);
  if (blank == NULL) return 0;
  const char *value = field(start, blank, "content-length");
  size_t total = (size_t)(blank + 4 - start) + (value ? strtoul(value, NULL, 10) : 0);
  if (total > (size_t)(end - start)) return 0;
  const char *id = ledger ? field(start, blank + 2, "x-request-id") : NULL;
  if (id) fprintf(ledger, "%.*s\n", (int)strcspn(id, "\r\n"), id);
  return total;
}

static void serve(int socket) {
  struct peer *peer = peers[socket];
  ssize_t got = read(socket, peer->bytes + peer->length, room - peer->length);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return hangUp(socket);
  peer->length += (size_t)got;
  char *position = peer->bytes, *end = peer->bytes + peer->length;
  for (size_t size; (size = measure(position, end)) > 0; position += size) {
    count++;
    if (write(socket, answer, sizeof answer - 1) != sizeof answer - 1) return hangUp(socket);
  }
  peer->length = (size_t)(end - position);
  memmove(peer->bytes, position, peer->length);
  if (peer->length == room) hangUp(socket);
}

static int listenOn(int port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((unsigned short)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) {
    perror("http-sink");
    exit(1);
  }
  return listener;
}

static void takeIn(int listener, int epoll) {
  int yes = 1;
  for (int socket; (socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
    if (socket >= maxSocket || (peers[socket] = malloc(sizeof(struct peer))) == NULL) {
      close(socket);
      continue;
    }
    peers[socket]->length = 0;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &(struct epoll_event){.events = EPOLLIN, .data.fd = socket});
  }
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fputs("usage: http-sink PORT [LEDGER]\n", stderr);
    return 2;
  }
  if (argc > 2 && (ledger = fopen(argv[2], "w")) == NULL) {
    perror(argv[2]);
    return 1;
  }
  sigaction(SIGTERM, &(struct sigaction){.sa_handler = stop}, NULL);
  sigaction(SIGUSR1, &(struct sigaction){.sa_handler = ask}, NULL);
  signal(SIGPIPE, SIG_IGN);
  int listener = listenOn(atoi(argv[1])), epoll = epoll_create1(0);
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});
  struct epoll_event events[256];
  while (!isOver) {
    // Not for ever: a signal may come just before.
    int ready = epoll_wait(epoll, events, 256, 100);
    if (isAsked) tell();
    for (int index = 0; index < ready; index++) {
      int socket = events[index].data.fd;
      if (socket == listener) takeIn(listener, epoll);
      else serve(socket);
    }
  }
  tell();
  return ledger ? fclose(ledger) : 0;
}
