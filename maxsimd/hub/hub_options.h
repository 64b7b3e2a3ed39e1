// How the hub is reached and where models are kept. The library reads no environment: the program
// and the Python module fill this from HF_HOME, HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

namespace maxsimd {

struct HubOptions {
  std::filesystem::path cache;  // the folder "hub" that Hugging Face's own tools share
  std::string endpoint = "https://huggingface.co";
  std::string token;  // sent to the endpoint's host only; "" = none
  std::string revision = "main";
  bool offline = false;  // no request at all: what the cache has, or an error
  /// Bytes done and in all, of the files that are downloaded.
  std::function<void(size_t done, size_t total)> progress;
  /// Asked several times a second; true ends the download with an IoError. What has come is kept.
  std::function<bool()> stopped;
  /// Before a request is made again, doubled each time; a server's Retry-After takes its place.
  std::chrono::milliseconds retry_delay{500};
};

}  // namespace maxsimd
