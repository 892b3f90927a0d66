// libcurl for Swift: curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic and
// CURLMsg holds a union, neither of which Swift can import. One typed inline function per shape.
#pragma once
#include <curl/curl.h>
// What waits for libcurl's sockets; Swift's Glibc leaves these out.
#include <sys/epoll.h>
#include <sys/eventfd.h>

static inline CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
/// Copied by libcurl, except for CURLOPT_POSTFIELDS; a null pointer resets the option.
static inline CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

/// The shape of CURLOPT_WRITEFUNCTION and HEADERFUNCTION.
typedef size_t (*ccurl_io)(char *buffer, size_t size, size_t count, void *context);

static inline void ccurl_set_write(CURL *handle, ccurl_io function, void *context) {
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, function);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
}
static inline void ccurl_set_header(CURL *handle, ccurl_io function, void *context) {
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, function);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
}

static inline void ccurl_set_open_socket(CURL *handle, curl_opensocket_callback function, void *context) {
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, function);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, context);
}
static inline void ccurl_set_close_socket(CURL *handle, curl_closesocket_callback function, void *context) {
  curl_easy_setopt(handle, CURLOPT_CLOSESOCKETFUNCTION, function);
  curl_easy_setopt(handle, CURLOPT_CLOSESOCKETDATA, context);
}

static inline CURLcode ccurl_get_socket(CURL *handle, curl_socket_t *value) {
  return curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, value);
}

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
static inline void ccurl_multi_set_socket(CURLM *multi, curl_socket_callback function, void *context) {
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, function);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
}
static inline void ccurl_multi_set_timer(CURLM *multi, curl_multi_timer_callback function, void *context) {
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, function);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}
/// The next finished transfer of `multi`, or 0 when there is none.
static inline int ccurl_multi_next_done(CURLM *multi, CURL **handle, CURLcode *code) {
  int left;
  for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;)
    if (message->msg == CURLMSG_DONE) {
      *handle = message->easy_handle;
      *code = message->data.result;
      return 1;
    }
  return 0;
}
/// A share whose one shared thing is the connection cache, or null when memory is out.
static inline CURLSH *ccurl_share_connections(void) {
  CURLSH *share = curl_share_init();
  if (share != NULL && curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) != CURLSHE_OK) {
    curl_share_cleanup(share);
    return NULL;
  }
  return share;
}
