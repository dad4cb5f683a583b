// SPDX-License-Identifier: Apache-2.0
// sgperf.hpp - sgperf.h for C++17 and later: scopes and phases as objects.
//
//   SGPERF_SITE(lookup_site, "cache::lookup");
//   {
//     sgperf::scope scope(lookup_site);    // ends with its block; scope.end() ends it earlier
//     sgperf::phase phase("compile");
//   }
//
// The macros of sgperf.h (SGPERF_SCOPE and so on) work in C++ as they are; these classes are for regions that live as
// long as an object.  No exceptions, no allocation; cost as of the functions of sgperf.h they call.
#ifndef SGPERF_SGPERF_HPP
#define SGPERF_SGPERF_HPP

#include "sgperf/sgperf.h"

#include <cstdint>
#include <string_view>

namespace sgperf {

/// hot.  An open scope.  Neither copied nor moved: scopes close in the reverse order of opening, because a scope
/// restores its parent's state when it ends, and an object that outlives its block would close out of order. (Functions
/// may return one all the same: guaranteed elision builds it in place.)
class scope {
public:
  explicit scope(sgperf_site &site) noexcept { sgperf_scope_begin(&site, &frame_); }
  ~scope() { sgperf_scope_end(&frame_); }
  scope(const scope &) = delete;
  scope &operator=(const scope &) = delete;

  /// Ends it now; the destructor then does nothing.
  void end() noexcept {
    sgperf_scope_end(&frame_);
    frame_.block = nullptr;
  }

private:
  sgperf_frame frame_;
};

/// hot, fenced: for scopes of a few instructions.
class fenced_scope {
public:
  explicit fenced_scope(sgperf_site &site) noexcept { sgperf_scope_begin_fenced(&site, &frame_); }
  ~fenced_scope() { sgperf_scope_end_fenced(&frame_); }
  fenced_scope(const fenced_scope &) = delete;
  fenced_scope &operator=(const fenced_scope &) = delete;
  void end() noexcept {
    sgperf_scope_end_fenced(&frame_);
    frame_.block = nullptr;
  }

private:
  sgperf_frame frame_;
};

/// slow.  An open phase.  Movable: a phase is found by name and cookie, not by its place on a stack, and may end on
/// another thread.  (`phase = sgperf::phase("next")` begins the next one before it ends this one, which closes the next as
/// aborted: end() first.)  `name` must live as long as the object (a literal does); nothing is copied here.
class phase {
public:
  explicit phase(const char *name, std::uint64_t cookie = 0) noexcept
      : name_(sgperf_phase_begin(name, cookie) == 0 ? name : nullptr), cookie_(cookie) {}
  ~phase() { end(); }
  phase(phase &&other) noexcept : name_(other.name_), cookie_(other.cookie_) { other.name_ = nullptr; }
  phase &operator=(phase &&other) noexcept {
    if (this != &other) {
      end();
      name_ = other.name_;
      cookie_ = other.cookie_;
      other.name_ = nullptr;
    }
    return *this;
  }
  phase(const phase &) = delete;
  phase &operator=(const phase &) = delete;

  /// Ends it now; the destructor then does nothing.
  void end() noexcept {
    if (name_) (void)sgperf_phase_end(name_, cookie_);
    name_ = nullptr;
  }
  /// False when it was not recorded: no runtime, or no room.
  explicit operator bool() const noexcept { return name_ != nullptr; }

private:
  const char *name_;
  std::uint64_t cookie_;
};

/// slow.  Machine code that is registered as long as the object lives.
class jit_code {
public:
  jit_code() noexcept = default;
  jit_code(const char *name, const void *address, std::size_t size) noexcept {
    sgperf_jit_opts opts = SGPERF_JIT_OPTS_INIT;
    opts.name = name;
    opts.addr = address;
    opts.size = size;
    if (sgperf_jit_register(&opts) == 0) address_ = address;
  }
  ~jit_code() { reset(); }
  jit_code(jit_code &&other) noexcept : address_(other.address_) { other.address_ = nullptr; }
  jit_code &operator=(jit_code &&other) noexcept {
    if (this != &other) {
      reset();
      address_ = other.address_;
      other.address_ = nullptr;
    }
    return *this;
  }
  jit_code(const jit_code &) = delete;
  jit_code &operator=(const jit_code &) = delete;
  void reset() noexcept {
    if (address_) (void)sgperf_jit_unregister(address_);
    address_ = nullptr;
  }
  explicit operator bool() const noexcept { return address_ != nullptr; }

private:
  const void *address_ = nullptr;
};

/// The part of "module::name" in front of the first "::"; empty if there is none.
constexpr std::string_view module_of(std::string_view name) noexcept {
  auto at = name.find("::");
  return at == std::string_view::npos ? std::string_view() : name.substr(0, at);
}

} // namespace sgperf

#endif
