// SPDX-License-Identifier: Apache-2.0
// Everything in a recording that says what machine code a process made: code files, jitdumps, perf maps; and the
// modules that their names and lines come from.
#pragma once

#include "formats/code_image_frames.h"
#include "formats/input_file.h"
#include "formats/jitdump.h"
#include "merge/code_index.h"
#include "merge/code_names.h"
#include "merge/module_files.h"
#include "record/code_file.h"

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace sgperf::merge {

// From `address` on, up to the next one of the function.
struct CodeLine {
  uint64_t address = 0;
  std::string file;
  uint32_t line = 0, column = 0;
};

class JitSources {
public:
  // Reads what is there; what cannot be read is counted by kind, or a remark.
  void load(const std::filesystem::path &folder, std::map<std::string, uint64_t> &odd,
            std::vector<std::string> &remarks);
  // The same of code files alone: of sessions without a recording.  `modules`: files that may be modules that the code
  // was made of; those that are none are left out.
  void load_files(const std::vector<std::filesystem::path> &code_files,
                  const std::vector<std::filesystem::path> &modules, std::map<std::string, uint64_t> &odd,
                  std::vector<std::string> &remarks);
  const CodeIndex &index() const { return index_; }
  // All below: of code in index().  Valid as long as this object; made when first asked for.
  const CodeName &name(const JitCode &code);
  // The innermost source line of an address in the code; nullptr: none is known.  `near`: set if the engine kept none
  // of this instruction, and it is that of the one in front of it (CodeImage::position_near()).
  const formats::SourceFrame *line(const JitCode &code, uint64_t address, bool *near = nullptr);
  // All of them, by address.
  std::vector<CodeLine> lines(const JitCode &code);
  // Of the code that was asked about: why names or lines are missing, and what to do.
  std::vector<std::string> missing() const;

private:
  struct Image {
    formats::CodeImage image;
    ModuleFile *module = nullptr; // that it was made of, if it is known
  };
  struct Dump {
    formats::InputFile file; // owns what `dump` points to
    formats::Jitdump dump;
  };
  // Functions that one record or several tell of by their frames alone.
  struct Frames {
    ModuleFile *module = nullptr; // whose functions they are, in the order of the indices; nullptr: not known
    uint32_t first = 0;           // index of the first one; without a module its number in the process
    formats::FrameRanges ranges;
  };
  using Counts = std::map<std::string, uint64_t>;
  void read_code_file(const std::filesystem::path &path, Counts &odd, std::vector<std::string> &remarks);
  void load_code_file(record::CodeFile file, Counts &odd);
  void finish();
  void add_image(const record::CodeFile &file, const record::CodeRecord &record, Counts &odd);
  void add_function(const record::CodeFile &file, const record::CodeRecord &record);
  std::unordered_map<const record::CodeRecord *, Frames> number_frames(const record::CodeFile &file);
  void add_frames(const record::CodeFile &file, const record::CodeRecord &record, const Frames &frames, Counts &odd);
  void load_jitdump(const std::filesystem::path &path, Counts &odd, std::vector<std::string> &remarks);
  void load_perf_map(const std::filesystem::path &path, Counts &odd, std::vector<std::string> &remarks);
  formats::JitEngine engine(const JitCode &code) const;
  const formats::SourceFrame *jitdump_line(const JitCode &code, uint64_t address);

  CodeIndex index_;
  ModuleFiles modules_;
  std::deque<record::CodeFile> code_files_; // own the bytes that entries point to
  std::deque<formats::InputFile> maps_;
  std::deque<Dump> dumps_;
  std::deque<Image> images_;
  std::deque<ModuleFile *> framed_;                // modules of code that is known by its frames
  std::unordered_map<uint32_t, uint32_t> unknown_; // pid -> functions without a module so far
  std::unordered_set<uint32_t> with_images_;       // pids: the engine is Wasmtime or its kin
  std::vector<std::unique_ptr<CodeName>> names_;   // by index of the entry
  std::unordered_map<const formats::JitLine *, formats::SourceFrame> frames_;
};

} // namespace sgperf::merge
