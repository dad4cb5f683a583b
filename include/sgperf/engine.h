/* SPDX-License-Identifier: Apache-2.0 */
/* engine.h - what a WebAssembly engine implements so that `sgperf bench -e ./libmy-engine.so` can run it.
 *
 * A plug-in is a shared object that exports ONE function:
 *
 *     const struct sgperf_engine *sgperf_engine_v1(uint32_t host_version);
 *
 * It is loaded with dlopen(RTLD_NOW | RTLD_LOCAL) into a worker process of its own, which runs one engine on one
 * workload and exits: engines may keep global state, share symbol names with others, and crash.
 *
 * LIFE.   create -> { compile | deserialize } -> { instantiate -> execute | resolve + { invoke | invoke_many }*
 *         -> free_instance }* -> free_module -> free.     compile and deserialize may be repeated; every object is freed in reverse order.
 * THREAD. All calls come from one thread, the one that called create().  An engine may start threads of its own.
 * ERRORS. 0, or one of SGPERF_ENGINE_*.  Before returning an error the engine calls config->log with a message that says
 *         what was expected, what was found and what to do.  Nothing is printed to stdout or stderr, which are the guest's.
 * TIME.   The engine brackets its own work with config->region_begin/_end, as closely as it can; the worker owns the
 *         clocks.  What lies outside the brackets (opening files, WASI contexts) is not part of any phase.
 *         A region that ends with an error is not closed: the worker discards it.
 * SIZES.  Every struct starts with struct_size, as its owner knew it at compile time.  The other side must not touch
 *         members beyond it; members are only appended.  All strings are UTF-8, NUL-terminated, and live as long as the
 *         call that gets them, unless stated otherwise.
 */
#ifndef SGPERF_ENGINE_H
#define SGPERF_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SGPERF_ENGINE_VERSION 1u

/* Phases, as DESIGN and docs/methods.md name them.  The letters are those of the JIT / AOT tables. */
enum sgperf_region {
	SGPERF_REGION_PARSE = 0,       /* a   bytes -> checked module; only where the engine separates it from compile */
	SGPERF_REGION_COMPILE = 1,     /* b   module -> machine code (or the interpreter's form); a+b where not separate */
	SGPERF_REGION_SERIALIZE = 2,   /* b'  artefact written to a file and closed */
	SGPERF_REGION_DESERIALIZE = 3, /* c'  file opened, mapped, ready to instantiate */
	SGPERF_REGION_INSTANTIATE = 4, /* c   store and instance created, imports bound; no WASI set-up, no file opening */
	SGPERF_REGION_EXECUTE = 5,     /* d   guest's bench.start to bench.end: raised by the hooks, not by the engine */
	SGPERF_REGION_CALL = 6         /* the whole call of _start or of an exported function, raised by the engine */
};

enum sgperf_engine_status {
	SGPERF_ENGINE_OK = 0,
	SGPERF_ENGINE_ERROR = 1,         /* the engine failed; message logged */
	SGPERF_ENGINE_INVALID = 2,       /* not a WebAssembly module, or not a valid one */
	SGPERF_ENGINE_COMPONENT = 3,     /* a component where a core module is needed */
	SGPERF_ENGINE_IMPORT = 4,        /* an import that nothing provides; the message names module and field */
	SGPERF_ENGINE_TRAP = 5,          /* the guest trapped; the message names the trap */
	SGPERF_ENGINE_EXIT = 6,          /* the guest called proc_exit with a code != 0: *out_exit_code */
	SGPERF_ENGINE_UNSUPPORTED = 7,   /* this engine or tier cannot do that */
	SGPERF_ENGINE_VERSION_REFUSED = 8, /* the library's version is not one whose layouts the adapter knows */
	SGPERF_ENGINE_NOT_FOUND = 9,     /* the engine's library, toolchain or the requested export is missing */
	SGPERF_ENGINE_FLAGS = 10         /* flags or tier not understood */
};

/* Capabilities. */
#define SGPERF_ENGINE_CAP_PARSE (1u << 0)       /* raises SGPERF_REGION_PARSE */
#define SGPERF_ENGINE_CAP_SERIALIZE (1u << 1)   /* serialize and deserialize work */
#define SGPERF_ENGINE_CAP_OWN_WASI (1u << 2)    /* WASI preview1 of the engine's own; else our shim */
#define SGPERF_ENGINE_CAP_INVOKE (1u << 3)      /* resolve and invoke work */
#define SGPERF_ENGINE_CAP_NATIVE (1u << 4)      /* runs native objects, not wasm: `path` instead of bytes */
#define SGPERF_ENGINE_CAP_REEXECUTE (1u << 5)   /* one instance may execute _start more than once */
#define SGPERF_ENGINE_CAP_FREE_UNSAFE (1u << 6) /* tear-down is known to crash: the worker exits without it */
#define SGPERF_ENGINE_CAP_ONLY_CALL (1u << 7)   /* nothing but the whole call can be told: no other phase has rows */

enum sgperf_log_level { SGPERF_LOG_ERROR = 0, SGPERF_LOG_WARNING = 1, SGPERF_LOG_INFO = 2 };

/* A wasm number.  Kinds as in wasm.h: 0 i32, 1 i64, 2 f32, 3 f64. */
typedef struct sgperf_value {
	uint32_t kind;
	uint32_t rsv;
	union { int32_t i32; int64_t i64; float f32; double f64; } of;
} sgperf_value;

/* Given to create(); every pointer in it stays valid until free(). */
struct sgperf_engine_config {
	size_t struct_size;
	void *host;                                                      /* first argument of the callbacks */
	void (*log)(void *host, int level, const char *message);
	void (*region_begin)(void *host, uint32_t region);
	void (*region_end)(void *host, uint32_t region);
	void (*bench_start)(void *host);                                 /* the guest's bench.start, on the guest's thread */
	void (*bench_end)(void *host);
	const char *tier;         /* one of sgperf_engine.tiers, or NULL = the first */
	const char *library;      /* lib=PATH: somebody's own build of the engine; NULL = found by the adapter */
	const char *flags;        /* --engine-flags, split on blanks by the engine; NULL = none */
	const char *cache_dir;    /* may keep compiled helpers here, keyed by content; never NULL */
	const char *work_dir;     /* scratch of this process, removed afterwards; never NULL */
	/* the guest's world */
	const char *preopen_dir;  /* opened as "." ; NULL = nothing is preopened */
	int preopen_writable;     /* 0 = read only */
	int rsv0;
	const char *stdin_path;   /* NULL = empty */
	const char *stdout_path;  /* created or truncated at each instantiate; NULL = thrown away */
	const char *stderr_path;
	const char *const *args;  /* args[0] is the program's name; NULL-terminated */
	const char *const *env;   /* "NAME=value", NULL-terminated */
	/* An interval that somebody else measured, a child process for instance: CLOCK_MONOTONIC ns.  Counts as begin and end of
	 * `region`, without measures other than wall time.  NULL, or beyond struct_size: the host cannot take any. */
	void (*region_at)(void *host, uint32_t region, uint64_t begin_ns, uint64_t end_ns);
	/* 1 = compile() must leave nothing to be compiled at a first call, where the engine can do that; where it cannot it goes
	 * on as it is and says so in sgperf_module_info.lazy.  0 = as the engine does it by itself. */
	uint32_t eager;
	uint32_t rsv1;
};

/* What describe() fills in.  Strings are owned by the engine and valid until free(). */
struct sgperf_engine_info {
	size_t struct_size;
	const char *engine_version; /* of the engine itself, e.g. "50.0.1" */
	const char *library_path;   /* file that was loaded, NULL = built in */
	const char *wasi;           /* "own", "sgperf shim", "none" */
	const char *tier;           /* the tier in force */
	const char *details;        /* one line for the report: compiler version and switches, for instance */
	/* How a profiler gets names for the code of this tier: "image in memory", "perf map", "jitdump", "none: interpreter".
	 * NULL = not known. */
	const char *code_names;
};

struct sgperf_module_info {
	size_t struct_size;
	uint64_t code_size;         /* bytes of machine code or internal code; 0 = not known */
	uint64_t artefact_size;     /* bytes of the serialised artefact; 0 = not serialised yet */
	/* 1 = functions are compiled (or translated) when first called, so the compile phase is not the whole of compilation;
	 * 2 = functions are compiled again, better, while they run (tier-up).  1 and 2 can be together (3). */
	uint32_t lazy;
	uint32_t rsv;
};

struct sgperf_engine {
	size_t struct_size;
	uint32_t version;      /* SGPERF_ENGINE_VERSION */
	uint32_t capabilities; /* of the default tier; where tiers differ, create() sets those of its tier: read after it */
	const char *name;      /* "wasmtime" */
	const char *tiers;     /* comma-separated, the default first: "cranelift,winch" */

	/* Loads the engine and checks its version.  *out is set on success only. */
	int (*create)(const struct sgperf_engine_config *config, void **out);
	void (*free)(void *engine); /* NULL allowed, as in the other free functions */
	int (*describe)(void *engine, struct sgperf_engine_info *info);

	/* `path` is where the bytes came from (for messages, and for native engines what is loaded); `wasm` may be NULL when
	 * CAP_NATIVE is set.  The bytes stay valid until free_module(). */
	int (*compile)(void *engine, const char *path, const uint8_t *wasm, size_t size, void **out_module);
	int (*serialize)(void *module, const char *path);
	int (*deserialize)(void *engine, const char *path, void **out_module);
	int (*describe_module)(void *module, struct sgperf_module_info *info);
	void (*free_module)(void *module);

	int (*instantiate)(void *module, void **out_instance);
	/* Runs _start (or main of a native object) once.  A guest's proc_exit(0) is success. */
	int (*execute)(void *instance, int *out_exit_code);
	/* Looks an exported function up once, so that invoke() is only the call.  `results` counts the results. */
	int (*resolve)(void *instance, const char *name, void **out_function, uint32_t *out_params, uint32_t *out_results);
	/* Raises no region: the worker times its own loop of `invoke` calls. */
	int (*invoke)(void *function, const sgperf_value *args, uint32_t n_args, sgperf_value *results, uint32_t n_results);
	void (*free_instance)(void *instance);

	/* The same call `times` times in a row, with the loop on the engine's side, as its embedder would write it: what does not
	 * change between two calls (checks of the values, a lock, a place to return to) is done once.  `results` are those of the
	 * last call.  Ends at the first call that fails, with its status.  Raises no region.
	 * NULL, or beyond struct_size: the worker loops over invoke(). */
	int (*invoke_many)(void *function, const sgperf_value *args, uint32_t n_args, sgperf_value *results,
			   uint32_t n_results, uint64_t times);
};

typedef const struct sgperf_engine *(*sgperf_engine_entry)(uint32_t host_version);
#define SGPERF_ENGINE_ENTRY "sgperf_engine_v1"

#ifdef __cplusplus
}
#endif
#endif
