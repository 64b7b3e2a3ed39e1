// INDEX/maxsimd.json: a field that was changed by hand or by damage is told, whatever its new
// value.
#include "maxsimd/index/index_settings.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"
#include "tests/support/temp_folder.h"

namespace maxsimd {
namespace {

using nlohmann::json;

class IndexSettingsFile : public testing::Test {
 protected:
  void SetUp() override { write_index_settings(folder_.path(), settings_); }

  std::filesystem::path path() const { return folder_.path() / "maxsimd.json"; }
  json read() const { return json::parse(std::ifstream(path())); }
  void write(const std::string& text) const { std::ofstream(path()) << text; }

  std::string refusal() const {
    try {
      (void)read_index_settings(folder_.path());
    } catch (const FormatError& error) {
      return error.what();
    }
    return "";
  }

  testing_support::TempFolder folder_;
  const IndexSettings settings_{.dim = 96,
                                .codec = Codec::int8,
                                .store_text = true,
                                .model = "mod\xC3\xA8le",
                                .fingerprint = "abc",
                                .document_length = 100,
                                .document_prefix = "[D] "};
};

TEST_F(IndexSettingsFile, ComesBackAsWritten) {
  EXPECT_EQ(read_index_settings(folder_.path()), settings_);
  for (const IndexSettings& other :
       {IndexSettings{.dim = 1}, IndexSettings{.dim = 2, .codec = Codec::residual, .nbits = 1},
        IndexSettings{.dim = 3, .kind = IndexKind::plaid, .codec = Codec::residual, .nbits = 4}}) {
    write_index_settings(folder_.path(), other);
    EXPECT_EQ(read_index_settings(folder_.path()), other);
  }
}

TEST_F(IndexSettingsFile, MayBeLaidOutInAnotherWay) {
  write(read().dump(8));
  EXPECT_EQ(read_index_settings(folder_.path()), settings_);
}

TEST_F(IndexSettingsFile, B30EveryChangedFieldIsRefused) {
  const json whole = read();
  const json other = {
      {"dim", 95},         {"codec", "float32"},    {"store_text", false},  {"model", "modele"},
      {"fingerprint", ""}, {"document_length", 99}, {"document_prefix", ""}};
  for (const auto& [field, value] : other.items()) {
    SCOPED_TRACE(field);
    json changed = whole;
    changed[field] = value;
    write(changed.dump());
    EXPECT_NE(refusal().find(path().string() + ": checksum: does not fit"), std::string::npos)
        << refusal();
    if (!field.starts_with("document_")) continue;
    changed.erase(field);
    write(changed.dump());
    EXPECT_NE(refusal().find("checksum"), std::string::npos) << refusal();
  }
  json without = whole;
  without.erase("checksum");
  write(without.dump());
  EXPECT_NE(refusal().find("checksum: is missing"), std::string::npos) << refusal();
}

}  // namespace
}  // namespace maxsimd
