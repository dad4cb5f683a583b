(module (import "nowhere" "to_be_found" (func $f))
  (memory (export "memory") 1)
  (func (export "_start") call $f))
