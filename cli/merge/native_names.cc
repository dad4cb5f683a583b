// SPDX-License-Identifier: Apache-2.0
#include "merge/native_names.h"

#include "formats/demangle.h"

#include <fmt/format.h>

namespace sgperf::merge {
namespace {

std::string file_name(const std::string &path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

} // namespace

bool is_libc(const std::string &name) {
  for (const char *start : {"libc.so", "libc-", "libm.so", "libm-", "libpthread", "libdl.so", "librt.so", "ld-linux",
                            "ld-musl", "libstdc++.so", "libgcc_s.so", "[vdso]"})
    if (name.starts_with(start)) return true;
  return false;
}

const formats::ElfSymbols *NativeNames::symbols(const Mapping &mapping) {
  const auto [at, added] = files_.try_emplace(mapping.path);
  if (added) {
    std::string error;
    at->second = mapping.path == "[vdso]" ? formats::ElfSymbols::from_bytes(formats::own_vdso(), error)
                                          : formats::ElfSymbols::open(mapping.path, error);
    // Another file by the same name has come since: its names would be wrong.
    if (at->second && !mapping.build_id.empty() && !at->second->build_id().empty() &&
        at->second->build_id() != mapping.build_id)
      at->second.reset();
  }
  return at->second.get();
}

NativeName NativeNames::user(const Mapping *mapping, uint64_t address) {
  NativeName out;
  if (!mapping) {
    out.module = "[unknown]";
    out.name = fmt::format("[{:#x}]", address);
    return out;
  }
  out.module = file_name(mapping->path);
  const uint64_t offset = address - mapping->start + mapping->offset;
  if (!mapping->has_file() && mapping->path != "[vdso]") {
    out.module = mapping->path.starts_with("[") ? mapping->path : "[anonymous]";
    out.name = fmt::format("[{}+{:#x}]", out.module, address - mapping->start);
    return out;
  }
  out.path = mapping->path;
  out.side = is_libc(out.module) ? Side::libc : Side::runtime;
  const formats::ElfSymbols *file = symbols(*mapping);
  const auto in_file = file ? file->address_of_offset(offset) : std::nullopt;
  if (in_file) {
    out.file_address = *in_file;
    if (const formats::ElfSymbol *symbol = file->find(*in_file)) {
      out.name = formats::demangle(symbol->name, {.parameters = false});
      out.named = true;
      return out;
    }
  }
  out.name = fmt::format("[{}+{:#x}]", out.module, offset);
  return out;
}

NativeName NativeNames::kernel(uint64_t address) {
  if (!kernel_) kernel_ = std::make_unique<formats::KernelSymbols>(formats::KernelSymbols::read());
  NativeName out;
  out.side = Side::kernel;
  out.module = "[kernel]";
  if (const formats::KernelSymbol *symbol = kernel_->find(address)) {
    out.name = symbol->name;
    if (!symbol->module.empty()) out.module = fmt::format("[{}]", symbol->module);
    out.named = true;
  } else
    out.name = "[kernel]"; // one row: addresses without names say nothing
  return out;
}

const formats::SourcePlace *NativeNames::line(const Mapping &mapping, uint64_t file_address) {
  return mapping.has_file() ? lines_.find(mapping.path, mapping.build_id, file_address) : nullptr;
}

} // namespace sgperf::merge
