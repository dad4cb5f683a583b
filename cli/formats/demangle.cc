// SPDX-License-Identifier: Apache-2.0
#include "formats/demangle.h"

#define HAVE_DECL_BASENAME 1 // or libiberty.h declares its own, unlike glibc's
#include <libiberty/demangle.h>

#include <algorithm>
#include <csetjmp>

namespace sgperf::formats {
namespace {

// libiberty refuses C++ names of more than 1024 characters, because its work space is on the stack (80 bytes a
// character).  Templates of libraries are longer; of these, 4096 characters take less than 2 MiB with the recursion.
constexpr size_t longest_mangled = 4096;
constexpr size_t hash_size = 20; // "17h" + 16 digits + "E"

bool hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// Where the hash that ends a legacy Rust name begins; npos: it is none.  A suffix may follow.
size_t legacy_hash(std::string_view name) {
  for (size_t at = name.find("17h", 3); at != std::string_view::npos; at = name.find("17h", at + 1)) {
    if (name.size() - at < hash_size) break;
    const auto hash = name.substr(at, hash_size);
    if (hash.back() == 'E' && std::all_of(hash.begin() + 3, hash.end() - 1, hex_digit) &&
        (at + hash_size == name.size() || name[at + hash_size] == '.'))
      return at;
  }
  return std::string_view::npos;
}

// What LTO adds to names of what was local: ".llvm.1234".
std::string_view without_lto(std::string_view name) {
  return name.substr(0, name.find(".llvm."));
}

// A name of a few hundred characters may stand for gigabytes (each part may refer to all before it), and the library
// has no limit of its own: the callback leaves it by longjmp.  It is C, and owns nothing while it prints, but when it
// prints an identifier that is not ASCII: then the next piece ends it.
struct Output {
  std::string text;
  size_t size = 0;
  jmp_buf too_long;
};

void append(const char *text, size_t size, void *opaque) {
  auto &out = *static_cast<Output *>(opaque);
  out.size += size;
  if (out.size <= demangled_limit) {
    out.text.append(text, size); // reserved: allocates nothing
    return;
  }
  if (std::all_of(text, text + size, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    std::longjmp(out.too_long, 1);
}

using Demangler = int (*)(const char *, int, demangle_callbackref, void *);

bool run(Demangler demangler, const char *name, int options, Output &out) {
  if (setjmp(out.too_long) != 0) return false;
  return demangler(name, options, append, &out) != 0 && out.size <= demangled_limit;
}

} // namespace

Mangling mangling_of(std::string_view name) {
  const std::string_view start = name.substr(0, 2);
  if (start == "_R") // a version is not in use, so a path's tag follows
    return name.size() > 3 && std::string_view("CMXYNIB").find(name[2]) != std::string_view::npos ? Mangling::rust_v0
                                                                                                  : Mangling::none;
  if (start != "_Z" || name.size() < 4) return Mangling::none;
  if (name[2] == 'N' && legacy_hash(name) != std::string_view::npos) return Mangling::rust_legacy;
  return Mangling::cpp;
}

std::string demangle(std::string_view name, const DemangleOptions &options) {
  std::string whole(name);
  const Mangling mangling = mangling_of(name);
  if (mangling == Mangling::none || name.size() > longest_mangled || name.find('\0') != std::string_view::npos)
    return whole;
  Output out;
  out.text.reserve(demangled_limit);
  if (mangling == Mangling::cpp) {
    const std::string base(without_lto(name));
    const int flags = DMGL_NO_RECURSE_LIMIT | (options.parameters ? DMGL_PARAMS | DMGL_ANSI : 0);
    return run(cplus_demangle_v3_callback, base.c_str(), flags, out) ? std::string(out.text) : whole;
  }
  const size_t hash = mangling == Mangling::rust_legacy ? legacy_hash(name) : std::string_view::npos;
  const size_t end = hash != std::string_view::npos ? hash + hash_size : std::min(name.find('.'), name.size());
  const std::string base(name.substr(0, end));
  if (!run(rust_demangle_callback, base.c_str(), 0, out)) return whole;
  std::string text = out.text;
  if (const auto suffix = without_lto(name.substr(end)); !suffix.empty()) text.append(" [clone ").append(suffix) += ']';
  return text;
}

} // namespace sgperf::formats
