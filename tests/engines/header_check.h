// SPDX-License-Identifier: Apache-2.0
// Are declarations of our own those of an engine's own header?  The compiler is asked: one file includes both.
#pragma once

#include "engine_run.h"

#include <fstream>

namespace sgperf::test {

// Empty if the functions of `lists` (our X-macros) are declared in `header` as the members of the struct `own_api` in
// `own_header` are: as many parameters, each of the same kind (pointer, bool, whole number or floating point of a
// size). `more` is added to the file that is compiled.  Else what the compiler says.
inline std::string disagreement(const std::filesystem::path &include, const std::string &header,
                                const std::string &own_header, const std::string &own_api,
                                const std::vector<std::string> &lists, const std::string &more = {}) {
  TempDir folder;
  std::string source = "#include \"" + header + "\"\n#include \"" + own_header + "\"\n";
  source += R"(#include <type_traits>
template <class T> constexpr int kind() {
  if constexpr (std::is_void_v<T>) return 0;
  else if constexpr (std::is_pointer_v<T>) return 1;
  else if constexpr (std::is_same_v<T, bool>) return 2;
  else if constexpr (std::is_floating_point_v<T>) return 100 + sizeof(T);
  else return 200 + sizeof(T);
}
template <class F> struct kinds;
template <class R, class... A> struct kinds<R (*)(A...)> {
  static constexpr int of[] = {kind<R>(), kind<A>()..., -1};
};
template <class F, class G> constexpr bool agree() {
  if (sizeof kinds<F>::of != sizeof kinds<G>::of) return false;
  for (unsigned i = 0; kinds<F>::of[i] >= 0; i++)
    if (kinds<F>::of[i] != kinds<G>::of[i]) return false;
  return true;
}
)";
  source += "#define CHECK(result, name, ...) static_assert(agree<decltype(&::name), decltype(" + own_api +
            "::name)>(), #name);\n";
  for (const std::string &list : lists) source += list + "(CHECK)\n";
  source += more;
  std::ofstream(folder.path() / "check.cc") << source;
  const char *compiler = std::getenv("CXX");
  Result result = run({compiler ? compiler : "c++", "-std=c++20", "-fsyntax-only", "-I" + include.string(),
                       "-I" + (source_dir() / "engines").string(), (folder.path() / "check.cc").string()});
  if (result.exit_code == 0) return {};
  return "exit code " + std::to_string(result.exit_code) + "\n" + result.err;
}

} // namespace sgperf::test
