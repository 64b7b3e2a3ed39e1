#include "python/src/results.h"

namespace maxsimd::python {

namespace nb = nanobind;

nb::tuple to_numpy(Embeddings&& embeddings) {
  const size_t num_tokens = embeddings.num_tokens();
  const size_t num_offsets = embeddings.offsets.size();
  return nb::make_tuple(to_numpy(std::move(embeddings.values), {num_tokens, embeddings.dim}),
                        to_numpy(std::move(embeddings.offsets), {num_offsets}));
}

nb::list to_list(Embeddings&& embeddings) {
  const std::vector<uint64_t> offsets = std::move(embeddings.offsets);
  const size_t num_tokens = static_cast<size_t>(offsets.back());
  const nb::object values =
      nb::cast(to_numpy(std::move(embeddings.values), {num_tokens, embeddings.dim}));
  nb::list items;
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    items.append(values[nb::slice(offsets[i], offsets[i + 1])]);
  }
  return items;
}

}  // namespace maxsimd::python
