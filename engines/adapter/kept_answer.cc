// SPDX-License-Identifier: Apache-2.0
#include "adapter/kept_answer.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace sgperf::engine {

namespace {

std::string cache_file(const Host &host, const std::string &subject, const std::string &path) {
  struct stat st;
  if (!host.config().cache_dir || stat(path.c_str(), &st)) return {};
  char key[160];
  std::snprintf(key, sizeof key, "-%llx-%llx-%llx-%llx.%09lx", (unsigned long long)st.st_dev,
                (unsigned long long)st.st_ino, (unsigned long long)st.st_size, (unsigned long long)st.st_ctim.tv_sec,
                st.st_ctim.tv_nsec);
  return host.config().cache_dir + ("/probe/" + subject) + key;
}

} // namespace

std::string kept_answer(const Host &host, const std::string &subject, const std::string &path,
                        bool (*good)(const std::string &), const std::function<std::string()> &ask) {
  std::string kept = cache_file(host, subject, path), answer;
  if (!kept.empty() && std::getline(std::ifstream(kept), answer) && good(answer)) return answer;
  answer = ask();
  if (!good(answer)) return {};
  if (!kept.empty()) { // a cache that cannot be written costs some milliseconds a process, nothing else
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(kept).parent_path(), ignored);
    std::string fresh = kept + "." + std::to_string(getpid());
    std::ofstream(fresh) << answer << '\n';
    std::filesystem::rename(fresh, kept, ignored);
  }
  return answer;
}

} // namespace sgperf::engine
