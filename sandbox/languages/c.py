"""C, by the system's GCC."""

from guerdon.sandbox.languages.language import Language, SelfTest
from guerdon.sandbox.languages.toolchain import command, in_jail, mounts_of, prefix_of
from guerdon.sandbox.program import Program

FLAGS = ("-O2", "-std=gnu17", "-pthread", "-DONLINE_JUDGE", "-w", "-fmax-errors=20", "-fdiagnostics-color=never")
# Each thread's arena reserves 64 MiB of addresses, which a limit on address space would count.
RUN_ENV = {"MALLOC_ARENA_MAX": "2"}
ARTIFACT_NAME = "program"

_SELFTEST = r"""
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static int squares[4];

static void *square(void *number) {
  int n = *(int *)number;
  squares[n] = n * n;
  return NULL;
}

static int depth(int n) {
  volatile char page[256];
  page[0] = 1;
  return n ? depth(n - 1) + page[0] : 0;
}

int main(void) {
  char line[64];
  pthread_t threads[4];
  int numbers[4], sum = 0;
  if (!fgets(line, sizeof line, stdin)) return 1;
  line[strcspn(line, "\n")] = 0;
  for (int i = 0; i < 4; i++) {
    numbers[i] = i;
    if (pthread_create(&threads[i], NULL, square, &numbers[i])) return 2;
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], NULL);
    sum += squares[i];
  }
  printf("%s ✓ %d %d\n", line, sum, depth(100000));
  return 0;
}
"""


def language(aliases: tuple[str, ...]) -> Language:
    """Return C as found on this host."""
    compiler = in_jail(command("gcc"))
    return Language(
        name="c",
        aliases=aliases,
        source_name="main.c",
        compile=(compiler, *FLAGS, "-s", "-o", "{artifact}", "{source}", "-lm"),
        artifact=ARTIFACT_NAME,
        run=("{artifact}",),
        mounts=mounts_of(prefix_of(compiler)),
        env=RUN_ENV,
        compile_forks=True,
        version=(compiler, "--version"),
        missing=() if compiler else ("gcc",),
        install=("gcc", "libc6-dev"),
        selftest=SelfTest(
            program=Program(language="c", source=_SELFTEST),
            stdin="grüße\n".encode(),
            stdout="grüße ✓ 14 100000\n".encode(),
        ),
    )
