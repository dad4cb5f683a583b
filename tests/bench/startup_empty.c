/* SPDX-License-Identifier: Apache-2.0 */
/* What any preloaded library costs: mapped, relocated, one symbol. */
int sgperf_bench_empty;
