/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a program need libsgperf.so, which the header alone never does: it looks for the library at run time. */
struct sgperf_ops;
const struct sgperf_ops *sgperf_runtime_v1(unsigned header_abi);
extern const struct sgperf_ops *(*const sgperf_test_linked)(unsigned);
__attribute__((used)) const struct sgperf_ops *(*const sgperf_test_linked)(unsigned) = sgperf_runtime_v1;
