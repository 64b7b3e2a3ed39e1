#include "maxsimd/checkpoint/safetensors_header.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "maxsimd/base/errors.h"

namespace maxsimd::detail {
namespace {

constexpr size_t kMaxRank = 64;     // no real tensor comes near; bounds what one entry can allocate
constexpr size_t kMaxSkipped = 64;  // nesting inside fields we do not know

struct DTypeRow {
  DType dtype;
  std::string_view name;
  size_t bits;
};

constexpr std::array<DTypeRow, 22> kDTypes = {{
    {DType::boolean, "BOOL", 8},
    {DType::f4, "F4", 4},
    {DType::f6_e2m3, "F6_E2M3", 6},
    {DType::f6_e3m2, "F6_E3M2", 6},
    {DType::u8, "U8", 8},
    {DType::i8, "I8", 8},
    {DType::f8_e5m2, "F8_E5M2", 8},
    {DType::f8_e4m3, "F8_E4M3", 8},
    {DType::f8_e8m0, "F8_E8M0", 8},
    {DType::f8_e4m3fnuz, "F8_E4M3FNUZ", 8},
    {DType::f8_e5m2fnuz, "F8_E5M2FNUZ", 8},
    {DType::i16, "I16", 16},
    {DType::u16, "U16", 16},
    {DType::f16, "F16", 16},
    {DType::bf16, "BF16", 16},
    {DType::i32, "I32", 32},
    {DType::u32, "U32", 32},
    {DType::f32, "F32", 32},
    {DType::c64, "C64", 64},
    {DType::f64, "F64", 64},
    {DType::i64, "I64", 64},
    {DType::u64, "U64", 64},
}};

const DTypeRow& dtype_row(DType dtype) {
  return kDTypes[static_cast<size_t>(dtype)];
}

// The header has a fixed shape, so the place of an event is its depth: 1 inside the header object,
// 2 inside a tensor or the metadata, 3 inside shape or data_offsets.
class HeaderEvents : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderEvents(const std::string& where) : where_(where) {}

  std::vector<HeaderEntry> take_entries() { return std::move(entries_); }

  bool null() override {
    // Python writes metadata=None as an absent key; the reference reader takes null as well.
    if (depth_ == 1 && in_metadata_ && skipped_ == 0) return true;
    return scalar("null");
  }
  bool boolean(bool) override { return scalar("a boolean"); }
  bool number_integer(number_integer_t) override { return scalar("a negative number"); }
  bool number_float(number_float_t, const string_t&) override {
    return scalar("a number that is not a 64-bit whole number");
  }
  bool binary(binary_t&) override { return scalar("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (depth_ != 3 || skipped_ > 0) return scalar("a number");
    if (numbers_.size() == kMaxRank) fail("more than " + std::to_string(kMaxRank) + " dimensions");
    numbers_.push_back(value);
    return true;
  }

  bool string(string_t& value) override {
    if (skipped_ > 0 || (depth_ == 2 && in_metadata_)) return true;
    if (depth_ != 2 || field_ != "dtype") return scalar("a string");
    set_dtype(value);
    return true;
  }

  bool start_object(std::size_t) override {
    if (depth_ < 2 && skipped_ == 0) {
      ++depth_;
      seen_ = {};
    } else {
      start_nested("an object");
    }
    return true;
  }

  bool key(string_t& value) override {
    if (skipped_ > 0) return true;
    if (depth_ == 1) {
      start_entry(value);
    } else {
      field_ = value;
      if (!in_metadata_) mark_seen();
    }
    return true;
  }

  bool end_object() override {
    if (skipped_ > 0) {
      --skipped_;
    } else if (--depth_ == 1 && !in_metadata_) {
      finish_entry();
    }
    return true;
  }

  bool start_array(std::size_t) override {
    const bool numbers = field_ == "shape" || field_ == "data_offsets";
    if (depth_ == 2 && !in_metadata_ && skipped_ == 0 && numbers) {
      ++depth_;
      numbers_.clear();
    } else {
      start_nested("an array");
    }
    return true;
  }

  bool end_array() override {
    if (skipped_ > 0) {
      --skipped_;
      return true;
    }
    --depth_;
    finish_numbers();
    return true;
  }

  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::json::exception& error) override {
    const std::string message = error.what();
    const size_t bracket = message.find("] ");
    throw FormatError(where_ + ": the header is not valid JSON: " +
                      (bracket == std::string::npos ? message : message.substr(bracket + 2)));
  }

 private:
  struct Seen {
    bool dtype = false, shape = false, data_offsets = false;
  };

  [[noreturn]] void fail(const std::string& what) const {
    if (depth_ == 0 || name_.empty()) throw FormatError(where_ + ": " + what);
    throw FormatError(where_ + ": tensor '" + name_ + "': " + what);
  }

  // A value that is not the one this place calls for: fine inside unknown fields, else an error.
  bool scalar(const std::string& found) const {
    if (skipped_ > 0 || (depth_ == 2 && !in_metadata_ && !is_known_field())) return true;
    fail(expected() + ", found " + found);
  }

  void start_nested(const std::string& found) {
    if (skipped_ == 0) scalar(found);
    if (++skipped_ > kMaxSkipped) fail("the header is nested too deeply");
  }

  bool is_known_field() const {
    return field_ == "dtype" || field_ == "shape" || field_ == "data_offsets";
  }

  std::string expected() const {
    if (depth_ == 0) return "the header must be a JSON object";
    if (depth_ == 1) return "expected an object with dtype, shape and data_offsets";
    if (in_metadata_) return "expected a string as metadata '" + field_ + "'";
    if (depth_ == 2 && field_ == "dtype") return "expected a type name as dtype";
    return "expected " + field_ + " to be a list of whole numbers >= 0";
  }

  void start_entry(const std::string& name) {
    name_ = name;
    field_.clear();
    in_metadata_ = name == "__metadata__";
    if (!names_.insert(name).second) fail("this name appears twice in the header");
    entry_ = HeaderEntry{.name = name, .dtype = DType::f32, .shape = {}, .begin = 0, .end = 0};
  }

  void mark_seen() {
    bool* seen = field_ == "dtype"          ? &seen_.dtype
                 : field_ == "shape"        ? &seen_.shape
                 : field_ == "data_offsets" ? &seen_.data_offsets
                                            : nullptr;
    if (seen == nullptr) return;
    if (*seen) fail("key '" + field_ + "' appears twice");
    *seen = true;
  }

  void set_dtype(const std::string& name) {
    const auto row = std::ranges::find(kDTypes, name, &DTypeRow::name);
    if (row == kDTypes.end()) fail("unknown dtype '" + name + "'");
    entry_.dtype = row->dtype;
  }

  void finish_numbers() {
    if (field_ == "shape") {
      entry_.shape.assign(numbers_.begin(), numbers_.end());
      return;
    }
    if (numbers_.size() != 2) {
      fail("data_offsets must be two numbers [begin, end], found " +
           std::to_string(numbers_.size()));
    }
    entry_.begin = numbers_[0];
    entry_.end = numbers_[1];
  }

  void finish_entry() {
    if (!seen_.dtype) fail("the header gives no dtype");
    if (!seen_.shape) fail("the header gives no shape");
    if (!seen_.data_offsets) fail("the header gives no data_offsets");
    entries_.push_back(std::move(entry_));
  }

  const std::string& where_;
  std::vector<HeaderEntry> entries_;
  std::unordered_set<std::string> names_;
  HeaderEntry entry_;
  std::string name_, field_;
  std::vector<uint64_t> numbers_;
  Seen seen_;
  bool in_metadata_ = false;
  size_t depth_ = 0;
  size_t skipped_ = 0;  // nesting inside a value we ignore
};

}  // namespace

std::vector<HeaderEntry> parse_header(std::string_view json, const std::string& where) {
  // nlohmann's lexer takes a NUL byte for the end of the text and would ignore what follows.
  if (json.find('\0') != std::string_view::npos) {
    throw FormatError(where + ": the header is not valid JSON: a NUL byte in it");
  }
  HeaderEvents events(where);
  nlohmann::json::sax_parse(json, &events);
  return events.take_entries();
}

}  // namespace maxsimd::detail

namespace maxsimd {

std::string_view dtype_name(DType dtype) {
  return detail::dtype_row(dtype).name;
}

size_t dtype_bits(DType dtype) {
  return detail::dtype_row(dtype).bits;
}

}  // namespace maxsimd
