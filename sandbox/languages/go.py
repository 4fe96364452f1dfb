"""Go, by the toolchain's own programs: programs have no dependencies beyond the standard library."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from guerdon.sandbox.languages.c import ARTIFACT_NAME
from guerdon.sandbox.languages.language import MEBIBYTE, Language, Preparation, SelfTest
from guerdon.sandbox.languages.prepared import build_tool
from guerdon.sandbox.languages.toolchain import ask, command, mounts_of
from guerdon.sandbox.program import Program

_OFFLINE = {
    "CGO_ENABLED": "0",
    "GOENV": "off",
    "GOFLAGS": "",
    "GOPROXY": "off",
    "GOTELEMETRY": "off",
    "GOTOOLCHAIN": "local",
}
_PACKAGES = "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}"

_SELFTEST = r"""
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
)

func depth(n int) int {
	if n == 0 {
		return 0
	}
	return depth(n-1) + 1
}

func main() {
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	var group sync.WaitGroup
	var mutex sync.Mutex
	sum := 0
	for i := 0; i < 4; i++ {
		group.Add(1)
		go func(n int) {
			defer group.Done()
			mutex.Lock()
			defer mutex.Unlock()
			sum += n * n
		}(i)
	}
	group.Wait()
	fmt.Println(strings.TrimSpace(line), "✓", sum, depth(100000))
}
"""


def language(aliases: tuple[str, ...]) -> Language:
    """Return Go as found on this host."""
    found = command("go")
    root, _, tools = (ask(found, "env", "GOROOT", "GOTOOLDIR") if found else "").partition("\n")
    missing = () if root and tools else ("go",)
    return Language(
        name="go",
        aliases=aliases,
        source_name="main.go",
        # The shell is there for the pattern: a program may have further files.
        compile=("/bin/sh", "-c", f'exec {root}/bin/go build -ldflags="-s -w" -o {{artifact}} ./*.go'),
        artifact=ARTIFACT_NAME,
        run=("{artifact}",),
        mounts=() if missing else mounts_of(root, tools),
        env={"GOTRACEBACK": "single"},
        compile_env={
            **_OFFLINE,
            "GOROOT": root,
            "GOCACHE": "/tmp/.cache",  # noqa: S108 - the jail's own
            "GOPATH": "/tmp/.go",  # noqa: S108
            "GOMAXPROCS": "2",
        },
        address_space=False,
        memory_overhead_bytes=16 * MEBIBYTE,
        compile_forks=True,
        out_of_memory=(b"fatal error: runtime: out of memory", b"fatal error: runtime: cannot allocate memory"),
        version=(f"{root}/bin/go", "version"),
        missing=missing,
        install=("golang-go",),
        preparation=Preparation(build=lambda folder: _compile_library(root, folder), apply=_with_library(tools)),
        selftest=SelfTest(
            program=Program(language="go", source=_SELFTEST),
            stdin="grüße\n".encode(),
            stdout="grüße ✓ 14 100000\n".encode(),
        ),
    )


def _compile_library(root: str, folder: Path) -> None:
    """Compile the standard library, and write down where each package of it lies."""
    env = {**_OFFLINE, "GOROOT": root, "GOCACHE": str(folder / "cache"), "GOPATH": str(folder / "none")}
    listed = build_tool(f"{root}/bin/go", "list", "-export", "-f", _PACKAGES, "std", folder=folder, env=env)
    (folder / "importcfg").write_text(listed, encoding="utf-8")


def _with_library(tools: str) -> Callable[[Language, Path], Language]:
    def apply(language: Language, folder: Path) -> Language:
        packages = folder / "importcfg"
        script = (
            f"{tools}/compile -p main -complete -importcfg {packages} -o main.o ./*.go && "
            f"exec {tools}/link -importcfg {packages} -s -w -o {{artifact}} main.o"
        )
        return replace(language, compile=("/bin/sh", "-c", script))

    return apply
