#include "maxsimd/hub/http_client.h"

#include <algorithm>
#include <cctype>
#include <exception>
#include <string_view>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/strip.h"
#include "maxsimd/hub/curl_library.h"

namespace maxsimd {
namespace {

constexpr long kConnectSeconds = 15;
constexpr long kSilenceSeconds = 30;
constexpr size_t kErrorBodyBytes = 4096;
constexpr size_t kMostHeaders = 200;
// CURLOPT_PROTOCOLS, which is deprecated, but all there is before 7.85.
constexpr auto kProtocolsBefore785 = static_cast<CURLoption>(CURLOPTTYPE_LONG + 181);

struct Transfer {
  const CurlLibrary& curl;
  CURL* handle;
  const HttpSink& sink;
  const std::function<bool()>& stopped;
  HttpReply reply;
  std::exception_ptr thrown;
};

// A reply may be preceded by others ("100 Continue"): each begins with its status line.
void add_header(HttpReply& reply, std::string_view line) {
  if (line.starts_with("HTTP/")) {
    reply.headers.clear();
    return;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || reply.headers.size() >= kMostHeaders) return;
  std::string name(strip_whitespace(line.substr(0, colon)));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  reply.headers[name] = std::string(strip_whitespace(line.substr(colon + 1)));
}

// Exceptions must not pass through libcurl: they are kept, and a short count ends the transfer.
template <class Action>
size_t guarded(Transfer& transfer, size_t count, const Action& action) {
  try {
    action();
    return count;
  } catch (...) {
    transfer.thrown = std::current_exception();
    return 0;
  }
}

extern "C" size_t maxsimd_take_header(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  return guarded(transfer, size * count, [&] { add_header(transfer.reply, {data, size * count}); });
}

extern "C" size_t maxsimd_take_body(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  HttpReply& reply = transfer.reply;
  transfer.curl.easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &reply.status);
  const std::string_view bytes(data, size * count);
  return guarded(transfer, bytes.size(), [&] {
    if (reply.is_ok()) return transfer.sink(reply, std::as_bytes(std::span(bytes)));
    reply.error_body.append(bytes.substr(0, kErrorBodyBytes - reply.error_body.size()));
  });
}

extern "C" int maxsimd_ask_stopped(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& transfer = *static_cast<Transfer*>(user);
  return transfer.stopped && transfer.stopped() ? 1 : 0;
}

void set_options(const CurlLibrary& curl, Transfer& transfer, const std::string& url,
                 curl_slist* headers) {
  CURL* handle = transfer.handle;
  curl.easy_reset(handle);
  curl.easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl.easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl.easy_setopt(handle, CURLOPT_USERAGENT, "maxsimd");
  if (curl.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK) {
    curl.easy_setopt(handle, kProtocolsBefore785, CURLPROTO_HTTP | CURLPROTO_HTTPS);
  }
  curl.easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl.easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl.easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl.easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl.easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, kSilenceSeconds);
  curl.easy_setopt(handle, CURLOPT_HEADERFUNCTION, &maxsimd_take_header);
  curl.easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
  curl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, &maxsimd_take_body);
  curl.easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
  curl.easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl.easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &maxsimd_ask_stopped);
  curl.easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
}

}  // namespace

struct HttpClient::Handle {
  const CurlLibrary& curl;
  CURL* easy;
};

std::string HttpReply::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

HttpClient::HttpClient() {
  const CurlLibrary& curl = CurlLibrary::get();
  handle_ = std::make_unique<Handle>(Handle{curl, curl.easy_init()});
  if (handle_->easy == nullptr) throw IoError("libcurl cannot be started");
}

HttpClient::~HttpClient() {
  if (handle_->easy != nullptr) handle_->curl.easy_cleanup(handle_->easy);
}

HttpReply HttpClient::get(const std::string& url, const std::vector<std::string>& headers,
                          const HttpSink& sink, const std::function<bool()>& stopped) {
  const CurlLibrary& curl = handle_->curl;
  Transfer transfer{curl, handle_->easy, sink, stopped, {}, nullptr};
  curl_slist* list = nullptr;
  for (const std::string& header : headers) list = curl.slist_append(list, header.c_str());
  set_options(curl, transfer, url, list);
  const CURLcode code = curl.easy_perform(transfer.handle);
  curl.slist_free_all(list);
  if (transfer.thrown) std::rethrow_exception(transfer.thrown);
  HttpReply& reply = transfer.reply;
  curl.easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &reply.status);
  const char* redirect = nullptr;
  curl.easy_getinfo(transfer.handle, CURLINFO_REDIRECT_URL, &redirect);
  if (redirect != nullptr) reply.redirect = redirect;
  if (code != CURLE_OK) reply.failure = curl.easy_strerror(code);
  return reply;
}

}  // namespace maxsimd
