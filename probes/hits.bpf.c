// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Execute breakpoints on a guest's entry and its returns: the phase of the process changes with them.
#include "bpf_common.h"

#include "session_offsets.h"

SEC("perf_event")
int sgperf_hit(struct bpf_perf_event_data *context) {
  struct task_struct *task = bpf_get_current_task_btf();
  const u64 ip = context->regs.ip;
  struct sgperf_hit_key key = {};
  key.address = ip;
  key.tgid = (u32)task->tgid;
  if (!in_tree(key.tgid) || control.stopped) return 0;
  const u32 *role = bpf_map_lookup_elem(&hit_roles, &key);
  if (!role) return 0; /* another program has come since, or the code is gone */
  give_phase(key.tgid, *role == SGPERF_HIT_ROLE_ENTRY ? SGPERF_GIVEN_EXECUTE : SGPERF_GIVEN_TEARDOWN);
  struct sgperf_event_hit *event = bpf_ringbuf_reserve(&ring, sizeof *event, 0);
  if (!event) {
    count(&drops.events);
    return 0;
  }
  fill_header(&event->header, SGPERF_EVENT_HIT, task);
  event->role = *role;
  event->pad = 0;
  event->address = ip;
  bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP); /* as a part of an NMI it could not wake anyone at once anyway */
  return 0;
}
