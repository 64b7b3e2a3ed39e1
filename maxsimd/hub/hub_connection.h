// Requests to the hub: the token, redirects, and whether to try again. One thread at a time.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "maxsimd/hub/http_client.h"
#include "maxsimd/hub/hub_options.h"

namespace maxsimd {

class HubConnection {
 public:
  /// Views `options`. Throws std::invalid_argument (the endpoint is no http or https URL, the token
  /// has a line break), IoError (no libcurl).
  explicit HubConnection(const HubOptions& options);

  /// GET of an absolute URL. Up to five redirects are followed, never from https to http. The token
  /// goes along only where the URL begins with the endpoint's scheme, host and port. Throws what
  /// `sink` throws, IoError when options.stopped says so.
  HttpReply get(std::string url, const std::vector<std::string>& headers, const HttpSink& sink);

  /// A whole small reply, asked for again as worth_retrying() says. `what` begins the errors.
  /// Throws IoError.
  std::string get_text(const std::string& url, const std::string& what);

  /// A connection that breaks after a server has answered at all, 408, 429 or a server's trouble
  /// (5xx), `attempt` = 0, 1, ... so far.
  bool worth_retrying(const HttpReply& reply, size_t attempt) const;
  /// As long as the server asks for, or retry_delay, doubled with each attempt. Throws IoError: the
  /// server asks for more than five minutes, or options.stopped says so.
  void pause(const HttpReply& reply, size_t attempt, const std::string& what) const;

  /// Throws the IoError that says what a reply that is not 2xx means, and what to do.
  [[noreturn]] void refuse(const HttpReply& reply, const std::string& what) const;

  const std::string& endpoint() const { return endpoint_; }  // without a slash at the end

 private:
  bool is_of_endpoint(const std::string& url) const;
  void check_stopped(const std::string& what) const;

  const HubOptions& options_;
  std::string endpoint_;
  std::string origin_;  // "https://host:port/"
  HttpClient client_;
  bool has_answered_ = false;
};

}  // namespace maxsimd
