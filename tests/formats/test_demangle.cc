// SPDX-License-Identifier: Apache-2.0
#include "formats/demangle.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <thread>

namespace sgperf::formats {
namespace {

TEST(Demangle, Table) {
  const struct {
    const char *mangled, *readable;
    Mangling mangling;
  } cases[] = {
      {"fib", "fib", Mangling::none},
      {"", "", Mangling::none},
      {"_Z", "_Z", Mangling::none},
      {"_start", "_start", Mangling::none},
      {"_Release", "_Release", Mangling::none},
      {"_Z3fibi", "fib(int)", Mangling::cpp},
      {"_ZN6shapes6SquareIiE5twiceEi", "shapes::Square<int>::twice(int)", Mangling::cpp},
      {"_ZNK3foo3barEv.cold", "foo::bar() const [clone .cold]", Mangling::cpp},
      {"_ZL4helpi.llvm.12345678", "help(int)", Mangling::cpp},
      {"_ZNSt6vectorIiSaIiEE9push_backERKi", "std::vector<int, std::allocator<int> >::push_back(int const&)",
       Mangling::cpp},
      {"_Zgarbage", "_Zgarbage", Mangling::cpp},
      {"_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad", Mangling::rust_legacy},
      {"_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$u20$as$u20$foo..Bar$LT$Test$GT$$GT$3bar17h930b740aa94f1d3aE",
       "<Test + 'static as foo::Bar<Test>>::bar", Mangling::rust_legacy},
      {"_ZN4main4work17h0123456789abcdefE.llvm.99", "main::work", Mangling::rust_legacy},
      {"_ZN4main4work17h0123456789abcdefE.cold", "main::work [clone .cold]", Mangling::rust_legacy},
      // From the examples of Rust's RFC 2603.
      {"_RNvC6_123foo3bar", "123foo::bar", Mangling::rust_v0},
      {"_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar", Mangling::rust_v0},
      {"_RINvNtC3std3mem8align_ofdE", "std::mem::align_of::<f64>", Mangling::rust_v0},
      {"_RNCINkXs25_NgCsbmNqQUJIY6D_4core5sliceINyB9_4IterhENuNgNoBb_4iter8iterator8Iterator9rpositionNCNgNpB9_6memchr7"
       "memrchrs_0E0Bb_",
       "<core::slice::Iter<u8> as "
       "core::iter::iterator::Iterator>::rposition::<core::slice::memchr::memrchr::{closure#1}>::"
       "{closure#0}",
       Mangling::rust_v0},
      {"_RNqCs4fqI2P2rA04_11utf8_identsu30____7hkackfecea1cbdathfdh9hlq6y", "utf8_idents::საჭმელად_გემრიელი_სადილი",
       Mangling::rust_v0},
      {"_RNvC3std3foo.llvm.77", "std::foo", Mangling::rust_v0},
  };
  for (const auto &one : cases) {
    EXPECT_EQ(demangle(one.mangled), one.readable);
    EXPECT_EQ(mangling_of(one.mangled), one.mangling) << one.mangled;
  }
  EXPECT_EQ(demangle("_ZN6shapes6SquareIiE5twiceEi", {.parameters = false}), "shapes::Square<int>::twice");
  EXPECT_EQ(demangle(std::string("_Z3fibi\0x", 9)), std::string("_Z3fibi\0x", 9));
}

double seconds(const std::string &mangled, std::string &out) {
  const auto start = std::chrono::steady_clock::now();
  out = demangle(mangled);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(Demangle, NamesThatStandForGigabytesStayAsTheyAre) {
  std::string out;
  // Each type is a pair of the one before: 2^34 of them.
  std::string cpp = "_Z1f1aIiiE1bIS0_S0_E"; // S1_ is b, S2_ the last type
  for (const char i : std::string("23456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    const std::string before = std::string("S") + i + "_";
    cpp.append("S1_I").append(before).append(before) += 'E';
  }
  EXPECT_LT(seconds(cpp, out), 1.0);
  EXPECT_EQ(out, cpp);
  // The same by references back in Rust's form: a tuple of two tuples of ..
  std::string rust = "_RIC1aTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTlBy_EBx_EBw_EBv_EBu_EBt_EBs_EBr_EBq_EBp_EBo_EBn_EBm_"
                     "EBl_EBk_EBj_EBi_EBh_"
                     "EBg_EBf_EBe_EBd_EBc_EBb_EBa_EB9_EB8_EB7_EB6_EB5_EB4_EB3_EEE";
  EXPECT_LT(seconds(rust, out), 1.0);
  EXPECT_EQ(out, rust);
}

TEST(Demangle, DepthIsNoStackOverflow) {
  // On a small stack, as threads have.
  std::thread([] {
    std::string out;
    for (const size_t depth : {1000, 4000, 100000}) {
      seconds("_Z1f" + std::string(depth, 'P') + "i", out);
      seconds("_Z1f" + std::string(depth, 'F') + "i", out);
      seconds("_RIC1a" + std::string(depth, 'T') + "lE", out);
      seconds("_RIC1a" + std::string(depth, 'R') + "lE", out);
    }
    // Templates of libraries are longer than libiberty's own limit of 1024.
    std::string parts;
    for (int i = 0; i < 200; ++i) parts += "1aIiE";
    const std::string longer = "_Z1fI" + parts + "EvT_";
    EXPECT_EQ(seconds(longer, out) < 1.0, true);
    EXPECT_EQ(out.substr(0, 10), "void f<a<i") << out.substr(0, 40);
  }).join();
}

TEST(Demangle, AnythingComesBack) {
  std::mt19937 random(3);
  const std::string letters = "NSIERTCPKFvidjmhBX_0123456789aLQGZ.$u";
  for (int round = 0; round < 20000; ++round) {
    std::string name = random() % 2 ? "_Z" : "_R";
    for (size_t n = random() % 60; n > 0; --n) name += letters[random() % letters.size()];
    const std::string out = demangle(name);
    EXPECT_LE(out.size(), std::max(demangled_limit + 100, name.size()));
  }
}

} // namespace
} // namespace sgperf::formats
