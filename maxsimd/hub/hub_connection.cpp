#include "maxsimd/hub/hub_connection.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/printable.h"

namespace maxsimd {
namespace {

constexpr int kMostRedirects = 5;
constexpr size_t kMostAttempts = 5;
constexpr size_t kLargestText = size_t{16} << 20;
constexpr std::chrono::seconds kLongestPause{300};
constexpr std::chrono::milliseconds kSlice{100};

bool is_secure(std::string_view url) {
  return url.starts_with("https://");
}

// The whole of scheme, host and port, up to and with the slash after it: a URL that begins so has
// exactly that host.
std::string origin_of(const std::string& endpoint) {
  const size_t host = endpoint.find("://") + 3;
  const size_t slash = endpoint.find('/', host);
  return endpoint.substr(0, slash) + "/";
}

std::string checked_endpoint(std::string endpoint) {
  while (endpoint.ends_with('/')) endpoint.pop_back();
  const bool has_scheme = endpoint.starts_with("http://") || endpoint.starts_with("https://");
  const size_t host = endpoint.find("://") + 3;
  const bool is_plain = std::ranges::none_of(
      endpoint, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == '\\'; });
  if (!has_scheme || endpoint.size() <= host || endpoint[host] == '/' || !is_plain ||
      endpoint.find_first_of("@?#") != std::string::npos) {
    throw std::invalid_argument("the hub's endpoint (HF_ENDPOINT) '" + endpoint +
                                "': expected a URL such as https://huggingface.co");
  }
  return endpoint;
}

std::string refusal_reason(const HttpReply& reply) {
  if (!reply.failure.empty()) return reply.failure;
  std::string reason = "the server answers " + std::to_string(reply.status);
  const std::string message = reply.header("x-error-message");
  if (!message.empty()) reason += " (" + printable(message.substr(0, 300)) + ")";
  return reason;
}

std::string advice(const HttpReply& reply) {
  switch (reply.status) {
    case 401:
    case 403:
      return "; there is no such model, or it is private or wants its terms accepted: set HF_TOKEN "
             "to a token that may read it";
    case 0:
      return "; is the network there? HF_ENDPOINT names another server; of a folder, check the "
             "path";
    case 404:
      return "; check the name and the revision";
    case 429:
      return "; the server wants fewer requests: wait, or set HF_TOKEN";
    default:
      return "; what has come is kept, the same command goes on from there";
  }
}

}  // namespace

HubConnection::HubConnection(const HubOptions& options)
    : options_(options),
      endpoint_(checked_endpoint(options.endpoint)),
      origin_(origin_of(endpoint_)) {
  if (options.token.find_first_of("\r\n") != std::string::npos) {
    throw std::invalid_argument("the hub's token (HF_TOKEN) has a line break in it");
  }
}

bool HubConnection::is_of_endpoint(const std::string& url) const {
  return url.starts_with(origin_);
}

void HubConnection::check_stopped(const std::string& what) const {
  if (options_.stopped && options_.stopped()) throw IoError(what + ": stopped");
}

HttpReply HubConnection::get(std::string url, const std::vector<std::string>& headers,
                             const HttpSink& sink) {
  for (int hops = 0;; ++hops) {
    std::vector<std::string> lines = headers;
    if (!options_.token.empty() && is_of_endpoint(url)) {
      lines.push_back("Authorization: Bearer " + options_.token);
    }
    HttpReply reply = client_.get(url, lines, sink, options_.stopped);
    check_stopped(url);
    if (reply.status != 0) has_answered_ = true;
    if (reply.redirect.empty()) return reply;
    if (hops == kMostRedirects) {
      reply.failure = "more than " + std::to_string(kMostRedirects) + " redirects";
      return reply;
    }
    if (is_secure(url) && !is_secure(reply.redirect)) {
      reply.failure = "a redirect leads away from https";
      return reply;
    }
    url = reply.redirect;
  }
}

bool HubConnection::worth_retrying(const HttpReply& reply, size_t attempt) const {
  if (attempt + 1 >= kMostAttempts) return false;
  if (!reply.failure.empty()) return has_answered_ && reply.redirect.empty();
  return reply.status == 408 || reply.status == 429 || (reply.status >= 500 && reply.status < 600);
}

void HubConnection::pause(const HttpReply& reply, size_t attempt, const std::string& what) const {
  std::chrono::milliseconds left =
      options_.retry_delay * (int64_t{1} << std::min<size_t>(attempt, 6));
  const std::string asked = reply.header("retry-after");
  int seconds = 0;
  const char* end = asked.data() + asked.size();
  const auto [stop, error] = std::from_chars(asked.data(), end, seconds);
  if (!asked.empty() && error == std::errc() && stop == end && seconds >= 0) {
    left = std::chrono::seconds(seconds);
  }
  if (left > kLongestPause) refuse(reply, what);
  for (; left.count() > 0; left -= kSlice) {
    check_stopped(what);
    std::this_thread::sleep_for(std::min(left, kSlice));
  }
}

std::string HubConnection::get_text(const std::string& url, const std::string& what) {
  for (size_t attempt = 0;; ++attempt) {
    std::string text;
    const HttpReply reply = get(url, {}, [&](const HttpReply&, std::span<const std::byte> bytes) {
      if (text.size() + bytes.size() > kLargestText) {
        throw IoError(what + ": the server's answer is larger than 16 MiB");
      }
      text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    });
    if (reply.is_ok()) return text;
    if (!worth_retrying(reply, attempt)) refuse(reply, what);
    pause(reply, attempt, what);
  }
}

void HubConnection::refuse(const HttpReply& reply, const std::string& what) const {
  throw IoError(what + ": " + refusal_reason(reply) + advice(reply));
}

}  // namespace maxsimd
