(module (memory (export "memory") 1)
  (func (export "add") (param i32 i64) (result i64) local.get 0 i64.extend_i32_s local.get 1 i64.add)
  (func (export "_start")))
