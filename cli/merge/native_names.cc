// SPDX-License-Identifier: Apache-2.0
#include "merge/native_names.h"

#include "formats/demangle.h"

#include <fmt/format.h>

namespace sgperf::merge {
namespace {

constexpr const char *vdso = "[vdso]";

std::string file_name(const std::string &path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

// Where a thread begins, or what libc calls its first function from.
bool starts_a_thread(const std::string &name) {
  for (const char *one : {"_start", "__libc_start_call_main", "__libc_start_main", "start_thread", "clone", "clone3",
                          "__clone", "__clone3", "thread_start", "libc_start_main_stage2", "_dl_start_user"})
    if (name == one) return true;
  return false;
}

// Debian's libc has no symbols but the exported ones.  What calls main() stands right in front of __libc_start_main,
// and what calls a thread's function right in front of pthread_create: each is the file's function that uses it.
bool is_in_front_of_a_start(const formats::ElfSymbols &file, const formats::FrameRanges::Range &function) {
  const formats::ElfSymbol *next = file.find((function.start + function.size + 15) / 16 * 16);
  return next && (next->name == "__libc_start_main" || next->name == "pthread_create");
}

} // namespace

bool is_libc(const std::string &name) {
  for (const char *start :
       {"libc.so", "libc-", "libm.so", "libm-", "libmvec", "libpthread", "libdl.so", "librt.so", "ld-linux", "ld-musl",
        "ld-2.", "libstdc++.so", "libc++.so", "libc++abi.so", "libgcc_s.so", "libunwind.so", vdso})
    if (name.starts_with(start)) return true;
  return false;
}

const formats::ElfSymbols *NativeNames::symbols(const MappedFile &file) {
  const auto [at, added] = files_.try_emplace(&file);
  if (added) {
    std::string error;
    at->second = file.path == vdso ? formats::ElfSymbols::from_bytes(formats::own_vdso(), error)
                                   : formats::ElfSymbols::open(file.path, error);
    // Another file by the same name has come since: its names would be wrong.
    if (at->second && !file.build_id.empty() && !at->second->build_id().empty() &&
        at->second->build_id() != file.build_id)
      at->second.reset();
  }
  return at->second.get();
}

std::optional<uint64_t> NativeNames::file_address(const Mapping &mapping, uint64_t address) {
  if (!mapping.file->on_disk() && mapping.file->path != vdso) return std::nullopt;
  const formats::ElfSymbols *file = symbols(*mapping.file);
  return file ? file->address_of_offset(mapping.file_offset(address)) : std::nullopt;
}

NativeName NativeNames::user(const Mapping *mapping, uint64_t address) {
  NativeName out;
  if (!mapping) {
    out.module = "[unknown]";
    out.name = fmt::format("[{:#x}]", address);
    return out;
  }
  const MappedFile &mapped = *mapping->file;
  if (!mapped.on_disk() && mapped.path != vdso) {
    // One row for each: addresses without names say nothing.
    out.module = mapped.anonymous() ? "[anonymous]" : mapped.path;
    out.name = out.module;
    return out;
  }
  out.module = file_name(mapped.path);
  out.path = mapped.path;
  out.side = is_libc(out.module) ? Side::libc : Side::runtime;
  const auto in_file = file_address(*mapping, address);
  uint64_t offset = mapping->file_offset(address);
  if (in_file) {
    const formats::ElfSymbols &file = *symbols(mapped);
    if (const formats::ElfSymbol *symbol = file.find(*in_file)) {
      out.name = formats::demangle(symbol->name, {.parameters = false});
      out.named = true;
      out.starts_thread = starts_a_thread(symbol->name);
      return out;
    }
    if (const auto *function = frames_.function(mapped.path, mapped.build_id, *in_file)) {
      offset = file.offset_of_address(function->start).value_or(offset);
      out.starts_thread = out.side == Side::libc && is_in_front_of_a_start(file, *function);
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
  const auto above = kernel_code_.upper_bound(address);
  if (above != kernel_code_.begin())
    if (const auto &[start, code] = *std::prev(above); address - start < code.size) {
      out.module = "[bpf]";
      out.name = code.name;
      out.named = true;
      return out;
    }
  if (const formats::KernelSymbol *symbol = kernel_->find(address);
      // Of what is loaded now something else may lie there.
      symbol && (kernel_code_.empty() || symbol->module != "bpf")) {
    out.name = symbol->name;
    if (!symbol->module.empty()) out.module = fmt::format("[{}]", symbol->module);
    out.named = true;
  } else
    out.name = "[kernel]"; // one row: addresses without names say nothing
  return out;
}

void NativeNames::add_kernel_code(uint64_t address, uint64_t size, std::string_view name) {
  // What came first was there for longer.
  if (size) kernel_code_.try_emplace(address, KernelCode{size, std::string(name)});
}

const formats::SourcePlace *NativeNames::line(const Mapping &mapping, uint64_t address) {
  const auto in_file = mapping.file->on_disk() ? file_address(mapping, address) : std::nullopt;
  return in_file ? lines_.find(mapping.file->path, mapping.file->build_id, *in_file) : nullptr;
}

const formats::NativeFrame *NativeNames::frame(const Mapping &mapping, uint64_t address) {
  const auto in_file = file_address(mapping, address);
  return in_file ? frames_.find(mapping.file->path, mapping.file->build_id, *in_file) : nullptr;
}

} // namespace sgperf::merge
