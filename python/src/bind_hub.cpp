// HubOptions, cached_model() and pull_model(): what maxsimd.models finds models of the hub by.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include "maxsimd/hub/hub_model.h"
#include "python/src/bindings.h"
#include "python/src/interrupts.h"

namespace maxsimd::python {

namespace nb = nanobind;
using namespace nb::literals;

namespace {

std::optional<std::string> cached(const std::string& name, const HubOptions& options) {
  const nb::gil_scoped_release released;
  const auto folder = cached_model(name, options);
  return folder ? std::optional(folder->string()) : std::nullopt;
}

std::string pull(const std::string& name, const HubOptions& given, nb::handle progress) {
  std::string folder;
  run_interruptibly(
      [&](Watch& watch) {
        HubOptions options = given;
        options.progress = [&](size_t done, size_t total) { watch.update(done, total); };
        options.stopped = [&] { return watch.is_stopped(); };
        folder = pull_model(name, options).string();
      },
      progress);
  return folder;
}

}  // namespace

void bind_hub(nb::module_& module) {
  nb::class_<HubOptions>(module, "HubOptions")
      .def(
          "__init__",
          [](HubOptions* self, const std::string& cache, const std::string& endpoint,
             const std::string& token, const std::string& revision, bool offline) {
            std::construct_at(self, HubOptions{.cache = cache,
                                               .endpoint = endpoint,
                                               .token = token,
                                               .revision = revision,
                                               .offline = offline});
          },
          "cache"_a, "endpoint"_a, "token"_a, "revision"_a, "offline"_a);
  module.def("cached_model", &cached, "name"_a, "options"_a,
             "The folder of a model that the cache has whole, or None. Asks nobody.");
  module.def("pull_model", &pull, "name"_a, "options"_a, "progress"_a = nb::none(),
             "Downloads what the cache lacks; returns the model's folder.");
}

}  // namespace maxsimd::python
