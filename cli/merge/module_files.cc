// SPDX-License-Identifier: Apache-2.0
#include "merge/module_files.h"

#include "formats/demangle.h"

#include <algorithm>

namespace sgperf::merge {
namespace fs = std::filesystem;

std::optional<ModuleFile> ModuleFile::read(const fs::path &path, std::string &error) {
  const auto input = formats::InputFile::read(path, error);
  if (!input) return std::nullopt;
  auto module = formats::parse_wasm_module(input->bytes(), error);
  if (!module) {
    error = path.string() + ": " + error;
    return std::nullopt;
  }
  ModuleFile out;
  out.module_ = std::move(*module);
  // module-<sha256>-<title>.wasm: the name that the user gave the file; another file has it itself.
  const std::string stem = path.stem();
  const size_t dash = stem.find('-', std::string_view("module-").size());
  out.title_ = !out.module_.name.empty()      ? out.module_.name
               : !stem.starts_with("module-") ? stem
               : dash != std::string::npos    ? stem.substr(dash + 1)
                                              : "wasm";
  out.lines_ = formats::WasmLines::open(input->bytes(), out.module_, out.no_lines_);
  out.no_names_ = formats::missing_names(out.module_);
  return out;
}

ModuleFile::Name ModuleFile::function(uint32_t index) {
  const formats::WasmFunctionName name = module_.function_name(index);
  const auto readable = [](std::string_view text) { return formats::demangle(text, {.parameters = false}); };
  const size_t imports = module_.imported_functions.size();
  if (name.source != formats::WasmNameSource::name_section && lines_ && index >= imports &&
      index - imports < module_.bodies.size()) {
    const formats::SourcePlace *place = lines_->find(module_.bodies[index - imports].offset);
    if (place && !place->frames.empty() && !place->frames.back().function.empty())
      return {readable(place->frames.back().function), true};
  }
  if (name.source == formats::WasmNameSource::index) return {"wasm-function[" + std::to_string(index) + "]", false};
  return {readable(name.name), true};
}

bool ModuleFile::has_name(std::string_view name) {
  if (!names_) {
    names_.emplace();
    for (const auto &[index, text] : module_.names) names_->push_back(text);
    for (const auto &one : module_.exports)
      if (one.kind == 0) names_->push_back(one.name);
    std::sort(names_->begin(), names_->end());
  }
  return std::binary_search(names_->begin(), names_->end(), name);
}

std::vector<std::string> ModuleFile::missing() const {
  std::vector<std::string> out;
  if (!no_names_.empty()) out.push_back("names of " + title_ + ": " + no_names_);
  if (!no_lines_.empty()) out.push_back("lines of " + title_ + ": " + no_lines_);
  return out;
}

void ModuleFiles::load(const fs::path &folder, std::vector<std::string> &remarks) {
  std::vector<fs::path> paths;
  std::error_code code;
  for (const auto &entry : fs::directory_iterator(folder, code)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("module-") && name.ends_with(".wasm")) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const fs::path &path : paths) {
    std::string error;
    if (auto file = ModuleFile::read(path, error))
      files_.push_back(std::move(*file));
    else
      remarks.push_back(error);
  }
}

void ModuleFiles::add(const fs::path &path) {
  std::string ignored;
  if (auto file = ModuleFile::read(path, ignored)) files_.push_back(std::move(*file));
}

ModuleFile *ModuleFiles::of_functions(size_t count, bool with_imports) {
  ModuleFile *found = nullptr;
  for (ModuleFile &file : files_) {
    const size_t own = file.module().function_count();
    if (count != (with_imports ? own : own - file.module().imported_functions.size())) continue;
    if (found) return nullptr;
    found = &file;
  }
  return found;
}

ModuleFile *ModuleFiles::made_into(const formats::CodeImage &image) {
  for (ModuleFile &file : files_)
    if (formats::fits(file.module(), image).fits) return &file;
  return nullptr;
}

ModuleFile *ModuleFiles::with(std::optional<uint32_t> index, std::string_view name) {
  if (files_.size() != 1) return nullptr;
  ModuleFile &file = files_.front();
  if (!index) return !name.empty() && file.has_name(name) ? &file : nullptr;
  if (!file.has_function(*index)) return nullptr;
  if (name.empty()) return &file;
  const formats::WasmFunctionName own = file.module().function_name(*index);
  return own.source == formats::WasmNameSource::index || own.name == name || file.has_name(name) ? &file : nullptr;
}

} // namespace sgperf::merge
