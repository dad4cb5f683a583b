// SPDX-License-Identifier: Apache-2.0
#include "run/machine.h"

#include "run/measures/clock.h"
#include "run/measures/tsc.h"
#include "run/output_check.h"

#include <gnu/libc-version.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace sgperf::run {
namespace {

std::string first_line(const std::string &path) {
  std::string text = read_whole(path);
  text.resize(std::min(text.find('\n'), text.size()));
  return text.empty() ? "unknown" : text;
}

// "key<tabs>: value" of the first CPU.
std::string cpuinfo(const std::string &text, const std::string &key) {
  std::stringstream in(text);
  for (std::string line; std::getline(in, line) && !line.empty();)
    if (line.compare(0, key.size(), key) == 0 &&
        (line[key.size()] == '\t' || line[key.size()] == ' ' || line[key.size()] == ':'))
      if (const size_t colon = line.find(": "); colon != std::string::npos) return line.substr(colon + 2);
  return "unknown";
}

std::string number(double value, int digits) {
  char text[64];
  snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string mitigations() {
  std::string text;
  std::error_code ignored;
  for (const auto &entry : std::filesystem::directory_iterator("/sys/devices/system/cpu/vulnerabilities", ignored)) {
    const std::string state = first_line(entry.path());
    if (state != "Not affected") text += (text.empty() ? "" : "; ") + entry.path().filename().string() + ": " + state;
  }
  return text.empty() ? "none listed" : text;
}

std::string aslr() {
  const std::string level = first_line("/proc/sys/kernel/randomize_va_space");
  const int personality_now = personality(0xffffffff);
  if (personality_now != -1 && personality_now & ADDR_NO_RANDOMIZE) return "off (personality)";
  if (level == "0") return "off";
  if (level == "1") return "partial";
  if (level == "2") return "on";
  return "unknown";
}

std::string cgroup_file(const char *name) {
  // "0::/user.slice/.." of cgroup v2.
  std::stringstream in(read_whole("/proc/self/cgroup"));
  for (std::string line; std::getline(in, line);)
    if (line.compare(0, 3, "0::") == 0) return first_line("/sys/fs/cgroup" + line.substr(3) + "/" + name);
  return "unknown";
}

std::string virtual_machine(const std::string &info) {
  if (info.find(" hypervisor") == std::string::npos) return "no";
  const std::string product = first_line("/sys/class/dmi/id/product_name"),
                    vendor = first_line("/sys/class/dmi/id/sys_vendor");
  return "yes (" + vendor + " " + product + ")";
}

} // namespace

CpuTimes cpu_times() {
  std::stringstream in(first_line("/proc/stat"));
  std::string cpu;
  in >> cpu;
  CpuTimes times;
  double value = 0;
  for (int i = 0; i < 8 && in >> value; ++i) {
    times.all += value;
    if (i == 7) times.stolen = value;
  }
  return times;
}

std::vector<int> allowed_cpus() {
  std::vector<int> cpus;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    for (int i = 0; i < CPU_SETSIZE; ++i)
      if (CPU_ISSET(static_cast<size_t>(i), &set)) cpus.push_back(i);
  return cpus;
}

std::map<std::string, std::string> machine_fingerprint(const CpuTimes &before) {
  std::map<std::string, std::string> m;
  const std::string info = read_whole("/proc/cpuinfo");
  utsname name{};
  uname(&name);
  m["host"] = name.nodename;
  m["arch"] = name.machine;
  m["cpu"] = cpuinfo(info, "model name");
  m["microcode"] = cpuinfo(info, "microcode");
  m["cpus"] = std::to_string(sysconf(_SC_NPROCESSORS_ONLN));
  m["cpus_allowed"] = std::to_string(allowed_cpus().size());
  m["kernel"] = std::string(name.release) + " " + name.version;
  m["cmdline"] = first_line("/proc/cmdline");
  m["mitigations"] = mitigations();
  m["libc"] = std::string("glibc ") + gnu_get_libc_version();
  m["clocksource"] = first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  m["aslr"] = aslr();
  m["governor"] = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  const std::string no_turbo = first_line("/sys/devices/system/cpu/intel_pstate/no_turbo"),
                    boost = first_line("/sys/devices/system/cpu/cpufreq/boost");
  m["turbo"] = no_turbo == "1" || boost == "0" ? "off" : no_turbo == "0" || boost == "1" ? "on" : "unknown";
  const std::string smt = first_line("/sys/devices/system/cpu/smt/active");
  m["smt"] = smt == "1" ? "on" : smt == "0" ? "off" : "unknown";
  m["transparent_hugepages"] = first_line("/sys/kernel/mm/transparent_hugepage/enabled");
  m["load"] = first_line("/proc/loadavg");
  m["psi_cpu"] = first_line("/proc/pressure/cpu");
  m["cgroup_cpu_max"] = cgroup_file("cpu.max");
  m["cgroup_memory_max"] = cgroup_file("memory.max");
  m["virtual_machine"] = virtual_machine(info);
  std::stringstream memory(read_whole("/proc/meminfo"));
  std::string key, kb;
  memory >> key >> kb;
  m["memory_kb"] = kb.empty() ? "unknown" : kb;
  m["tick_step"] = std::to_string(tick_step());
  const CpuTimes now = cpu_times();
  m["steal_percent"] =
      now.all > before.all ? number(100 * (now.stolen - before.stolen) / (now.all - before.all), 2) : "unknown";
  m["steal_percent_since_boot"] = now.all > 0 ? number(100 * now.stolen / now.all, 2) : "unknown";
  return m;
}

std::vector<record::Warning> machine_warnings(const std::map<std::string, std::string> &machine, int pin) {
  std::vector<record::Warning> out;
  const auto get = [&](const char *key) {
    const auto found = machine.find(key);
    return found == machine.end() ? std::string("unknown") : found->second;
  };
  const auto warn = [&](const char *id, const char *severity, std::string text) {
    out.push_back({id, severity, "machine", std::move(text)});
  };
  const double load = strtod(get("load").c_str(), nullptr), cpus = strtod(get("cpus").c_str(), nullptr);
  if (load > 0.5 * std::max(1.0, cpus))
    warn("W001", "warning",
         "load " + number(load, 2) + " on " + get("cpus") +
             " CPUs at the start: other work competes with the benchmark");
  const std::string stolen = get("steal_percent");
  if (stolen == "unknown")
    warn("W002", "info", "steal time is unknown: /proc/stat has no such column");
  else if (strtod(stolen.c_str(), nullptr) > 0.5)
    warn("W002", "warning", "the hypervisor took " + stolen + " % of the CPU time away just before the start");
  if (get("governor") == "unknown")
    warn("W003", "info",
         "frequency governor: cannot know (no cpufreq here, usual in virtual machines); the clock may vary unseen");
  else if (get("governor") != "performance")
    warn("W003", "warning",
         "frequency governor is '" + get("governor") +
             "', expected 'performance': cpupower frequency-set -g performance");
  if (get("turbo") == "on")
    warn("W004", "info", "turbo is on: the clock depends on temperature and on the other cores");
  if (get("aslr") != "on")
    warn("W005", "info",
         "address space randomisation is " + get("aslr") +
             ": processes repeat one layout, differences may be of layout only");
  if (pin < 0 && cpus > 1) warn("W006", "info", "not pinned: workers may migrate between CPUs (--pin CPU)");
  if (get("smt") == "on") warn("W007", "info", "SMT is on: a neighbour thread shares the core");
  if (get("clocksource") != "tsc" && get("arch") == "x86_64")
    warn("W008", "info", "clock source is " + get("clocksource") + ", not tsc");
  const std::string quota = get("cgroup_cpu_max");
  if (quota != "unknown" && quota.compare(0, 3, "max") != 0)
    warn("W009", "warning", "the cgroup limits CPU time (cpu.max " + quota + "): long runs are throttled");
  return out;
}

std::map<std::string, uint64_t> clock_anchor() {
  const uint64_t before = ticks();
  std::map<std::string, uint64_t> anchor = {{"monotonic_raw", monotonic_raw_ns()},
                                            {"monotonic", monotonic_ns()},
                                            {"boottime", boottime_ns()},
                                            {"realtime", realtime_ns()}};
  const uint64_t after = ticks();
  anchor["tsc"] = before + (after - before) / 2;
  anchor["uncertainty"] = after - before;
  return anchor;
}

} // namespace sgperf::run
