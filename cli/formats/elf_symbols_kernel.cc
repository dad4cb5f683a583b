// SPDX-License-Identifier: Apache-2.0
#include "formats/elf_symbols_kernel.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>
#include <tuple>

namespace sgperf::formats {
namespace {

// No function of the kernel is longer: what lies further from the last symbol before it belongs to none.
constexpr uint64_t longest_function = 1 << 20;

} // namespace

const char *to_text(KernelSymbolOdd kind) {
  return kind == KernelSymbolOdd::line ? "line that is no symbol" : "?";
}

KernelSymbols KernelSymbols::parse(std::string_view text) {
  KernelSymbols out;
  uint64_t hidden = 0;
  struct Entry {
    KernelSymbol symbol;
    bool global = false;
  };
  std::vector<Entry> entries;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty()) continue;
    // ffffffff81000000 T _stext, or with "\t[module]" behind it.
    uint64_t address = 0;
    const auto read = std::from_chars(line.data(), line.data() + line.size(), address, 16);
    const auto at = static_cast<size_t>(read.ptr - line.data());
    if (read.ec != std::errc() || line.size() < at + 4 || line[at] != ' ' || line[at + 2] != ' ') {
      out.odd_.add(KernelSymbolOdd::line);
      continue;
    }
    const char type = line[at + 1];
    if (std::string_view("tTwW").find(type) == std::string_view::npos) continue;
    if (address == 0) {
      ++hidden;
      continue;
    }
    std::string_view name = line.substr(at + 3), module;
    if (const size_t tab = name.find_first_of("\t "); tab != std::string_view::npos) {
      const size_t open = name.find('[', tab), close = name.rfind(']');
      if (open != std::string_view::npos && close != std::string_view::npos && close > open)
        module = name.substr(open + 1, close - open - 1);
      name = name.substr(0, tab);
    }
    entries.push_back({{address, std::string(name), std::string(module)}, type == 'T'});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry &a, const Entry &b) {
    return std::make_tuple(a.symbol.address, !a.global, a.symbol.name.size(), std::string_view(a.symbol.name)) <
           std::make_tuple(b.symbol.address, !b.global, b.symbol.name.size(), std::string_view(b.symbol.name));
  });
  for (Entry &entry : entries)
    if (out.symbols_.empty() || out.symbols_.back().address != entry.symbol.address)
      out.symbols_.push_back(std::move(entry.symbol));
  if (out.symbols_.empty())
    out.why_ = hidden ? "the kernel hides its addresses (all are zero): run as root, or as root `sysctl "
                        "kernel.kptr_restrict=0 kernel.perf_event_paranoid=1`"
                      : "there are no kernel symbols in it: expected lines as in /proc/kallsyms";
  return out;
}

KernelSymbols KernelSymbols::read(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in || text.str().empty()) {
    KernelSymbols out;
    out.why_ = path + " cannot be read: " + (in ? "it is empty" : std::strerror(errno)) +
               "; kernel functions have no names without it";
    return out;
  }
  return parse(text.str());
}

const KernelSymbol *KernelSymbols::find(uint64_t address) const {
  const auto it = std::upper_bound(symbols_.begin(), symbols_.end(), address,
                                   [](uint64_t at, const KernelSymbol &symbol) { return at < symbol.address; });
  if (it == symbols_.begin() || address - std::prev(it)->address > longest_function) return nullptr;
  return &*std::prev(it);
}

} // namespace sgperf::formats
