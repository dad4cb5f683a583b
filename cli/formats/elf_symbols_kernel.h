// SPDX-License-Identifier: Apache-2.0
// Kernel symbols from /proc/kallsyms: "ADDRESS TYPE NAME [MODULE]" lines.
#pragma once

#include "formats/odd_counts.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::formats {

struct KernelSymbol {
  uint64_t address = 0;
  std::string name, module; // module: empty = the kernel itself
};

enum class KernelSymbolOdd : uint8_t { line, count };
const char *to_text(KernelSymbolOdd kind);

class KernelSymbols {
public:
  static KernelSymbols parse(std::string_view text);
  static KernelSymbols read(const std::string &path = "/proc/kallsyms");

  // The last one at or below the address; nullptr: none.
  const KernelSymbol *find(uint64_t address) const;
  const std::vector<KernelSymbol> &symbols() const { return symbols_; } // code only, by address
  // Why there are none, and what to do: addresses are zeros for whom kptr_restrict hides them.  Empty: there are some.
  const std::string &why() const { return why_; }
  const OddCounts<KernelSymbolOdd> &odd() const { return odd_; }

private:
  std::vector<KernelSymbol> symbols_;
  std::string why_;
  OddCounts<KernelSymbolOdd> odd_;
};

} // namespace sgperf::formats
