// What the tests of the text room share: the golden files, the line format of their hashes, and the
// generator of fuzzed texts (the same as in scripts/goldens/tokenizer_sums.py).
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "maxsimd/base/json.h"
#include "maxsimd/base/strip.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/text/tokenizer.h"

namespace maxsimd::text_tests {

inline std::filesystem::path source_folder() {
  return MAXSIMD_SOURCE_DIR;
}

inline nlohmann::json read_golden(const std::string& name) {
  return read_json_file(source_folder() / "maxsimd" / "text" / "testdata" / name);
}

/// The folder of data sets and models beside the repository; it may be missing.
inline std::filesystem::path shared_folder() {
  const char* const given = std::getenv("MAXSIMD_SHARED");
  return given != nullptr ? std::filesystem::path(given) : source_folder() / ".." / "shared";
}

inline std::filesystem::path mini_folder() {
  return source_folder() / "models" / "mini";
}

inline void append_line(std::string& out, const Encoding& encoding) {
  for (size_t i = 0; i < encoding.ids.size(); ++i) {
    if (i > 0) out.push_back(' ');
    out += std::to_string(encoding.ids[i]);
  }
  out.push_back('|');
  for (size_t i = 0; i < encoding.offsets.size(); ++i) {
    if (i > 0) out.push_back(' ');
    out += std::to_string(encoding.offsets[i].begin);
    out.push_back(':');
    out += std::to_string(encoding.offsets[i].end);
  }
}

/// "id id ...|begin:end begin:end ..."
inline std::string line_of(const Encoding& encoding) {
  std::string out;
  append_line(out, encoding);
  return out;
}

inline std::string utf8(char32_t c) {
  std::string out;
  append_utf8(out, c);
  return out;
}

inline bool is_surrogate(char32_t c) {
  return c >= 0xD800 && c <= 0xDFFF;
}

/// The texts of a file of JSON lines of the data sets, as the scripts read them.
inline std::vector<std::string> texts_of(const std::filesystem::path& path) {
  std::vector<std::string> texts;
  std::ifstream lines(path);
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json row = nlohmann::json::parse(line);
    if (row.contains("question")) {
      for (const char* key : {"question", "answer", "title"}) texts.push_back(row[key]);
    } else if (row.contains("title")) {
      const std::string text =
          row["title"].get<std::string>() + " " + row["text"].get<std::string>();
      texts.emplace_back(strip_whitespace(text));
    } else {
      texts.push_back(row["text"]);
    }
  }
  return texts;
}

class FuzzedTexts {
 public:
  FuzzedTexts() {
    const nlohmann::json pool = read_golden("fuzz_pool.json");
    snippets_ = pool["snippets"].get<std::vector<std::string>>();
    code_points_ = pool["code_points"].get<std::vector<uint32_t>>();
  }

  std::string text(uint64_t seed, uint64_t index) {
    state_ = seed + index * 0x632BE59BD9B4E019U;
    std::string out;
    for (uint64_t left = below(24); left > 0; --left) append_piece(out);
    return out;
  }

 private:
  uint64_t next() {  // splitmix64, Steele et al. 2014
    state_ += 0x9E3779B97F4A7C15U;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  uint64_t below(uint64_t n) { return next() % n; }

  void append_char(std::string& out, uint64_t first, uint64_t count) {
    append_utf8(out, static_cast<char32_t>(first + below(count)));  // surrogates become U+FFFD
  }

  void append_piece(std::string& out) {
    const uint64_t kind = below(16);
    if (kind < 6) {
      out += snippets_[below(snippets_.size())];
    } else if (kind < 8) {
      out += ' ';
    } else if (kind == 8) {
      append_char(out, 0x20, 95);
    } else if (kind == 9) {
      append_char(out, 0, 0xA0);
    } else if (kind == 10) {
      append_char(out, 0, 0x3000);
    } else if (kind == 11) {
      append_char(out, 0x300, 0x70);
    } else if (kind == 12) {
      append_char(out, 0, 0x110000);
    } else if (kind == 13) {
      append_char(out, 0x4E00, 0x5200);
    } else if (kind == 14) {
      append_char(out, 0xAC00, 11172);
    } else {
      append_utf8(out, code_points_[below(code_points_.size())]);
    }
  }

  std::vector<std::string> snippets_;
  std::vector<uint32_t> code_points_;
  uint64_t state_ = 0;
};

}  // namespace maxsimd::text_tests
