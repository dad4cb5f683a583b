// SPDX-License-Identifier: Apache-2.0
#include "record/session.h"

#include "formats/clamped.h"
#include "formats/json_text.h"
#include "record/file_bytes.h"
#include "record/process_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace sgperf::record {
namespace {

// A fixed array that should hold a terminator, but need not.
template <size_t Size> std::string bounded(const char (&text)[Size]) {
  return formats::valid_utf8(std::string_view(text, strnlen(text, Size)));
}

std::string key_of(const std::filesystem::path &path) {
  std::string name = path.filename().string();
  if (name.starts_with("session-")) name.erase(0, 8);
  if (name.ends_with(".sgp")) name.erase(name.size() - 4);
  return name;
}

struct Part {
  uint64_t offset = 0, size = 0, count = 0;
};

// True when the process has the file mapped.  A pid alone proves nothing: pids come again, and exec keeps one.
bool maps_file(pid_t pid, const std::string &name) {
  return read_process_file(pid, "maps").find(name) != std::string::npos;
}

bool is_mapped(const Session &session) {
  const std::string name = "/session-" + session.key + ".sgp";
  struct stat own {};
  const bool same_namespace =
      session.header.pid_ns == 0 || stat("/proc/self/ns/pid", &own) != 0 || own.st_ino == session.header.pid_ns;
  if (same_namespace && session.header.pid != 0) {
    if (maps_file(static_cast<pid_t>(session.header.pid), name)) return true;
    if (session.header.pid_ns != 0) return false;
  }
  // Its pid is of another namespace, or may be: only the mappings can tell.
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
    const std::string pid = at->path().filename().string();
    if (pid.find_first_not_of("0123456789") == std::string::npos && maps_file(std::atoi(pid.c_str()), name))
      return true;
  }
  return false;
}

// What of a part is really there: by its capacity, by the file, and by what we are willing to hold in memory.
// The last record may end in a hole that a copy has left out: what is not there reads as zeros.
Part clip(uint64_t offset, uint64_t size, uint64_t capacity, uint64_t count, uint64_t minimum, uint64_t file_size) {
  constexpr uint64_t limit = 1u << 20; // records: 10 000 sites and 4096 phases are the writer's own bounds
  if (size < minimum || offset < sizeof(sgperf_session_header) || offset >= file_size) return {};
  const uint64_t fits = (file_size - offset - 1) / size + 1;
  return {offset, size, std::min({capacity, count, fits, limit})};
}

std::string number(uint64_t value) {
  return std::to_string(value);
}

class Reading {
public:
  Reading(Session &session, const FileBytes &file) : session_(session), file_(file) {}

  bool header(std::string &error) {
    sgperf_session_header &header = session_.header;
    const std::string file = session_.path.string() + ": ";
    const size_t got = file_.read(0, &header, sizeof header);
    if (got < offsetof(sgperf_session_header, gen_end) + 4) {
      error = file + "expected a session file with a header of " + number(sizeof header) + " bytes, found " +
              number(got) + "; it is torn or no session";
      return false;
    }
    if (std::memcmp(header.magic, SGPERF_SESSION_MAGIC, 8) != 0) {
      error = file + "expected the magic bytes of a session file (SGPERF 0 1), found others; this is not a session";
      return false;
    }
    if (header.endian != 0x01020304) {
      error = file + "expected a little-endian session, found another byte order; read it on a machine of that kind";
      return false;
    }
    if (header.major != SGPERF_SESSION_MAJOR) {
      error = file + "expected session format " + number(SGPERF_SESSION_MAJOR) + ".x, found " + number(header.major) +
              "." + number(header.minor) + "; read it with the sgperf of that version";
      return false;
    }
    if (header.gen_begin == 0 || header.gen_begin != header.gen_end) {
      error = file + "expected a finished header (generation 1/1), found " + number(header.gen_begin) + "/" +
              number(header.gen_end) + "; the target was ended while it started, nothing was measured";
      return false;
    }
    // Reports show these by name, and damage has none.
    for (int32_t &number_of_error : header.pmc_errors)
      if (number_of_error != 0 && !strerrorname_np(number_of_error)) {
        session_.remarks.push_back("expected an error number for a counter, found " + std::to_string(number_of_error));
        number_of_error = EIO;
      }
    if (file_.size() < header.total_size)
      session_.remarks.push_back("expected a file of " + number(header.total_size) + " bytes, found " +
                                 number(file_.size()) + ": it is torn, what is missing is left out");
    return true;
  }

  void sites() {
    const sgperf_session_header &header = session_.header;
    const Part part = clip(header.site_offset, header.site_size, header.site_capacity, header.site_count,
                           sizeof(sgperf_site_record), file_.size());
    const auto bytes = file_.read(part.offset, part.count * part.size);
    for (uint64_t i = 1; i < part.count; ++i) { // 0 is never a site
      if ((i + 1) * part.size > bytes.size()) break;
      sgperf_site_record record;
      std::memcpy(&record, bytes.data() + i * part.size, sizeof record);
      if (record.ready != 1) continue;
      SessionSite site;
      site.id = static_cast<uint32_t>(i);
      site.flags = record.flags;
      site.line = record.line;
      site.enabled = record.enabled != 0;
      site.name = bounded(record.name);
      site.file = bounded(record.file);
      site.name_hash = record.name_hash;
      if (site.name.empty()) site.name = "(site " + number(i) + ")";
      session_.sites.push_back(std::move(site));
    }
  }

  void blocks() {
    const sgperf_session_header &header = session_.header;
    const uint64_t head = offsetof(sgperf_block, slots);
    const Part part = clip(header.block_offset, header.block_size, header.block_capacity, header.block_count,
                           head + sizeof(sgperf_slot), file_.size());
    uint32_t last = 0;
    for (const SessionSite &site : session_.sites) last = std::max(last, site.id);
    const uint64_t wanted = std::min(part.size, head + (uint64_t{last} + 1) * sizeof(sgperf_slot));
    for (uint64_t i = 0; i < part.count; ++i) {
      const uint64_t base = part.offset + i * part.size;
      const auto bytes = file_.read(base, wanted);
      if (bytes.size() < head) break;
      thread(bytes.data());
      for (SessionSite &site : session_.sites) {
        const uint64_t at = head + uint64_t{site.id} * sizeof(sgperf_slot);
        if (at + sizeof(sgperf_slot) > bytes.size()) continue;
        sgperf_slot slot;
        std::memcpy(&slot, bytes.data() + at, sizeof slot);
        if (slot.count != 0) add(site, slot, base, part.size);
      }
    }
  }

  void phases() {
    const sgperf_session_header &header = session_.header;
    const Part part = clip(header.phase_offset, header.phase_size, header.phase_capacity, header.phase_count,
                           sizeof(sgperf_phase_record), file_.size());
    const auto bytes = file_.read(part.offset, part.count * part.size);
    for (uint64_t i = 0; i < part.count; ++i) {
      if ((i + 1) * part.size > bytes.size()) break;
      sgperf_phase_record record;
      std::memcpy(&record, bytes.data() + i * part.size, sizeof record);
      if (record.ready == 0 || record.ready > 3) continue;
      SessionPhase phase;
      phase.index = static_cast<uint32_t>(i);
      phase.state = record.ready;
      phase.name = name(record.site);
      phase.cookie = record.cookie;
      phase.tid = record.tid;
      phase.end_tid = record.end_tid;
      phase.parent = record.parent;
      phase.bench = record.kind == 1;
      phase.process = record.kind == 2;
      phase.t0 = record.t0;
      phase.t1 = record.t1;
      phase.before = record.before;
      phase.after = record.after;
      std::copy(std::begin(record.pmc), std::end(record.pmc), phase.pmc.begin());
      phase.pmc_flags = record.pmc_flags;
      if (phase.state != 1 && phase.t1 < phase.t0) {
        session_.remarks.push_back("phase record " + number(i) + " (" + phase.name +
                                   ") ends before it begins; left out");
        continue;
      }
      session_.phases.push_back(std::move(phase));
    }
  }

private:
  std::string name(uint32_t id) const {
    const auto at =
        std::find_if(session_.sites.begin(), session_.sites.end(), [&](const auto &s) { return s.id == id; });
    return at == session_.sites.end() ? "(site " + number(id) + ")" : at->name;
  }

  void thread(const std::byte *bytes) {
    sgperf_block_owner owner;
    std::memcpy(&owner, bytes + offsetof(sgperf_block, owner), sizeof owner);
    if (owner.generation == 0 && owner.tid == 0) return;
    session_.threads.push_back({owner.tid, owner.state, owner.generation, bounded(owner.name)});
  }

  void add(SessionSite &site, const sgperf_slot &slot, uint64_t block, uint64_t block_size) {
    const uint64_t shortest = slot.min_inv ? ~slot.min_inv : 0;
    if (slot.min_inv && (site.min == 0 || shortest < site.min || site.count == 0)) site.min = shortest;
    site.count += slot.count;
    site.total += slot.total;
    site.self += slot.self;
    site.max = std::max(site.max, slot.max);
    ++site.threads;
    constexpr uint64_t bytes = 64 * sizeof(uint64_t);
    if (slot.hist == 0 || slot.hist > block_size || block_size - slot.hist < bytes) return;
    uint64_t buckets[64];
    if (file_.read(block + slot.hist, buckets, sizeof buckets) != sizeof buckets) return;
    site.histogram.resize(64);
    for (size_t i = 0; i < 64; ++i) site.histogram[i] += buckets[i];
    // The last event's bucket is pending (docs/format.md).
    if (slot.rsv[0] != 0 && slot.rsv[0] <= 64) ++site.histogram[slot.rsv[0] - 1];
  }

  Session &session_;
  const FileBytes &file_;
};

} // namespace

const char *to_text(SessionState state) {
  switch (state) {
  case SessionState::live:
    return "running";
  case SessionState::exited:
    return "ended";
  case SessionState::killed:
    return "killed, or ended without being seen";
  }
  return "";
}

std::optional<Session> Session::read(const std::filesystem::path &path, std::string &error) {
  FileBytes file;
  if (!file.open(path, error)) return std::nullopt;
  Session session;
  session.path = path;
  session.key = key_of(path);
  Reading reading(session, file);
  if (!reading.header(error)) return std::nullopt;
  reading.sites();
  reading.blocks();
  reading.phases();
  const sgperf_session_header &header = session.header;
  if (session.ticks()) {
    // Best: the target's own two anchors, 50 ms apart or more.  Else, on the same boot, its start and now: the interval
    // is longer.  Else the short one, if it is better than half a percent.
    const double own = tsc_hz_between(header.start, header.end);
    session.exact_ = own > 0 && header.end.monotonic_raw - header.start.monotonic_raw >= 50'000'000;
    session.tsc_hz_ = own;
    // A container has a name of its own: what runs here is of this machine whatever it is called.
    if (!session.exact_ && (is_of_this_boot(header.start, session.host()) || session.state() == SessionState::live)) {
      const double now = tsc_hz_between(header.start, take_anchor());
      if (now > 0) session.tsc_hz_ = now;
    }
  }
  return session;
}

std::string Session::host() const {
  return bounded(header.host);
}
std::string Session::comm() const {
  return bounded(header.comm);
}
std::string Session::exe() const {
  return bounded(header.exe);
}
std::string Session::note() const {
  return bounded(header.note);
}
std::string Session::parent_key() const {
  return bounded(header.parent_key);
}

std::vector<std::string> Session::command() const {
  std::vector<std::string> out;
  const std::string_view all(header.command, sizeof header.command);
  size_t at = 0;
  while (at < all.size() && all[at] != '\0') {
    const size_t end = std::min(all.find('\0', at), all.size());
    out.push_back(formats::valid_utf8(all.substr(at, end - at)));
    at = end + 1;
  }
  return out;
}

SessionState Session::state() const {
  if (header.state == SGPERF_SESSION_EXITED) return SessionState::exited;
  // The mapping proves the machine: in a container its name is another.
  return is_of_this_boot(header.start) && is_mapped(*this) ? SessionState::live : SessionState::killed;
}

void Session::use_tsc_hz(double hz) {
  if (ticks() && !exact_ && std::isfinite(hz) && hz > 0) tsc_hz_ = hz;
}

double Session::ns(uint64_t duration) const {
  const double value = static_cast<double>(duration);
  return ticks() && tsc_hz_ > 0 ? value * 1e9 / tsc_hz_ : value;
}

double Session::monotonic_ns(uint64_t moment) const {
  if (!convertible() || header.start.uncertainty == 0) return 0;
  const uint64_t zero = ticks() ? header.start.tsc : header.start.monotonic_raw;
  const double since = moment >= zero ? ns(moment - zero) : -ns(zero - moment);
  return static_cast<double>(header.start.monotonic) + since;
}

uint64_t Session::moment(double monotonic_ns) const {
  if (!convertible() || header.start.uncertainty == 0) return 0;
  const double since = monotonic_ns - static_cast<double>(header.start.monotonic);
  const double units = ticks() ? since * tsc_hz() / 1e9 : since;
  const uint64_t zero = ticks() ? header.start.tsc : header.start.monotonic_raw;
  return formats::clamped(static_cast<double>(zero) + units);
}

} // namespace sgperf::record
