// SPDX-License-Identifier: Apache-2.0
// Tried: node 18.20, 20.20 and 26.10, deno 2.9.6, bun 1.4.5, jsc 2.50.6, js102, wasmtime 49 and 50, wasm-interp 1.0.32.
// From their documentation only: wasmer, iwasm, wasmedge, SpiderMonkey with perf support; there a switch is used only
// if the program's file has it among its strings, since an engine ends at a switch that it does not know.
#include "run/engine_recipes.h"

#include "run/bench_marks.h"
#include "run/shell_words.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <sstream>

namespace sgperf::run {
namespace fs = std::filesystem;
namespace {

struct Started {
  const std::vector<std::string> &command;
  const StartedProgram &program;
  const ProgramFile &file;
  const std::vector<std::string> &libraries;
  const fs::path &folder;
  const Environment &environment;
  const RecipeWishes &wishes;

  std::string variable(const std::string &name) const { return program.variable(name, environment).value_or(""); }
  bool has_variable(const std::string &name) const { return program.variable(name, environment).has_value(); }
  bool linked(std::string_view begin) const {
    return std::any_of(libraries.begin(), libraries.end(), [&](const auto &name) { return name.starts_with(begin); });
  }
  // The first word behind the program that is no switch, or the end of the command.
  size_t first_word() const {
    size_t at = program.at + 1;
    while (at < command.size() && command[at].starts_with('-')) ++at;
    return at;
  }
};

// ---- V8 ----

// V8 takes `_` for `-`.
std::string v8_spelling(std::string text) {
  const size_t end = std::min(text.find('='), text.size());
  std::replace(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
  return text;
}

bool asks_for_perf(const std::string &text) {
  const std::string word = v8_spelling(text);
  return word == "--perf-prof" || word == "--perf-basic-prof" || word == "--perf-basic-prof-only-functions";
}

// Switches in front of the script; some of node's have their value in a word of its own.
std::vector<std::string> node_switches(const Started &started) {
  std::vector<std::string> out;
  const auto &command = started.command;
  for (size_t at = started.program.at + 1; at < command.size() && command[at].starts_with('-'); ++at) {
    const std::string &word = command[at];
    if (word == "--" || word == "-") break;
    out.push_back(word);
    for (const char *valued : {"-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions",
                               "-e", "--eval", "-p", "--print", "-pe"})
      if (word == valued) ++at;
  }
  return out;
}

// Since V8 11.8 a folder can be named.  The flag is spelt one way or the other among the strings.
bool takes_dump_folder(const ProgramFile &file) {
  return file.contains("perf-prof-path") || file.contains("perf_prof_path");
}

std::optional<Recipe> node(const Started &started) {
  Recipe recipe;
  recipe.engine = "node";
  const std::string options = started.variable("NODE_OPTIONS");
  auto switches = started.program.script ? std::vector<std::string>() : node_switches(started);
  const bool logs = std::any_of(switches.begin(), switches.end(), [](const std::string &word) {
    const std::string plain = v8_spelling(word);
    return plain.starts_with("--logfile") || plain.starts_with("--log") || plain.starts_with("--prof");
  });
  std::istringstream words(options);
  for (std::string word; words >> word;) switches.push_back(word);
  if (std::any_of(switches.begin(), switches.end(), asks_for_perf)) {
    recipe.keep_files = true;
    recipe.why = "nothing added: the command asks V8 for its perf files itself; they are copied";
    return recipe;
  }
  std::string prof = "--perf-prof", where;
  const bool place = !started.program.script && takes_dump_folder(started.file);
  if (place) {
    recipe.arguments.push_back("--perf-prof-path=" + started.folder.string());
    where = "into a private folder";
  } else if (access(started.program.folder.c_str(), W_OK) != 0) {
    // V8 would write nothing, and say nothing.
    prof = "--perf-basic-prof";
    where = "into /tmp, since this V8 can be told no folder and the working directory cannot be written to; moved into "
            "the recording";
  } else
    where = "into the working directory, since no folder can be told here; moved into the recording";
  // A log comes with either; it has nothing in it that is needed.
  if (!started.program.script && !logs) recipe.arguments.push_back("--logfile=" + (started.folder / "v8.log").string());
  recipe.env.push_back("NODE_OPTIONS=" + options + (options.empty() ? "" : " ") + prof);
  recipe.why =
      fmt::format("V8 names its JIT code by {} ({})", prof == "--perf-prof" ? "a jitdump" : "a perf map", where);
  return recipe;
}

// The import objects of its scripts are theirs: a script of ours stands in front.
std::optional<Recipe> with_marks(std::optional<Recipe> recipe, const Started &started) {
  const auto marked = marked_module(started.command, started.program.at, started.program.folder);
  if (!started.wishes.bench && !(marked && marked->imports)) return recipe;
  const std::string file = (started.folder / "bench.cjs").string();
  const std::string word = file.find(' ') == std::string::npos ? "--require=" + file : "\"--require=" + file + "\"";
  constexpr std::string_view name = "NODE_OPTIONS=";
  auto options =
      std::find_if(recipe->env.begin(), recipe->env.end(), [&](const auto &e) { return e.starts_with(name); });
  if (options == recipe->env.end())
    options = recipe->env.insert(options, std::string(name) + started.variable("NODE_OPTIONS"));
  *options += (options->size() == name.size() ? "" : " ") + word;
  recipe->files.emplace_back("bench.cjs", bench_script());
  recipe->marks = started.wishes.marks;
  recipe->why += "; bench.start and bench.end are supplied by a script in front";
  return recipe;
}

std::optional<Recipe> deno(const Started &started) {
  Recipe recipe;
  recipe.engine = "deno";
  std::string flags = started.variable("DENO_V8_FLAGS");
  std::string given = flags;
  for (size_t i = started.program.at + 1; i < started.command.size(); ++i)
    if (started.command[i].starts_with("--v8-flags=")) given += started.command[i];
  if (v8_spelling(given).find("--perf-") != std::string::npos) {
    recipe.keep_files = true;
    recipe.why = "nothing added: the command asks V8 for its perf files itself; they are copied";
    return recipe;
  }
  if (!started.file.contains("DENO_V8_FLAGS") || !takes_dump_folder(started.file)) {
    recipe.why = "nothing added: this deno has no DENO_V8_FLAGS, or a V8 without --perf-prof-path; JIT code stays "
                 "without names";
    return recipe;
  }
  if (!flags.empty()) flags += ",";
  const std::string folder = started.folder.string();
  recipe.env.push_back(
      fmt::format("DENO_V8_FLAGS={}--perf-prof,--perf-prof-path={},--logfile={}/v8.log", flags, folder, folder));
  recipe.why = "V8 names its JIT code by a jitdump (into a private folder)";
  return recipe;
}

// ---- JavaScriptCore ----

std::optional<Recipe> javascriptcore(const Started &started, const std::string &engine, const std::string &prefix) {
  Recipe recipe;
  recipe.engine = engine;
  const std::string use = prefix + "useJITDump", where = prefix + "jitDumpDirectory";
  if (started.has_variable(use)) {
    recipe.keep_files = true;
    recipe.why = "nothing added: " + use + " is set already; a dump is copied";
    return recipe;
  }
  recipe.env = {use + "=1", where + "=" + started.folder.string()};
  recipe.why = "JavaScriptCore names its JIT code by a jitdump (into a private folder)";
  return recipe;
}

// ---- SpiderMonkey ----

bool is_numbered_shell(const std::string &name) { // js102
  return name.size() > 2 && name.starts_with("js") &&
         std::all_of(name.begin() + 2, name.end(), [](unsigned char c) { return isdigit(c); });
}

std::optional<Recipe> spidermonkey(const Started &started, const std::string &name) {
  const bool perf = started.file.contains("PERF_SPEW_DIR");
  // Anything may be called js.
  if (!is_numbered_shell(name) && !perf && !started.linked("libmozjs")) return std::nullopt;
  Recipe recipe;
  recipe.engine = "spidermonkey";
  if (!perf) {
    recipe.why = "nothing can be added: this SpiderMonkey was built without perf support (JS_ION_PERF); no names of "
                 "its JIT code are to be had";
    return recipe;
  }
  if (started.has_variable("IONPERF")) {
    recipe.keep_files = true;
    recipe.why = "nothing added: IONPERF is set already; a dump is copied";
    return recipe;
  }
  recipe.env = {"IONPERF=func", "PERF_SPEW_DIR=" + started.folder.string()};
  recipe.why = "SpiderMonkey names its JIT code by a jitdump (into a private folder)";
  return recipe;
}

// ---- engines of Wasm alone ----

Recipe nothing(const char *engine, const char *why) {
  Recipe recipe;
  recipe.engine = engine;
  recipe.why = why;
  return recipe;
}

std::optional<Recipe> wasmer(const Started &started) {
  const size_t run = started.first_word();
  for (size_t i = started.program.at + 1; i < started.command.size(); ++i)
    if (started.command[i].starts_with("--profiler")) {
      Recipe own = nothing("wasmer", "nothing added: the command has --profiler itself; a perf map is copied");
      own.keep_files = true;
      return own;
    }
  if (started.program.script || !started.file.contains("perfmap"))
    return nothing("wasmer", "nothing can be added: this wasmer has no --profiler=perfmap; no names of its code");
  if (run >= started.command.size() || started.command[run] != "run")
    return nothing("wasmer", "nothing added: only `wasmer run` takes --profiler; start it so for names of its code");
  Recipe recipe;
  recipe.engine = "wasmer";
  recipe.arguments = {"--profiler=perfmap"};
  recipe.arguments_at = run + 1;
  recipe.why = "Wasmer names its code by a perf map (into /tmp, it can be told no folder; moved into the recording)";
  return recipe;
}

std::optional<Recipe> iwasm(const Started &started) {
  const auto words = started.command.begin() + static_cast<std::ptrdiff_t>(started.program.at);
  if (std::find(words, started.command.end(), "--enable-linux-perf") != started.command.end()) {
    Recipe own = nothing("iwasm", "nothing added: the command has --enable-linux-perf itself; files are copied");
    own.keep_files = true;
    return own;
  }
  if (started.program.script || !started.file.contains("--enable-linux-perf"))
    return nothing("iwasm", "nothing can be added: this iwasm was built without WAMR_BUILD_LINUX_PERF; an interpreter "
                            "has no code to name, and the functions of compiled modules stay without names");
  Recipe recipe;
  recipe.engine = "iwasm";
  recipe.arguments = {"--enable-linux-perf"};
  // LLVM's listener puts its dump below this folder, not below $HOME/.debug.
  recipe.env = {"JITDUMPDIR=" + started.folder.string()};
  recipe.why = "WAMR names compiled functions by a perf map (into /tmp, moved into the recording), its LLVM JIT by a "
               "jitdump (into a private folder)";
  return recipe;
}

constexpr const char *image_in_memory =
    "nothing needed: Wasmtime's code is named by its image in memory, which the preloaded library copies";
Recipe wasmtime(const Started &started) {
  Recipe recipe = nothing("wasmtime", image_in_memory);
  const bool given = std::any_of(started.command.begin(), started.command.end(), [](const std::string &word) {
    return word.starts_with("bench=") || word.starts_with("--preload=bench=");
  });
  const auto marked = marked_module(started.command, started.program.at, started.program.folder);
  // A compiled module does not say what it imports.
  const bool wanted = marked ? marked->imports : started.wishes.bench;
  if (started.program.script || given || !wanted) return recipe;
  // They need WASI, which a switch may leave out.
  const bool wasi = std::none_of(started.command.begin(), started.command.end(), [](const std::string &word) {
    return word.find("cli=n") != std::string::npos || word.find("common=n") != std::string::npos;
  });
  recipe.marks = started.wishes.marks && wasi;
  const size_t first = started.first_word();
  recipe.arguments = {"--preload", "bench=" + (started.folder / "bench.wasm").string()};
  recipe.arguments_at =
      first < started.command.size() && started.command[first] == "run" ? first + 1 : started.program.at + 1;
  recipe.files.emplace_back("bench.wasm", bench_module(recipe.marks));
  recipe.why =
      fmt::format("{} the marks of a benchmark, bench.start and bench.end, which Wasmtime does not have: two "
                  "functions that {} are preloaded; its code is named by its image in memory",
                  marked ? "the module imports" : "--bench asks for", recipe.marks ? "make marks" : "do nothing");
  return recipe;
}

constexpr const char *interpreter = "nothing needed: an interpreter has no JIT code; time is in its own functions";

bool is_python(const std::string &name) {
  return name.starts_with("python") && name.find_first_not_of("0123456789.", 6) == std::string::npos;
}

std::optional<Recipe> by_name(const Started &started, const std::string &name) {
  if (name == "node" || name == "nodejs") return with_marks(node(started), started);
  if (name == "deno") return deno(started);
  if (name == "bun") return javascriptcore(started, "bun", "BUN_JSC_");
  if (name == "jsc") return javascriptcore(started, "jsc", "JSC_");
  if (name == "js" || is_numbered_shell(name)) return spidermonkey(started, name);
  if (name == "wasmer") return wasmer(started);
  if (name == "iwasm") return iwasm(started);
  if (name == "wasmtime") return wasmtime(started);
  if (name == "wasmedge")
    return nothing("wasmedge", "nothing can be added: WasmEdge has no switch that names its code");
  if (name == "wasm-interp" || name == "wasm3" || name == "wasmi" || name == "wasmi_cli")
    return nothing(name.c_str(), interpreter);
  if (is_python(name))
    return nothing("python", "nothing needed: an engine in a wheel registers its code, which the preloaded library "
                             "copies (wasmtime: with names)");
  return std::nullopt;
}

std::optional<Recipe> by_library(const Started &started) {
  if (started.linked("libjavascriptcoregtk-")) return javascriptcore(started, "javascriptcore", "JSC_");
  if (started.linked("libwasmtime")) return nothing("wasmtime", image_in_memory);
  return std::nullopt;
}

} // namespace

std::optional<Recipe> engine_recipe(const std::vector<std::string> &command, const fs::path &folder,
                                    const Environment &environment, const RecipeWishes &wishes) {
  const auto program = started_program(command, environment);
  if (!program) return std::nullopt;
  const ProgramFile file(program->file);
  const auto libraries = file.libraries();
  const Started started{program->words, *program, file, libraries, folder, environment, wishes};
  std::optional<Recipe> recipe;
  for (const std::string &name : program->names)
    if (!recipe) recipe = by_name(started, name);
  if (!recipe) recipe = by_library(started);
  if (!recipe) return std::nullopt;
  if (!recipe->arguments_at) recipe->arguments_at = program->at + 1;
  recipe->env_at = program->env_at;
  recipe->shell_at = program->shell_at;
  return recipe;
}

std::vector<std::string> with_recipe(std::vector<std::string> command, const Recipe &recipe) {
  if (recipe.env.empty() && recipe.arguments.empty()) return command;
  const auto at = [&](size_t index) { return command.begin() + static_cast<std::ptrdiff_t>(index); };
  std::vector<std::string> behind; // the shell's text
  if (recipe.shell_at) {
    const auto words = plain_words(command[recipe.shell_at]).value_or(std::vector<std::string>());
    behind.assign(at(recipe.shell_at + 1), command.end());
    command.erase(at(recipe.shell_at), command.end());
    command.insert(command.end(), words.begin(), words.end());
  }
  // From the end, so that places stay right.
  command.insert(at(recipe.arguments_at), recipe.arguments.begin(), recipe.arguments.end());
  if (recipe.env_at) command.insert(at(recipe.env_at), recipe.env.begin(), recipe.env.end());
  if (!recipe.shell_at) return command;
  const size_t text_at = recipe.shell_at + (recipe.env_at < recipe.shell_at && recipe.env_at ? recipe.env.size() : 0);
  std::string text;
  for (auto word = at(text_at); word != command.end(); ++word)
    text += fmt::format("{}{}", text.empty() ? "" : " ", shell_quoted(*word));
  command.erase(at(text_at), command.end());
  command.push_back(std::move(text));
  command.insert(command.end(), behind.begin(), behind.end());
  return command;
}

} // namespace sgperf::run
