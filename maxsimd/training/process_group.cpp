#include "maxsimd/training/process_group.h"

#include <ATen/ATen.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>

#include "maxsimd/base/errors.h"
#include "maxsimd/training/nccl_backend.h"

namespace maxsimd::training {
namespace {

using c10d::ProcessGroupGloo;

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::optional<int64_t> number(const char* name, int64_t least, int64_t most) {
  const std::optional<std::string> text = variable(name);
  if (!text) return std::nullopt;
  int64_t value = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || stop != end || value < least || value > most) {
    throw std::invalid_argument("environment: " + std::string(name) + "=" + *text +
                                ": expected a number from " + std::to_string(least) + " to " +
                                std::to_string(most));
  }
  return value;
}

template <class Value>
Value required(const std::optional<Value>& value, const char* name) {
  if (value) return *value;
  throw std::invalid_argument("environment: WORLD_SIZE asks for several processes, and " +
                              std::string(name) +
                              " is not set; torchrun sets it, or start the run with "
                              "'maxsimd train --nproc_per_node N'");
}

std::string text_of(const std::exception& error) {
  const auto* of_torch = dynamic_cast<const c10::Error*>(&error);
  return of_torch != nullptr ? of_torch->what_without_backtrace() : error.what();
}

// gloo's and NCCL's own words name sockets and source lines.
std::string lost_text(const std::string& reason) {
  const auto says = [&](const char* words) { return reason.find(words) != std::string::npos; };
  const std::string remedy =
      "; the run can go on from its last checkpoint (resume_from_checkpoint)";
  if (says("imed out") || says("imeout")) {
    return "another process of the run has not answered in ddp_timeout's seconds" + remedy;
  }
  const bool has_ended = says("closed by peer") || says("onnection reset") ||
                         says("onnection refused") || says("roken pipe") || says("remote process");
  const std::string text = "another process of the run has ended";
  return has_ended ? text + remedy : text + ", or cannot be reached: " + reason + remedy;
}

// torchrun keeps the store itself (torch/distributed/rendezvous.py: _create_c10d_store).
c10::intrusive_ptr<c10d::Store> join_store(const std::string& host, int64_t port, int64_t rank,
                                           int64_t size, std::chrono::milliseconds timeout) {
  const bool torchrun = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(port);
  options.isServer = rank == 0 && !torchrun;
  options.numWorkers = static_cast<size_t>(size);
  options.timeout = timeout;
  c10::intrusive_ptr<c10d::Store> store = c10::make_intrusive<c10d::TCPStore>(host, options);
  if (!torchrun) return store;
  const std::string attempt = variable("TORCHELASTIC_RESTART_COUNT").value_or("0");
  return c10::make_intrusive<c10d::PrefixStore>("/worker/attempt_" + attempt, store);
}

std::shared_ptr<::gloo::transport::Device> make_device(const std::string& host) {
  if (const auto interface = variable("GLOO_SOCKET_IFNAME")) {
    return ProcessGroupGloo::createDeviceForInterface(*interface);
  }
  if (host == "localhost" || host == "127.0.0.1") {
    return ProcessGroupGloo::createDeviceForHostname("127.0.0.1");
  }
  return ProcessGroupGloo::createDefaultDevice();
}

}  // namespace

struct ProcessGroup::Links {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::Backend> gloo;
  c10::intrusive_ptr<c10d::Backend> nccl;  // null: gloo serves tensors of GPUs, too
  mutable bool has_failed = false;

  Links() = default;
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;
  ~Links() {
    if (nccl == nullptr) return;
    // What is left of a failed run would be waited for.
    has_failed ? nccl->abort() : nccl->shutdown();
  }

  /// Starts work on the backend of the tensors' device and waits for it; for that of a GPU its
  /// stream waits.
  template <class Start>
  void run(at::Device device, Start start) const {
    try {
      start(device.is_cuda() && nccl != nullptr ? *nccl : *gloo)->wait();
    } catch (const std::exception& error) {
      has_failed = true;
      throw IoError(lost_text(text_of(error)));
    }
  }
};

ProcessGroup ProcessGroup::from_environment(std::chrono::seconds timeout, GpuBackend backend) {
  ProcessGroup group;
  const int64_t size = number("WORLD_SIZE", 1, 4096).value_or(1);
  if (size == 1) return group;
  group.size_ = size;
  group.rank_ = required(number("RANK", 0, size - 1), "RANK");
  const std::string host = required(variable("MASTER_ADDR"), "MASTER_ADDR");
  const int64_t port = required(number("MASTER_PORT", 1, 65535), "MASTER_PORT");
  try {
    group.links_ = std::make_shared<Links>();
    group.links_->store = join_store(host, port, group.rank_, size, timeout);
    auto options = ProcessGroupGloo::Options::create(timeout);
    options->devices.push_back(make_device(host));
    group.links_->gloo = c10::make_intrusive<ProcessGroupGloo>(
        c10::make_intrusive<c10d::PrefixStore>("gloo", group.links_->store),
        static_cast<int>(group.rank_), static_cast<int>(size), options);
    if (backend == GpuBackend::kNccl) {
      group.links_->nccl =
          make_nccl_backend(c10::make_intrusive<c10d::PrefixStore>("nccl", group.links_->store),
                            static_cast<int>(group.rank_), static_cast<int>(size), timeout);
    }
  } catch (const std::exception& error) {
    throw IoError("process " + std::to_string(group.rank_) + " of " + std::to_string(size) +
                  " cannot reach the others by " + host + ":" + std::to_string(port) + ": " +
                  text_of(error));
  }
  return group;
}

void ProcessGroup::add_up(const at::Tensor& values) const {
  if (links_ == nullptr) return;
  std::vector<at::Tensor> tensors = {values};
  links_->run(values.device(), [&](c10d::Backend& link) { return link.allreduce(tensors); });
}

std::vector<at::Tensor> ProcessGroup::gather(const at::Tensor& values) const {
  if (links_ == nullptr) return {values};
  const auto gather_equal = [&](const at::Tensor& part) {
    std::vector<std::vector<at::Tensor>> out(1);
    for (int64_t i = 0; i < size_; ++i) out[0].push_back(at::empty_like(part));
    std::vector<at::Tensor> in = {part};
    links_->run(part.device(), [&](c10d::Backend& link) { return link.allgather(out, in); });
    return out[0];
  };
  std::vector<int64_t> counts;
  for (const at::Tensor& count : gather_equal(at::full({1}, values.size(0), at::kLong))) {
    counts.push_back(count.item<int64_t>());
  }
  std::vector<int64_t> shape = values.sizes().vec();
  shape[0] = *std::ranges::max_element(counts);
  const at::Tensor padded = at::zeros(shape, values.options());
  padded.slice(0, 0, values.size(0)).copy_(values);
  std::vector<at::Tensor> parts = gather_equal(padded);
  for (size_t i = 0; i < parts.size(); ++i) parts[i] = parts[i].slice(0, 0, counts[i]);
  return parts;
}

void ProcessGroup::copy_from_first(const at::Tensor& values) const {
  if (links_ == nullptr) return;
  std::vector<at::Tensor> tensors = {values};
  links_->run(values.device(), [&](c10d::Backend& link) { return link.broadcast(tensors); });
}

double ProcessGroup::sum(double value) const {
  const at::Tensor values = at::full({1}, value, at::kDouble);
  add_up(values);
  return values.item<double>();
}

double ProcessGroup::from_first(double value) const {
  const at::Tensor values = at::full({1}, value, at::kDouble);
  copy_from_first(values);
  return values.item<double>();
}

void ProcessGroup::wait() const {
  if (links_ == nullptr) return;
  links_->run(at::kCPU, [](c10d::Backend& link) { return link.barrier(); });
}

int64_t local_rank() {
  return number("LOCAL_RANK", 0, 4095).value_or(0);
}

int64_t num_local_processes() {
  return number("LOCAL_WORLD_SIZE", 1, 4096).value_or(1);
}

}  // namespace maxsimd::training
