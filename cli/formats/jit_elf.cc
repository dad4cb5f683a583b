// SPDX-License-Identifier: Apache-2.0
#include "formats/jit_elf.h"

#include "formats/jit_elf_lines.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>

#include <sys/mman.h>

namespace sgperf::formats {
namespace {

// File offsets and virtual addresses are the same: perf then needs no program header to go from one to the other.
constexpr uint64_t text_start = 0x1000, largest_file = UINT32_MAX;
constexpr uint64_t note_offset = sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr), note_size = 36;
// Gaps up to this size are filled where the budget allows (below): a mapping costs a record of 150 bytes and perf's
// time.
constexpr uint64_t largest_gap = 256;

struct Placed {
  const JitFunction *function;
  uint64_t end;            // address after the last byte
  uint32_t generation = 0; // 0: the first at its addresses; else one more than what it replaces
  uint64_t not_before = 0; // what it replaces still ran until then
  uint64_t offset = 0;     // in the ELF
};

std::vector<Placed> usable(std::span<const JitFunction> functions, uint64_t &left_out) {
  std::vector<Placed> out;
  out.reserve(functions.size());
  uint64_t bytes = 0;
  for (const JitFunction &function : functions) {
    const uint64_t cost = function.size + function.name.size() + 64;
    if (function.size == 0 || function.address + function.size < function.address || function.size > largest_file ||
        bytes + cost > largest_file / 2) {
      ++left_out;
      continue;
    }
    bytes += cost;
    out.push_back({&function, function.address + function.size});
  }
  const auto less = [](const Placed &a, const Placed &b) {
    return a.function->address != b.function->address ? a.function->address < b.function->address
                                                      : a.function < b.function;
  };
  if (!std::is_sorted(out.begin(), out.end(), less)) std::sort(out.begin(), out.end(), less);
  return out;
}

// Functions that share addresses, in the order of their loading: who covers whom.  The map has what is on top: begin ->
// (end, function), as perf keeps its maps.
void order_cluster(std::span<Placed> cluster) {
  std::vector<Placed *> order;
  order.reserve(cluster.size());
  for (Placed &one : cluster) order.push_back(&one);
  std::stable_sort(order.begin(), order.end(),
                   [](const Placed *a, const Placed *b) { return a->function->load_time < b->function->load_time; });
  std::map<uint64_t, std::pair<uint64_t, const Placed *>> top;
  for (Placed *one : order) {
    const uint64_t begin = one->function->address, end = one->end, load = one->function->load_time;
    auto it = top.upper_bound(begin);
    if (it != top.begin() && std::prev(it)->second.first > begin) --it;
    while (it != top.end() && it->first < end) {
      const auto [old_begin, rest] = *it;
      const auto [old_end, old] = rest;
      one->generation = std::max(one->generation, old->generation + 1);
      one->not_before = std::max(one->not_before, std::min(old->function->unload_time, load));
      it = top.erase(it);
      if (old_begin < begin) top.emplace(old_begin, std::pair(begin, old));
      if (old_end > end) it = top.emplace(end, std::pair(old_end, old)).first;
    }
    top.emplace(begin, std::pair(end, one));
  }
}

// True: some addresses were used more than once.
bool find_generations(std::vector<Placed> &functions) {
  bool reused = false;
  for (size_t first = 0; first < functions.size();) {
    uint64_t end = functions[first].end;
    size_t after = first + 1;
    for (; after < functions.size() && functions[after].function->address < end; ++after)
      end = std::max(end, functions[after].end);
    if (after - first > 1) {
      order_cluster(std::span(functions).subspan(first, after - first));
      reused = true;
    }
    first = after;
  }
  return reused;
}

// Answers whether any function has an address in [begin, end).
class Used {
public:
  explicit Used(const std::vector<Placed> &by_address) {
    uint64_t end = 0;
    for (const Placed &one : by_address) ends_.emplace_back(one.function->address, end = std::max(end, one.end));
  }
  bool any(uint64_t begin, uint64_t end) const {
    const auto after = std::lower_bound(ends_.begin(), ends_.end(), std::pair(end, uint64_t{0}));
    return begin < end && after != ends_.begin() && std::prev(after)->second > begin;
  }

private:
  std::vector<std::pair<uint64_t, uint64_t>> ends_; // address, largest end so far
};

// The largest gap to be filled: all filled ones together stay below a tenth of code and names.
uint64_t gap_limit(const std::vector<Placed> &functions, uint64_t code_and_names) {
  std::array<uint64_t, largest_gap + 1> count{};
  for (size_t i = 1; i < functions.size(); ++i) {
    const Placed &before = functions[i - 1], &one = functions[i];
    if (before.generation != one.generation || one.function->address < before.end) continue;
    const uint64_t gap = one.function->address - before.end;
    if (gap <= largest_gap) ++count[gap];
  }
  uint64_t sum = 0;
  for (uint64_t gap = 1; gap <= largest_gap; ++gap) {
    sum += gap * count[gap];
    if (sum > code_and_names / 10) return gap - 1;
  }
  return largest_gap;
}

// Gives every function its place, and the mappings.  Gives back where the text ends.
uint64_t place(std::vector<Placed> &functions, const Used &used, uint64_t gap, std::vector<JitMapping> &mappings) {
  uint64_t at = text_start, low = 0;
  for (size_t i = 0; i < functions.size(); ++i) {
    Placed &one = functions[i];
    const JitFunction &function = *one.function;
    const Placed *before = i ? &functions[i - 1] : nullptr;
    bool joined = false;
    if (before && before->generation == one.generation && function.address >= before->end &&
        function.address - before->end <= gap &&
        // What replaces others must not cover one between that goes on.
        (one.generation == 0 || !used.any(before->end, function.address))) {
      // The joint mapping starts when its first member is loaded, and may not cover what another one replaces while
      // that still runs.
      const uint64_t later_low = std::max(low, one.not_before);
      const uint64_t time = std::min(mappings.back().time, function.load_time);
      if (later_low <= time) {
        at += function.address - before->end;
        low = later_low;
        mappings.back().time = time;
        mappings.back().length = function.address + function.size - mappings.back().address;
        joined = true;
      }
    }
    if (!joined) {
      at += (function.address - at) % 4; // instructions of fixed size stay aligned
      low = one.not_before;
      mappings.push_back({function.load_time, function.address, function.size, at});
    }
    one.offset = at;
    at += function.size;
  }
  std::stable_sort(mappings.begin(), mappings.end(),
                   [](const JitMapping &a, const JitMapping &b) { return a.time < b.time; });
  return at;
}

// Not cryptographic: five 64-bit lanes with multiply and rotate, so that other content has another id.
PerfBuildIdBytes content_id(std::string_view bytes) {
  constexpr uint64_t odd = 0x9e3779b97f4a7c15;
  uint64_t lane[5] = {bytes.size(), 0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1};
  size_t at = 0;
  for (; at + 40 <= bytes.size(); at += 40)
    for (int i = 0; i < 5; ++i) {
      uint64_t word;
      std::memcpy(&word, bytes.data() + at + i * 8, 8);
      lane[i] = std::rotl((lane[i] ^ word) * odd, 29);
    }
  for (; at < bytes.size(); ++at) lane[at % 5] = std::rotl((lane[at % 5] ^ static_cast<uint8_t>(bytes[at])) * odd, 29);
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 5; ++i) {
      lane[i] = (lane[i] ^ std::rotl(lane[(i + 1) % 5], 23)) * odd;
      lane[i] ^= lane[i] >> 32;
    }
  PerfBuildIdBytes id(20);
  for (int i = 0; i < 5; ++i) std::memcpy(id.data() + i * 4, &lane[i], 4);
  return id;
}

struct Section {
  const char *name;
  uint32_t type;
  uint64_t flags, address, offset, size;
  uint32_t link = 0, info = 0;
  uint64_t align = 1, entry = 0;
};

class Image {
public:
  explicit Image(std::string &bytes) : bytes_(bytes) {}
  // Makes room, aligned; gives back where.
  uint64_t room(uint64_t size, uint64_t align) {
    const uint64_t at = (bytes_.size() + align - 1) / align * align;
    bytes_.resize(at + size);
    return at;
  }
  uint64_t append(std::string_view part, uint64_t align = 1) {
    const uint64_t at = room(part.size(), align);
    if (!part.empty()) std::memcpy(bytes_.data() + at, part.data(), part.size());
    return at;
  }
  void write(uint64_t at, const void *from, size_t size) { std::memcpy(bytes_.data() + at, from, size); }

private:
  std::string &bytes_;
};

void write_headers(Image &image, std::vector<Section> sections, uint16_t machine, uint64_t text_end) {
  std::string names(1, '\0');
  std::vector<uint32_t> name_at;
  sections.push_back({".shstrtab", SHT_STRTAB, 0, 0, 0, 0});
  for (const Section &one : sections) {
    name_at.push_back(static_cast<uint32_t>(names.size()));
    names.append(one.name).push_back('\0');
  }
  sections.back().offset = image.append(names);
  sections.back().size = names.size();
  const uint64_t headers = image.room((sections.size() + 1) * sizeof(Elf64_Shdr), 8);
  for (size_t i = 0; i < sections.size(); ++i) {
    const Section &one = sections[i];
    const Elf64_Shdr header{name_at[i], one.type, one.flags, one.address, one.offset,
                            one.size,   one.link, one.info,  one.align,   one.entry};
    image.write(headers + (i + 1) * sizeof header, &header, sizeof header);
  }
  Elf64_Ehdr elf{};
  std::memcpy(elf.e_ident, ELFMAG, SELFMAG);
  elf.e_ident[EI_CLASS] = ELFCLASS64;
  elf.e_ident[EI_DATA] = ELFDATA2LSB;
  elf.e_ident[EI_VERSION] = EV_CURRENT;
  elf.e_type = ET_DYN;
  elf.e_machine = machine;
  elf.e_version = EV_CURRENT;
  elf.e_phoff = sizeof(Elf64_Ehdr);
  elf.e_shoff = headers;
  elf.e_ehsize = sizeof(Elf64_Ehdr);
  elf.e_phentsize = sizeof(Elf64_Phdr);
  elf.e_phnum = 2;
  elf.e_shentsize = sizeof(Elf64_Shdr);
  elf.e_shnum = static_cast<uint16_t>(sections.size() + 1);
  elf.e_shstrndx = static_cast<uint16_t>(sections.size());
  image.write(0, &elf, sizeof elf);
  // From the first byte on, as a linker does it: libdw takes the first segment for the module's start, and Hotspot
  // counts the addresses of symbols from there.
  const Elf64_Phdr programs[2] = {{PT_LOAD, PF_R | PF_X, 0, 0, 0, text_end, text_end, 0x1000},
                                  {PT_NOTE, PF_R, note_offset, note_offset, note_offset, note_size, note_size, 4}};
  image.write(sizeof elf, programs, sizeof programs);
}

} // namespace

JitElf build_jit_elf(const JitElfInput &input) {
  JitElf elf;
  std::vector<Placed> functions = usable(input.functions, elf.left_out);
  elf.functions = functions.size();
  std::vector<Placed> none;
  const bool reused = find_generations(functions);
  const Used used(reused ? functions : none); // asked for later generations only
  if (reused)
    std::stable_sort(functions.begin(), functions.end(),
                     [](const Placed &a, const Placed &b) { return a.generation < b.generation; });
  uint64_t names_size = 1, code_size = 0;
  for (const Placed &one : functions) {
    names_size += one.function->name.size() + 1;
    code_size += one.function->size;
  }
  const uint64_t text_end = place(functions, used, gap_limit(functions, code_size + names_size), elf.mappings);

  std::vector<JitPlacedLines> lines;
  for (const Placed &one : functions)
    if (!one.function->lines.empty()) lines.push_back({one.function, one.offset});
  const JitLineSections dwarf = encode_jit_lines(input, lines, text_start, text_end);

  // Symbols right behind the text, in the order of addresses; index 0 is the empty one.
  const uint64_t symbols_size = (functions.size() + 1) * sizeof(Elf64_Sym);
  const uint64_t symbols_at = (text_end + 7) / 8 * 8, names_at = symbols_at + symbols_size;
  elf.bytes.reserve(names_at + names_size + dwarf.line.size() + dwarf.info.size() + 4096);
  elf.bytes.resize(names_at + names_size);
  char *out = elf.bytes.data();
  uint32_t name_at = 1;
  for (size_t i = 0; i < functions.size(); ++i) {
    const JitFunction &function = *functions[i].function;
    const std::string_view code = function.code.substr(0, function.size);
    if (!code.empty()) std::memcpy(out + functions[i].offset, code.data(), code.size());
    const std::string_view name = function.name.substr(0, function.name.find('\0'));
    const Elf64_Sym symbol{name.empty() ? 0 : name_at,
                           ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                           STV_DEFAULT,
                           1,
                           functions[i].offset,
                           function.size};
    std::memcpy(out + symbols_at + (i + 1) * sizeof symbol, &symbol, sizeof symbol);
    if (!name.empty()) std::memcpy(out + names_at + name_at, name.data(), name.size());
    name_at += static_cast<uint32_t>(name.size()) + 1;
  }

  Image image(elf.bytes);
  std::vector<Section> sections = {
      {".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, text_start, text_start, text_end - text_start, 0, 0, 16, 0},
      {".note.gnu.build-id", SHT_NOTE, SHF_ALLOC, note_offset, note_offset, note_size, 0, 0, 4, 0},
      {".symtab", SHT_SYMTAB, 0, 0, symbols_at, symbols_size, 4, 1, 8, sizeof(Elf64_Sym)},
      {".strtab", SHT_STRTAB, 0, 0, names_at, names_size},
  };
  const auto debug = [&](const char *name, const std::string &body) {
    if (!body.empty()) sections.push_back({name, SHT_PROGBITS, 0, 0, image.append(body), body.size()});
  };
  debug(".debug_line", dwarf.line);
  debug(".debug_info", dwarf.info);
  debug(".debug_abbrev", dwarf.abbrev);
  debug(".debug_aranges", dwarf.ranges);
  write_headers(image, std::move(sections), input.machine, text_end);

  // The note last: the id is of everything else.
  elf.build_id = content_id(elf.bytes);
  const uint32_t note[4] = {4, 20, NT_GNU_BUILD_ID, 0x00554e47 /* "GNU" */};
  image.write(note_offset, note, sizeof note);
  image.write(note_offset + sizeof note, elf.build_id.data(), 20);
  return elf;
}

PerfMmap to_perf_mmap(const JitMapping &mapping, uint32_t pid, const JitElf &elf, std::string_view path) {
  PerfMmap mmap;
  mmap.pid = mmap.tid = pid;
  mmap.address = mapping.address;
  mmap.length = mapping.length;
  mmap.page_offset = mapping.offset;
  mmap.build_id = elf.build_id;
  mmap.protection = PROT_READ | PROT_EXEC;
  mmap.flags = MAP_PRIVATE;
  mmap.path = path;
  return mmap;
}

} // namespace sgperf::formats
