"""Bash, the one language whose programs live by starting others."""

from guerdon.sandbox.languages.language import Language, SelfTest
from guerdon.sandbox.languages.toolchain import command, in_jail, mounts_of
from guerdon.sandbox.program import Program

_SELFTEST = r"""
read -r line
sum=0
for n in 0 1 2 3; do
  sum=$((sum + $(echo $((n * n)))))
done
{ sleep 0.01; echo "$line" | tr a-z A-Z > shouted; } &
wait
printf '%s ✓ %d %s\n' "$line" "$sum" "$(sort < shouted)"
"""


def language(aliases: tuple[str, ...]) -> Language:
    """Return Bash as found on this host."""
    bash = in_jail(command("bash"))
    return Language(
        name="bash",
        aliases=aliases,
        source_name="main.sh",
        run=(bash, "--norc", "--noprofile", "{source}"),
        mounts=mounts_of(bash),
        fork="allow",
        version=(bash, "--version"),
        missing=() if bash else ("bash",),
        install=("bash",),
        selftest=SelfTest(
            program=Program(language="bash", source=_SELFTEST),
            stdin="grüße\n".encode(),
            stdout="grüße ✓ 14 GRüßE\n".encode(),
        ),
    )
