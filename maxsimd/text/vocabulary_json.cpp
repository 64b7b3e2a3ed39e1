#include "maxsimd/text/vocabulary_json.h"

#include "maxsimd/base/json.h"
#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

// A cursor over JSON text. Every reader returns false when the text is not what it expects.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) : text_(text) {}

  size_t position() const { return position_; }

  void skip_space() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\n' ||
                                        text_[position_] == '\r' || text_[position_] == '\t')) {
      ++position_;
    }
  }

  bool take(char expected) {
    skip_space();
    if (position_ >= text_.size() || text_[position_] != expected) return false;
    ++position_;
    return true;
  }

  bool read_string(std::string& out) {
    out.clear();
    if (!take('"')) return false;
    while (position_ < text_.size()) {
      const size_t begin = position_;
      while (position_ < text_.size() && is_plain(text_[position_])) ++position_;
      out.append(text_, begin, position_ - begin);
      if (position_ >= text_.size()) return false;
      const char c = text_[position_++];
      if (c == '"') return true;
      if (c != '\\' || !read_escape(out)) return false;
    }
    return false;
  }

  // A whole number of at most nine digits.
  bool read_id(int32_t& out) {
    skip_space();
    const size_t begin = position_;
    out = 0;
    while (position_ < text_.size() && text_[position_] >= '0' && text_[position_] <= '9') {
      if (position_ - begin == 9) return false;
      out = out * 10 + (text_[position_++] - '0');
    }
    const bool has_leading_zero = position_ - begin > 1 && text_[begin] == '0';
    return position_ > begin && !has_leading_zero;
  }

  // Any value. Only brackets and strings are looked at; the parser checks the rest later.
  bool skip_value() {
    skip_space();
    size_t depth = 0;
    std::string ignored;
    do {
      skip_space();
      if (position_ >= text_.size()) return false;
      const char c = text_[position_];
      if (c == '"') {
        if (!read_string(ignored)) return false;
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) return false;
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++position_;
      if (depth == 0 && c != '}' && c != ']') skip_scalar();
    } while (depth > 0);
    return true;
  }

 private:
  static bool is_plain(char c) {
    return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20;
  }

  void skip_scalar() {
    constexpr std::string_view kEnds = ",}] \n\r\t";
    while (position_ < text_.size() && kEnds.find(text_[position_]) == std::string_view::npos) {
      ++position_;
    }
  }

  bool read_escape(std::string& out) {
    if (position_ >= text_.size()) return false;
    const char c = text_[position_++];
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const size_t known = kLetters.find(c);
    if (known != std::string_view::npos) {
      out.push_back(kMeanings[known]);
      return true;
    }
    char32_t unit = 0;
    if (c != 'u' || !read_hex(unit)) return false;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
      char32_t low = 0;
      const bool has_low = text_.substr(position_).starts_with("\\u");
      position_ += 2;
      if (!has_low || !read_hex(low) || low < 0xDC00 || low > 0xDFFF) return false;
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    } else if (unit >= 0xDC00 && unit <= 0xDFFF) {
      return false;
    }
    append_utf8(out, unit);
    return true;
  }

  bool read_hex(char32_t& out) {
    out = 0;
    for (int i = 0; i < 4; ++i, ++position_) {
      if (position_ >= text_.size()) return false;
      const char c = text_[position_];
      if (c >= '0' && c <= '9') {
        out = out * 16 + static_cast<char32_t>(c - '0');
      } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
        out = out * 16 + static_cast<char32_t>((c | 0x20) - 'a' + 10);
      } else {
        return false;
      }
    }
    return true;
  }

  std::string_view text_;
  size_t position_ = 0;
};

// Moves behind "key": of the object that begins here; false when it has no such key, or twice.
bool enter_key(JsonCursor& cursor, std::string_view wanted) {
  if (!cursor.take('{')) return false;
  std::string key;
  do {
    if (!cursor.read_string(key) || !cursor.take(':')) return false;
    if (key == wanted) return true;
    if (!cursor.skip_value()) return false;
  } while (cursor.take(','));
  return false;
}

bool read_vocabulary(JsonCursor& cursor, WordPiece::Vocabulary& out) {
  if (!cursor.take('{')) return false;
  if (cursor.take('}')) return true;
  std::string token;
  int32_t id = 0;
  do {
    if (!cursor.read_string(token) || !cursor.take(':') || !cursor.read_id(id)) return false;
    out.emplace_back(token, id);
  } while (cursor.take(','));
  return cursor.take('}');
}

}  // namespace

std::optional<CutVocabulary> cut_vocabulary(std::string_view json) {
  if (json.size() > JsonOptions().max_bytes || find_invalid_utf8(json)) return std::nullopt;
  JsonCursor cursor(json);
  if (!enter_key(cursor, "model") || !enter_key(cursor, "vocab")) return std::nullopt;
  cursor.skip_space();
  const size_t begin = cursor.position();
  CutVocabulary cut;
  if (!read_vocabulary(cursor, cut.vocabulary)) return std::nullopt;
  cut.rest.append(json.substr(0, begin));
  cut.rest.append("\"").append(kVocabularyMark).append("\"");
  cut.rest.append(json.substr(cursor.position()));
  return cut;
}

}  // namespace maxsimd
