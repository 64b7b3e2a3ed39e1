// One document or query as a file gives it, and the text a model sees.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "maxsimd/base/types.h"

namespace maxsimd {

struct Record {
  std::string id;  // 1 to kMaxIdBytes bytes of UTF-8 without U+0000, as given (never normalised)
  bool id_is_integer = false;  // the file had a JSON number: 7, not "7"
  std::string title;           // empty when there is none
  std::string text;
  std::string metadata;  // the JSON object without white space and in order of its keys, or empty
};

/// What to make of `_id` when it is an integer (7): "7", or an error.
enum class IntegerIds { as_text, refuse };

struct RecordOptions {
  IntegerIds integer_ids = IntegerIds::as_text;
  // TSV: a third column is the title. Off: all after the first TAB is text, further TABs included.
  bool tsv_titles = true;
};

/// Parses a BEIR line {"_id", "title", "text", "metadata"}: `_id` (a string, or an integer of at
/// most 64 bits) and `text` are required, null is empty, other keys are checked and passed over. A
/// key given twice in one object, an escaped lone surrogate, a number beyond double and more than
/// 64 levels are problems wherever they are. Memory: one line parsed (a list of
/// one-digit numbers takes 20 times its text, text a few times). Returns what is
/// wrong, or nothing. REQUIRES: valid UTF-8.
std::optional<std::string> parse_json_record(std::string_view line, const RecordOptions& options,
                                             Record& record);

/// Parses `id TAB text [TAB title]`. No quoting: '"' is data, in every command the same. (ColBERT
/// writes 'title | text'; here the title takes part as in all other formats, see document_text.)
/// A fourth column is a problem: nobody could say where the text ends. Returns what is wrong.
std::optional<std::string> parse_tsv_record(std::string_view line, const RecordOptions& options,
                                            Record& record);

/// The text of a document that is encoded: title + " " + text, stripped. Takes the text out of
/// the record where that spares a copy.
std::string document_text(Record&& record);
std::string document_text(const Record& record);

}  // namespace maxsimd
