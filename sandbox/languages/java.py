"""Java, by a JDK of version 17 or later."""

import os
import re
from dataclasses import replace
from pathlib import Path

from guerdon.sandbox.languages.language import MEBIBYTE, Language, Preparation, SelfTest
from guerdon.sandbox.languages.prepared import build_tool
from guerdon.sandbox.languages.toolchain import ask, command, is_program, mounts_of, own_file
from guerdon.sandbox.program import Program

_ARTIFACT = "program.jar"
_COMPILER = own_file("Compile.java")
_HOME = re.compile(r"^\s*java\.home = (.+)$", re.MULTILINE)
# Everything a virtual machine says of itself goes to standard output unless told otherwise.
_QUIET = ("-Xlog:disable", "-Xlog:all=error:stderr", "-XX:+DisplayVMOutputToStderr", "-XX:-UsePerfData")
_SMALL = ("-XX:+UseSerialGC", "-Xshare:auto")
# The second compiler of the machine does not pay off within one compilation.
_COMPILE_FLAGS = (*_QUIET, *_SMALL, "-XX:TieredStopAtLevel=1", "-Xss16m", "-Xmx1g", "-Dfile.encoding=UTF-8")
_RUN_FLAGS = (*_QUIET, *_SMALL, "-Xss64m", "-Xmx{memory_mib}m", "-XX:ErrorFile=/dev/null", "-Dfile.encoding=UTF-8")

_SELFTEST = r"""
import java.util.*;
import java.util.stream.*;

public class Solution {
  static int depth(int n) {
    return n == 0 ? 0 : depth(n - 1) + 1;
  }

  public static void main(String[] arguments) throws Exception {
    String line = new Scanner(System.in).nextLine();
    int[] squares = new int[4];
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int n = i;
      threads.add(new Thread(() -> squares[n] = n * n));
      threads.get(i).start();
    }
    for (Thread thread : threads) thread.join();
    System.out.println(line + " ✓ " + IntStream.of(squares).sum() + " " + depth(100000));
  }
}
"""


def language(aliases: tuple[str, ...]) -> Language:
    """Return Java as found on this host."""
    home = _home()
    java = str(home / "bin" / "java")
    missing = () if (home / "bin" / "javac").is_file() else ("javac",)
    # The launcher finds its libraries beside itself, a place it cannot find out without /proc.
    libraries = {"LD_LIBRARY_PATH": str(home / "lib")}
    return Language(
        name="java",
        aliases=aliases,
        source_name="Main.java",
        compile=("/bin/sh", "-c", f"exec {java} {' '.join(_COMPILE_FLAGS)} {_COMPILER} {{artifact}} ./*.java"),
        artifact=_ARTIFACT,
        run=(java, *_RUN_FLAGS, "-jar", "{artifact}"),
        mounts=() if missing else mounts_of(home, *_settings(home), _COMPILER),
        env=libraries,
        compile_env=libraries,
        address_space=False,
        memory_overhead_bytes=192 * MEBIBYTE,
        processes=256,
        # The network library tries out both kinds of socket when it is loaded, as it is for files, too.
        tolerated=("socket:inet", "socket:inet6"),
        out_of_memory=(b"java.lang.OutOfMemoryError",),
        version=(java, "--version"),
        missing=missing,
        install=("default-jdk-headless",),
        preparation=Preparation(
            build=lambda folder: _archive_classes(home, folder),
            apply=_with_archive,
            inputs=_COMPILER.read_text(encoding="utf-8"),
        ),
        selftest=SelfTest(
            program=Program(language="java", source=_SELFTEST),
            stdin="grüße\n".encode(),
            stdout="grüße ✓ 14 100000\n".encode(),
        ),
    )


def _home() -> Path:
    """Return the JDK's folder; when PATH leads to a version manager's script, the one it picks."""
    javac = command("javac")
    if not javac:
        return Path("/nonexistent")
    if is_program(javac):
        return Path(javac).resolve().parents[1]
    # The switch makes it print its settings as the compiler's own messages, which go to standard error.
    found = _HOME.search(ask("/bin/sh", "-c", '"$0" -J-XshowSettings:properties -version 2>&1', javac))
    return Path(found.group(1)) if found else Path("/nonexistent")


def _settings(home: Path) -> tuple[str, ...]:
    """Return the folders below /etc that a distribution's JDK has moved its settings to."""
    folders: dict[str, None] = {}
    for path in (*home.glob("conf/**/*"), *home.glob("lib/*"), *home.glob("lib/security/*")):
        parts = Path(os.path.realpath(path)).parts if path.is_symlink() else ()
        if parts[:2] == ("/", "etc") and parts[2].startswith("java"):
            folders[f"/etc/{parts[2]}"] = None
    return tuple(folders)


def _archive_classes(home: Path, folder: Path) -> None:
    """Compile the compiler's front, and record the classes that compiling a program loads."""
    java, sample = str(home / "bin" / "java"), folder / "Sample.java"
    build_tool(str(home / "bin" / "javac"), "-d", str(folder / "classes"), str(_COMPILER), folder=folder)
    build_tool(str(home / "bin" / "jar"), "-c", "-f", "compile.jar", "-C", "classes", ".", folder=folder)
    sample.write_text(_SELFTEST, encoding="utf-8")
    archive = f"-XX:ArchiveClassesAtExit={folder / 'compile.jsa'}"
    arguments = ("Compile", str(folder / "sample.jar"), str(sample))
    build_tool(java, *_COMPILE_FLAGS, archive, "-cp", str(folder / "compile.jar"), *arguments, folder=folder)


def _with_archive(language: Language, folder: Path) -> Language:
    java = language.run[0]
    flags = (
        *_COMPILE_FLAGS,
        f"-XX:SharedArchiveFile={folder / 'compile.jsa'}",
        "-cp",
        str(folder / "compile.jar"),
    )
    script = f"exec {java} {' '.join(flags)} Compile {{artifact}} ./*.java"
    return replace(language, compile=("/bin/sh", "-c", script))
