// SPDX-License-Identifier: Apache-2.0
#include "record/sample_file.h"

#include "record/file_bytes.h"

namespace sgperf::record {
namespace {

void take(std::string_view text, SampleCounts &counts, const std::function<void(Sample &&)> &each) {
  if (text.empty() || text == "\r") return;
  if (auto sample = sample_from_line(std::string(text))) {
    ++counts.samples;
    each(std::move(*sample));
  } else
    ++counts.unreadable;
}

// Whole lines of `text`; returns what is left behind the last newline.
std::string_view lines(std::string_view text, SampleCounts &counts, const std::function<void(Sample &&)> &each) {
  for (;;) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return text;
    take(text.substr(0, end), counts, each);
    text.remove_prefix(end + 1);
  }
}

// A last line without its newline: a sample all the same if it is complete, else torn.
void last(std::string_view rest, SampleCounts &counts, const std::function<void(Sample &&)> &each) {
  if (rest.empty()) return;
  const uint64_t before = counts.unreadable;
  take(rest, counts, each);
  if (counts.unreadable != before) {
    counts.unreadable = before;
    counts.torn = true;
  }
}

} // namespace

SampleCounts parse_samples(std::string_view text, const std::function<void(Sample &&)> &each) {
  SampleCounts counts;
  last(lines(text, counts, each), counts, each);
  return counts;
}

bool read_samples(const std::filesystem::path &path, const std::function<void(Sample &&)> &each, SampleCounts &counts,
                  std::string &error) {
  FileBytes file;
  if (!file.open(path, error)) return false;
  // Piece by piece: recordings of whole suites are large.  A file that grows meanwhile is read to where it was.
  constexpr size_t piece = size_t{4} << 20;
  constexpr size_t longest_line = size_t{64} << 20;
  std::string pending;
  for (uint64_t at = 0; at < file.size();) {
    const auto bytes = file.read(at, piece);
    if (bytes.empty()) break;
    at += bytes.size();
    pending.append(reinterpret_cast<const char *>(bytes.data()), bytes.size());
    const std::string_view rest = lines(pending, counts, each);
    pending.erase(0, pending.size() - rest.size());
    if (pending.size() > longest_line) { // not lines of ours
      ++counts.unreadable;
      pending.clear();
    }
  }
  last(pending, counts, each);
  return true;
}

} // namespace sgperf::record
