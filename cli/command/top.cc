// SPDX-License-Identifier: Apache-2.0
#include "command/commands.h"
#include "command/text_output.h"
#include "emit/live.h"
#include "merge/live_sessions.h"

#include <CLI/CLI.hpp>

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <vector>

namespace sgperf::command {
namespace {

using std::chrono::steady_clock;

struct Arguments {
  std::string session;
  uint32_t pid = 0;
  double delay_s = 1;
  uint64_t count = 0; // 0 = until the end
  size_t top = emit::LiveOptions{}.top;
  bool json = false;
  int width = -1;
};

volatile sig_atomic_t interrupted;

void interrupt(int) {
  interrupted = 1;
}

// Ctrl-C and the like end the loop; they are let through only while it waits, so that none is missed.
class Signals {
public:
  Signals() {
    sigset_t ours;
    sigemptyset(&ours);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ours, signal);
    sigprocmask(SIG_BLOCK, &ours, &waiting);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigdelset(&waiting, signal);
    struct sigaction action {};
    action.sa_handler = interrupt;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  }
  sigset_t waiting; // while it waits
};

// Keys come at once and are not shown, while a person watches.
class Keys {
public:
  explicit Keys(bool wanted) : on_(wanted && isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before_) == 0) {
    // In the background a change of the terminal would stop us.
    on_ = on_ && tcgetpgrp(STDIN_FILENO) == getpgrp();
    if (!on_) return;
    termios keys = before_;
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    keys.c_cc[VMIN] = 0;
    keys.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &keys);
  }
  ~Keys() {
    if (on_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  Keys(const Keys &) = delete;
  Keys &operator=(const Keys &) = delete;

  int descriptor() const { return on_ ? STDIN_FILENO : -1; }
  // True when it is q; any other key only asks for a fresh look.
  bool quit() {
    char keys[32];
    const ssize_t got = read(STDIN_FILENO, keys, sizeof keys);
    if (got <= 0) on_ = false; // the terminal is gone
    return std::find(keys, keys + std::max<ssize_t>(got, 0), 'q') != keys + std::max<ssize_t>(got, 0);
  }

private:
  termios before_{}; // in front of on_, whose initializer fills it
  bool on_;
};

// Becomes readable when its process ends, so that the end is shown at once.
class Processes {
public:
  explicit Processes(const std::vector<pid_t> &pids) {
    for (const pid_t pid : pids)
      if (const long fd = syscall(SYS_pidfd_open, pid, 0); fd >= 0) polls_.push_back({static_cast<int>(fd), POLLIN, 0});
  }
  ~Processes() {
    for (const pollfd &one : polls_) close(one.fd);
  }
  Processes(const Processes &) = delete;
  Processes &operator=(const Processes &) = delete;

  // False: it is time to stop.
  bool wait(double seconds, Keys &keys, const Signals &signals) {
    const auto end = steady_clock::now() +
                     std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(seconds));
    while (!interrupted) {
      const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(end - steady_clock::now()).count();
      if (left <= 0) return true;
      std::vector<pollfd> polls = polls_;
      if (keys.descriptor() >= 0) polls.push_back({keys.descriptor(), POLLIN, 0});
      const timespec time{left / 1000000000, left % 1000000000};
      if (ppoll(polls.data(), polls.size(), &time, &signals.waiting) <= 0) continue;
      if (keys.descriptor() >= 0 && polls.back().revents) return !keys.quit();
      bool one_ended = false;
      for (size_t i = polls_.size(); i-- > 0;) {
        if (!polls[i].revents) continue;
        one_ended = true;
        close(polls_[i].fd);
        polls_.erase(polls_.begin() + static_cast<ptrdiff_t>(i));
      }
      if (one_ended && polls_.empty()) return true;
    }
    return false;
  }

private:
  std::vector<pollfd> polls_;
};

struct Screen {
  size_t rows = 0, columns = 0; // 0 = not known
};

Screen screen() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return {size.ws_row, size.ws_col};
}

// In place: from the first cell on, each line cleared behind its text, the rest of the screen too.
std::string on_screen(const std::string &text, size_t rows) {
  std::string out = "\x1b[H";
  size_t line = 1;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (rows && line == rows) break; // a line's end in the last row would scroll
    out += text.substr(at, end - at) + "\x1b[K\n";
    at = end + 1;
    ++line;
  }
  return out + "\x1b[J";
}

bool print(const std::string &text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

int top(const Arguments &arguments) {
  std::string error;
  auto sessions = merge::LiveSessions::find(arguments.session, arguments.pid, error);
  if (!sessions) {
    std::fprintf(stderr, "sgperf top: %s\n", error.c_str());
    return exit_usage;
  }
  const bool redraw = !arguments.json && isatty(STDOUT_FILENO);
  emit::LiveOptions options;
  options.top = arguments.top;
  options.style = terminal_style();
  interrupted = 0;
  Signals signals;
  Keys keys(redraw);
  for (uint64_t done = 0;;) {
    const merge::LiveView view = sessions->look();
    const Screen size = redraw ? screen() : Screen{};
    if (size.columns) options.style.width = size.columns;
    if (arguments.width >= 0) options.style.width = static_cast<size_t>(arguments.width);
    std::string text;
    if (arguments.json)
      text = emit::live_json(view);
    else {
      const std::string end = view.over ? emit::live_end(view, options) : "";
      text = emit::live_text(view, options);
      // What became of it is the last that is read, whatever the screen has room for.
      const auto lines = static_cast<size_t>(std::count(end.begin(), end.end(), '\n'));
      if (redraw) text = (done ? "" : "\x1b[2J") + on_screen(text, size.rows > lines ? size.rows - lines : size.rows);
      text += end;
      if (!redraw && done) text.insert(0, "\n");
    }
    if (!print(text)) {
      std::fprintf(stderr, "sgperf top: stdout cannot be written to\n");
      return exit_environment;
    }
    if (view.over || ++done == arguments.count) return exit_ok;
    if (!Processes(sessions->processes()).wait(arguments.delay_s, keys, signals)) return exit_ok;
  }
}

} // namespace

void add_top(CLI::App &app, Action &action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App *sub = app.add_subcommand("top", "Show a running session live: scopes, counters, phases, system calls");
  auto *session = sub->add_option("session", arguments->session,
                                  "A session file, a recording that is being made, or a pid; default: your newest "
                                  "session of a program that runs, with its children");
  sub->add_option("-p,--pid", arguments->pid, "The session of this process")
      ->check(CLI::Range(uint32_t{1}, uint32_t{1} << 22))
      ->excludes(session);
  sub->add_option("-d,--delay", arguments->delay_s, "Seconds between two looks; fractions are fine")
      ->check(CLI::Range(0.05, 86400.0))
      ->capture_default_str();
  sub->add_option("-n,--iterations", arguments->count, "Looks before it ends (default: until the program's end)")
      ->check(CLI::PositiveNumber);
  sub->add_option("--top", arguments->top, "Rows of each table; 0 = all")->capture_default_str();
  sub->add_flag("--json", arguments->json, "One JSON object a line for each look");
  sub->add_option("--width", arguments->width,
                  "Columns of the text; 0 = as wide as it needs (default: the terminal's)");
  sub->callback([arguments, &action] { action = [arguments] { return top(*arguments); }; });
}

} // namespace sgperf::command
