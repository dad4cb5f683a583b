// SPDX-License-Identifier: Apache-2.0
#include "spidermonkey/encoding.h"

#include <js/BuildId.h>
#include <js/CallAndConstruct.h>
#include <js/Object.h>
#include <js/Promise.h>
#include <js/PropertyAndElement.h>
#include <js/StreamConsumer.h>
#include <jsfriendapi.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>

namespace sgperf::spidermonkey {

namespace {

// A meeting of this thread and the one of the engine that encodes.  That one asks for the build id first of all, and
// calls the listener last; at both points it waits for us, so that the regions of the host begin and end on this
// thread.
class Meeting final : public JS::OptimizedEncodingListener {
public:
  MozExternalRefCountType AddRef() override { return ++references_; }
  MozExternalRefCountType Release() override {
    MozExternalRefCountType left = --references_;
    if (!left) reach(gone, gone);
    return left;
  }
  void storeOptimizedEncoding(const uint8_t *bytes, size_t length) override {
    bytes_ = bytes;
    length_ = length;
    reach(encoded, taken);
  }
  // On the engine's thread, for each build id; only the first one is waited for.
  void build_id_wanted() {
    if (!asked_.exchange(true)) reach(started, encoding);
  }

  // On our thread.  False: the listener was let go without an encoding.
  // One that a module which cannot be compiled leaves behind is let go on our own thread only, and never comes here:
  // what is encoded has been compiled before.
  bool attend(const std::function<void()> &begin, const std::function<void(const uint8_t *, size_t)> &take) {
    if (!wait_for(started)) return false;
    begin();
    set(encoding);
    if (!wait_for(encoded)) return false;
    take(bytes_, length_);
    set(taken);
    return true;
  }
  // Nobody holds a reference any more.
  void part() { wait_for(gone); }

private:
  enum State { before, started, encoding, encoded, taken, gone };

  void set(State state) {
    {
      std::lock_guard lock(mutex_);
      state_ = state;
    }
    changed_.notify_all();
  }
  void reach(State state, State until) {
    std::unique_lock lock(mutex_);
    if (state < state_) return;
    state_ = state;
    changed_.notify_all();
    changed_.wait(lock, [&] { return state_ >= until; });
  }
  bool wait_for(State state) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return state_ >= state; });
    return state_ == state;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = before;
  std::atomic<MozExternalRefCountType> references_{0}; // the engine's
  std::atomic<bool> asked_{false};
  const uint8_t *bytes_ = nullptr;
  size_t length_ = 0;
};

// What the engine's callbacks, which have no data of their own, work for: one stream at a time.
struct Stream {
  const uint8_t *bytes;
  size_t size;
  Meeting *meeting; // nullptr: `bytes` are an encoding
  const std::function<void()> *begin;
  const std::function<void(const uint8_t *, size_t)> *take;
  bool met = false, attended = false;
};
Stream *stream = nullptr;
thread_local bool ours = false; // the thread that streams

bool write_build_id(JS::BuildIdCharVector *out) {
  if (stream && stream->meeting && !ours) stream->meeting->build_id_wanted();
  const char *version = JS_GetImplementationVersion();
  return out->append(version, std::strlen(version));
}

bool consume(JSContext *, JS::HandleObject, JS::MimeType, JS::StreamConsumer *consumer) {
  if (!stream->meeting) {
    consumer->consumeOptimizedEncoding(stream->bytes, stream->size);
  } else if (consumer->consumeChunk(stream->bytes, stream->size)) {
    stream->met = true;
    consumer->streamEnd(stream->meeting);
    stream->attended = stream->meeting->attend(*stream->begin, *stream->take);
  }
  return true;
}

void report_error(JSContext *cx, size_t) {
  JS_ReportErrorASCII(cx, "the stream of the module broke off");
}

// The result of WebAssembly.compileStreaming(), or nullptr and `error`.
JSObject *compile_stream(const Context &context, Stream &of, std::string &error) {
  JSContext *cx = context.get();
  error = "the engine gave no reason";
  JS::RootedObject global(cx, JS::CurrentGlobalOrNull(cx)), webassembly(cx), promise(cx);
  JS::RootedValue value(cx);
  JS::RootedValueArray<1> arguments(cx);
  JSObject *response = JS_NewPlainObject(cx);
  if (!response) return nullptr;
  arguments[0].setObject(*response); // any object: consume() knows what is meant
  if (!JS_GetProperty(cx, global, "WebAssembly", &value)) return nullptr;
  webassembly = &value.toObject();
  stream = &of;
  ours = true;
  bool called = JS::Call(cx, webassembly, "compileStreaming", arguments, &value);
  if (called) js::RunJobs(cx);
  stream = nullptr;
  ours = false;
  if (!called) {
    error = context.take_exception();
    return nullptr;
  }
  promise = &value.toObject();
  JS::RootedValue result(cx, JS::GetPromiseResult(promise));
  if (JS::GetPromiseState(promise) == JS::PromiseState::Fulfilled) return &result.toObject();
  JS_SetPendingException(cx, result);
  error = context.take_exception();
  return nullptr;
}

} // namespace

bool allow_encodings(JSContext *cx) {
  JS::SetProcessBuildIdOp(write_build_id);
  JS::InitConsumeStreamCallback(cx, consume, report_error);
  return js::UseInternalJobQueues(cx);
}

std::string encoding_build_id() {
  JS::BuildIdCharVector id;
  if (!JS::GetOptimizedEncodingBuildId(&id)) return {};
  return std::string(id.begin(), id.length());
}

bool encode(const Context &context, const uint8_t *wasm, size_t size, const std::function<void()> &begin,
            const std::function<void(const uint8_t *, size_t)> &take, std::string &error) {
  Meeting meeting;
  Stream of{wasm, size, &meeting, &begin, &take};
  JSObject *module = compile_stream(context, of, error);
  if (of.met) meeting.part();
  return module && of.attended;
}

JSObject *decode(const Context &context, const uint8_t *encoding, size_t size, std::string &error) {
  Stream of{encoding, size, nullptr, nullptr, nullptr};
  return compile_stream(context, of, error);
}

} // namespace sgperf::spidermonkey
