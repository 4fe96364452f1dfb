"""C++, by the system's GCC."""

from dataclasses import replace
from pathlib import Path

from guerdon.sandbox.languages.c import ARTIFACT_NAME, RUN_ENV
from guerdon.sandbox.languages.language import Language, Preparation, SelfTest
from guerdon.sandbox.languages.prepared import build_tool
from guerdon.sandbox.languages.toolchain import command, in_jail, mounts_of, prefix_of
from guerdon.sandbox.program import Program

# A precompiled header is only taken by a compilation with the very same of these.
FLAGS = ("-O2", "-std=gnu++20", "-pthread", "-DONLINE_JUDGE", "-w", "-fmax-errors=20", "-fdiagnostics-color=never")
_HEADER = "bits/stdc++.h"

_SELFTEST = r"""
#include <bits/stdc++.h>
using namespace std;

static int depth(int n) {
  volatile char page[256];
  page[0] = 1;
  return n ? depth(n - 1) + page[0] : 0;
}

int main() {
  string line;
  getline(cin, line);
  atomic<int> sum{0};
  vector<thread> threads;
  for (int i = 0; i < 4; i++) threads.emplace_back([&sum, i] { sum += i * i; });
  for (auto &t : threads) t.join();
  map<string, int> words{{line, 1}};
  string caught;
  try {
    words.at("none");
  } catch (const out_of_range &) {
    caught = words.contains(line) ? "✓" : "?";
  }
  cout << line << " " << caught << " " << sum << " " << depth(100000) << endl;
}
"""


def language(aliases: tuple[str, ...]) -> Language:
    """Return C++ as found on this host."""
    compiler = in_jail(command("g++"))
    return Language(
        name="cpp",
        aliases=aliases,
        source_name="main.cpp",
        compile=(compiler, *FLAGS, "-s", "-o", "{artifact}", "{source}"),
        artifact=ARTIFACT_NAME,
        run=("{artifact}",),
        mounts=mounts_of(prefix_of(compiler)),
        env=RUN_ENV,
        compile_forks=True,
        out_of_memory=(b"std::bad_alloc",),
        version=(compiler, "--version"),
        missing=() if compiler else ("g++",),
        install=("g++",),
        preparation=Preparation(build=lambda folder: _precompile(compiler, folder), apply=_with_header),
        selftest=SelfTest(
            program=Program(language="cpp", source=_SELFTEST),
            stdin="grüße\n".encode(),
            stdout="grüße ✓ 14 100000\n".encode(),
        ),
    )


def _precompile(compiler: str, folder: Path) -> None:
    """Compile the header nearly every judged program begins with, which is two thirds of its compile time."""
    header = folder / "all.h"
    header.write_text(f"#include <{_HEADER}>\n", encoding="ascii")
    (folder / _HEADER).parent.mkdir()
    build_tool(compiler, *FLAGS, "-x", "c++-header", "-o", f"{folder / _HEADER}.gch", str(header), folder=folder)


def _with_header(language: Language, folder: Path) -> Language:
    compiler, *rest = language.compile
    return replace(language, compile=(compiler, f"-I{folder}", *rest))
