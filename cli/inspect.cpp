// maxsimd inspect INDEX: what an index holds.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/index_flags.h"
#include "cli/verbs.h"
#include "maxsimd/index/index.h"

namespace maxsimd::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Flags {
  std::string index;
  bool json = false;
};

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

template <class T>
Json value_or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// Of the codebook of residual vectors; null where there is none (yet).
Json num_centroids(const Index& index) {
  const auto use = index.codebook();
  return use ? Json(use->codebook->num_centroids()) : Json(nullptr);
}
Json drift(const Index& index) {
  const auto use = index.codebook();
  return use ? Json(use->drift()) : Json(nullptr);
}

Json describe(const Index& index) {
  const IndexSettings& settings = index.settings();
  const bool has_graphs = settings.kind == IndexKind::hnsw;
  return {
      {"documents", index.size()},
      {"deleted", index.num_deleted()},
      {"tokens", index.num_tokens()},
      {"segments", index.num_segments()},
      {"dim", settings.dim},
      {"kind", index_kind_name(settings.kind)},
      {"codec", codec_name(settings.codec)},
      {"nbits", settings.nbits == 0 ? Json(nullptr) : Json(settings.nbits)},
      {"m", has_graphs ? Json(settings.m) : Json(nullptr)},
      {"ef_construction", has_graphs ? Json(settings.ef_construction) : Json(nullptr)},
      {"centroids", num_centroids(index)},
      {"drift", drift(index)},
      {"model", text_or_null(settings.model)},
      {"fingerprint", text_or_null(settings.fingerprint)},
      {"document_length", value_or_null(settings.document_length)},
      {"document_prefix", value_or_null(settings.document_prefix)},
      {"bytes", index.size_bytes()},
      {"bytes_per_token", index.num_tokens() == 0 ? Json(nullptr) : Json(index.bytes_per_token())},
      {"format_version", kIndexFormatVersion},
      {"commit", index.commit()}};
}

void run(const Flags& flags) {
  const Index index = Index::open(flags.index);
  const Json described = describe(index);
  tell_drift(index, flags.index);
  if (flags.json) {
    std::puts(described.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
    return;
  }
  for (const auto& [name, value] : described.items()) {
    const std::string text = value.is_null()     ? "-"
                             : value.is_string() ? value.get<std::string>()
                                                 : value.dump();
    std::printf("%-16s %s\n", name.c_str(), text.c_str());
  }
  std::printf("%-16s %s\n", "texts", index.settings().store_text ? "stored" : "not stored");
  if (index.id_type()) {
    std::printf("%-16s %s\n", "ids", *index.id_type() == IdType::integer ? "integer" : "string");
  }
}

}  // namespace

void add_inspect(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("inspect", "what an index holds: counts, settings, sizes");
  const auto flags = std::make_shared<Flags>();
  add_index_argument(*verb, flags->index);
  verb->add_flag("--json", flags->json, "one JSON object");
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
