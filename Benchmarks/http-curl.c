// http-curl PORT N CONNECTIONS — how fast libcurl itself can send HTTP requests.
// http-curl URL N CONNECTIONS — the same by GET, number and text put behind URL as Kannel takes them.
//
// POSTs N short forms, as an SMS gateway takes them, each with its own number, to http://127.0.0.1:PORT/send over so
// many parallel connections of one curl multi handle, each connection used again. Each answer is read into memory.
// Prints "RATE requests-per-second". Exit 1 when a request failed.
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct transfer {
  CURL *handle;
  struct curl_slist *fields;
  /// Or the URL.
  char form[512];
  char answer[4096];
  size_t length;
};

static size_t receive(char *bytes, size_t size, size_t count, void *context) {
  struct transfer *transfer = context;
  size_t length = size * count;
  if (length > sizeof transfer->answer - transfer->length) return 0;
  memcpy(transfer->answer + transfer->length, bytes, length);
  transfer->length += length;
  return length;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void compose_get(struct transfer *transfer, const char *url, long number) {
  snprintf(
      transfer->form, sizeof transfer->form,
      "%s&to=%%2B86138%08ld&text=%%E8%%AE%%A2%%E5%%8D%%95%%20%ld%%20%%E5%%B7%%B2%%E5%%8F%%91%%E8%%B4%%A7", url, number,
      number);
  transfer->length = 0;
  curl_easy_setopt(transfer->handle, CURLOPT_URL, transfer->form);
}

static void compose_post(struct transfer *transfer, long number) {
  int length = snprintf(
      transfer->form, sizeof transfer->form,
      "sender=10690000&receiver=%%2B8613%09ld&reference=%ld&text=%%E8%%AE%%A2%%E5%%8D%%95+%ld+"
      "%%E5%%B7%%B2%%E5%%8F%%91%%E8%%B4%%A7", number, number, number);
  char id[64];
  snprintf(id, sizeof id, "X-Request-Id: %ld", number);
  curl_slist_free_all(transfer->fields);
  transfer->fields = curl_slist_append(curl_slist_append(NULL, id), "Expect:");
  transfer->length = 0;
  curl_easy_setopt(transfer->handle, CURLOPT_HTTPHEADER, transfer->fields);
  curl_easy_setopt(transfer->handle, CURLOPT_POSTFIELDSIZE, (long)length);
  curl_easy_setopt(transfer->handle, CURLOPT_POSTFIELDS, transfer->form);
}

static void compose(struct transfer *transfer, const char *get, long number) {
  if (get) {
    compose_get(transfer, get, number);
  } else {
    compose_post(transfer, number);
  }
}

static void prepare(struct transfer *transfer, const char *url) {
  transfer->handle = curl_easy_init();
  curl_easy_setopt(transfer->handle, CURLOPT_URL, url);
  curl_easy_setopt(transfer->handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(transfer->handle, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(transfer->handle, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt(transfer->handle, CURLOPT_PRIVATE, transfer);
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fputs("usage: http-curl PORT|URL N CONNECTIONS\n", stderr);
    return 2;
  }
  long total = atol(argv[2]), started = 0, ended = 0, failed = 0;
  int connections = atoi(argv[3]), left = 0;
  const char *get = strncmp(argv[1], "http:", 5) == 0 ? argv[1] : NULL;
  char url[64];
  snprintf(url, sizeof url, "http://127.0.0.1:%s/send", get ? "" : argv[1]);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM *multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)connections);
  struct transfer *transfers = calloc((size_t)connections, sizeof *transfers);
  double begin = now();
  for (int index = 0; index < connections && started < total; index++) {
    prepare(&transfers[index], url);
    compose(&transfers[index], get, started++);
    curl_multi_add_handle(multi, transfers[index].handle);
  }
  while (ended < total) {
    curl_multi_perform(multi, &left);
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;) {
      if (message->msg != CURLMSG_DONE) continue;
      struct transfer *transfer;
      long status = 0;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
      curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
      failed += message->data.result != CURLE_OK || status / 100 != 2;
      ended++;
      curl_multi_remove_handle(multi, transfer->handle);
      if (started == total) continue;
      compose(transfer, get, started++);
      curl_multi_add_handle(multi, transfer->handle);
    }
    if (ended < total) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  printf("RATE %.1f\n", (double)total / (now() - begin));
  if (failed > 0) fprintf(stderr, "http-curl: %ld requests failed\n", failed);
  return failed > 0;
}
