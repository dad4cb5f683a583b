// SPDX-License-Identifier: Apache-2.0
#include "merge/profile_tables.h"

namespace sgperf::merge {

uint32_t ProfileTables::function(ProfileFunction made, bool starts_thread) {
  std::string key = made.name;
  key.append(1, '\0').append(made.module).append(1, '\0').append(made.path).append(1, '\0').append(made.tier);
  const auto [at, added] = functions_.try_emplace(std::move(key), static_cast<uint32_t>(profile_.functions.size()));
  if (added) {
    profile_.functions.push_back(std::move(made));
    starts_thread_.push_back(starts_thread);
  }
  return at->second;
}

uint32_t ProfileTables::native_function(const Mapping *mapping, uint64_t address) {
  NativeName name = native_.user(mapping, address);
  ProfileFunction made;
  made.name = std::move(name.name);
  made.module = std::move(name.module);
  made.path = std::move(name.path);
  made.side = name.side;
  made.named = name.named;
  made.jit = mapping && mapping->file->anonymous();
  return function(std::move(made), name.starts_thread);
}

uint32_t ProfileTables::user_function(const CodePlace &place, uint64_t address) {
  if (place.jit) {
    const auto [at, added] = of_jit_.try_emplace(place.jit);
    if (added) {
      const CodeName &name = jit_.name(*place.jit);
      ProfileFunction made;
      made.name = name.name;
      made.module = name.module;
      made.tier = name.tier;
      made.side = name.guest ? Side::guest : Side::runtime;
      made.jit = true;
      made.named = name.named;
      at->second = function(std::move(made), false);
    }
    return at->second;
  }
  if (!place.mapping) return native_function(nullptr, address);
  const auto [at, added] =
      of_native_.try_emplace({reinterpret_cast<uintptr_t>(place.mapping->file), place.mapping->file_offset(address)});
  if (added) at->second = native_function(place.mapping, address);
  return at->second;
}

uint32_t ProfileTables::kernel_function(uint64_t address) {
  const auto [at, added] = of_kernel_.try_emplace(address);
  if (added) {
    NativeName name = native_.kernel(address);
    ProfileFunction made;
    made.name = std::move(name.name);
    made.module = std::move(name.module);
    made.side = name.side;
    made.named = name.named;
    at->second = function(std::move(made), false);
  }
  return at->second;
}

uint32_t ProfileTables::line(uint32_t function, const formats::SourceFrame &frame) {
  std::string key = std::to_string(function) + ' ' + std::to_string(frame.line) + ' ' + frame.file;
  const auto [at, added] = lines_.try_emplace(std::move(key), static_cast<uint32_t>(profile_.lines.size()));
  if (added) {
    ProfileLine one;
    one.function = function;
    one.file = frame.file;
    one.line = frame.line;
    profile_.lines.push_back(std::move(one));
  }
  ++profile_.lines[at->second].self;
  return at->second;
}

uint32_t ProfileTables::node(uint32_t parent, uint32_t function) {
  const auto [at, added] =
      nodes_.try_emplace(uint64_t{parent} << 32 | function, static_cast<uint32_t>(profile_.nodes.size()));
  if (added) {
    ProfileNode node;
    node.parent = parent;
    node.function = function;
    profile_.nodes.push_back(node);
  }
  return at->second;
}

} // namespace sgperf::merge
