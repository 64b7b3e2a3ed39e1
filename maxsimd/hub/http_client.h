// One HTTP request at a time, by libcurl. Redirects are not followed: hub_connection.h does, since
// only it knows who may see the token. One thread at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace maxsimd {

struct HttpReply {
  long status = 0;                             // 0: no answer came
  std::map<std::string, std::string> headers;  // names in lower case; of a repeated one the last
  std::string redirect;                        // where a 3xx points, as a whole URL
  std::string failure;                         // why the connection failed, or "" when it did not
  std::string error_body;                      // the first 4 kB of a reply that is not 2xx

  bool is_ok() const { return failure.empty() && status >= 200 && status < 300; }
  /// A header's value, or "".
  std::string header(const std::string& name) const;
};

/// Gets the bytes of a 2xx reply as they come, with the reply's status and headers. What it throws
/// ends the transfer and comes out of get().
using HttpSink = std::function<void(const HttpReply&, std::span<const std::byte>)>;

class HttpClient {
 public:
  /// Throws IoError: no libcurl.
  HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  /// GET with header lines ("Range: bytes=5-"). A connection that cannot be made within 15 s, or
  /// brings nothing for 30 s, has failed. `stopped` is asked several times a second; true ends the
  /// transfer. Throws only what `sink` throws.
  HttpReply get(const std::string& url, const std::vector<std::string>& headers,
                const HttpSink& sink, const std::function<bool()>& stopped = {});

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace maxsimd
