"""Which cells are measured."""

from guerdon.services.bench.matrix import choose_cells, choose_steps


def test_the_whole_matrix():
    """Four payloads, 0, 1 and 4 verifiers, two transports, three concurrencies."""
    cells = choose_cells(full=True)
    assert len(cells) == len({cell.name for cell in cells}) == 4 * 3 * 2 * 3
    assert cells[0].name == "http/64x1kB/0v/c1"
    assert (cells[0].payload().items, cells[0].payload().item_bytes) == (64, 1000)


def test_the_default_is_a_part_of_it():
    """Few cells, over both transports, the largest batch with four verifiers among them."""
    names = [cell.name for cell in choose_cells()]
    assert len(names) < 15
    assert {"http/64x1kB/0v/c1", "grpc/64x1kB/4v/c1", "http/1024x4kB/4v/c1"} <= set(names)


def test_patterns_search_the_whole_matrix():
    """Also for what is not in the default."""
    assert [cell.name for cell in choose_cells(only=["grpc/512*/1v/*"])] == [
        f"grpc/512x32kB/1v/c{count}" for count in (1, 8, 32)
    ]
    assert choose_cells(only=["step/*"]) == []


def test_rewards_of_ones_own():
    """They stand for the numbers of verifiers, so cells that differ in nothing else are one."""
    cells = choose_cells(only=["http/64x1kB/*/c1"], rewards=["math", "format"])
    assert [(cell.name, cell.rewards) for cell in cells] == [("http/64x1kB/math+formatv/c1", ("math", "format"))]


def test_steps():
    """Over both transports, unless a pattern says otherwise."""
    assert choose_steps() == ["grpc", "http"]
    assert choose_steps(only=["step/http", "http/*"]) == ["http"]
    assert choose_steps(only=["http/*"]) == []
