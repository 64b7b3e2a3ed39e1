#include "maxsimd/training/differentiable_encoder.h"

#include "maxsimd/checkpoint/config_reader.h"
#include "maxsimd/training/bert_model.h"
#include "maxsimd/training/modernbert_model.h"

namespace maxsimd::training {

std::unique_ptr<DifferentiableEncoder> load_differentiable_encoder(const Checkpoint& checkpoint,
                                                                   const TokenRows& token_rows,
                                                                   Parameters& parameters) {
  const std::string where = (checkpoint.encoder_folder / "config.json").string();
  const ConfigReader config = ConfigReader::parse(checkpoint.config_text, where);
  const std::string type = config.text("model_type").value_or("");
  if (bert_family(type)) {
    return std::make_unique<BertModel>(checkpoint, token_rows, parameters);
  }
  if (type == "modernbert") {
    return std::make_unique<ModernBertModel>(checkpoint, token_rows, parameters);
  }
  config.fail("model_type", "that of BERT, its kin or ModernBERT: others cannot be trained");
}

}  // namespace maxsimd::training
