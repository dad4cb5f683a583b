// SPDX-License-Identifier: Apache-2.0
#include "probes/kernel_btf.h"

#include <bpf/btf.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <string_view>

namespace sgperf::probes {
namespace {

constexpr const char *kernel_path = "/sys/kernel/btf/vmlinux";
constexpr int depth_limit = 32; // of types in types; the kernel has a handful

// The kernel's BTF, by id.  Bytes that do not fit together are a type that is not there.
class KernelBtf {
public:
  bool read(std::span<const char> bytes, const std::set<std::string_view> &wanted, std::string &error);
  const btf_type *type(uint32_t id) const {
    return id && id < offsets_.size() ? reinterpret_cast<const btf_type *>(types_.data() + offsets_[id]) : nullptr;
  }
  std::string_view name(uint32_t offset) const {
    if (offset >= strings_.size()) return {};
    const char *at = strings_.data() + offset;
    return {at, strnlen(at, strings_.size() - offset)};
  }
  // Structs by name: the first of a name, as in the kernel's own search.
  const std::map<std::string_view, uint32_t> &structs() const { return structs_; }

private:
  std::span<const char> types_, strings_;
  std::vector<uint32_t> offsets_; // by id
  std::map<std::string_view, uint32_t> structs_;
};

size_t extra_bytes(const btf_type &type) {
  const size_t n = btf_vlen(&type);
  switch (btf_kind(&type)) {
  case BTF_KIND_INT:
    return 4;
  case BTF_KIND_ARRAY:
    return sizeof(struct btf_array);
  case BTF_KIND_STRUCT:
  case BTF_KIND_UNION:
    return n * sizeof(btf_member);
  case BTF_KIND_ENUM:
    return n * sizeof(struct btf_enum);
  case BTF_KIND_ENUM64:
    return n * 12;
  case BTF_KIND_FUNC_PROTO:
    return n * sizeof(btf_param);
  case BTF_KIND_VAR:
    return sizeof(struct btf_var);
  case BTF_KIND_DATASEC:
    return n * sizeof(btf_var_secinfo);
  case BTF_KIND_DECL_TAG:
    return sizeof(struct btf_decl_tag);
  default:
    return 0;
  }
}

bool KernelBtf::read(std::span<const char> bytes, const std::set<std::string_view> &wanted, std::string &error) {
  btf_header header;
  error = std::string("expected types of the kernel in ") + kernel_path + ", found something else";
  if (bytes.size() < sizeof header) return false;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != BTF_MAGIC || header.hdr_len > bytes.size()) return false;
  const auto body = bytes.subspan(header.hdr_len);
  if (header.type_off > body.size() || header.type_len > body.size() - header.type_off || header.type_off % 4 != 0 ||
      header.hdr_len % 4 != 0 || header.str_off > body.size() || header.str_len > body.size() - header.str_off)
    return false;
  types_ = body.subspan(header.type_off, header.type_len);
  strings_ = body.subspan(header.str_off, header.str_len);

  size_t longest = 0; // most names of the kernel need not be compared
  for (const std::string_view name : wanted) longest = std::max(longest, name.size());
  offsets_.assign(1, 0);
  offsets_.reserve(types_.size() / 24);
  for (size_t at = 0; at + sizeof(btf_type) <= types_.size();) {
    const auto *type = reinterpret_cast<const btf_type *>(types_.data() + at);
    const size_t size = sizeof *type + extra_bytes(*type);
    if (size > types_.size() - at) return false;
    if (btf_kind(type) == BTF_KIND_STRUCT && type->name_off) {
      const std::string_view name = this->name(type->name_off);
      if (name.size() <= longest && wanted.contains(name))
        structs_.emplace(name, static_cast<uint32_t>(offsets_.size()));
    }
    offsets_.push_back(static_cast<uint32_t>(at));
    at += size;
  }
  error.clear();
  return true;
}

// Writes the kept types.  Members keep their place; what is between them is left out.
class Writer {
public:
  Writer(const KernelBtf &kernel, const btf *program, btf *out) : kernel_(kernel), program_(program), out_(out) {}

  // Id of a copy of the kernel's type `id` with what `wanted` (a struct of the program, 0 = nothing) names; 0 = void.
  int copy(uint32_t id, uint32_t wanted, int depth);

private:
  struct Member {
    std::string name;
    int type;
    uint32_t bit_offset, bit_size;
  };
  // Collects the members of a struct that are wanted, and those of the anonymous structs in it.
  void collect(const btf_type &type, const btf_type &wanted, uint32_t bit_offset, std::vector<Member> &out, int depth);
  int integer(uint32_t size, int encoding);

  const KernelBtf &kernel_;
  const btf *program_;
  btf *out_;
  std::map<std::pair<uint32_t, uint32_t>, int> done_;
  std::map<uint32_t, int> integers_;
};

uint32_t skip_modifiers(const btf *types, uint32_t id) {
  for (int i = 0; i < depth_limit; i++) {
    const btf_type *type = btf__type_by_id(types, id);
    if (!type || !(btf_is_mod(type) || btf_is_typedef(type))) return id;
    id = type->type;
  }
  return 0;
}

int Writer::integer(uint32_t size, int encoding) {
  int &id = integers_[size];
  if (!id) id = btf__add_int(out_, ("int" + std::to_string(size)).c_str(), size, encoding);
  return id;
}

void Writer::collect(const btf_type &type, const btf_type &wanted, uint32_t bit_offset, std::vector<Member> &out,
                     int depth) {
  if (depth > depth_limit) return;
  const btf_member *members = btf_members(&type);
  for (uint32_t i = 0; i < btf_vlen(&type); i++) {
    const std::string_view name = kernel_.name(members[i].name_off);
    const uint32_t at = bit_offset + btf_member_bit_offset(&type, i), bits = btf_member_bitfield_size(&type, i);
    if (name.empty()) {
      const btf_type *inner = kernel_.type(members[i].type);
      if (inner && btf_is_composite(inner)) collect(*inner, wanted, at, out, depth + 1);
      continue;
    }
    const btf_member *ours = btf_members(&wanted);
    for (uint32_t k = 0; k < btf_vlen(&wanted); k++)
      if (name == btf__name_by_offset(program_, ours[k].name_off)) {
        const int copied = copy(members[i].type, skip_modifiers(program_, ours[k].type), depth + 1);
        if (copied >= 0) out.push_back({std::string(name), copied, at, bits});
        break;
      }
  }
}

int Writer::copy(uint32_t id, uint32_t wanted, int depth) {
  const btf_type *type = kernel_.type(id);
  if (!type || depth > depth_limit) return 0;
  if (btf_is_mod(type) || btf_is_typedef(type)) return copy(type->type, wanted, depth + 1);
  const auto found = done_.find({id, wanted});
  if (found != done_.end()) return found->second;
  int copied = 0;
  switch (btf_kind(type)) {
  case BTF_KIND_INT:
    copied = integer(type->size, btf_int_encoding(type));
    break;
  case BTF_KIND_ENUM:
  case BTF_KIND_ENUM64:
    copied = integer(type->size, 0);
    break;
  case BTF_KIND_PTR:
    copied = btf__add_ptr(out_, 0);
    break;
  case BTF_KIND_ARRAY: {
    const struct btf_array *array = btf_array(type);
    const btf_type *ours = btf__type_by_id(program_, wanted);
    const uint32_t element = ours && btf_is_array(ours) ? skip_modifiers(program_, btf_array(ours)->type) : 0;
    const int inner = copy(array->type, element, depth + 1);
    if (inner > 0) copied = btf__add_array(out_, integer(4, 0), inner, array->nelems);
    break;
  }
  case BTF_KIND_STRUCT:
  case BTF_KIND_UNION: {
    const btf_type *ours = btf__type_by_id(program_, wanted);
    if (!ours || !btf_is_composite(ours)) break;
    std::vector<Member> members;
    collect(*type, *ours, 0, members, depth);
    // Members of anonymous unions lie upon each other: as members of a struct they may not be in order, so each union
    // of ours is a union of the kernel's members too.  Only names and places matter to a relocation.
    copied = btf__add_struct(out_, std::string(kernel_.name(type->name_off)).c_str(), type->size);
    for (const Member &member : members)
      btf__add_field(out_, member.name.c_str(), member.type, member.bit_offset, member.bit_size);
    break;
  }
  default:
    break;
  }
  if (copied >= 0) done_[{id, wanted}] = copied;
  return copied;
}

} // namespace

std::vector<char> needed_types(std::span<const char> kernel, const btf *program, std::string &error) {
  std::set<std::string_view> wanted;
  std::map<std::string_view, uint32_t> ours;
  for (uint32_t id = 1; id < btf__type_cnt(program); id++) {
    const btf_type *type = btf__type_by_id(program, id);
    if (!btf_is_struct(type) || !type->name_off) continue;
    const std::string_view name = btf__name_by_offset(program, type->name_off);
    wanted.insert(name);
    ours.emplace(name, id);
  }
  KernelBtf types;
  if (!types.read(kernel, wanted, error)) return {};
  btf *out = btf__new_empty();
  if (!out) {
    error = "no memory for the kernel's types";
    return {};
  }
  Writer writer(types, program, out);
  for (const auto &[name, id] : types.structs()) writer.copy(id, ours[name], 0);
  uint32_t size = 0;
  const void *data = btf__raw_data(out, &size);
  std::vector<char> bytes;
  if (data)
    bytes.assign(static_cast<const char *>(data), static_cast<const char *>(data) + size);
  else
    error = "no memory for the kernel's types";
  btf__free(out);
  return bytes;
}

KernelTypes::~KernelTypes() {
  if (mapping_) munmap(mapping_, mapped_);
}

bool KernelTypes::open(std::string &error) {
  const int fd = ::open(kernel_path, O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (fd < 0 || fstat(fd, &status) != 0) {
    error = std::string(kernel_path) + ": " + std::strerror(errno);
    if (fd >= 0) close(fd);
    return false;
  }
  const size_t size = static_cast<size_t>(status.st_size);
  void *at = size ? mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED; // since Linux 6.16
  if (at != MAP_FAILED) {
    mapping_ = at;
    mapped_ = size;
    bytes_ = {static_cast<const char *>(at), size};
  } else {
    copy_.resize(size);
    size_t used = 0;
    while (used < size) {
      const ssize_t n = read(fd, copy_.data() + used, size - used);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      used += static_cast<size_t>(n);
    }
    bytes_ = {copy_.data(), used};
  }
  close(fd);
  if (bytes_.empty()) error = std::string(kernel_path) + ": expected the kernel's types, found nothing";
  return !bytes_.empty();
}

} // namespace sgperf::probes
