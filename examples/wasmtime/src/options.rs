// SPDX-License-Identifier: Apache-2.0

pub struct Options {
    pub module: String,
    /// The guest's, the module's name first.
    pub arguments: Vec<String>,
    pub invoke: String,
    pub aot: Option<String>,
    pub compile: u32,
    pub repeat: u32,
}

impl Options {
    pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Options, String> {
        let mut arguments = arguments.peekable();
        let (mut invoke, mut aot, mut compile, mut repeat) = ("_start".to_string(), None, 0, 1);
        while let Some(option) = arguments.next_if(|word| word.starts_with("--")) {
            let value = arguments.next().ok_or_else(|| format!("expected a value after {option}"))?;
            let number = || value.parse().map_err(|_| format!("{option}: expected a number, found '{value}'"));
            match option.as_str() {
                "--invoke" => invoke = value,
                "--aot" => aot = Some(value),
                "--compile" => compile = number()?,
                "--repeat" => repeat = number()?,
                _ => return Err(format!("unknown option {option}")),
            }
        }
        let arguments: Vec<String> = arguments.collect();
        let usage = "usage: host [--aot FILE] [--compile N] [--repeat N] [--invoke NAME] MODULE.wasm [ARGUMENT..]";
        let module = arguments.first().ok_or(usage)?.clone();
        Ok(Options { module, arguments, invoke, aot, compile, repeat })
    }
}
