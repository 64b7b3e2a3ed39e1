// An index as a map in memory, and random documents for it: what the model test compares with.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/index/catalog.h"
#include "tests/store/store_search.h"

namespace maxsimd::store_testing {

inline constexpr size_t kModelDim = 12;

struct ModelDocument {
  std::string id;
  uint64_t order = 0;  // of adding
  Embeddings rows;     // one item: what was added, or what the last retraining coded anew
  std::optional<int64_t> year;
  std::optional<std::string> tag;
  bool has_metadata = false;
  std::string text;

  std::string metadata() const {
    if (!has_metadata) return {};
    std::string json = "{\"at\":{\"tag\":" + (tag ? '"' + *tag + '"' : std::string("null")) + "}";
    if (year) json += ",\"year\":" + std::to_string(*year);
    return json + '}';
  }
};

/// A condition as text, and by hand: true, false, or neither (unknown).
struct ModelCondition {
  std::string text;
  std::function<std::optional<bool>(const ModelDocument&)> holds;
};

class RandomDocuments {
 public:
  RandomDocuments(uint64_t seed, IdType id_type) : random_(seed), id_type_(id_type) {}

  uint64_t below(uint64_t bound) { return random_() % bound; }

  /// One of 120, so that most of them exist after a while: plain, odd, long.
  std::string id() {
    const uint64_t number = below(120);
    if (id_type_ == IdType::integer) {
      const uint64_t kind = number % 10;
      if (kind == 0) return '-' + std::to_string(number + 1);
      return std::to_string(kind == 1 ? 9'223'372'036'854'775'807U - number : number);
    }
    switch (number % 12) {
      case 0:
        return "Ünïcode/" + std::to_string(number) + " ☃";
      case 1:
        return "'; DROP TABLE documents; --" + std::to_string(number);
      case 2:
        return std::string(505, 'x') + std::to_string(number);
      case 3:
        return "../" + std::to_string(number) + "\t%_\"";
      default:
        return std::to_string(number);
    }
  }

  /// Small integers and one 127 a row: exact in every codec, and full of ties.
  Embeddings rows() {
    const uint64_t num_rows = below(12) == 0 ? 0 : 1 + below(below(20) == 0 ? 700 : 6);
    std::vector<float> values;
    for (uint64_t r = 0; r < num_rows; ++r) {
      values.push_back(127.0F);
      for (size_t d = 1; d < kModelDim; ++d) {
        values.push_back(static_cast<float>(below(5)) - 2.0F);
      }
    }
    Embeddings item;
    item.dim = kModelDim;
    item.append({values.data(), static_cast<size_t>(num_rows), kModelDim});
    return item;
  }

  ModelDocument document(uint64_t order) {
    ModelDocument document{id(), order, rows(), {}, {}, below(4) != 0, {}};
    if (document.has_metadata && below(4) != 0) {
      document.year = static_cast<int64_t>(1990 + below(12));
    }
    if (document.has_metadata && below(4) != 0) document.tag = tag();
    if (below(3) != 0)
      document.text = "text " + std::to_string(order) + std::string(below(90), 't');
    return document;
  }

  std::string tag() {
    const char* tags[] = {"a", "b", "ab", "B", "a'b", "ü"};
    return tags[below(6)];
  }

  ModelCondition condition() {
    using Document = ModelDocument;
    const auto year = static_cast<int64_t>(1990 + below(12));
    const std::string number = std::to_string(year);
    const auto later = [year](const Document& d) -> std::optional<bool> {
      return d.year ? std::optional(*d.year >= year) : std::nullopt;
    };
    const auto is_a = [](const Document& d) -> std::optional<bool> {
      return d.tag ? std::optional(*d.tag == "a") : std::nullopt;
    };
    const auto negated = [](std::optional<bool> value) {
      return value ? std::optional(!*value) : std::nullopt;
    };
    switch (below(6)) {
      case 0:
        return {"year >= " + number, later};
      case 1:
        return {"NOT at.tag = 'a'", [=](const Document& d) { return negated(is_a(d)); }};
      case 2:
        return {"at.tag = 'a' AND NOT year >= " + number, [=](const Document& d) {
                  return std::optional(is_a(d) == true && later(d) == false);
                }};
      case 3:
        return {"at.tag IN ('b', 'a''b') OR year IS NULL", [](const Document& d) {
                  return std::optional(!d.year || (d.tag && (*d.tag == "b" || *d.tag == "a'b")));
                }};
      case 4:
        return {"at.tag LIKE 'a%' AND year IS NOT NULL", [](const Document& d) {
                  return std::optional(d.year && d.tag && (*d.tag)[0] == 'a');
                }};
      default:
        return {"year != " + number + " AND (at.tag = 'ü' OR at.tag = 'B')",
                [=](const Document& d) {
                  return std::optional(d.year && *d.year != year && d.tag &&
                                       (*d.tag == "ü" || *d.tag == "B"));
                }};
    }
  }

 private:
  std::mt19937_64 random_;
  IdType id_type_;
};

/// Live documents by id; copied to keep a state.
class StoreModel {
 public:
  using Wanted = std::function<bool(const ModelDocument&)>;

  void add(const ModelDocument& document) { documents_[document.id] = document; }
  bool remove(const std::string& id) { return documents_.erase(id) == 1; }
  bool contains(const std::string& id) const { return documents_.contains(id); }
  size_t size() const { return documents_.size(); }

  /// In the order of adding.
  std::vector<const ModelDocument*> in_order() const {
    std::vector<const ModelDocument*> all;
    for (const auto& [id, document] : documents_) all.push_back(&document);
    std::sort(all.begin(), all.end(),
              [](const auto* a, const auto* b) { return a->order < b->order; });
    return all;
  }

  /// The scores of the documents wanted, in the order of adding, by what is stored of their rows.
  std::vector<Hit> scores(const Embeddings& query, const Wanted& wanted,
                          const std::function<Embeddings(const ModelDocument&)>& stored) const {
    std::vector<Hit> hits;
    if (query.num_tokens() == 0) return hits;
    for (const ModelDocument* document : in_order()) {
      if (!wanted(*document)) continue;
      hits.push_back({document->id, maxsim_of(query.matrix(0), stored(*document).matrix(0))});
    }
    return hits;
  }

  void set_rows(const std::string& id, Embeddings rows) {
    documents_.at(id).rows = std::move(rows);
  }

 private:
  std::map<std::string, ModelDocument> documents_;
};

}  // namespace maxsimd::store_testing
