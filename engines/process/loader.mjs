// SPDX-License-Identifier: Apache-2.0
// Runs a WASI command with node:wasi, which deno and bun have as well:  node loader.mjs MODULE ARG..
import { readFile } from 'node:fs/promises';
import process from 'node:process';

process.removeAllListeners('warning'); // that WASI is experimental: stderr is the guest's
const { WASI } = await import('node:wasi');
const [path, ...args] = process.argv.slice(2);
const wasi = new WASI({
  version: 'preview1',
  args: [path.slice(path.lastIndexOf('/') + 1), ...args],
  env: process.env,
  preopens: { '.': process.cwd() },
  returnOnExit: true,
});
const nothing = () => {};
const module = await WebAssembly.compile(await readFile(path));
const imports = { wasi_snapshot_preview1: wasi.wasiImport, bench: { start: nothing, end: nothing } };
const instance = await WebAssembly.instantiate(module, imports);
process.exitCode = wasi.start(instance);
