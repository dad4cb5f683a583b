// SPDX-License-Identifier: Apache-2.0
// Finding code images in the memory of a process.
#include "formats/code_image.h"

#include "formats/code_image_layout.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace sgperf::formats {
namespace {

constexpr uint64_t page = 4096; // the smallest one: larger ones are multiples
constexpr uint64_t chunk = 16 * page;
constexpr uint64_t longest_names = 1 << 16; // the section names' own section
constexpr int most_headers = 64;            // that do not prove themselves: guests may have ELF files in their data

std::string hex(uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

using Maps = std::vector<MemoryRange>;

Maps::const_iterator range_at(const Maps &maps, uint64_t address) {
  const auto it = std::upper_bound(maps.begin(), maps.end(), address,
                                   [](uint64_t at, const MemoryRange &range) { return at < range.start; });
  if (it == maps.begin() || address >= std::prev(it)->end) return maps.end();
  return std::prev(it);
}

// [start, start + size) is executable throughout, and an executable range starts where it starts.
bool is_text(const Maps &maps, uint64_t start, uint64_t size) {
  auto it = range_at(maps, start);
  if (it == maps.end() || it->start != start || size == 0) return false;
  uint64_t at = start;
  for (; it != maps.end() && it->start == at && it->executable; ++it) {
    at = it->end;
    if (at - start >= size) return true;
  }
  return false;
}

class Search {
public:
  Search(const ReadMemory &read, const Maps &maps, uint64_t address, ImageHint hint)
      : read_(read), maps_(maps), address_(address), hint_(hint) {}

  std::optional<FoundImage> run(uint64_t max_distance, std::string &why) {
    auto range = range_at(maps_, address_);
    if (range == maps_.end() || !range->readable) {
      why = "nothing is mapped readable at " + hex(address_);
      return std::nullopt;
    }
    const std::string &path = range->path;
    const uint64_t first_page = address_ & ~(page - 1);
    const uint64_t lowest = first_page - std::min(first_page, max_distance);
    int executable = 0;
    uint64_t top = first_page + page;
    // An image is one file or one piece of anonymous memory, and has one executable range: what lies beyond a gap, in
    // another file or before a second executable range is not its header.
    for (;;) {
      executable += range->executable;
      if (executable > 1) break;
      if (!pages(std::max(range->start, lowest), top)) break;
      if (found_) {
        found_->path = path;
        return found_;
      }
      if (range == maps_.begin() || range->start <= lowest) break;
      const auto before = std::prev(range);
      if (before->end != range->start || !before->readable || before->path != path) break;
      top = range->start;
      range = before;
    }
    why = seen_.empty() ? "no ELF header stands in front of " + hex(address_) : seen_;
    return std::nullopt;
  }

private:
  // Pages of [bottom, top), the highest first.  False: memory that could not be read.
  bool pages(uint64_t bottom, uint64_t top) {
    std::string buffer;
    while (top > bottom && !found_) {
      const uint64_t size = std::min(chunk, top - bottom);
      buffer.resize(size);
      bool whole = read_(top - size, buffer.data(), size);
      for (uint64_t at = size; at >= page && !found_; at -= page) {
        const uint64_t address = top - size + at - page;
        char *start = buffer.data() + at - page;
        // A range may have pages that are not there (a file that was cut): one by one then.
        if (!whole && !read_(address, start, sizeof(Elf64_Ehdr))) return false;
        if (std::memcmp(start, ELFMAG, SELFMAG) != 0) continue;
        try_header(address, start);
        if (++headers_ == most_headers && !found_) return false;
      }
      top -= size;
    }
    return true;
  }

  void try_header(uint64_t base, const char *start) {
    Elf64_Ehdr header;
    std::memcpy(&header, start, sizeof header);
    FoundImage image;
    image.base = base;
    if (const char *why = check_image_header(header, image.length)) return reject(base, why);
    if (base > UINT64_MAX - image.length) return reject(base, "it wraps the address space");
    std::vector<Elf64_Shdr> sections(header.e_shnum);
    if (!read_(base + header.e_shoff, sections.data(), sections.size() * sizeof(Elf64_Shdr)))
      return reject(base, "its table of sections cannot be read");
    const Elf64_Shdr &strings = sections[header.e_shstrndx];
    if (strings.sh_size > longest_names || strings.sh_offset > image.length ||
        strings.sh_size > image.length - strings.sh_offset)
      return reject(base, "its section names are not in it");
    std::string names(strings.sh_size, '\0');
    if (!names.empty() && !read_(base + strings.sh_offset, names.data(), names.size()))
      return reject(base, "its section names cannot be read");
    const size_t text = find_section(sections, names, ".text");
    if (!text) return reject(base, "it has no .text");
    for (const Elf64_Shdr &one : sections)
      if (one.sh_type != SHT_NOBITS && (one.sh_offset > image.length || one.sh_size > image.length - one.sh_offset))
        return reject(base, "one of its sections is not in it");
    image.text = base + sections[text].sh_offset;
    image.text_size = sections[text].sh_size;
    if (!is_text(maps_, image.text, image.text_size)) return reject(base, "no executable range starts at its .text");
    if (const size_t frames = find_section(sections, names, ".eh_frame"); frames && sections[frames].sh_size) {
      image.eh_frame = base + sections[frames].sh_offset;
      image.eh_frame_size = sections[frames].sh_size;
    }
    if (hint_ == ImageHint::eh_frame ? image.eh_frame != address_
                                     : address_ < image.text || address_ - image.text >= image.text_size)
      return reject(base, hint_ == ImageHint::eh_frame ? "its .eh_frame is elsewhere" : "its .text is elsewhere");
    found_ = image;
  }

  void reject(uint64_t base, const char *why) {
    if (seen_.empty())
      seen_ = "an ELF header at " + hex(base) + " in front of " + hex(address_) + " is not its own: " + why;
  }

  const ReadMemory &read_;
  const Maps &maps_;
  uint64_t address_;
  ImageHint hint_;
  int headers_ = 0;
  std::optional<FoundImage> found_;
  std::string seen_; // the first header that did not prove itself, and why
};

} // namespace

std::vector<MemoryRange> parse_maps(std::string_view text) {
  std::vector<MemoryRange> out;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    // START-END rwxp OFFSET DEVICE INODE      PATH
    const auto number = [&line](uint64_t &value, char end) {
      const auto read = std::from_chars(line.data(), line.data() + line.size(), value, 16);
      if (read.ec != std::errc() || read.ptr == line.data() + line.size() || *read.ptr != end) return false;
      line.remove_prefix(static_cast<size_t>(read.ptr - line.data()) + 1);
      return true;
    };
    MemoryRange range;
    if (!number(range.start, '-') || !number(range.end, ' ') || range.end <= range.start || line.size() < 5) continue;
    range.readable = line[0] == 'r';
    range.executable = line[2] == 'x';
    line.remove_prefix(5);
    if (!number(range.offset, ' ')) continue;
    for (int field = 0; field < 2; ++field) {
      const size_t blank = line.find(' ');
      line.remove_prefix(blank == std::string_view::npos ? line.size() : blank + 1);
    }
    const size_t path = line.find_first_not_of(' ');
    if (path != std::string_view::npos) range.path = line.substr(path);
    out.push_back(std::move(range));
  }
  std::sort(out.begin(), out.end(), [](const MemoryRange &a, const MemoryRange &b) { return a.start < b.start; });
  return out;
}

std::optional<FoundImage> find_image(const ReadMemory &read, const std::vector<MemoryRange> &maps, uint64_t address,
                                     ImageHint hint, std::string &why, uint64_t max_distance) {
  return Search(read, maps, address, hint).run(max_distance, why);
}

std::vector<FoundImage> find_images(const ReadMemory &read, const std::vector<MemoryRange> &maps) {
  std::vector<FoundImage> out;
  std::string why;
  for (const MemoryRange &range : maps)
    if (range.readable && range.executable)
      if (auto image = find_image(read, maps, range.start, ImageHint::text, why)) out.push_back(std::move(*image));
  return out;
}

} // namespace sgperf::formats
