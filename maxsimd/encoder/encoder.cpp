#include "maxsimd/encoder/encoder.h"

#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/encoder/bert.h"
#include "maxsimd/encoder/modernbert.h"

namespace maxsimd {
namespace {

template <class Architecture>
std::unique_ptr<Encoder> load(const Checkpoint& checkpoint, const EncoderOptions& options) {
  return std::make_unique<Architecture>(checkpoint, options);
}

struct Architecture {
  const char* model_type;
  std::unique_ptr<Encoder> (*load)(const Checkpoint&, const EncoderOptions&);
};
constexpr Architecture kArchitectures[] = {
    {"bert", load<BertEncoder>},       {"camembert", load<BertEncoder>},
    {"distilbert", load<BertEncoder>}, {"modernbert", load<ModernBertEncoder>},
    {"roberta", load<BertEncoder>},    {"xlm-roberta", load<BertEncoder>}};

}  // namespace

std::unique_ptr<Encoder> load_encoder(const Checkpoint& checkpoint, const EncoderOptions& options) {
  const std::string where = (checkpoint.encoder_folder / "config.json").string();
  const nlohmann::json config = parse_json(checkpoint.config_text, where);
  const auto type = config.is_object() ? config.find("model_type") : config.end();
  if (type == config.end() || !type->is_string()) {
    throw FormatError(where + ": 'model_type' is missing; cannot tell the encoder's architecture");
  }
  std::string supported;
  for (const Architecture& architecture : kArchitectures) {
    if (*type == architecture.model_type) return architecture.load(checkpoint, options);
    supported.append(supported.empty() ? "\"" : ", \"")
        .append(architecture.model_type)
        .append("\"");
  }
  throw FormatError(where + ": model_type " + type->dump(-1, ' ', true) +
                    " is not supported; supported: " + supported);
}

std::vector<float> grow_embedding_rows(std::vector<float> rows, size_t hidden,
                                       const TokenRows& wanted) {
  const size_t known = (wanted.count - wanted.num_added) * hidden;
  if (wanted.num_added > 0 && rows.size() > known) rows.resize(known);
  const size_t old_rows = rows.size() / hidden;
  if (old_rows >= wanted.count || old_rows == 0) return rows;
  std::vector<double> sum(hidden, 0.0);
  for (size_t i = 0; i < rows.size(); ++i) sum[i % hidden] += static_cast<double>(rows[i]);
  rows.reserve(wanted.count * hidden);
  for (size_t row = old_rows; row < wanted.count; ++row) {
    for (const double s : sum)
      rows.push_back(static_cast<float>(s / static_cast<double>(old_rows)));
  }
  return rows;
}

}  // namespace maxsimd
