#include "maxsimd/base/sha256.h"

#include <gtest/gtest.h>

namespace maxsimd {
namespace {

// FIPS 180-4 examples and NIST's "a million a".
TEST(Sha256, GivesTheStandardsExamples) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Around the places where the padding needs another block.
TEST(Sha256, DoesNotDependOnHowTheStreamIsCut) {
  for (const size_t size : {1U, 54U, 55U, 56U, 57U, 63U, 64U, 65U, 119U, 120U, 128U, 1000U}) {
    std::string text;
    for (size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(i * 7));
    Sha256 by_byte;
    for (const char& c : text) by_byte.update(std::string_view(&c, 1));
    Sha256 in_two;
    in_two.update(std::string_view(text).substr(0, size / 3));
    in_two.update(std::string_view(text).substr(size / 3));
    const std::string whole = sha256_hex(text);
    EXPECT_EQ(to_hex(by_byte.finish()), whole) << size;
    EXPECT_EQ(to_hex(in_two.finish()), whole) << size;
  }
}

// Computed with Python's hashlib: sha256(bytes([7 * i % 256 for i in range(n)])).
TEST(Sha256, PadsAtEveryBlockBoundaryAsHashlib) {
  const auto hash = [](size_t size) {
    std::string text;
    for (size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(i * 7));
    return sha256_hex(text);
  };
  EXPECT_EQ(hash(55), "576a1bf8d4478657e6dc4af9398544765c2a92cde28478b019235cfed315fc09");
  EXPECT_EQ(hash(56), "9b20501dfd1d99161c257950f3444f3e49230c351c5c8e0943ef369f85f5205d");
  EXPECT_EQ(hash(64), "d8bc63b4fc1156e5e7d95a418b9bf54cd3174bedbc2db40f74895349b229b3c0");
}

}  // namespace
}  // namespace maxsimd
