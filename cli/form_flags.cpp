#include "cli/form_flags.h"

#include <stdexcept>

namespace maxsimd::cli {
namespace {

std::optional<std::string> text_of(const std::optional<size_t>& number) {
  return number ? std::optional(std::to_string(*number)) : std::nullopt;
}

}  // namespace

void add_form_flags(CLI::App& verb, FormFlags& flags) {
  const IndexSettings defaults;
  verb.add_option("--kind", flags.kind,
                  "how documents are found: exact (the default); plaid: by centroids; hnsw, or "
                  "voyager: by graphs over token vectors")
      ->check(CLI::IsMember({"exact", "plaid", "hnsw", "voyager"}));
  verb.add_option(
          "--codec", flags.codec,
          "how vectors are stored: float32 (the default of exact), float16, int8 (of hnsw), "
          "or residual (the default of plaid): the nearest centroid and what is left, in few "
          "bits. Of kind plaid the others are stored beside these bits, and the best "
          "documents are scored by them: nearer to exact search, in larger files")
      ->check(CLI::IsMember({"float32", "float16", "int8", "residual"}));
  verb.add_option(
          "--nbits", flags.nbits,
          "bits a value of residual codes (kind plaid, codec residual): 4 (the default), 2, 1")
      ->check(CLI::IsMember({1, 2, 4}));
  verb.add_option("--m", flags.m,
                  "links of a vector in a graph (kind hnsw; default " + std::to_string(defaults.m) +
                      "): more find more, and take more space")
      ->check(CLI::Range(size_t{2}, kMaxGraphM));
  verb.add_option("--ef-construction", flags.ef_construction,
                  "vectors looked at for these (kind hnsw; default " +
                      std::to_string(defaults.ef_construction) + "): more find more, and take time")
      ->check(CLI::Range(size_t{1}, kMaxEfConstruction));
}

IndexSettings chosen_form(const FormFlags& flags) {
  IndexSettings form;
  form.kind = *index_kind_from_name(flags.kind.value_or("exact"));
  const Codec own = default_codec(form.kind);
  form.codec = flags.codec ? *codec_from_name(*flags.codec) : own;
  if (!has_codec(form.kind, form.codec)) {
    throw CLI::ValidationError("--codec: kind " + std::string(index_kind_name(form.kind)) +
                               " stores vectors by codec " + std::string(codec_name(own)) +
                               ", not " + *flags.codec);
  }
  if (has_residuals(form.kind, form.codec)) {
    form.nbits = flags.nbits.value_or(4);
  } else if (flags.nbits) {
    throw CLI::ValidationError("--nbits: is for --kind plaid and --codec residual");
  }
  if ((flags.m || flags.ef_construction) && form.kind != IndexKind::hnsw) {
    throw CLI::ValidationError("--m, --ef-construction: are for --kind hnsw");
  }
  form.m = flags.m.value_or(form.m);
  form.ef_construction = flags.ef_construction.value_or(form.ef_construction);
  return form;
}

void check_form(const std::string& index, const IndexSettings& stored, const FormFlags& flags) {
  const auto check = [&](const char* flag, const std::optional<std::string>& asked,
                         std::string_view has) {
    if (!asked || *asked == has) return;
    throw std::invalid_argument(index + ": the index has " + flag + " " + std::string(has) +
                                ", asked was " + *asked +
                                "; leave the flag out, or make a new index with --override");
  };
  std::optional<std::string> kind;  // by its own name
  if (flags.kind) kind = index_kind_name(*index_kind_from_name(*flags.kind));
  check("--kind", kind, index_kind_name(stored.kind));
  check("--codec", flags.codec, codec_name(stored.codec));
  check("--nbits", text_of(flags.nbits), std::to_string(stored.nbits));
  const bool has_graphs = stored.kind == IndexKind::hnsw;
  check("--m", text_of(flags.m), has_graphs ? std::to_string(stored.m) : "none");
  check("--ef-construction", text_of(flags.ef_construction),
        has_graphs ? std::to_string(stored.ef_construction) : "none");
}

}  // namespace maxsimd::cli
