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
  check_form(flags.index, stored, flags.form);
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

IndexSettings chosen_form(const IndexFlags& flags, const std::optional<StoredIndex>& stored) {
  return stored && stored->has_commit ? stored->settings : chosen_form(flags.form);
}

void use_stored_model(IndexFlags& flags, const StoredIndex& stored) {
  if (!stored.has_commit && !flags.model.model.empty()) return;
  use_index_model(flags.model, flags.index, stored.settings);
}

}  // namespace maxsimd::cli
