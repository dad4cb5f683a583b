// SPDX-License-Identifier: Apache-2.0
// The loader of a build without eBPF: says so.
#include "probes/probes.h"
#include "probes/program_symbols.h"

namespace sgperf::probes {

struct Probes::State {
  std::vector<Refusal> missing;
  std::string none;
};

Probes::Probes() : state_(std::make_unique<State>()) {}
Probes::~Probes() = default;
bool Probes::start(const Options &, std::string &error) {
  state_->missing = preflight();
  error = state_->missing.front().text();
  return false;
}
const std::vector<Refusal> &Probes::missing() const {
  return state_->missing;
}
bool Probes::has(Part) const {
  return false;
}
const std::string &Probes::event() const {
  return state_->none;
}
const std::string &Probes::event_note() const {
  return state_->none;
}
bool Probes::add(pid_t, When, std::string &error) {
  error = "the probes do not run";
  return false;
}
bool Probes::set_session(pid_t, uint64_t, int64_t) {
  return false;
}
bool Probes::set_phase(pid_t, uint32_t) {
  return false;
}
bool Probes::watch_library(const std::string &, std::string &error) {
  error = "the probes do not run";
  return false;
}
bool Probes::set_breakpoints(pid_t, pid_t, const EntryPoints &, std::string &error) {
  error = "the probes do not run";
  return false;
}
void Probes::clear_breakpoints(pid_t) {}
int Probes::descriptor() const {
  return -1;
}
size_t Probes::consume(Sink &) {
  return 0;
}
size_t Probes::poll(Sink &, std::chrono::milliseconds) {
  return 0;
}
void Probes::stop() {}
std::vector<SyscallSums> Probes::syscalls() {
  return {};
}
std::vector<FaultSums> Probes::faults() {
  return {};
}
Drops Probes::drops() const {
  return {};
}
size_t Probes::lent_threads() const {
  return 0;
}

std::vector<ProgramSymbol> program_symbols() {
  return {};
}

} // namespace sgperf::probes
