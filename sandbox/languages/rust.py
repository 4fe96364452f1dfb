"""Rust, by the compiler itself without Cargo: programs have no dependencies."""

from pathlib import Path

from guerdon.sandbox.languages.c import ARTIFACT_NAME, RUN_ENV
from guerdon.sandbox.languages.language import Language, SelfTest
from guerdon.sandbox.languages.toolchain import ask, command, mounts_of
from guerdon.sandbox.program import Program

# The linker that comes with newer compilers finds itself through /proc, which the jail does not have.
_FLAGS = (
    "--edition=2021",
    "--crate-name=main",
    "-O",
    "-Cstrip=symbols",
    "-Clink-arg=-fuse-ld=bfd",
    "-Awarnings",
    "--color=never",
)

_SELFTEST = r"""
use std::io;
use std::thread;

fn depth(n: u64) -> u64 {
    if n == 0 { 0 } else { 1 + std::hint::black_box(depth(n - 1)) }
}

fn main() {
    let mut line = String::new();
    io::stdin().read_line(&mut line).unwrap();
    let threads: Vec<_> = (0..4).map(|i: i32| thread::spawn(move || i * i)).collect();
    let sum: i32 = threads.into_iter().map(|t| t.join().unwrap()).sum();
    println!("{} ✓ {} {}", line.trim(), sum, depth(100_000));
}
"""


def language(aliases: tuple[str, ...]) -> Language:
    """Return Rust as found on this host.

    What is in PATH may be a small program that picks a toolchain by files in a home directory; the jail gets the
    toolchain it picks, and no more of the home directory than that.
    """
    found = command("rustc")
    sysroot = Path(ask(found, "--print", "sysroot")) if found else Path()
    rustc = sysroot / "bin" / "rustc"
    missing = tuple(
        name
        for name, there in (("rustc", bool(found) and rustc.is_file()), ("cc", bool(command("cc"))))
        if not there
    )
    library = sysroot / "lib"
    return Language(
        name="rust",
        aliases=aliases,
        source_name="main.rs",
        compile=(str(rustc), f"--sysroot={sysroot}", *_FLAGS, "-o", "{artifact}", "{source}"),
        artifact=ARTIFACT_NAME,
        run=("{artifact}",),
        mounts=() if missing else mounts_of(rustc, library),
        env=RUN_ENV,
        # Its libraries are looked for beside the program, whose place it cannot find out without /proc.
        compile_env={"LD_LIBRARY_PATH": str(library)},
        compile_forks=True,
        out_of_memory=(b"memory allocation of ",),
        version=(str(rustc), "--version"),
        missing=missing,
        install=("rustc", "gcc", "libc6-dev"),
        selftest=SelfTest(
            program=Program(language="rust", source=_SELFTEST),
            stdin="grüße\n".encode(),
            stdout="grüße ✓ 14 100000\n".encode(),
        ),
    )
