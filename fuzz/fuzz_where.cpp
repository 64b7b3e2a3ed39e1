// Any bytes as a condition: an std::invalid_argument with a UTF-8 message of one line, or a tree
// within the limits whose SQL SQLite always takes and runs, and whose negation it answers the other
// way round.
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "maxsimd/base/utf8.h"
#include "maxsimd/index/where.h"
#include "maxsimd/index/where_node.h"
#include "maxsimd/index/where_testing.h"

namespace {

using namespace maxsimd;

void require(bool condition) {
  if (!condition) std::abort();
}

const where_testing::MetadataTable& documents() {
  static const where_testing::MetadataTable table = [] {
    where_testing::MetadataTable rows;
    rows.add(R"({"a":1,"b":"text","c":true,"d":[1],"e":{"f":0.5}})");
    rows.add(R"({"a":"1","b":null,"c":-9007199254740993,"e":{"f":{"g":""}}})");
    rows.add(R"({"a":false,"b":18446744073709551615,"\\":"\"'%_","\n":1e300})");
    rows.add("{}");
    rows.add(std::nullopt);
    return rows;
  }();
  return table;
}

void check_field(const WhereField& field) {
  require(!field.empty() && field.size() <= kMaxWherePath);
}

size_t num_terms(const WhereNode& node);
size_t num_terms(const WhereNot& node) {
  return num_terms(*node.operand);
}
size_t num_terms(const WhereGroup& node) {
  require(node.operands.size() >= 2);
  size_t total = 0;
  for (const WhereNode& operand : node.operands) total += num_terms(operand);
  return total;
}
size_t num_terms(const WhereIn& node) {
  check_field(node.field);
  require(!node.literals.empty());
  return node.literals.size();
}
template <class Comparison>
size_t num_terms(const Comparison& node) {
  check_field(node.field);
  return 1;
}
size_t num_terms(const WhereNode& node) {
  return std::visit([](const auto& inner) { return num_terms(inner); }, node.value);
}

void check_message(std::string_view message) {
  require(message.starts_with("where: ") && message.size() < 2048);
  require(!find_invalid_utf8(message) && message.find_first_of("\n\r\t") == message.npos);
}

void check_answers(std::string_view text, const Where& where) {
  const auto answers = documents().verdicts(where_sql(where));
  require(answers.size() == 5);
  try {
    const std::string negation = "NOT (" + std::string(text) + ")";
    const auto opposites = documents().verdicts(where_sql(Where::parse(negation)));
    for (size_t row = 0; row < answers.size(); ++row) {
      require(answers[row].has_value() == opposites[row].has_value());
      require(!answers[row] || *answers[row] != *opposites[row]);
    }
  } catch (const std::invalid_argument& error) {  // two levels or six bytes more than allowed
    require(std::string_view(error.what()).find(" of more than ") != std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const Where where = Where::parse(text);
    require(num_terms(where.root()) <= kMaxWhereTerms);
    check_answers(text, where);
  } catch (const std::invalid_argument& error) {
    check_message(error.what());
  }
  return 0;
}
