#include <algorithm>

#include "maxsimd/card/card_sections.h"
#include "maxsimd/card/markdown_table.h"

namespace maxsimd {
namespace {

constexpr const char* kModelSources = R"(### Model Sources

- **Documentation:** [PyLate Documentation](https://lightonai.github.io/pylate/)
- **Repository:** [PyLate on GitHub](https://github.com/lightonai/pylate)
- **Hugging Face:** [PyLate models on Hugging Face](https://huggingface.co/models?library=PyLate)
)";

std::string hub_link(const std::string& name, const std::string& path) {
  return "[" + name + "](https://huggingface.co/" + path + ")";
}

std::string dataset_link(const DatasetRecord& dataset, bool pylate) {
  const std::string name = pylate ? dataset.name : literal_line(dataset.name);
  if (dataset.id) return hub_link(name, "datasets/" + *dataset.id);
  if (dataset.link && !pylate) return "[" + name + "](" + *dataset.link + ")";
  return name;
}

std::vector<std::string> named_datasets(const CardContent& card) {
  std::vector<std::string> links;
  for (const DatasetRecord& dataset : card.record.train_datasets) {
    if (!dataset.name.empty()) links.push_back(dataset_link(dataset, card.pylate));
  }
  return links;
}

// "a, b and c"
std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out.append(i + 1 == items.size() ? " and " : ", ");
    out.append(items[i]);
  }
  return out;
}

const char* plural(const std::vector<std::string>& items) {
  return items.size() > 1 ? "s" : "";
}

std::string base_link(const CardContent& card) {
  const std::string& base = *card.record.base_model;
  return is_hub_id(base) ? hub_link(base, base) : literal_line(base);
}

// PyLate knows a base model only when the hub does.
bool has_base(const CardContent& card) {
  const auto& base = card.record.base_model;
  return base && !base->empty() && (!card.pylate || is_hub_id(*base));
}

std::string origin_text(const CardContent& card) {
  const std::vector<std::string> datasets = named_datasets(card);
  std::string out;
  if (has_base(card)) {
    out.append(" finetuned from ").append(base_link(card));
  } else if (card.pylate || !card.record.train_datasets.empty()) {
    out.append(" trained");
  }
  if (datasets.empty()) return out;
  return out.append(" on the ")
      .append(joined(datasets))
      .append(" dataset")
      .append(plural(datasets));
}

std::string base_line(const CardContent& card) {
  if (!has_base(card))
    return "<!-- - **Base model:** [Unknown](https://huggingface.co/unknown) -->\n";
  std::string out = "- **Base model:** " + base_link(card);
  const auto& revision = card.record.base_model_revision;
  if (revision) out.append(" <!-- at revision ").append(*revision).append(" -->");
  return out.append("\n");
}

std::string datasets_lines(const CardContent& card) {
  const std::vector<std::string> datasets = named_datasets(card);
  if (datasets.empty()) return "<!-- - **Training Dataset:** Unknown -->\n";
  std::string out = std::string("- **Training Dataset").append(plural(datasets)).append(":**\n");
  for (const std::string& link : datasets) out.append("    - ").append(link).append("\n");
  return out;
}

std::string language_line(const std::vector<std::string>& languages) {
  if (languages.empty()) return "<!-- - **Language:** Unknown -->\n";
  std::string out = std::string("- **Language").append(plural(languages)).append(":** ");
  for (size_t i = 0; i < languages.size(); ++i) {
    out.append(i > 0 ? ", " : "").append(languages[i]);
  }
  return out.append("\n");
}

std::string license_line(const std::optional<std::string>& license) {
  if (!license) return "<!-- - **License:** Unknown -->\n";
  return "- **License:** " + *license + "\n";
}

// What PyLate's process tokenized last before it wrote the card: the statistics (as queries), then,
// without loader workers, the documents of the batches, and the documents of any evaluator.
TextKind last_tokenized(const TrainingRecord& record) {
  const bool has_statistics = !record.train_datasets.empty() || !record.eval_datasets.empty();
  if (!has_statistics) return TextKind::document;
  const auto workers = std::find_if(
      record.hyperparameters.begin(), record.hyperparameters.end(),
      [](const HyperparameterRecord& p) { return p.name == "dataloader_num_workers"; });
  const bool in_process = workers == record.hyperparameters.end() || workers->value == "0";
  for (const LogEvent& event : record.log) {
    const auto* run = std::get_if<EvaluatorLog>(&event);
    const bool batches = in_process && run == nullptr;
    if (batches || (run != nullptr && run->step > 0)) return TextKind::document;
  }
  return TextKind::query;
}

std::string model_details(const CardContent& card) {
  const ModelSummary& model = card.model;
  std::string out = "## Model Details\n\n### Model Description\n- **Model Type:** PyLate model\n";
  out.append(base_line(card));
  out.append("- **Document Length:** ").append(std::to_string(model.document_length));
  out.append(" tokens\n- **Query Length:** ").append(std::to_string(model.query_length));
  out.append(" tokens\n- **Output Dimensionality:** ").append(std::to_string(model.dim()));
  out.append(card.pylate ? " tokens\n" : " dimensions\n");
  out.append("- **Similarity Function:** MaxSim\n");
  out.append(datasets_lines(card)).append(language_line(card.record.language));
  return out.append(license_line(card.record.license));
}

}  // namespace

bool is_hub_id(const std::string& name) {
  const size_t slash = name.find('/');
  const bool one_slash = slash != std::string::npos && name.find('/', slash + 1) == name.npos;
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '/';
  };
  return one_slash && slash > 0 && slash + 1 < name.size() && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), is_part);
}

std::string description_section(const CardContent& card) {
  const std::string title = card.pylate ? card.model_name : literal_line(card.model_name);
  std::string out = "# " + title + "\n\n";
  out.append("This is a [PyLate](https://github.com/lightonai/pylate) model");
  out.append(origin_text(card));
  if (!card.pylate && !card.record.train_datasets.empty()) out.append(", with maxsimd");
  out.append(". It maps sentences & paragraphs to sequences of ");
  out.append(std::to_string(card.model.dim()));
  out.append(
      "-dimensional dense vectors and can be used for semantic textual similarity using the "
      "MaxSim operator.\n\n");
  out.append(model_details(card)).append("\n").append(kModelSources);
  const TextKind kind = card.pylate ? last_tokenized(card.record) : TextKind::document;
  out.append("\n### Full Model Architecture\n\n```\n");
  return out.append(architecture_text(card.model, kind)).append("\n```\n");
}

}  // namespace maxsimd
