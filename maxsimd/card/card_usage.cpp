#include <string_view>

#include "maxsimd/card/card_sections.h"
#include "maxsimd/card/card_texts.h"

namespace maxsimd {
namespace {

std::string filled(std::string text, std::string_view mark, std::string_view value) {
  for (size_t at = text.find(mark); at != text.npos; at = text.find(mark, at + value.size())) {
    text.replace(at, mark.size(), value);
  }
  return text;
}

// What the folder is called after a download.
std::string folder_name(const TrainingRecord& record) {
  if (!record.model_id) return "path/to/model";
  return record.model_id->substr(record.model_id->rfind('/') + 1);
}

}  // namespace

std::string usage_section(const CardContent& card) {
  const std::string id = card.record.model_id.value_or("pylate_model_id");
  const std::string_view comment =
      card.pylate ? "#  # Ensure that it is set to False to indicate that these are queries"
                  : "# Ensure that it is set to True to indicate that these are queries";
  std::string out = "\n## Usage\n";
  if (!card.pylate) {
    const std::string usage = filled(kMaxsimdUsage, "@INCLUDE@", "#include");
    out.append("\n").append(filled(usage, "@FOLDER@", folder_name(card.record)));
  }
  out.append(filled(filled(kPylateUsage, "@MODEL@", id), "@QUERY@", comment));
  return out.append(kUsageComments);
}

}  // namespace maxsimd
