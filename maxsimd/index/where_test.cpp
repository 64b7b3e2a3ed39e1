#include "maxsimd/index/where.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <stdexcept>

#include "maxsimd/base/utf8.h"
#include "maxsimd/index/where_node.h"

namespace maxsimd {
namespace {

// The tree in prefix notation, for comparing.
std::string shown(const WhereField& field) {
  std::string text;
  for (const std::string& name : field) text += std::string(text.empty() ? "" : ".") + name;
  return text;
}
std::string shown(const WhereLiteral& literal) {
  if (const auto* text = std::get_if<std::string>(&literal)) return std::string("'") + *text + "'";
  if (const auto* truth = std::get_if<bool>(&literal)) return *truth ? "true" : "false";
  if (const auto* real = std::get_if<double>(&literal))
    return std::string("real ") + std::to_string(*real);
  return std::to_string(std::get<int64_t>(literal));
}
std::string shown(const WhereNode& node);
std::string shown(const WhereComparison& node) {
  constexpr const char* kOperators[] = {"=", "!=", "<", "<=", ">", ">="};
  return shown(node.field) + kOperators[static_cast<size_t>(node.op)] + shown(node.literal);
}
std::string shown(const WhereIn& node) {
  std::string text = shown(node.field) + " in";
  for (const WhereLiteral& literal : node.literals) text.append(" ").append(shown(literal));
  return text;
}
std::string shown(const WhereLike& node) {
  return shown(node.field) + " like " + node.pattern;
}
std::string shown(const WhereIsNull& node) {
  return shown(node.field) + " is null";
}
std::string shown(const WhereNot& node) {
  return std::string("not(") + shown(*node.operand) + ")";
}
std::string shown(const WhereGroup& node) {
  std::string text;
  for (const WhereNode& operand : node.operands) {
    text += std::string(text.empty() ? "" : ", ") + shown(operand);
  }
  return (node.kind == WhereGroup::Kind::all ? std::string("all(") : std::string("any(")) + text +
         ")";
}
std::string shown(const WhereNode& node) {
  return std::visit([](const auto& inner) { return shown(inner); }, node.value);
}

std::string tree(std::string_view text) {
  return shown(Where::parse(text).root());
}

WhereLiteral literal_of(const std::string& text) {
  const Where where = Where::parse("a = " + text);
  return std::get<WhereComparison>(where.root().value).literal;
}

// The message of the refusal; a failure when there is none.
std::string refusal(std::string_view text) {
  try {
    Where::parse(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  ADD_FAILURE() << "accepted: " << text.substr(0, 100);
  return "";
}

void expect_refusal(std::string_view text, const std::string& message, size_t byte) {
  EXPECT_EQ(refusal(text), "where: " + message + ", at byte " + std::to_string(byte) +
                               " of: " + std::string(text));
}

std::string repeated(std::string_view text, size_t count) {
  std::string result;
  for (size_t i = 0; i < count; ++i) result += text;
  return result;
}

std::string joined(std::string_view text, std::string_view separator, size_t count) {
  return repeated(std::string(text).append(separator), count - 1).append(text);
}

TEST(WhereParse, ReadsEveryOperator) {
  EXPECT_EQ(tree("a = 1"), "a=1");
  EXPECT_EQ(tree("a == 1"), "a=1");
  EXPECT_EQ(tree("a != 1"), "a!=1");
  EXPECT_EQ(tree("a <> 1"), "a!=1");
  EXPECT_EQ(tree("a<1"), "a<1");
  EXPECT_EQ(tree("a<=1"), "a<=1");
  EXPECT_EQ(tree("a>-1"), "a>-1");
  EXPECT_EQ(tree("a>=1"), "a>=1");
  EXPECT_EQ(tree("a IN (1, 'b', TRUE)"), "a in 1 'b' true");
  EXPECT_EQ(tree("a NOT IN (1)"), "not(a in 1)");
  EXPECT_EQ(tree("a LIKE 'b%'"), "a like b%");
  EXPECT_EQ(tree("a NOT LIKE '_'"), "not(a like _)");
  EXPECT_EQ(tree("a IS NULL"), "a is null");
  EXPECT_EQ(tree("a IS NOT NULL"), "not(a is null)");
}

TEST(WhereParse, NotBindsTighterThanAndAndTighterThanOr) {
  EXPECT_EQ(tree("a=1 OR b=2 AND c=3"), "any(a=1, all(b=2, c=3))");
  EXPECT_EQ(tree("a=1 AND b=2 OR c=3"), "any(all(a=1, b=2), c=3)");
  EXPECT_EQ(tree("NOT a=1 AND b=2"), "all(not(a=1), b=2)");
  EXPECT_EQ(tree("NOT (a=1 AND b=2)"), "not(all(a=1, b=2))");
  EXPECT_EQ(tree("(a=1 OR b=2) AND c=3"), "all(any(a=1, b=2), c=3)");
  EXPECT_EQ(tree("NOT NOT a=1"), "not(not(a=1))");
  EXPECT_EQ(tree("((a=1))"), "a=1");
  EXPECT_EQ(tree("a=1 OR b=2 OR c=3"), "any(a=1, b=2, c=3)");
}

TEST(WhereParse, KeywordsInAnyCaseAndWhiteSpaceAnywhere) {
  EXPECT_EQ(tree("not a In(true,False)Or b Is noT nUll\n\tanD c liKe'x'"),
            "any(not(a in true false), all(not(b is null), c like x))");
  EXPECT_EQ(tree("(a=1)and(b=2)"), "all(a=1, b=2)");
}

TEST(WhereParse, FieldsAreDottedNamesQuotedWhereNeeded) {
  EXPECT_EQ(tree("author.name = 'x'"), "author.name='x'");
  EXPECT_EQ(tree("author . _n4me = 'x'"), "author._n4me='x'");
  EXPECT_EQ(tree("\"a.b\".\"c d\" = 1"), "a.b.c d=1");
  EXPECT_EQ(tree("\"null\" IS NULL"), "null is null");
  EXPECT_EQ(tree("a.null IS NULL"), "a.null is null");  // after a dot it can be no keyword
  EXPECT_EQ(tree("\"\" = 1"), "=1");
  EXPECT_EQ(tree("\"it's\" = 1"), "it's=1");
  EXPECT_EQ(tree("\"gr\xC3\xB6\xC3\x9F"
                 "e\" = 1"),
            "gr\xC3\xB6\xC3\x9F"
            "e=1");
  EXPECT_EQ(tree("nothing = 1 OR notes = 2 OR inside = 3 OR island = 4 OR order1 = 5"),
            "any(nothing=1, notes=2, inside=3, island=4, order1=5)");
}

TEST(WhereParse, TextsKeepEveryCharacterAndDoubledQuotes) {
  EXPECT_EQ(literal_of("''"), WhereLiteral(std::string()));
  EXPECT_EQ(literal_of("'it''s'"), WhereLiteral(std::string("it's")));
  EXPECT_EQ(literal_of("''''"), WhereLiteral(std::string("'")));
  EXPECT_EQ(literal_of("'\"--; \\ \n%_'"), WhereLiteral(std::string("\"--; \\ \n%_")));
  EXPECT_EQ(literal_of("'\xF0\x9F\x98\x80'"), WhereLiteral(std::string("\xF0\x9F\x98\x80")));
}

TEST(WhereParse, IntegersAreExactAndLargerOnesDoubles) {
  EXPECT_EQ(literal_of("9223372036854775807"), WhereLiteral(std::numeric_limits<int64_t>::max()));
  EXPECT_EQ(literal_of("-9223372036854775808"), WhereLiteral(std::numeric_limits<int64_t>::min()));
  EXPECT_EQ(literal_of("9007199254740993"), WhereLiteral(int64_t{9007199254740993}));
  EXPECT_EQ(literal_of("9223372036854775808"), WhereLiteral(9223372036854775808.0));
  EXPECT_EQ(literal_of("-9223372036854775809"), WhereLiteral(-9223372036854775808.0));
  EXPECT_EQ(literal_of("+007"), WhereLiteral(int64_t{7}));
  EXPECT_EQ(literal_of("1.0"), WhereLiteral(1.0));
  EXPECT_EQ(literal_of("-1.5E+2"), WhereLiteral(-150.0));
  EXPECT_EQ(literal_of("1e-3"), WhereLiteral(0.001));
}

TEST(WhereParse, RefusesNumbersThatAreNoneOrOutsideDoubles) {
  expect_refusal("a = 1e999", "the number 1e999 is outside a double's range", 4);
  expect_refusal("a = -1e999", "the number -1e999 is outside a double's range", 4);
  expect_refusal("a = 1e-999", "the number 1e-999 is outside a double's range", 4);
  const std::string number =
      "expected a number like 5, -5, 0.5 or 5e3 (a text is written in single quotes, a name that "
      "is no word in double quotes)";
  for (const char* text : {"1.", "1.e5", "1e", "1e+", "-", "- 5", "--5", "5x", "0x10", "1.2.3"}) {
    expect_refusal(std::string("a = ") + text, number, 4);
  }
  expect_refusal("a = 2024-01-01", "expected AND, OR or the end, got -01", 8);
  for (const char* text : {"NaN", "inf", "Infinity"}) {
    expect_refusal(
        std::string("a = ") + text,
        std::string("expected a text in single quotes, a number, TRUE or FALSE, got ") + text, 4);
  }
}

TEST(WhereParse, SaysWhatWasExpectedAndWhere) {
  expect_refusal("", "expected a field, NOT or (, got the end", 0);
  expect_refusal("  ", "expected a field, NOT or (, got the end", 2);
  expect_refusal("a = 1 b = 2", "expected AND, OR or the end, got b", 6);
  expect_refusal("a = 1)", "expected AND, OR or the end, got )", 5);
  expect_refusal("(a = 1", "expected AND, OR or a closing ), got the end", 6);
  expect_refusal("a = 1 AND", "expected a field, NOT or (, got the end", 9);
  expect_refusal("5 = a", "expected a field, NOT or (, got 5", 0);
  expect_refusal("'a' = 5",
                 "expected a field, NOT or ( (names are written in double quotes), got 'a'", 0);
  expect_refusal("a. = 5", "expected a name after the dot, got =", 3);
  expect_refusal("like = 5",
                 "expected a field (one of this name is written in double quotes), got like", 0);
  const std::string after_field = "expected one of = != < <= > >= IN, LIKE, IS or . after a field";
  expect_refusal("a", after_field + ", got the end", 1);
  expect_refusal("a between 1 AND 2", after_field + ", got between", 2);
  expect_refusal("a NOT = 1", "expected IN or LIKE after NOT, got =", 6);
  expect_refusal("a IS 5", "expected NULL or NOT NULL, got 5", 5);
  expect_refusal("a IS NOT 5", "expected NULL, got 5", 9);
  expect_refusal("a = NULL", "NULL equals nothing; write IS NULL or IS NOT NULL", 4);
  const std::string literal = "expected a text in single quotes, a number, TRUE or FALSE, got ";
  expect_refusal("a = \"text\"", literal + "\"text\"", 4);
  expect_refusal("a = text", literal + "text", 4);
  expect_refusal("a IN ()", literal + ")", 6);
  expect_refusal("a IN 5", "expected a list of values in brackets, got 5", 5);
  expect_refusal("a IN (5", "expected a comma or a closing ), got the end", 7);
  expect_refusal("a IN (5 6)", "expected a comma or a closing ), got 6", 8);
  expect_refusal("a IN (5,)", literal + ")", 8);
  expect_refusal("a LIKE 5", "expected a pattern in single quotes, got 5", 7);
}

TEST(WhereParse, SaysWhichCharacterBelongsNowhereAndWhatToWrite) {
  expect_refusal("a = 1 && b = 2", "unexpected character &; write AND", 6);
  expect_refusal("a = 1 || b = 2", "unexpected character |; write OR", 6);
  expect_refusal("!a", "unexpected character !; write NOT, or != between a field and a value", 0);
  const std::string quotes =
      "; a name with other characters than ASCII letters, digits and _ is written in double "
      "quotes, a text in single quotes";
  expect_refusal(
      "gr\xC3\xB6\xC3\x9F"
      "e = 1",
      "unexpected character \xC3\xB6" + quotes, 2);
  expect_refusal("a = 1; DROP TABLE documents", "unexpected character ;" + quotes, 5);
  expect_refusal("a = ?1", "unexpected character ?" + quotes, 4);
  expect_refusal("[a] = 1", "unexpected character [" + quotes, 0);
}

TEST(WhereParse, SaysWhichQuoteIsOpen) {
  expect_refusal("a = 'x", "a text begins here and has no closing '", 4);
  expect_refusal("a = 'x''", "a text begins here and has no closing '", 4);
  expect_refusal("\"a = 1", "a name begins here and has no closing \"", 0);
}

TEST(WhereParse, RefusesAKeyThatSqliteCannotAddress) {
  expect_refusal("\"a\"\"b\" = 1",
                 "the name \"a\"\"b\" holds a double quote; such a key of the metadata cannot be "
                 "asked for",
                 0);
}

TEST(WhereParse, RefusesPatternsWithALoneBackslash) {
  const std::string message = "a pattern with a lone backslash: expected \\%, \\_ or \\\\";
  expect_refusal("a LIKE 'x\\'", message, 7);
  expect_refusal("a LIKE '\\x'", message, 7);
  EXPECT_EQ(tree("a LIKE '\\%\\_\\\\'"), "a like \\%\\_\\\\");
}

TEST(WhereParse, RefusesWhatIsNoUtf8AndNul) {
  EXPECT_EQ(refusal("a = 'x\xFF'"), "where: the condition is not UTF-8 at byte 6");
  EXPECT_EQ(refusal("a = '\xED\xA0\x80'"), "where: the condition is not UTF-8 at byte 5");
  EXPECT_EQ(refusal(std::string_view("a = 'x\0y'", 9)),
            "where: a NUL character in the condition, at byte 6 of: a = 'x y'");
}

TEST(WhereParse, ShowsOnlyTheSurroundingsOfALongCondition) {
  const std::string text = joined("a = '\xC3\xA4\n'", " AND ", 50) + " oops";
  const std::string message = refusal(text);
  EXPECT_LT(message.size(), 250U);
  EXPECT_FALSE(find_invalid_utf8(message));
  EXPECT_EQ(message.find('\n'), std::string::npos);
  EXPECT_TRUE(message.ends_with(" oops")) << message;
  EXPECT_NE(message.find("of: ..."), std::string::npos) << message;
  for (size_t begin = 0; begin < 8; ++begin) {  // cut inside and between characters
    EXPECT_FALSE(
        find_invalid_utf8(refusal(std::string(begin, ' ') + "x = 1 " + repeated("\xC3\xA4", 200))));
  }
}

struct Limit {
  const char* name;
  size_t limit;
  const char* message;
  std::function<std::string(size_t)> text;
};

class WhereLimits : public testing::TestWithParam<Limit> {};

TEST_P(WhereLimits, AcceptsTheLimitAndRefusesOneMoreByName) {
  const Limit& limit = GetParam();
  EXPECT_NO_THROW(Where::parse(limit.text(limit.limit)));
  const std::string message = refusal(limit.text(limit.limit + 1));
  EXPECT_NE(message.find(limit.message), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Each, WhereLimits,
    testing::Values(
        Limit{"Bytes", kMaxWhereBytes, "a condition of more than 65536 bytes, it has 65537",
              [](size_t n) { return "a = '" + std::string(n - 6, 'x') + "'"; }},
        Limit{"Brackets", kMaxWhereDepth, "a nesting of more than 32 levels",
              [](size_t n) { return std::string(n, '(') + "a = 1" + std::string(n, ')'); }},
        Limit{"Nots", kMaxWhereDepth, "a nesting of more than 32 levels",
              [](size_t n) { return repeated("NOT ", n) + "a = 1"; }},
        Limit{"NotsAndBrackets", kMaxWhereDepth / 2, "a nesting of more than 32 levels",
              [](size_t n) { return repeated("NOT (", n) + "a = 1" + std::string(n, ')'); }},
        Limit{"Comparisons", kMaxWhereTerms, "a condition of more than 1000 comparisons",
              [](size_t n) { return joined("a = 1", " OR ", n); }},
        Limit{"Values", kMaxWhereTerms, "a condition of more than 1000 comparisons",
              [](size_t n) { return "a IN (" + joined("1", ",", n) + ")"; }},
        Limit{"NullsAndPatterns", kMaxWhereTerms / 2, "a condition of more than 1000 comparisons",
              [](size_t n) { return joined("a IS NULL OR a LIKE ''", " OR ", n); }},
        Limit{"Path", kMaxWherePath, "a field of more than 16 names",
              [](size_t n) { return joined("a", ".", n) + " = 1"; }},
        Limit{"Pattern", kMaxWherePattern, "a pattern of more than 1024 bytes",
              [](size_t n) { return "a LIKE '" + std::string(n, '%') + "'"; }}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(WhereParse, LevelsSideBySideDoNotAddUp) {
  const std::string deep =
      std::string(kMaxWhereDepth, '(') + "a = 1" + std::string(kMaxWhereDepth, ')');
  EXPECT_NO_THROW(Where::parse(joined(deep, " AND ", 100)));
}

TEST(WhereParse, ManyBracketsEndAtTheLimitNotAtTheStack) {
  EXPECT_NE(refusal(std::string(kMaxWhereBytes, '(')).find("32 levels"), std::string::npos);
}

}  // namespace
}  // namespace maxsimd
