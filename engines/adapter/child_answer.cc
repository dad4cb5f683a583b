// SPDX-License-Identifier: Apache-2.0
#include "adapter/child_answer.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sgperf::engine {

std::string answer_of_child(const std::function<std::string()> &ask, const char *doing, unsigned seconds,
                            std::string &error) {
  int channel[2];
  if (pipe(channel)) {
    error = std::string("cannot be asked: no pipe: ") + strerror(errno);
    return {};
  }
  const pid_t child = fork();
  if (child == 0) {
    close(channel[0]);
    for (int standard : {1, 2}) { // what a library says when it aborts is in the way of the guest's output
      int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
      if (nothing >= 0) dup2(nothing, standard);
    }
    std::signal(SIGALRM, SIG_DFL);
    alarm(seconds);
    const std::string answer = ask();
    _exit(write(channel[1], answer.data(), answer.size()) == ssize_t(answer.size()) ? 0 : 1);
  }
  close(channel[1]);
  char text[64];
  const ssize_t length = child < 0 ? 0 : read(channel[0], text, sizeof text - 1);
  close(channel[0]);
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (child > 0 && WIFSIGNALED(status))
    error = WTERMSIG(status) == SIGALRM
                ? "did not answer within " + std::to_string(seconds) + " s when asked " + doing
                : std::string("crashed (") + strsignal(WTERMSIG(status)) + ") when asked " + doing;
  else if (length <= 0)
    error = std::string("gave no answer when asked ") + doing;
  return length > 0 ? std::string(text, size_t(length)) : std::string();
}

} // namespace sgperf::engine
