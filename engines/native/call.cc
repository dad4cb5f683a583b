// SPDX-License-Identifier: Apache-2.0
#include "native/call.h"

#include <cstring>

namespace sgperf::native {

namespace {

template <typename Result>
using Wide = Result (*)(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, double, double, double, double, double,
                        double, double, double);

template <typename Result> Result wide(void (*address)(void), const int64_t *i, const double *f) {
  return reinterpret_cast<Wide<Result>>(address)(i[0], i[1], i[2], i[3], i[4], i[5], f[0], f[1], f[2], f[3], f[4], f[5],
                                                 f[6], f[7]);
}

bool is_float(char letter) {
  return letter == 'f' || letter == 'F';
}

} // namespace

bool callable(const Callee &callee) {
  unsigned integers = 0, floats = 0;
  for (char letter : callee.params) {
    if (letter == '?') return false;
    (is_float(letter) ? floats : integers)++;
  }
  return integers <= max_integers && floats <= max_floats && callee.results.size() <= 1 && callee.results != "?";
}

void call(const Callee &callee, const sgperf_value *args, sgperf_value *result) {
  int64_t integers[max_integers] = {};
  double floats[max_floats] = {};
  unsigned n_integers = 0, n_floats = 0;
  for (size_t i = 0; i < callee.params.size(); i++) {
    switch (callee.params[i]) {
    case 'i':
      integers[n_integers++] = args[i].of.i32;
      break;
    case 'I':
      integers[n_integers++] = args[i].of.i64;
      break;
    case 'f':
      std::memcpy(&floats[n_floats++], &args[i].of.f32, sizeof(float));
      break; // low half of the register
    default:
      floats[n_floats++] = args[i].of.f64;
      break;
    }
  }
  if (callee.results.empty()) {
    wide<void>(callee.address, integers, floats);
    return;
  }
  switch (callee.results[0]) {
  case 'i':
    result->kind = 0;
    result->of.i32 = wide<int32_t>(callee.address, integers, floats);
    break;
  case 'I':
    result->kind = 1;
    result->of.i64 = wide<int64_t>(callee.address, integers, floats);
    break;
  case 'f':
    result->kind = 2;
    result->of.f32 = wide<float>(callee.address, integers, floats);
    break;
  default:
    result->kind = 3;
    result->of.f64 = wide<double>(callee.address, integers, floats);
    break;
  }
}

} // namespace sgperf::native
