// SPDX-License-Identifier: Apache-2.0
#include "spidermonkey/code_size.h"

#include <js/MemoryMetrics.h>

#include <malloc.h>

namespace sgperf::spidermonkey {

namespace {

size_t malloc_size(const void *block) {
  return malloc_usable_size(const_cast<void *>(block));
}

class Stats : public JS::RuntimeStats {
public:
  Stats() : JS::RuntimeStats(malloc_size) {}
  void initExtraRealmStats(JS::Realm *, JS::RealmStats *, const JS::AutoRequireNoGC &) override {}
  void initExtraZoneStats(JS::Zone *, JS::ZoneStats *, const JS::AutoRequireNoGC &) override {}
};

} // namespace

uint64_t wasm_code_size(JSContext *cx) {
  Stats stats;
  const bool anonymize = true; // names are not wanted
  if (!JS::CollectRuntimeStats(cx, &stats, nullptr, anonymize)) return 0;
  return stats.realmTotals.classInfo.objectsNonHeapCodeWasm;
}

} // namespace sgperf::spidermonkey
