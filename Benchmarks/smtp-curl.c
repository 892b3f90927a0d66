// smtp-curl PORT N CONNECTIONS SIZE [reuse=1] — how fast libcurl itself can send mail.
//
// Sends N mails of about SIZE octets, each with its own header, body and recipient, to 127.0.0.1:PORT over so many
// parallel connections of one curl multi handle, each connection used again unless reuse is 0.
// Prints "RATE mails-per-second". Exit 1 when a mail failed.
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct transfer {
  CURL *handle;
  struct curl_slist *recipient;
  char *mail;
  size_t length, sent;
};

static size_t feed(char *buffer, size_t size, size_t count, void *context) {
  struct transfer *transfer = context;
  size_t room = size * count, left = transfer->length - transfer->sent;
  if (left > room) left = room;
  memcpy(buffer, transfer->mail + transfer->sent, left);
  transfer->sent += left;
  return left;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void compose(struct transfer *transfer, long number, size_t size) {
  char recipient[64];
  snprintf(recipient, sizeof recipient, "<user%ld@customer.test>", number);
  curl_slist_free_all(transfer->recipient);
  transfer->recipient = curl_slist_append(NULL, recipient);
  size_t length = (size_t)sprintf(
      transfer->mail,
      "From: Support <support@perf.test>\r\nTo: %s\r\nSubject: Service notice %ld\r\n"
      "Message-ID: <%ld.perf@perf.test>\r\n"
      "Date: Thu, 09 Oct 2025 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n",
      recipient, number, number);
  while (length + 72 < size) {
    memset(transfer->mail + length, 'a' + (int)((length + (size_t)number) % 26), 70);
    length += 70;
    transfer->mail[length++] = '\r';
    transfer->mail[length++] = '\n';
  }
  transfer->length = length;
  transfer->sent = 0;
  curl_easy_setopt(transfer->handle, CURLOPT_MAIL_RCPT, transfer->recipient);
  curl_easy_setopt(transfer->handle, CURLOPT_INFILESIZE_LARGE, (curl_off_t)length);
}

static void prepare(struct transfer *transfer, const char *url, size_t size, int reuse) {
  transfer->handle = curl_easy_init();
  transfer->mail = malloc(size + 1024);
  curl_easy_setopt(transfer->handle, CURLOPT_URL, url);
  curl_easy_setopt(transfer->handle, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(transfer->handle, CURLOPT_MAIL_FROM, "<bounce@perf.test>");
  curl_easy_setopt(transfer->handle, CURLOPT_READFUNCTION, feed);
  curl_easy_setopt(transfer->handle, CURLOPT_READDATA, transfer);
  curl_easy_setopt(transfer->handle, CURLOPT_PRIVATE, transfer);
  curl_easy_setopt(transfer->handle, CURLOPT_NOSIGNAL, 1L);
  if (!reuse) curl_easy_setopt(transfer->handle, CURLOPT_FORBID_REUSE, 1L);
}

int main(int count, char **arguments) {
  if (count < 5) {
    fprintf(stderr, "usage: smtp-curl PORT N CONNECTIONS SIZE [reuse=1]\n");
    return 2;
  }
  int port = atoi(arguments[1]), connections = atoi(arguments[3]);
  long mails = atol(arguments[2]), next = 0, done = 0, failed = 0;
  size_t size = (size_t)atol(arguments[4]);
  int reuse = count > 5 ? atoi(arguments[5]) : 1;
  char url[64];
  snprintf(url, sizeof url, "smtp://127.0.0.1:%d/perf.test", port);

  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM *multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)connections + 4);
  struct transfer *transfers = calloc((size_t)connections, sizeof *transfers);
  double start = now();
  for (int i = 0; i < connections && next < mails; i++) {
    prepare(&transfers[i], url, size, reuse);
    compose(&transfers[i], next++, size);
    curl_multi_add_handle(multi, transfers[i].handle);
  }
  while (done < mails) {
    int running, queued;
    if (curl_multi_perform(multi, &running)) return 1;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &queued));) {
      if (message->msg != CURLMSG_DONE) continue;
      if (message->data.result && !failed++) fprintf(stderr, "%s\n", curl_easy_strerror(message->data.result));
      done++;
      struct transfer *transfer;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
      curl_multi_remove_handle(multi, transfer->handle);
      if (next < mails) {
        compose(transfer, next++, size);
        curl_multi_add_handle(multi, transfer->handle);
      }
    }
    if (done < mails) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  printf("RATE %.1f\n", (double)mails / (now() - start));
  return failed ? 1 : 0;
}
