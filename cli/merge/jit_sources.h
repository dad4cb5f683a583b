// SPDX-License-Identifier: Apache-2.0
// Everything in a recording that says what machine code a process made: code files, jitdumps, perf maps; and the modules
// that their names and lines come from.
#pragma once

#include "formats/code_image.h"
#include "formats/wasm_lines.h"
#include "formats/wasm_module.h"
#include "merge/code_index.h"
#include "record/code_file.h"

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
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
  // Reads what is there; what cannot be read is counted or a remark.
  void load(const std::filesystem::path &folder, std::map<std::string, uint64_t> &odd,
            std::vector<std::string> &remarks);
  const CodeIndex &index() const { return index_; }
  // Source line of an address in the code; nullptr: none is known.  Valid as long as this object.
  const formats::SourcePlace *line(const JitCode &code, uint64_t address);
  // All of them, by address.
  std::vector<CodeLine> lines(const JitCode &code);

private:
  struct ModuleFile {
    std::string title, bytes;
    formats::WasmModule module;
    std::unique_ptr<formats::WasmLines> lines;
  };
  struct Image {
    formats::CodeImage image;
    ModuleFile *module = nullptr; // that it was made of, if it is known
  };
  void load_modules(const std::filesystem::path &folder, std::vector<std::string> &remarks);
  void load_code_file(record::CodeFile file);
  void add_image(const record::CodeFile &file, const record::CodeRecord &record);
  void add_function(const record::CodeFile &file, const record::CodeRecord &record);
  void load_jitdump(const std::filesystem::path &path, std::map<std::string, uint64_t> &odd);
  void load_perf_map(const std::filesystem::path &path, std::map<std::string, uint64_t> &odd);

  CodeIndex index_;
  std::deque<record::CodeFile> code_files_; // own the bytes that entries point to
  std::deque<std::string> dumps_;
  std::deque<ModuleFile> modules_;
  std::deque<Image> images_;
};

} // namespace sgperf::merge
