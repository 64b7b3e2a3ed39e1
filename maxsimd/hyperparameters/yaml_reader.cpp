#include "maxsimd/hyperparameters/yaml_reader.h"

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <sstream>

#include "maxsimd/base/errors.h"

namespace maxsimd::detail {
namespace {

size_t line_of(const YAML::Mark& mark) {
  return mark.is_null() ? 1 : static_cast<size_t>(mark.line) + 1;
}

// yaml-cpp's names of scalars without a tag: unquoted and quoted.
constexpr std::string_view kPlainTag = "?";
constexpr std::string_view kQuotedTag = "!";

class Handler : public YAML::EventHandler {
 public:
  explicit Handler(ConfigTree& tree) : tree_(tree) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++num_documents_ > 1) tree_.fail(line_of(mark), "expected one YAML document, got more");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    tree_.scalar({.value = HyperparameterValue()}, line_of(mark));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark, 1); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    tree_.scalar({.value = HyperparameterValue(value), .is_plain = tag == kPlainTag},
                 line_of(mark));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    tree_.begin_list(line_of(mark));
  }
  void OnSequenceEnd() override { tree_.end(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    tree_.begin_map(line_of(mark));
  }
  void OnMapEnd() override { tree_.end(); }

 private:
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) {
      tree_.fail(line_of(mark), "anchors and aliases (&name, *name) are refused; write the value");
    }
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != kPlainTag && tag != kQuotedTag) {
      tree_.fail(line_of(mark), "tags (!name) are refused; write the value alone");
    }
  }

  ConfigTree& tree_;
  int num_documents_ = 0;
};

void read_yaml(std::string_view text, ConfigTree& tree) {
  tree.check_text(text);
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    Handler handler(tree);
    while (parser.HandleNextDocument(handler)) {
    }
  } catch (const YAML::Exception& error) {
    tree.fail(line_of(error.mark), "not valid YAML: " + printable(error.msg));
  }
}

}  // namespace

std::vector<ConfigEntry> yaml_entries(std::string_view text, const std::string& where) {
  ConfigTree tree(where);
  read_yaml(text, tree);
  return std::move(tree).entries();
}

HyperparameterValue parse_yaml_value(std::string_view text) {
  ConfigTree tree("");
  try {
    read_yaml(text, tree);
  } catch (const FormatError& error) {  // ":LINE: what is wrong"
    const std::string_view message = error.what();
    throw FormatError(std::string(message.substr(message.find(": ") + 2)));
  }
  return std::move(tree).value().value_or(HyperparameterValue());
}

}  // namespace maxsimd::detail
