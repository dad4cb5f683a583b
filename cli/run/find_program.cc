// SPDX-License-Identifier: Apache-2.0
#include "run/find_program.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace sgperf::run {

std::string find_program(const std::string &name, const std::function<bool(const std::string &file)> &wanted) {
  if (name.find('/') != std::string::npos) return name;
  const char *path = getenv("PATH");
  const std::string all = path ? path : "/bin:/usr/bin";
  for (size_t at = 0; at <= all.size();) {
    const size_t end = std::min(all.find(':', at), all.size());
    const std::string folder = end > at ? all.substr(at, end - at) : ".";
    const std::string file = folder + "/" + name;
    struct stat status {};
    if (access(file.c_str(), X_OK) == 0 && stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
        (!wanted || wanted(file)))
      return file;
    at = end + 1;
  }
  return {};
}

bool is_elf_file(const std::string &path) {
  char magic[4] = {};
  std::ifstream(path, std::ios::binary).read(magic, sizeof magic);
  return std::string(magic, sizeof magic) == "\177ELF";
}

} // namespace sgperf::run
