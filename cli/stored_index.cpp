#include "cli/stored_index.h"

#include <cstdio>
#include <stdexcept>

#include "cli/index_flags.h"
#include "maxsimd/index/index_writer.h"

namespace maxsimd::cli {

std::optional<StoredIndex> find_stored(const IndexFlags& flags) {
  if (flags.replace) {
    check_index_can_be_replaced(flags.index);
    return std::nullopt;
  }
  if (!is_index(flags.index)) return std::nullopt;
  const Index index = Index::open(flags.index);
  return StoredIndex{index.settings(), index.id_type(), index.commit() != 0};
}

void check_settings(const IndexSettings& stored, const IndexFlags& flags) {
  const auto check = [&](const char* flag, const std::optional<std::string>& asked,
                         std::string_view has) {
    if (!asked || *asked == has) return;
    throw std::invalid_argument(flags.index + ": the index has " + flag + " " + std::string(has) +
                                ", asked was " + *asked +
                                "; leave the flag out, or make a new index with --override");
  };
  check("--kind", flags.kind, index_kind_name(stored.kind));
  check("--codec", flags.codec, codec_name(stored.codec));
  const auto nbits = flags.nbits ? std::optional(std::to_string(*flags.nbits)) : std::nullopt;
  check("--nbits", nbits, std::to_string(stored.nbits));
  if (flags.store_text && !stored.store_text) {
    throw std::invalid_argument(flags.index +
                                ": the index does not store texts, asked was --store-text; leave "
                                "the flag out, or make a new index with --override");
  }
  if (stored.model.empty() && (flags.embeddings.empty() || asks_for_model(flags.model))) {
    throw std::invalid_argument(
        flags.index +
        ": an index of bare embeddings; add to it with --embeddings, without --model");
  }
  if (!flags.embeddings.empty() && !asks_for_model(flags.model) && !stored.model.empty()) {
    std::fprintf(stderr, "note: the embeddings are taken for those of the index's model, '%s'\n",
                 stored.model.c_str());
  }
}

void check_stored(const StoredIndex& stored, const IndexFlags& flags) {
  if (!stored.has_commit) return;
  check_settings(stored.settings, flags);
  const IdType asked = flags.add.integer_ids ? IdType::integer : IdType::string;
  if (!stored.id_type || *stored.id_type == asked) return;
  const bool is_integer = *stored.id_type == IdType::integer;
  throw std::invalid_argument(
      flags.index + ": the ids of the index are " +
      (is_integer ? "integers: give --integer-ids" : "strings: leave out --integer-ids"));
}

void add_form_flags(CLI::App& verb, std::optional<std::string>& codec,
                    std::optional<size_t>& nbits) {
  verb.add_option("--codec", codec,
                  "how vectors are stored: float32 (the default of exact), float16, int8, or "
                  "residual (of plaid): the nearest centroid and what is left, in few bits")
      ->check(CLI::IsMember({"float32", "float16", "int8", "residual"}));
  verb.add_option("--nbits", nbits, "bits a value of residual vectors: 4 (the default), 2, 1")
      ->check(CLI::IsMember({1, 2, 4}));
}

ChosenForm chosen_form(IndexKind kind, const std::optional<std::string>& codec,
                       const std::optional<size_t>& nbits) {
  ChosenForm form{.kind = kind};
  form.codec = kind == IndexKind::plaid ? Codec::residual : Codec::float32;
  if (codec) form.codec = *codec_from_name(*codec);
  if (kind == IndexKind::plaid && form.codec != Codec::residual) {
    throw CLI::ValidationError("--codec: kind plaid stores vectors as residuals, not as " + *codec);
  }
  if (form.codec == Codec::residual) {
    form.nbits = nbits.value_or(4);
  } else if (nbits) {
    throw CLI::ValidationError("--nbits: is for --codec residual");
  }
  return form;
}

ChosenForm chosen_form(const IndexFlags& flags, const std::optional<StoredIndex>& stored) {
  if (stored && stored->has_commit) {
    const IndexSettings& settings = stored->settings;
    return {settings.kind, settings.codec, settings.nbits};
  }
  const IndexKind kind = *index_kind_from_name(flags.kind.value_or("exact"));
  return chosen_form(kind, flags.codec, flags.nbits);
}

void use_stored_model(IndexFlags& flags, const StoredIndex& stored) {
  if (!stored.has_commit && !flags.model.model.empty()) return;
  use_index_model(flags.model, flags.index, stored.settings);
}

}  // namespace maxsimd::cli
