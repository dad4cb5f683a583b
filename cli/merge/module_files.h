// SPDX-License-Identifier: Apache-2.0
// The WebAssembly modules that lie in a recording: names and source lines of code that was made of them.
#pragma once

#include "formats/code_image.h"
#include "formats/input_file.h"
#include "formats/wasm_lines.h"
#include "formats/wasm_module.h"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sgperf::merge {

class ModuleFile {
public:
  // nullopt: no module; `error` says what was expected and found.
  static std::optional<ModuleFile> read(const std::filesystem::path &path, std::string &error);

  struct Name {
    std::string text; // demangled
    bool named = false;
  };
  // Of the name section, else of the debug information, else of an import or export, else made of the index.
  Name function(uint32_t index);
  bool has_function(uint32_t index) const { return index < module_.function_count(); }
  // A function has this name in the module itself.
  bool has_name(std::string_view name);
  // Byte offset in the file; nullptr: no line is known.
  const formats::SourcePlace *line(uint64_t position) { return lines_ ? lines_->find(position) : nullptr; }
  bool has_lines() const { return lines_ != nullptr; }

  const std::string &title() const { return title_; } // "work" of work!main
  const formats::WasmModule &module() const { return module_; }
  // Sentences: what is missing, why, and what to do.
  std::vector<std::string> missing() const;

private:
  ModuleFile() = default;
  std::string title_, no_names_, no_lines_;
  formats::WasmModule module_;
  std::unique_ptr<formats::WasmLines> lines_;
  std::optional<std::vector<std::string>> names_; // sorted
};

class ModuleFiles {
public:
  // module-<sha256>-<title>.wasm of a recording.  What is none is a remark.
  void load(const std::filesystem::path &folder, std::vector<std::string> &remarks);
  // One more, of a file of any name; if it is none, nothing.
  void add(const std::filesystem::path &path);
  // The only one that defines so many functions, or has so many with those it imports; nullptr: none, or several.
  ModuleFile *of_functions(size_t count, bool with_imports);
  // The one that the image was made of; nullptr: none.
  ModuleFile *made_into(const formats::CodeImage &image);
  // For code that an engine only gave an index or a name, or both: the module of the recording, if there is but one and
  // it does not contradict.
  ModuleFile *with(std::optional<uint32_t> index, std::string_view name);
  bool empty() const { return files_.empty(); }

private:
  std::deque<ModuleFile> files_;
};

} // namespace sgperf::merge
