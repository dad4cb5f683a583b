// SPDX-License-Identifier: Apache-2.0
// Containers by runc, as a runtime would be shipped: read-only root made of the system's own folders, one small tmpfs
// on /dev/shm (noexec) and /tmp, no capability, another user, namespaces of its own, and a seccomp filter that refuses
// what Docker's refuses a container without capabilities.
#pragma once

#include "libsgperf/fixture.h"
#include "support/cache.h"

#include <nlohmann/json.hpp>

#include <csignal>
#include <thread>

namespace sgperf::test {

class Container {
public:
  struct Mount {
    std::filesystem::path from, to;
    bool writable = false;
  };
  std::vector<std::string> env{"PATH=/usr/bin:/bin", "HOME=/tmp"};
  std::vector<Mount> mounts;
  bool tmpfs = true; // on /dev/shm and /tmp
  unsigned user = 1000;

  // Why there can be none here, or empty.
  static std::string impossible() {
    if (geteuid() != 0) return "needs root";
    if (run({"sh", "-c", "command -v runc"}).exit_code != 0) return "needs runc (apt-get install runc)";
    Container probe;
    const Result result = probe.execute({"/bin/true"});
    return result.exit_code == 0 ? "" : "runc starts no container here: " + result.out + result.err;
  }

  Container() : id_("sgperf-test-" + std::to_string(getpid()) + "-" + std::to_string(++count_)) {
    chmod(bundle_.path().c_str(), 0755);
    const auto root = bundle_.path() / "rootfs";
    for (const char *folder : {"proc", "dev", "sys", "tmp", "usr", "etc", "build", "engines", "sessions", "guest"})
      std::filesystem::create_directories(root / folder);
    for (const char *link : {"bin", "lib", "lib64", "sbin"})
      std::filesystem::create_symlink(std::string("usr/") + link, root / link);
    std::filesystem::copy_file("/etc/ld.so.cache", root / "etc/ld.so.cache");
    mounts = {{"/usr", "/usr"}, {build_dir(), "/build"}};
  }
  ~Container() { run({"runc", "--root", state(), "delete", "--force", id_}); }
  Container(const Container &) = delete;
  Container &operator=(const Container &) = delete;

  Result execute(const std::vector<std::string> &arguments) {
    write_file(bundle_.path() / "config.json", configuration(arguments).dump(1));
    return run({"runc", "--root", state(), "run", "--bundle", bundle_.path(), id_});
  }
  // The host's number of the first process of a container that executes, 0 if none comes up.
  int first_process() const {
    for (int attempt = 0; attempt < 400; ++attempt) {
      const Result result = run({"runc", "--root", state(), "state", id_});
      const auto told = nlohmann::json::parse(result.out, nullptr, false);
      if (told.is_object() && told.value("status", "") == "running") return told.value("pid", 0);
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    return 0;
  }

private:
  std::string state() const { return bundle_.path() / "state"; }

  nlohmann::json configuration(const std::vector<std::string> &arguments) const {
    using json = nlohmann::json;
    const json none = json::array();
    json all = json::array();
    const auto add = [&all](const std::string &to, const std::string &type, const std::string &from,
                            const std::vector<std::string> &options) {
      all.push_back({{"destination", to}, {"type", type}, {"source", from}, {"options", options}});
    };
    add("/proc", "proc", "proc", {});
    add("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"});
    add("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=64k"});
    if (tmpfs)
      for (const char *place : {"/dev/shm", "/tmp"})
        add(place, "tmpfs", "tmpfs", {"nosuid", "noexec", "nodev", "mode=1777", "size=64m"});
    for (const Mount &mount : mounts)
      add(mount.to, "bind", mount.from, {"rbind", mount.writable ? "rw" : "ro", "nosuid", "nodev"});
    json namespaces = json::array();
    for (const char *kind : {"pid", "network", "ipc", "uts", "mount"}) namespaces.push_back({{"type", kind}});
    const json refused = {"acct",
                          "add_key",
                          "bpf",
                          "clock_adjtime",
                          "clock_settime",
                          "create_module",
                          "delete_module",
                          "fanotify_init",
                          "finit_module",
                          "get_kernel_syms",
                          "init_module",
                          "ioperm",
                          "iopl",
                          "io_uring_enter",
                          "io_uring_register",
                          "io_uring_setup",
                          "kcmp",
                          "kexec_file_load",
                          "kexec_load",
                          "keyctl",
                          "lookup_dcookie",
                          "mbind",
                          "mount",
                          "move_pages",
                          "nfsservctl",
                          "open_by_handle_at",
                          "perf_event_open",
                          "personality",
                          "pivot_root",
                          "quotactl",
                          "reboot",
                          "request_key",
                          "set_mempolicy",
                          "setns",
                          "settimeofday",
                          "swapoff",
                          "swapon",
                          "sysfs",
                          "syslog",
                          "umount2",
                          "unshare",
                          "uselib",
                          "userfaultfd",
                          "ustat",
                          "vm86",
                          "vm86old"};
    return {
        {"ociVersion", "1.0.2"},
        {"hostname", "container"},
        {"root", {{"path", "rootfs"}, {"readonly", true}}},
        {"process",
         {{"terminal", false},
          {"user", {{"uid", user}, {"gid", user}}},
          {"args", arguments},
          {"env", env},
          {"cwd", "/"},
          {"noNewPrivileges", true},
          {"capabilities",
           {{"bounding", none}, {"effective", none}, {"inheritable", none}, {"permitted", none}, {"ambient", none}}}}},
        {"mounts", all},
        {"linux",
         {{"namespaces", namespaces},
          {"seccomp",
           {{"defaultAction", "SCMP_ACT_ALLOW"},
            {"syscalls", {{{"names", refused}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", 1}}}}}}}},
    };
  }

  static inline int count_ = 0;
  std::string id_;
  TempDir bundle_;
};

} // namespace sgperf::test
