// For tests: an encoder whose scores are computed by hand, and evaluators made of data in memory.
#pragma once

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "maxsimd/evaluation/beir.h"
#include "maxsimd/evaluation/evaluator.h"

namespace maxsimd {

/// One row a text: [number of 'a', number of 'b']. Not normalised, so a score is the dot product of
/// such counts.
inline Embeddings encode_counts(std::span<const std::string> texts, TextKind) {
  Embeddings embeddings{.dim = 2};
  for (const std::string& text : texts) {
    const std::array<float, 2> row = {static_cast<float>(std::ranges::count(text, 'a')),
                                      static_cast<float>(std::ranges::count(text, 'b'))};
    embeddings.append({row.data(), 1, 2});
  }
  return embeddings;
}

/// Documents and queries are (id, text).
inline BeirData beir_of(const std::vector<std::pair<std::string, std::string>>& documents,
                        const std::vector<std::pair<std::string, std::string>>& queries,
                        Qrels qrels) {
  BeirData data;
  for (const auto& [id, text] : documents) {
    data.document_ids.push_back(id);
    data.document_texts.push_back(text);
  }
  for (const auto& [id, text] : queries) {
    data.query_ids.push_back(id);
    data.query_texts.push_back(text);
  }
  data.qrels = std::move(qrels);
  return data;
}

inline double value_of(const EvaluationResult& result, const std::string& name) {
  const auto found = std::ranges::find(result.values, name, &MetricValue::name);
  if (found == result.values.end()) throw std::out_of_range("no metric " + name);
  return found->value;
}

inline std::vector<std::string> names_of(const MetricValues& values) {
  std::vector<std::string> names;
  for (const MetricValue& metric : values) names.push_back(metric.name);
  return names;
}

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace maxsimd
