// SPDX-License-Identifier: Apache-2.0
// What machine code made at run time is called in a report, whoever made it.
#pragma once

#include "formats/jit_name.h"
#include "merge/module_files.h"

#include <optional>
#include <string>
#include <string_view>

namespace sgperf::merge {

struct CodeName {
  std::string name;           // "module!function"; "[..]" if nothing is known
  std::string module;         // the guest's; "[engine]" for trampolines and stubs, "[jit]" for what is not known
  std::string tier;           // empty: not known
  bool guest = false;         // WebAssembly; else trampolines and stubs of the engine, JavaScript, ..
  bool named = false;         // false: the name is made of an index
  ModuleFile *file = nullptr; // that the name is from
};

// From the text that an engine gives to perf.  `made_of`: the module, where that is known; else `modules` are looked
// at.
CodeName code_name(std::string_view text, formats::JitEngine engine, ModuleFile *made_of, ModuleFiles &modules);

// Of code without any text: function `number` of the module; nullptr: not known, then the number is the code's own in
// its process ("jit[7]").
CodeName code_name(ModuleFile *made_of, uint64_t number);

} // namespace sgperf::merge
