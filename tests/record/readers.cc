// SPDX-License-Identifier: Apache-2.0
#include "record/readers.h"

#include "emit/report.h"
#include "formats/sightglass.h"
#include "merge/sessions.h"
#include "record/code_file.h"
#include "record/meta.h"
#include "record/sample_file.h"
#include "record/session.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace sgperf::test {
namespace {

// Readers open files themselves: one file on tmpfs, written anew each time.
const std::string &as_file(const std::string &bytes, const char *name) {
  static const std::string folder = [] {
    std::string path = "/dev/shm/sgperf-readers-XXXXXX";
    if (!mkdtemp(path.data())) throw std::runtime_error("cannot make a folder in /dev/shm");
    return path;
  }();
  static std::string path;
  static const struct Cleaner {
    ~Cleaner() {
      unlink(path.c_str());
      rmdir(folder.c_str());
    }
  } cleaner;
  if (!path.empty()) unlink(path.c_str());
  path = folder + "/" + name;
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  return path;
}

} // namespace

bool read_as_session(const std::string &bytes) {
  std::string error;
  auto session = record::Session::read(as_file(bytes, "session-x-1-2.sgp"), error);
  if (!session) return false;
  // On through the report: numbers that make no sense must not hurt there either.
  merge::Model model;
  merge::add_session(model, std::move(*session));
  merge::finish_sessions(model);
  emit::ReportOptions options;
  options.all_sites = true;
  emit::to_text(model, options);
  emit::to_json(model);
  return true;
}

bool read_as_code_file(const std::string &bytes) {
  std::string error;
  return record::read_code_file(as_file(bytes, "code-x-1-2.sgc"), error).has_value();
}

bool read_as_samples(const std::string &bytes) {
  const auto counts = record::parse_samples(bytes, [](record::Sample &&sample) {
    // What was read can be written, and reads as the same.
    const auto line = record::to_line(sample);
    const auto back = record::sample_from_line(line);
    if (!back || record::to_line(*back) != line) std::abort();
  });
  return counts.samples > 0;
}

bool read_as_meta(const std::string &bytes) {
  std::string error;
  if (const auto meta = record::meta_from_json(bytes, error)) {
    const auto text = record::to_json(*meta);
    if (!record::meta_from_json(text, error)) std::abort();
  } else
    return false;
  return true;
}

bool read_as_sightglass_json(const std::string &bytes) {
  std::string error;
  if (const auto rows = formats::parse_sightglass(formats::SightglassFormat::json, bytes, error)) {
    const auto text = formats::to_sightglass(formats::SightglassFormat::json, *rows);
    const auto back = formats::parse_sightglass(formats::SightglassFormat::json, text, error);
    if (!back || back->size() != rows->size()) std::abort();
  } else
    return false;
  return true;
}

bool read_as_sightglass_csv(const std::string &bytes) {
  std::string error;
  if (const auto rows = formats::parse_sightglass(formats::SightglassFormat::csv, bytes, error)) {
    const auto text = formats::to_sightglass(formats::SightglassFormat::csv, *rows);
    const auto back = formats::parse_sightglass(formats::SightglassFormat::csv, text, error);
    if (!back || *back != *rows) std::abort();
  } else
    return false;
  return true;
}

} // namespace sgperf::test
