# SPDX-License-Identifier: Apache-2.0
# What ../build-mruby.sh has mruby's own build make: its compiler for this machine, and the library twice, for
# WebAssembly and native.  The environment gives NO_ERRORS (folder of our setjmp.h), CLANG and LLVM_AR.

# Of the standard boxes what needs no files, no sockets and no clock.
gems = %w[array-ext catch class-ext cmath compar-ext compiler complex enum-chain enum-ext enum-lazy enumerator error
          eval fiber hash-ext kernel-ext math metaprog method numeric-ext object-ext objectspace pack proc-ext random
          range-ext rational sprintf string-ext struct symbol-ext toplevel-ext]

library = lambda do |conf, flags|
  conf.cc.flags = %w[-O2 -std=gnu11 -ffp-contract=off] + flags
  conf.cc.defines << 'MRB_INT64' << 'MRB_NO_BOXING' # the same values in 32 and 64 bits
  conf.cc.include_paths.unshift ENV.fetch('NO_ERRORS')
  gems.each { |gem| conf.gem core: "mruby-#{gem}" }
end

MRuby::Build.new do |conf|
  conf.toolchain :gcc
  conf.gem core: 'mruby-bin-mrbc'
end

MRuby::CrossBuild.new('wasm') do |conf|
  conf.toolchain :clang
  conf.cc.command = ENV.fetch('CLANG')
  conf.archiver.command = ENV.fetch('LLVM_AR')
  library.call conf, %w[--target=wasm32-wasi]
end

MRuby::CrossBuild.new('native') do |conf|
  conf.toolchain :gcc
  library.call conf, %w[-fPIC -fvisibility=hidden]
end
