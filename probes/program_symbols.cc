// SPDX-License-Identifier: Apache-2.0
#include "probes/program_symbols.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace sgperf::probes {
namespace {

// More functions than the kernel allows a program (BPF_MAX_SUBPROGS).
constexpr uint32_t most_functions = 512;

struct Tag {
  uint8_t bytes[BPF_TAG_SIZE];
};

template <class T> uint64_t to_kernel(std::vector<T> &array) {
  return reinterpret_cast<uint64_t>(array.data());
}

std::string name_of(const Tag &tag, const char *function) {
  constexpr const char *digits = "0123456789abcdef";
  std::string out = "bpf_prog_";
  for (const uint8_t byte : tag.bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  if (*function) {
    out += '_';
    out += function;
  }
  return out;
}

void add_program(int fd, std::vector<ProgramSymbol> &out) {
  bpf_prog_info counts{};
  uint32_t size = sizeof counts;
  if (bpf_obj_get_info_by_fd(fd, &counts, &size) != 0) return;
  const uint32_t functions = std::min({counts.nr_jited_ksyms, counts.nr_jited_func_lens, most_functions});
  std::vector<uint64_t> addresses(functions);
  std::vector<uint32_t> lengths(functions);
  std::vector<Tag> tags(std::min(counts.nr_prog_tags, functions));
  std::vector<bpf_func_info> infos;
  bpf_prog_info info{};
  info.nr_jited_ksyms = info.nr_jited_func_lens = functions;
  info.jited_ksyms = to_kernel(addresses);
  info.jited_func_lens = to_kernel(lengths);
  info.nr_prog_tags = static_cast<uint32_t>(tags.size());
  info.prog_tags = to_kernel(tags);
  if (counts.func_info_rec_size == sizeof(bpf_func_info)) {
    infos.resize(std::min(counts.nr_func_info, functions));
    info.func_info_rec_size = sizeof(bpf_func_info);
    info.nr_func_info = static_cast<uint32_t>(infos.size());
    info.func_info = to_kernel(infos);
  }
  size = sizeof info;
  if (functions == 0 || bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return;
  const std::unique_ptr<btf, decltype(&btf__free)> types(
      infos.empty() || !info.btf_id ? nullptr : btf__load_from_kernel_by_id(info.btf_id), btf__free);
  for (uint32_t i = 0; i < functions; ++i) {
    if (addresses[i] == 0 || lengths[i] == 0) continue; // hidden from this user
    // As the kernel itself does: the first one has the tag of the whole program, and names come from its types, where
    // they have no limit of 15 letters.
    Tag tag;
    std::memcpy(tag.bytes, i > 0 && i < tags.size() ? tags[i].bytes : info.tag, sizeof tag.bytes);
    const btf_type *type = types && i < infos.size() ? btf__type_by_id(types.get(), infos[i].type_id) : nullptr;
    const char *function = type ? btf__name_by_offset(types.get(), type->name_off) : nullptr;
    out.push_back({addresses[i], lengths[i], name_of(tag, function ? function : info.name)});
  }
}

} // namespace

std::vector<ProgramSymbol> program_symbols() {
  std::vector<ProgramSymbol> out;
  uint32_t id = 0;
  while (bpf_prog_get_next_id(id, &id) == 0) {
    const int fd = bpf_prog_get_fd_by_id(id);
    if (fd < 0) continue; // gone meanwhile
    add_program(fd, out);
    close(fd);
  }
  return out;
}

} // namespace sgperf::probes
