// libcurl, loaded when it is first needed: programs that never pull a model do not need it.
#pragma once

#include <curl/curl.h>

namespace maxsimd {

/// The functions of libcurl 7.62 or newer that we call. They are what curl/curl.h declares.
struct CurlLibrary {
  decltype(&::curl_easy_init) easy_init;
  CURLcode (*easy_setopt)(CURL*, CURLoption, ...);
  decltype(&::curl_easy_perform) easy_perform;
  CURLcode (*easy_getinfo)(CURL*, CURLINFO, ...);
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_easy_reset) easy_reset;
  decltype(&::curl_easy_strerror) easy_strerror;
  decltype(&::curl_slist_append) slist_append;
  decltype(&::curl_slist_free_all) slist_free_all;

  /// Loads it at the first call; it stays loaded. From any thread. Throws IoError that says what to
  /// install.
  static const CurlLibrary& get();
};

}  // namespace maxsimd
