// SPDX-License-Identifier: Apache-2.0
#include "probes/observed.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace sgperf::test {

uint64_t Observed::calls(uint32_t number, const std::function<bool(const probes::SyscallSums &)> &keep) const {
  uint64_t sum = 0;
  for (const auto &row : syscalls)
    if (row.number == number && !row.compat && (!keep || keep(row))) sum += row.count;
  return sum;
}

Observed observe(const std::vector<std::string> &command, const probes::Options &options,
                 const std::filesystem::path &folder, const std::function<void(pid_t)> &running) {
  using std::chrono::milliseconds;
  Observed result;
  probes::Probes probes;
  if (!probes.start(options, result.error)) return result;
  for (const auto &missing : probes.missing()) result.error += missing.text() + "\n";
  if (!result.error.empty()) return result;
  result.event = probes.event();

  std::string path = command[0];
  if (path.find('/') == std::string::npos) path = build_dir() / "tests/probes/programs" / ("probed-" + path);
  int gate[2], output[2];
  if (pipe2(gate, O_CLOEXEC) || pipe2(output, O_CLOEXEC)) throw std::runtime_error("pipe2");
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork");
  if (pid == 0) {
    char byte;
    dup2(output[1], 1);
    setenv("SGPERF_DIR", folder.c_str(), 1);
    close(gate[1]);
    if (read(gate[0], &byte, 1) != 1) _exit(126);
    std::vector<char *> args;
    for (const std::string &one : command) args.push_back(const_cast<char *>(one.c_str()));
    args.push_back(nullptr);
    execv(path.c_str(), args.data());
    _exit(127);
  }
  close(gate[0]);
  close(output[1]);
  fcntl(output[0], F_SETFL, O_NONBLOCK);
  result.pid = pid;
  if (!probes.add(pid, probes::When::exec, result.error)) kill(pid, SIGKILL);
  if (write(gate[1], "x", 1) != 1) kill(pid, SIGKILL);
  close(gate[1]);
  bool called = false;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  for (bool ended = false; !ended;) {
    ended = waitpid(pid, &result.status, WNOHANG) == pid;
    probes.poll(result.events, milliseconds(ended ? 0 : 10));
    if (!called && running && !result.events.execs.empty()) {
      called = true;
      running(pid);
    }
    char buffer[65536];
    for (ssize_t n; (n = read(output[0], buffer, sizeof buffer)) > 0;)
      result.out.append(buffer, static_cast<size_t>(n));
    if (std::chrono::steady_clock::now() > until) {
      kill(pid, SIGKILL);
      result.error = "the program did not end within two minutes";
    }
  }
  close(output[0]);
  probes.stop();
  probes.consume(result.events);
  result.syscalls = probes.syscalls();
  result.faults = probes.faults();
  result.drops = probes.drops();
  result.lent_threads = probes.lent_threads();
  return result;
}

std::optional<uint32_t> phase_number(const Session &session, const std::string &name) {
  for (uint32_t i = 0; i < session.sites.size(); i++)
    if (session.sites[i].ready && name == session.sites[i].name &&
        (session.sites[i].flags & SGPERF_SITE_KIND) == SGPERF_SITE_PHASE)
      return i;
  return std::nullopt;
}

KernelObjects objects_of(pid_t pid) {
  KernelObjects out;
  std::error_code ended;
  for (const auto &entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fdinfo", ended)) {
    std::ifstream file(entry.path());
    std::string key;
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      uint32_t id = 0;
      if (!(words >> key >> id)) continue;
      if (key == "prog_id:") out.programs.insert(id);
      if (key == "map_id:") out.maps.insert(id);
      if (key == "link_id:") out.links.insert(id);
    }
  }
  return out;
}

size_t still_there(const KernelObjects &objects) {
  size_t count = 0;
  const auto look = [&](const std::set<uint32_t> &ids, int (*open_by_id)(uint32_t)) {
    for (const uint32_t id : ids) {
      const int fd = open_by_id(id);
      if (fd < 0) continue;
      count++;
      close(fd);
    }
  };
  look(objects.programs, bpf_prog_get_fd_by_id);
  look(objects.maps, bpf_map_get_fd_by_id);
  look(objects.links, bpf_link_get_fd_by_id);
  return count;
}

} // namespace sgperf::test
