"""What a slot plans for its zygotes, and how it keeps a folder on the host."""

import os
from pathlib import Path

import pytest

from guerdon.sandbox.slot import jail_plan
from guerdon.sandbox.slot.ways import Ways
from guerdon.sandbox.tier import Tier


@pytest.mark.parametrize("tier", [Tier.FULL, Tier.RESTRICTED, Tier.NONE])
def test_a_plan_fits_its_tier(tier: Tier) -> None:
    """Filters on every tier that isolates, Landlock for the restricted one, a host folder for all but full."""
    ground = jail_plan.survey(tier, f"test-{os.getpid()}")
    try:
        plan = jail_plan.plan(ground, Ways(ground).runtime("python"))
        assert plan["tier"] == tier.value
        assert (plan["landlock"] is not None) is (tier is Tier.RESTRICTED)
        assert bool(plan["filters"]) is (tier is not Tier.NONE)
        assert (ground.folder == "/tmp") is (tier is Tier.FULL)
        assert plan["name"] == f"{ground.folder}/main.py"
    finally:
        jail_plan.remove(ground)
    assert tier is Tier.FULL or not Path(ground.folder).exists()


def test_no_plan_shows_what_is_the_services() -> None:
    """Neither binds nor paths lead to the service's packages, home folders or configuration."""
    ground = jail_plan.survey(Tier.FULL, "test")
    plan = jail_plan.plan(ground, Ways(ground).runtime("python"))

    targets = [target for _, target in plan["binds"]]
    assert not {"/", "/home", "/root", "/etc", "/proc", "/var", "/tmp"} & set(targets)
    assert not any("site-packages" in path or "dist-packages" in path for path in plan["path"])
    assert any("packages" in path for path in plan["masks"])


def test_auto_tries_the_strongest_first() -> None:
    """Automatic choice begins with the full tier and never comes to none; a named tier is tried alone."""
    assert jail_plan.strongest("auto")[0] is Tier.FULL
    assert Tier.NONE not in jail_plan.strongest("auto")
    assert jail_plan.strongest("none") == [Tier.NONE]


def test_a_folder_is_emptied_without_following_links(tmp_path: Path) -> None:
    """All that a run left goes, whatever kind it is; what links point at stays."""
    kept, folder = tmp_path / "kept", tmp_path / "folder"
    kept.mkdir()
    (kept / "file").write_text("kept")
    (folder / "a/b").mkdir(parents=True)
    (folder / "a/b/file").touch()
    (folder / "link").symlink_to(kept / "file")
    (folder / "folder link").symlink_to(kept)
    (folder / "dangling").symlink_to("/nowhere")
    os.mkfifo(folder / "fifo")
    (folder / "a/b").chmod(0)

    jail_plan.wipe(str(folder))

    assert list(folder.iterdir()) == []
    assert (kept / "file").read_text() == "kept"


def test_slots_have_users_of_their_own() -> None:
    """The runner's host uid lies far above those of people, and outside the range of others."""
    ground = jail_plan.survey(Tier.FULL, "test")

    assert 1_000_000_000 <= ground.host_uid < 2**32 - 65_536
