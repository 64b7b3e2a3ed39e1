// Damaged files of an index: an error that names the file, or the right answers; a crash never, and
// wrong answers only where verify finds the damage (B30).
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "maxsimd/base/errors.h"
#include "tests/store/store_folder.h"

namespace maxsimd::store_testing {
namespace {

namespace fs = std::filesystem;

constexpr size_t kNumSteps = 30;

const Script& script_of(StoreKind kind) {
  static const std::vector<Script> scripts = scripts_of_all_kinds({.seed = 9}, kNumSteps);
  return scripts[static_cast<size_t>(kind)];
}

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

enum class Outcome { correct, refused, wrong };

// What a reader makes of the folder; fails the test for an error that names no file of it.
Outcome read_index(const fs::path& folder, const Script& script, ThreadPool& pool,
                   std::string& message) {
  try {
    const Observation seen = observe(Index::open(folder), script, kNumSteps, kNumSteps, pool);
    message = seen.problem + seen.row_problem;
    return message.empty() ? Outcome::correct : Outcome::wrong;
  } catch (const IoError& error) {
    message = error.what();
  } catch (const FormatError& error) {
    message = error.what();
  }
  EXPECT_NE(message.find(folder.string()), std::string::npos) << message;
  return Outcome::refused;
}

// Whether verify finds something, or says that there is no index at all.
bool verify_objects(const fs::path& folder) {
  try {
    return !verify_index(folder).problems.empty();
  } catch (const IoError&) {
    return true;
  }
}

// What a writer makes of the folder: it opens and commits, or throws one of our errors.
bool writer_objects(const fs::path& folder, const Script& script) {
  try {
    IndexWriter writer = IndexWriter::open(folder, script_writer_options());
    script.play(1, writer);
    writer.compact();
  } catch (const IoError&) {
    return true;
  } catch (const FormatError&) {
    return true;
  }
  return false;
}

class DamagedIndex : public testing::TestWithParam<StoreKind> {
 protected:
  DamagedIndex() {
    IndexWriter writer =
        IndexWriter::create(folder_.index(), script().settings(), script_writer_options());
    for (size_t step = 1; step <= kNumSteps; ++step) script().play(step, writer);
    writer.optimize();
    const Index index = writer.snapshot();
    EXPECT_EQ(std::ranges::any_of(index.parts(), [](const auto& part) { return part.graph; }),
              index_kind(GetParam()) == IndexKind::hnsw);
    for (const auto& entry : fs::recursive_directory_iterator(folder_.index())) {
      const bool is_lock = entry.path().filename() == "lock";
      if (entry.is_regular_file() && !is_lock) files_.push_back(entry.path());
    }
    std::sort(files_.begin(), files_.end());
  }

  const Script& script() const { return script_of(GetParam()); }

  struct Count {
    size_t correct = 0, refused = 0, found_by_verify = 0;
  };

  // `file` is damaged now; everything is put back afterwards, too.
  void judge(const fs::path& file, Count& count) {
    const fs::path judged = folder_.root() / "judged";
    fs::remove_all(judged);
    fs::copy(folder_.index(), judged, fs::copy_options::recursive);
    std::string message;
    switch (read_index(judged, script(), pool_, message)) {
      case Outcome::correct:
        ++count.correct;
        break;
      case Outcome::refused:
        ++count.refused;
        EXPECT_TRUE(verify_objects(judged)) << "verify finds nothing, a reader " << message;
        break;
      case Outcome::wrong:
        ++count.found_by_verify;
        EXPECT_TRUE(verify_objects(judged))
            << "verify finds nothing, the answer is wrong: " << message;
    }
    EXPECT_TRUE(!is_section_file(file) || verify_objects(judged)) << "verify finds nothing";
    writer_objects(judged, script());
  }

  static bool is_section_file(const fs::path& file) {
    return is_part_of_segment(file) || file.filename() == "codebook.bin";
  }
  static bool is_part_of_segment(const fs::path& file) {
    return file.string().find("segments/") != std::string::npos;
  }

  static void print(const char* what, const fs::path& file, const Count& count) {
    std::printf("%s of %s: %zu correct, %zu refused, %zu wrong but found by verify\n", what,
                file.filename().c_str(), count.correct, count.refused, count.found_by_verify);
  }

  StoreFolder folder_;
  ThreadPool pool_{1};
  std::vector<fs::path> files_;
};

TEST_P(DamagedIndex, IsRefusedWhenAFileIsCutShortOrGone) {
  ASSERT_GE(files_.size(), 3U);
  for (const fs::path& file : files_) {
    const std::string whole = bytes_of(file);
    Count count;
    for (const size_t size : {size_t{0}, size_t{1}, whole.size() / 2, whole.size() - 1}) {
      SCOPED_TRACE(file.string() + " cut to " + std::to_string(size));
      write_bytes(file, whole.substr(0, size));
      judge(file, count);
    }
    fs::remove(file);
    SCOPED_TRACE(file.string() + " gone");
    judge(file, count);
    write_bytes(file, whole);
    print("cuts", file, count);
    // maxsimd.json may end in a newline that nobody misses.
    EXPECT_GE(count.refused, 4U);
    EXPECT_EQ(count.found_by_verify, 0U);
  }
}

TEST_P(DamagedIndex, IsRefusedOrReadRightWhenBytesFollowTheEnd) {
  for (const fs::path& file : files_) {
    SCOPED_TRACE(file.string());
    const std::string whole = bytes_of(file);
    Count count;
    write_bytes(file, whole + "x");
    judge(file, count);
    write_bytes(file, whole);
    EXPECT_EQ(count.found_by_verify, 0U);
  }
}

TEST_P(DamagedIndex, NeverCrashesByFlippedBitsAndVerifyFindsThem) {
  const size_t num_flips = number_setting("MAXSIMD_STORE_FLIPS", STORE_FLIPS);
  std::mt19937_64 random(number_setting("MAXSIMD_STORE_SEED", 1));
  for (const fs::path& file : files_) {
    const std::string whole = bytes_of(file);
    Count count;
    for (size_t flip = 0; flip < num_flips && !HasFailure(); ++flip) {
      const uint64_t bit = random() % (8 * whole.size());
      SCOPED_TRACE(file.string() + ", bit " + std::to_string(bit));
      std::string damaged = whole;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
      write_bytes(file, damaged);
      judge(file, count);
    }
    write_bytes(file, whole);
    print("flipped bits", file, count);
  }
}

// Files that exchange their places are noticed, though each is whole.
TEST_P(DamagedIndex, IsRefusedWhenTwoSegmentsChangePlaces) {
  std::vector<fs::path> segments;
  std::copy_if(files_.begin(), files_.end(), std::back_inserter(segments), is_part_of_segment);
  ASSERT_GE(segments.size(), 2U);
  const std::string first = bytes_of(segments[0]);
  write_bytes(segments[0], bytes_of(segments[1]));
  write_bytes(segments[1], first);
  std::string message;
  EXPECT_EQ(read_index(folder_.index(), script(), pool_, message), Outcome::refused) << message;
  EXPECT_TRUE(verify_objects(folder_.index()));
}

INSTANTIATE_TEST_SUITE_P(Kinds, DamagedIndex, testing::ValuesIn(kStoreKinds), name_of_kind);

}  // namespace
}  // namespace maxsimd::store_testing
