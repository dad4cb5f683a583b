// SPDX-License-Identifier: Apache-2.0
// Python that calls Wasmtime's C API (argument 1: the library): how a stock interpreter runs a module of its own.
#pragma once

namespace sgperf::test {

// `load(bytes)` compiles, `call(name, result)` instantiates and calls an export with `result` values, and returns them.
inline constexpr const char *wasmtime_python = R"(import ctypes, sys
from ctypes import byref, c_void_p, c_size_t, c_uint64, c_uint8, c_int32, c_int64
lib = ctypes.CDLL(sys.argv[1])
for name in ('wasm_engine_new', 'wasmtime_store_new', 'wasmtime_store_context', 'wasmtime_module_new',
             'wasmtime_instance_new', 'wasmtime_func_call'):
    getattr(lib, name).restype = c_void_p
lib.wasmtime_instance_export_get.restype = ctypes.c_bool
class Func(ctypes.Structure): _fields_ = [('store', c_uint64), ('private', c_void_p)]
class Instance(ctypes.Structure): _fields_ = [('store', c_uint64), ('private', c_size_t)]
class Of(ctypes.Union): _fields_ = [('func', Func), ('room', c_uint64 * 4)]
class Extern(ctypes.Structure): _fields_ = [('kind', c_uint8), ('of', Of)]
class Value(ctypes.Union): _fields_ = [('i32', c_int32), ('i64', c_int64), ('v128', c_uint64 * 3)]
class Val(ctypes.Structure): _fields_ = [('kind', c_uint8), ('of', Value)]
engine = c_void_p(lib.wasm_engine_new())
store = c_void_p(lib.wasmtime_store_new(engine, None, None))
context = c_void_p(lib.wasmtime_store_context(store))
module = c_void_p()
def load(code):
    assert not lib.wasmtime_module_new(engine, code, c_size_t(len(code)), byref(module))
def call(name, results=0):
    trap, instance, item, out = c_void_p(), Instance(), Extern(), (Val * max(results, 1))()
    assert not lib.wasmtime_instance_new(context, module, None, c_size_t(0), byref(instance), byref(trap)) and not trap
    assert lib.wasmtime_instance_export_get(context, byref(instance), name, c_size_t(len(name)), byref(item))
    assert not lib.wasmtime_func_call(context, byref(item.of.func), None, c_size_t(0), out, c_size_t(results), byref(trap))
    assert not trap
    return out
)";

} // namespace sgperf::test
