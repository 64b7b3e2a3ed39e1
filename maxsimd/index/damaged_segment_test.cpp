// Segments that are cut, flipped or forged: a FormatError that names the file, never an access
// outside it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/checksum.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/index/segment_testing.h"

namespace maxsimd {
namespace {

using index_testing::random_batch;
using segment_testing::kStoredCodecs;
using segment_testing::Segments;

// One file of a few documents in memory, to be damaged.
class DamagedSegments : public Segments {
 protected:
  void SetUp() override {
    Segments::SetUp();
    load(Codec::int8);
  }
  void load(Codec codec) { load(form(codec, 3)); }
  void load(const SegmentForm& form) {
    form_ = form;
    write(form, random_batch(3, {2, 0, 1}, 4), ids_);
    const std::string content = read_file(file());
    bytes_.resize(content.size());
    std::memcpy(bytes_.data(), content.data(), content.size());
  }
  Segment parse() { return Segment::parse(bytes_.span(), "damaged.bin", form_); }

  // Where the header says that a section lies, and its entry's offset in the header.
  struct Place {
    size_t entry, offset, size;
  };
  Place place(std::string_view name) const {
    const SectionFile sections = SectionFile::parse(bytes_.span(), "whole", kSegmentFileKind);
    const auto names = sections.section_names();
    const auto number = std::find(names.begin(), names.end(), name) - names.begin();
    const auto section = sections.section(name);
    return {16 + 40 * static_cast<size_t>(number),
            static_cast<size_t>(section.data() - bytes_.data()), section.size()};
  }
  template <class T>
  void put(size_t offset, T value) {
    std::memcpy(bytes_.data() + offset, &value, sizeof(value));
  }
  // Makes the checksums fit, so that only the reader's own checks stand in the way.
  void repair(std::string_view name) {
    const Place at = place(name);
    put(at.entry + 32, checksum(bytes_.span().subspan(at.offset, at.size)));
    put(4088, checksum(bytes_.span().first(4088)));
  }
  // Puts a value into a table, with fitting checksums; what the reader says.
  template <class T>
  std::string problem_with(std::string_view name, size_t number, T value) {
    load(form_);
    put(place(name).offset + number * sizeof(T), value);
    repair(name);
    return problem_of([this] { parse(); });
  }
  template <class Call>
  static std::string problem_of(Call call) {
    try {
      call();
    } catch (const FormatError& error) {
      return error.what();
    }
    return {};
  }

  // Of each codec, and of each with residual codes beside the vectors.
  std::vector<SegmentForm> forms() {
    std::vector<SegmentForm> forms;
    for (const Codec codec : kStoredCodecs) forms.push_back(form(codec, 3));
    for (const Codec codec : index_testing::kCodecs) forms.push_back(form_beside(codec, 3));
    return forms;
  }

  SegmentForm form_;
  std::vector<std::string> ids_ = {"bb", "a", "bb"};
  AlignedBuffer<std::byte> bytes_;
};

TEST_F(DamagedSegments, EveryTruncationIsAFormatErrorThatNamesTheFile) {
  for (const SegmentForm& form : forms()) {
    load(form);
    for (size_t size = 0; size < bytes_.size(); ++size) {
      AlignedBuffer<std::byte> part(size);  // of its own, for the sanitizer to guard
      std::memcpy(part.data(), bytes_.data(), size);
      try {
        Segment::parse(part.span(), "damaged.bin", form);
        FAIL() << "nothing was thrown at " << size;
      } catch (const FormatError& error) {
        ASSERT_EQ(std::string(error.what()).rfind("damaged.bin: ", 0), 0U) << error.what();
      }
    }
  }
}

TEST_F(DamagedSegments, EveryFlippedBitIsFoundAtOpenOrInVectorsByVerify) {
  for (const SegmentForm& form : forms()) {
    load(form);
    std::vector<Place> vectors = {place("codes"), place("scales")};
    if (form.has_residuals_beside()) vectors.push_back(place("residuals"));
    const auto in_vectors = [&](size_t byte) {
      return std::ranges::any_of(vectors, [byte](const Place& at) {
        return byte >= at.offset && byte < at.offset + at.size;
      });
    };
    for (size_t bit = 0; bit < bytes_.size() * 8; ++bit) {
      bytes_[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
      if (in_vectors(bit / 8)) {
        const Segment segment = parse();
        ASSERT_THROW(segment.verify(), FormatError) << bit;
      } else {
        ASSERT_THROW(parse(), FormatError) << bit;
      }
      bytes_[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    }
    parse().verify();
  }
}

TEST_F(DamagedSegments, ForgedRowOffsetsAreRefused) {
  for (const uint64_t value : {uint64_t{1}, ~uint64_t{0}}) {
    EXPECT_NE(problem_with("offsets", 0, value), "");
  }
  for (const uint64_t value : {uint64_t{4}, uint64_t{1} << 62, ~uint64_t{0}}) {
    EXPECT_NE(problem_with("offsets", 1, value).find("damaged.bin: section offsets: "),
              std::string::npos);
    EXPECT_NE(problem_with("offsets", 3, value), "");
  }
  EXPECT_NE(problem_with("offsets", 2, uint64_t{1}), "");
  EXPECT_EQ(problem_with("offsets", 2, uint64_t{3}), "");  // another document's row: well-formed
}

TEST_F(DamagedSegments, ForgedSequencesAreRefused) {
  EXPECT_NE(problem_with("sequences", 0, uint64_t{13}).find("section sequences"),
            std::string::npos);
  EXPECT_NE(problem_with("sequences", 1, uint64_t{17}), "");
  EXPECT_EQ(problem_with("sequences", 0, uint64_t{12}), "");
}

TEST_F(DamagedSegments, ForgedIdsAreRefused) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{3}, uint64_t{4}, ~uint64_t{0}}) {
    EXPECT_NE(problem_with("id_offsets", 1, value).find("section id_offsets"), std::string::npos)
        << value;
  }
  EXPECT_NE(problem_with("id_offsets", 0, uint64_t{1}), "");
  EXPECT_NE(problem_with("id_offsets", 3, uint64_t{4}), "");
  EXPECT_NE(problem_with("id_offsets", 3, uint64_t{6}), "");
  EXPECT_NE(problem_with("ids", 0, '\xc3').find("an id that is not UTF-8"), std::string::npos);
}

TEST_F(DamagedSegments, IdsOfMoreThan512BytesAreRefused) {
  ids_ = {std::string(512, 'a'), "aa", "b"};
  EXPECT_NE(problem_with("id_offsets", 1, uint64_t{513}).find("ids of 1 to 512 bytes"),
            std::string::npos);
  EXPECT_EQ(problem_with("id_offsets", 1, uint64_t{511}), "");
}

TEST_F(DamagedSegments, ForgedIdOrderIsRefused) {  // it is 1 0 2: "a", "bb", "bb"
  EXPECT_EQ(problem_with("id_order", 0, uint32_t{1}), "");
  EXPECT_NE(problem_with("id_order", 0, uint32_t{3}).find("slots below the size"),
            std::string::npos);
  EXPECT_NE(problem_with("id_order", 2, ~uint32_t{0}), "");
  EXPECT_NE(problem_with("id_order", 0, uint32_t{0}).find("in the order of their ids"),
            std::string::npos);
  EXPECT_NE(problem_with("id_order", 2, uint32_t{0}), "");  // 1 0 0: one twice
  EXPECT_NE(problem_with("id_order", 1, uint32_t{2}), "");  // 1 2 2
}

TEST_F(DamagedSegments, ForgedCentroidsAndListsAreRefusedOrFoundByVerify) {
  load(Codec::residual);
  const std::span<const uint16_t> centroids = parse().rows().centroids;
  const uint16_t first = centroids[0];
  EXPECT_NE(problem_with("centroids", 0, uint16_t{4}).find("section centroids: expected numbers"),
            std::string::npos);
  EXPECT_NE(problem_with("centroids", 2, uint16_t{0xffff}), "");
  EXPECT_NE(problem_with("coding", 0, uint64_t{4}).find("residuals of 2 bits of codebook 7"),
            std::string::npos);
  EXPECT_NE(problem_with("coding", 1, uint64_t{8}), "");
  EXPECT_NE(problem_with("coding", 2, uint64_t{3}).find("a list for each of 4 centroids"),
            std::string::npos);
  EXPECT_NE(problem_with("coding", 2, uint64_t{0}), "");  // no lists, but their sections are there
  for (size_t at = 0; at <= 4; ++at) {
    EXPECT_NE(problem_with("list_offsets", at, ~uint64_t{0}), "") << at;
  }
  EXPECT_NE(problem_with("list_gaps", 0, uint8_t{3}).find("lists of slots below the size"),
            std::string::npos);
  // Well-formed, but not those of the vectors: for verify.
  EXPECT_EQ(problem_with("centroids", 0, static_cast<uint16_t>(first ^ 1)), "");
  EXPECT_THROW(parse().verify(), FormatError);
}

TEST_F(DamagedSegments, ResidualCodesBesideTheVectorsAreHeldToTheirNumber) {
  load(form_beside(Codec::int8, 3));
  EXPECT_NE(problem_with("centroids", 0, uint16_t{4}).find("section centroids: expected numbers"),
            std::string::npos);
  load(form_beside(Codec::int8, 3));
  const Place at = place("residuals");
  ASSERT_EQ(at.size, 9U);  // 3 vectors of 2 + 1 bytes
  // Without them, or with those of fewer vectors: the section after it begins where it did.
  for (const size_t size : {size_t{0}, size_t{6}, size_t{8}}) {
    load(form_beside(Codec::int8, 3));
    put(at.entry + 24, uint64_t{size});
    put(at.entry + 32, checksum(bytes_.span().subspan(at.offset, size)));
    put(4088, checksum(bytes_.span().first(4088)));
    EXPECT_EQ(problem_of([this] { parse(); }).rfind("damaged.bin: ", 0), 0U) << size;
  }
  // Where there is a codebook vectors have codes, and where there is none they have not.
  write(form(Codec::int8, 3), random_batch(3, {2, 0, 1}, 4), ids_);
  const auto open_with_codes = [&] {
    Segment::open_if_exists(folder(), form_beside(Codec::int8, 3));
  };
  EXPECT_NE(problem_of(open_with_codes).find("coding"), std::string::npos);
}

TEST_F(DamagedSegments, ForgedShapesAreRefusedWithoutOverflow) {
  EXPECT_NE(problem_with("shape", 0, uint64_t{4}).find("codec unknown to this program"),
            std::string::npos);
  EXPECT_NE(problem_with("shape", 1, uint64_t{4}).find("of dim 4"), std::string::npos);
  for (const uint64_t value : {uint64_t{0}, uint64_t{2}, uint64_t{4}, uint64_t{1} << 32,
                               (uint64_t{1} << 61) + 3, ~uint64_t{0}}) {
    EXPECT_NE(problem_with("shape", 2, value), "") << value;
  }
  for (const uint64_t value : {uint64_t{0}, uint64_t{2}, (uint64_t{1} << 62) + 3, ~uint64_t{0}}) {
    EXPECT_NE(problem_with("shape", 3, value).find("section codes"), std::string::npos) << value;
  }
}

}  // namespace
}  // namespace maxsimd
