"""What a replica takes from the deployment's settings."""

import pytest

from guerdon.services.runtime.ray.replica import by_verifier
from guerdon.services.runtime.settings import SettingsError


def test_a_single_verifier_has_them_all():
    """Without its name."""
    assert by_verifier({"workers": 2}, ["math"], alone=True) == {"math": {"workers": 2}}


def test_several_have_them_by_name():
    """Those that are not named have none."""
    assert by_verifier({"math": {"workers": 2}}, ["format", "math"], alone=False) == {"math": {"workers": 2}}


def test_settings_that_nobody_would_read():
    """They are refused: a misspelt name is no silent default."""
    with pytest.raises(SettingsError, match=r"user_config\.maths: this replica runs format, math"):
        by_verifier({"maths": {"workers": 2}}, ["format", "math"], alone=False)
